"""The two ways to see a declared device: a tour of lines, and a live view that obeys keys."""

import sys
import time
from collections import deque
from collections.abc import Mapping, Sequence
from typing import cast

from agent.demo.declared.file import ID
from agent.demo.declared.hands import OwnHands
from agent.demo.declared.screen import OwnScene, draw
from agent.demo.declared.stage import OwnStage, open_own_stage
from agent.demo.declared.tour import play
from agent.demo.dialects import Dialect
from agent.demo.screen import CloudView
from agent.demo.show import LOG_LINES, log_to, report, show_until
from agent.settings.generic import GenericSettings


class OwnShow:
    """Shows the device of *settings*."""

    def __init__(self, settings: GenericSettings) -> None:
        self._settings = settings

    async def tour(self, dialects: Sequence[Dialect], *, as_json: bool) -> bool:
        """Play the tour, a line a step; tell whether every step really happened."""
        log_to(deque(maxlen=1))
        begin = time.monotonic()
        async with open_own_stage(dialects, self._settings) as stage:
            is_good = await report(play(stage), as_json=as_json)
        word = "everything happened" if is_good else "the tour ended early"
        print(f"{word} in {time.monotonic() - begin:.0f} s", file=sys.stderr)  # noqa: T201 - a message
        return is_good

    async def live(self, dialects: Sequence[Dialect], seconds: float | None) -> None:
        """Show the device and its clouds until `q`, Ctrl-C or the time is over."""
        lines: deque[str] = deque(maxlen=LOG_LINES)
        log_to(lines)
        async with (
            open_own_stage(dialects, self._settings) as stage,
            OwnHands.of(stage) as hands,
        ):

            async def screen() -> str:
                return draw(await _scene(stage, hands, lines))

            await show_until(hands.is_done, screen, seconds)


async def _scene(stage: OwnStage, hands: OwnHands, lines: Sequence[str]) -> OwnScene:
    devices = [await each.api.device() for each in stage.clouds]
    links = [stage.link(each) for each in stage.clouds]
    clouds = [
        CloudView(
            dialect=cloud.dialect,
            device=device,
            is_online=link.status.is_connected,
            pending=link.pending,
        )
        for cloud, device, link in zip(stage.clouds, devices, links, strict=True)
    ]
    return OwnScene(
        title=stage.settings.name or ID,
        fields=[row.field for row in stage.thing.properties],
        snapshot=stage.snapshot,
        unknown=cast("Mapping[str, str]", stage.device.runtime.describe().get("unknown", {})),
        chosen=hands.chosen,
        network_is_cut=hands.network_is_cut,
        clouds=clouds,
        views=[cloud.read(device) for cloud, device in zip(stage.clouds, devices, strict=True)],
        commanding=stage.clouds.index(hands.commanding),
        log=list(lines),
    )
