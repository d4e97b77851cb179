"""`python -m chaos.incidents FOLDER [NAME …]`: record incidents into files."""

import asyncio
import sys
from pathlib import Path

from chaos.incidents.recorder import main

if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1]), sys.argv[2:]))
