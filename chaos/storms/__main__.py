"""`python -m chaos.storms JSON`: play some storms, and print what they came to."""

import json
import sys
from dataclasses import asdict

from chaos.kept import quiet
from chaos.storms.storms import Work, work

if __name__ == "__main__":
    quiet()
    print(json.dumps(asdict(work(Work(**json.loads(sys.argv[1]))))))
