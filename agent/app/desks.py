"""What links and button ask of a device and tell it, put together from its runtime."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from agent.app.counted import counted_of
from agent.app.had import Had
from agent.app.links import Desk
from agent.app.parts import MakeCodec
from agent.app.surroundings import Surroundings
from agent.devices.inputs import ButtonEdge, LinkChanged
from agent.messages import InfoReport
from agent.requests import Doings, Requests
from agent.runtime import Runtime
from agent.thing import Thing


def requests_of(runtime: Runtime[Any], around: Surroundings, name: str) -> Requests:
    """Have the requests of clouds checked, remembered and carried out."""
    doings = Doings(
        execute=runtime.execute, position=runtime.position, commands=lambda: runtime.commands
    )
    return Requests(doings, around.clock.now, around.requests, name)


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """What a device knows of itself, and who is told of its links."""

    thing: Callable[[], Thing[Any]]
    codec: MakeCodec
    changed: Callable[[LinkChanged], object]
    had: Had


def desk_of(runtime: Runtime[Any], requests: Requests, around: Surroundings, device: Told) -> Desk:
    """Put the desk of a device together."""
    name, thing = requests.device, device.thing
    return Desk(
        execute=requests.execute,
        perform=requests.perform,
        values=runtime.values,
        changed=device.changed,
        snapshot=runtime.full_report,
        info=lambda: InfoReport(
            facts={**around.machine, "name": name}, gone=device.had.gone(thing())
        ),
        codec=lambda cloud, settings: device.codec(cloud, settings, thing()),
        attempts=around.attempts,
        memory=around.requests,
        outputs=thing().outputs(),
        outbox=lambda cloud, identity: around.outboxes.of(cloud, identity, thing().totals()),
        counted=counted_of(around.condition(name), thing(), lambda: runtime.state),
    )


def edges_to(dispatch: Callable[[ButtonEdge], object]) -> Callable[[bool], None]:
    """Dispatch the edges of a button."""

    def pass_on(is_pressed: bool) -> None:  # noqa: FBT001 - the port's callback
        dispatch(ButtonEdge(is_pressed=is_pressed))

    return pass_on
