"""The errors of the agent, named by who must act."""

from typing import Final

EXIT_FAILED: Final = 1
EXIT_USAGE: Final = 2
EXIT_UNREACHABLE: Final = 69
EXIT_CONFIG: Final = 78


class AgentError(Exception):
    """Root of every error that the agent raises on purpose."""


class ConfigError(AgentError):
    """The configuration is wrong; its owner must act (exit 78, or keep the old one on reload)."""


class SettingError(ConfigError):
    """One key of a section holds what does not fit the rest; only a codec can tell."""

    def __init__(self, key: str, *, found: str, allowed: str) -> None:
        self.key = key
        self.found = found
        self.allowed = allowed
        super().__init__(f"{key}: found {found}; allowed: {allowed}")


class DriverError(AgentError):
    """A device on this machine cannot be used now; the caller backs off and opens it again."""


class LineBusyError(DriverError):
    """A GPIO line is claimed by somebody else, for now or for good."""


class TransportError(AgentError):
    """A connection failed or was lost; the link backs off and connects again."""


class LinkDeadError(TransportError):
    """A connection has died that nobody has closed: the network is at fault, not the platform."""


class AuthRejectedError(TransportError):
    """The platform refused who we are; trying again soon only makes it worse."""


class CodecError(AgentError):
    """A message from a platform cannot be understood; it is logged and dropped."""


class ControlError(AgentError):
    """The running agent cannot be reached, or answered that it could not do what was asked.

    `kind` and `key` tell a program why, and of what: `tripped`, or `out_of_range` of `count_down`.
    """

    def __init__(self, text: str, *, kind: str = "refused", key: str | None = None) -> None:
        self.kind = kind
        self.key = key
        super().__init__(text)


class ParamsError(ControlError):
    """A method was asked with what it does not take."""

    def __init__(self, text: str, *, key: str | None = None) -> None:
        super().__init__(text, kind="invalid_params", key=key)


class StoreError(AgentError):
    """The state file cannot be read or written; control and protection go on without it."""
