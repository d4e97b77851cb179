"""The methods about the agent itself: what it can be asked, its log, and a reload."""

from collections.abc import Callable, Coroutine, Mapping, Sequence
from typing import Final, cast

from agent.control.methods import Described, Method, Param, ParamKind, Params, description
from agent.errors import ControlError
from agent.log import PRIORITIES
from agent.log_ring import MOST_LINES, LogRing
from agent.model import Origin

Reload = Callable[[], Coroutine[None, None, Mapping[str, object]]]

LEVELS: Final = ("debug", "info", "warning", "error")
DEFAULT_LINES: Final = 50
LIMIT: Final = Param(
    name="limit",
    kind=ParamKind.WHOLE,
    summary=f"so many at most; {DEFAULT_LINES} where it is left out",
    minimum=1,
    maximum=MOST_LINES,
)
LEVEL: Final = Param(
    name="level", kind=ParamKind.TEXT, summary="only lines as grave as this", choices=LEVELS
)
SINCE: Final = Param(
    name="since",
    kind=ParamKind.NUMBER,
    summary="only lines from this time on (Unix seconds)",
    maximum=1e11,
)


class AgentMethods:
    """Answers for the process as a whole."""

    def __init__(
        self, listed: Callable[[], Sequence[Method]], ring: LogRing, reload: Reload | None
    ) -> None:
        self._listed = listed
        self._ring = ring
        self._reload = reload

    @property
    def methods(self) -> tuple[Described, ...]:
        """The methods, described."""
        return (
            Described(name="methods", summary="this list, with each parameter", run=self._methods),
            Described(
                name="log",
                summary="the newest lines of the agent's log, oldest first",
                run=self._log,
                params=(LIMIT, LEVEL, SINCE),
            ),
            Described(
                name="reload",
                summary="take a changed configuration over, or tell each reason against it",
                run=self._reloaded,
            ),
        )

    def _methods(self, origin: Origin, params: Params) -> object:
        del origin, params
        return {"methods": [description(method) for method in self._listed()]}

    async def _log(self, origin: Origin, params: Params) -> object:
        del origin
        limit = cast("int", params.get("limit") or DEFAULT_LINES)
        since = cast("float", params.get("since") or 0)
        gravest = PRIORITIES[str(params.get("level") or "debug")]
        found = [
            line
            for line in self._ring.lines()
            if PRIORITIES.get(str(line["level"]), 0) <= gravest
            and cast("float", line["time"]) >= since
        ]
        return {"lines": found[-limit:]}

    def _reloaded(self, origin: Origin, params: Params) -> object:
        del origin, params
        if self._reload is None:
            raise ControlError("this agent was not started from files: there is nothing to reload")
        return self._reload()
