"""The network of a demo: cut, and back; for a device of any kind."""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from typing import Final, Protocol

from agent.clouds.link import Link
from agent.demo.app import CloudApp, DemoError
from agent.demo.watch import ARRIVES_S, listed, look, until

NOTICED_S: Final = 5.0
RECONNECTS_S: Final = 30.0
"""Twice the longest of the platforms' shortest intervals between two connects, and a little."""

DRAINS_S: Final = 15.0


class Connected(Protocol):
    """A stage whose device has a link to each cloud."""

    @property
    def clouds(self) -> Sequence[CloudApp]: ...  # noqa: D102 - as the stage's
    @property
    def first(self) -> CloudApp: ...  # noqa: D102 - as the stage's
    def link(self, cloud: CloudApp) -> Link: ...  # noqa: D102 - as the stage's


async def online(stage: Connected) -> str:
    """See the device come online at every cloud, over TLS where the platform has it."""
    deadline = asyncio.get_running_loop().time() + ARRIVES_S
    told: list[str] = []
    for cloud in stage.clouds:
        device = await look(
            cloud.api.device, lambda d: bool(d["online"]), deadline, f"online at {cloud.name}"
        )
        has_tls = bool(device["session"]["tls"])
        if has_tls is not cloud.dialect.has_tls:
            how = "over TLS" if has_tls else "not over TLS"
            raise DemoError(f"the session with {cloud.name} is {how}")
        how = "over TLS, its certificate checked" if has_tls else "without TLS: this one has none"
        told.append(f"{cloud.identity} at {cloud.name} {how}")
    return "; ".join(told)


async def cut(stage: Connected) -> Mapping[str, int]:
    """Cut the network; tell how many sessions each cloud had before."""
    sessions = {each.name: stage.link(each).status.sessions for each in stage.clouds}
    await stage.first.api.fault("drop")
    deadline = asyncio.get_running_loop().time() + NOTICED_S
    for cloud in stage.clouds:
        what = f"the cut of {cloud.name}"
        await look(cloud.api.device, lambda found: not found["online"], deadline, what)
        await until(_is_down(stage.link(cloud)), NOTICED_S, what)
    return sessions


def waiting(stage: Connected) -> Mapping[str, int]:
    """Count what waits for each cloud; raise `DemoError` where nothing does."""
    counts = {each.name: stage.link(each).pending for each in stage.clouds}
    for name, pending in counts.items():
        if not pending:
            raise DemoError(f"nothing waits for {name}")
    return counts


async def back(stage: Connected, sessions: Mapping[str, int], cut_at: float) -> Mapping[str, float]:
    """Wait for a new session with every cloud; return how long after the cut each came."""
    loop, came = asyncio.get_running_loop(), dict[str, float]()

    def is_whole() -> bool:
        for cloud in stage.clouds:
            if stage.link(cloud).status.sessions > sessions[cloud.name]:
                came.setdefault(cloud.name, loop.time() - cut_at)
        return len(came) == len(stage.clouds)

    try:
        await until(is_whole, RECONNECTS_S, "back")
    except DemoError as error:
        late = listed(each for each in stage.clouds if each.name not in came)
        raise DemoError(f"{late}: not online within {RECONNECTS_S:g} s") from error
    return came


async def drained(stage: Connected) -> None:
    """Wait until all that waited has arrived."""
    for cloud in stage.clouds:
        await until(_is_empty(stage.link(cloud)), DRAINS_S, f"the last for {cloud.name}")


def _is_empty(link: Link) -> Callable[[], bool]:
    return lambda: not link.pending


def _is_down(link: Link) -> Callable[[], bool]:
    return lambda: not link.status.is_connected
