"""The demo's stage in virtual time: the house's socket, and the control API without a socket."""

from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from inspect import isawaitable
from typing import Any
from urllib.parse import unquote

from agent.app.control import Methods
from agent.demo.api import Ask, CloudApi
from agent.demo.app import CloudApp
from agent.demo.dialects import DIALECTS
from agent.demo.stage import Stage
from agent.demo.tour import play, steps_for
from agent.emulator.api import Api
from agent.emulator.emulator import Emulator
from agent.emulator.web import HttpRequest
from agent.model import Origin, OriginKind
from agent.store import Row
from tests.clouds.support import run_virtually
from tests.day.house import House, open_house

PERSON = Origin(kind=OriginKind.LOCAL, name="anna")


class DirectControl:
    """What the control socket would answer; its journal is read in a thread, and time flies."""

    def __init__(self, house: House) -> None:
        self._house = house
        self._table = Methods({"socket-1": house.app}, dict, NoRecords()).table

    async def call(self, method: str, params: Mapping[str, Any]) -> object:
        if method != "events":
            answer = self._table[method](PERSON, params)
            return await answer if isawaitable(answer) else answer
        found = [each for each in self._house.rows if each.topic in params["topics"]]
        rows = [{"topic": row.topic, "name": row.name, "details": row.details} for row in found]
        return {"device": "socket-1", "rows": rows[-params["limit"] :]}


class NoRecords:
    async def records(
        self, device_id: str, *, topics: Sequence[str] = (), limit: int = 100
    ) -> Sequence[Row]:
        raise NotImplementedError

    async def kept(self) -> bool:
        return True


def without_a_socket(emulator: Emulator) -> Ask:
    """Ask the control API itself."""

    async def ask(method: str, path: str, body: bytes | None) -> tuple[int, bytes]:
        request = HttpRequest(
            method=method,
            path=tuple(unquote(part) for part in path.removeprefix("/").split("/")),
            query={},
            headers={"host": "localhost", "content-type": "application/json"},
            body=body or b"",
        )
        answer = await Api(emulator).answer(request)
        return answer.status, answer.body

    return ask


@asynccontextmanager
async def open_virtual_stage(names: Sequence[str]) -> AsyncGenerator[Stage, None]:
    async with open_house(names, shows_light=True) as house:
        ask = without_a_socket(house.emulator)
        clouds = [
            CloudApp(
                dialect=DIALECTS[name],
                api=CloudApi(ask=ask, cloud=name, product=device.product, name=device.name),
                identity=f"{device.product}:{device.name}",
            )
            for name, device in house.devices.items()
        ]
        yield Stage(
            device=house.app,
            clouds=clouds,
            outlet=house.meter,
            button=house.button,
            light=house.light,
            control=DirectControl(house),
        )


def played(
    names: Sequence[str], at: str = "", spoil: Any = None, only: Sequence[str] = ()
) -> list[tuple[str, bool, str]]:
    """Play the tour, or *only* some steps; the step *at* gets what *spoil* makes of the stage."""

    async def main() -> list[tuple[str, bool, str]]:
        known = steps_for(len(names))
        steps = {name: known[name] for name in only or known}
        if at:
            whole = steps[at]
            steps[at] = lambda stage: whole(spoil(stage))
        async with open_virtual_stage(names) as stage:
            return [each async for each in play(stage, steps)]

    found: list[tuple[str, bool, str]] = run_virtually(main())
    return found


def with_api(stage: Stage, cloud: str, change: Any) -> Stage:
    """Let *change* stand between the app of *cloud* and the control API."""
    clouds = [
        replace(each, api=replace(each.api, ask=change(each.api.ask)))
        if each.name == cloud
        else each
        for each in stage.clouds
    ]
    return replace(stage, clouds=clouds)
