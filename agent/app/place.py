"""Where the agent is, and where it keeps its state."""

from pathlib import Path
from typing import Final

from agent.settings.root import Config

STATE_FILE: Final = "state.db"
MODEL_FILE: Final = Path("/proc/device-tree/model")


def state_file(config: Config) -> Path:
    """Tell where the state of *config* is kept."""
    return Path(config.agent.state_dir) / STATE_FILE


def machine_model() -> str:
    """Tell what this machine is."""
    try:
        return MODEL_FILE.read_text(encoding="utf-8").rstrip("\0\n")
    except OSError:
        return "Linux gateway"
