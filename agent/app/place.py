"""Where the agent keeps its state."""

from pathlib import Path
from typing import Final

from agent.settings.root import Config

STATE_FILE: Final = "state.db"


def state_file(config: Config) -> Path:
    """Tell where the state of *config* is kept."""
    return Path(config.agent.state_dir) / STATE_FILE
