"""`python -m chaos.clocks.kept_clock ROOT …`: the agent, its clock kept by what runs below ROOT.

The kernel is not asked: it speaks of this machine's clock, and does not answer a sandboxed
service anyway.
"""

import asyncio
import os
import sys
from dataclasses import replace
from pathlib import Path

from agent.app.service import Service, Shell
from agent.keepers import Probe
from agent.log import LogForm, configure
from agent.settings.load import load


def main(root: str, config: str) -> None:
    """Run until SIGTERM."""
    configure(sys.stderr, os.environ, form=LogForm.JSON)
    probe = Probe(Path(root))

    shell = Shell(
        environ=os.environ,
        reload=lambda: load(Path(config), os.environ),
        probe=lambda: replace(probe(), kernel=None),
    )
    asyncio.run(Service(load(Path(config), os.environ), shell).run())


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[-1])
