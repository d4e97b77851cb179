"""`python -m chaos.crowd JSON`: play one crowd, and print what came of it."""

import json
import sys
from dataclasses import asdict

from chaos.crowd.crowd import Work, work

if __name__ == "__main__":
    print(json.dumps(asdict(work(Work(**json.loads(sys.argv[1]))))))
