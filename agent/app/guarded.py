"""What the stop guard is told, and what is opened in its place."""

import asyncio
from collections.abc import Collection, Mapping, Sequence
from pathlib import Path
from typing import Final

import structlog

from agent.app.device import DeviceApp
from agent.app.held import HeldLines
from agent.errors import DriverError
from agent.guard import open_lines, read
from agent.lines import DrivenLine, lines_file, not_taken_over, write_lines
from agent.settings.relays import ContactSettings, Policy, StartPolicy
from agent.ways import Line as Driven

log: Final = structlog.get_logger()


class Guarded:
    """The guard's file of driven lines, from the agent's side."""

    def __init__(self, environ: Mapping[str, str], control_socket: str) -> None:
        self._environ = environ
        self._path: Path = lines_file(environ, control_socket)

    async def open(self, lines: Sequence[Driven]) -> None:
        """Open contacts that nobody supervises any more, as the guard does."""
        if lines:
            await asyncio.to_thread(open_lines, lines, self._environ)

    def removed(self, held: HeldLines, device_ids: Collection[str]) -> list[Driven]:
        """List the lines that came back though their devices are configured no longer."""
        names = held.close_others(device_ids)
        if not names:
            return []
        return [line for line in read(str(self._path))[0] if line.kept_as in names]

    def write(self, devices: Mapping[str, DeviceApp], *, is_stopping: bool) -> None:
        """Tell the stop guard which lines are driven, as soon as one more is."""
        lines = [
            DrivenLine(
                device_id=device.name,
                line=each.line,
                on_stop=each.policy.on_stop,
                on_crash="off" if is_stopping else _on_crash(each.policy),
                kept_as=each.kept_as,
            )
            for device in devices.values()
            for each in device.driven
        ]
        driven = {(each.line.driver, each.line.address) for each in lines}
        waiting = [name for name, device in devices.items() if not device.is_driven]
        try:
            others = [
                each
                for each in not_taken_over(self._path, waiting)
                if (each.line.driver, each.line.address) not in driven
            ]
            write_lines(self._path, [*lines, *others])
        except DriverError as error:
            log.warning("guard.blind", error=str(error))


def _on_crash(settings: ContactSettings) -> Policy:
    policy = settings.on_start
    return policy.crash if isinstance(policy, StartPolicy) else policy
