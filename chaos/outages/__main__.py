"""`python -m chaos.outages JSON`: play one outage, and print what came of it."""

import json
import sys
from dataclasses import asdict

from chaos.kept import quiet
from chaos.outages.outages import Work, work

if __name__ == "__main__":
    quiet()
    print(json.dumps(asdict(work(Work(**json.loads(sys.argv[1]))))))
