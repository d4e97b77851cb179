"""One platform's app in a person's hand: what it shows, and what it makes the socket do."""

from dataclasses import dataclass
from typing import Any

from agent.demo.api import CloudApi, Json
from agent.demo.dialects import Dialect
from agent.errors import AgentError


class DemoError(AgentError):
    """A step of the demo did not happen."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CloudApp:
    """The socket at one of the demo's clouds; `identity` is its product and name there."""

    dialect: Dialect
    api: CloudApi
    identity: str

    @property
    def name(self) -> str:
        """The cloud's name, as `--cloud` takes it."""
        return self.dialect.name

    @property
    def section(self) -> str:
        """The cloud's name in the configuration, and so for the agent."""
        return self.dialect.section

    async def shown(self) -> dict[str, Any]:
        """Read what the app shows, under the thing's names."""
        return self.dialect.values(await self.api.device())

    async def trips(self) -> list[str]:
        """Read the causes of all trips that the platform was told of, the newest last."""
        if self.dialect.has_events:
            return self.dialect.trips(await self.api.device())
        up = [each for each in await self.api.messages() if each["direction"] == "up"]
        return [cause for each in up for cause in self.dialect.told_on_wire(each["payload"])]

    async def requests(self) -> set[str]:
        """Read the ids of what the platform asked of the device."""
        down = [each for each in await self.api.messages() if each["direction"] == "down"]
        return {self.dialect.request_id(each["topic"], each["payload"]) for each in down}

    async def switch(self, *, on: bool) -> float:
        """Switch the socket; return how many ms its answer took, or raise `DemoError`."""
        return self._obeyed(await self.api.set(self.dialect.switch(on=on)), "on" if on else "off")

    async def count_down(self, seconds: int, *, to: bool) -> float:
        """Set a countdown; return how many ms the answer took, or raise `DemoError`."""
        reply = await self.api.set(self.dialect.countdown(seconds, to=to))
        return self._obeyed(reply, f"a countdown of {seconds} s")

    async def refusal(self) -> str:
        """Switch on what must stay off: return the refusal, or raise `DemoError`."""
        reply = await self.api.set(self.dialect.switch(on=True))
        if reply.get("code") in {self.dialect.done, None}:
            raise DemoError(f"{self.name}: 'on' was not refused: {_text(reply)}")
        return _text(reply)

    def _obeyed(self, reply: Json, what: str) -> float:
        if reply.get("code") != self.dialect.done:
            raise DemoError(f"{self.name}: {what} was not obeyed: {_text(reply)}")
        return float(reply["elapsed_ms"])


def _text(reply: Json) -> str:
    return f"{reply.get('code')}: {reply.get('message')}"
