"""A platform's app that shows a declared device: by the device's own names."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Final, cast

from agent.demo.api import Json
from agent.demo.app import CloudApp, DemoError
from agent.model import Value
from agent.thing import Kind, Thing

NOTICE: Final = "notice"


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnApp(CloudApp):
    """The device at one of the demo's clouds."""

    thing: Thing[Any]

    async def shown(self) -> dict[str, Any]:
        """Read what the app shows, under the thing's names."""
        return self.read(await self.api.device())

    def read(self, device: Json) -> dict[str, Any]:
        """Take the values out of what the platform tells of the device."""
        found: Json = device["properties"]
        rows = [row.field for row in self.thing.properties if row.field.name in found]
        return {
            row.name: found[row.name] == self.dialect.on
            if row.kind is Kind.BOOL
            else found[row.name]
            for row in rows
        }

    async def order(self, name: str, value: Value) -> float:
        """Set a property; return how many ms the answer took, or raise `DemoError`."""
        wire = value
        if isinstance(value, bool):
            wire = self.dialect.on if value else self.dialect.off  # type: ignore[assignment]
        reply = await self.api.set({name: wire})
        if reply.get("code") != self.dialect.done:
            told = f"{reply.get('code')}: {reply.get('message')}"
            raise DemoError(f"{self.name}: {name} = {value} was not obeyed: {told}")
        return float(reply["elapsed_ms"])

    async def notices(self) -> list[str]:
        """Read the names of the notices that the platform was told of."""
        device = await self.api.device()
        if self.dialect.has_events:
            return list(_names(device["events"]))
        last = cast("Json | None", device["properties"].get(NOTICE))
        return [] if last is None else [str(last["name"])]


def _names(events: Iterable[Json]) -> Iterable[str]:
    for event in events:
        if str(event["id"]).casefold() == NOTICE:
            params = {str(key).casefold(): value for key, value in event["params"].items()}
            yield str(params["name"])
