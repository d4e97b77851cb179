"""The machine's networks: a person asks at the socket, and a task of its own does it."""

import asyncio
from collections.abc import Awaitable
from typing import Final

import structlog

from agent import registry
from agent.errors import DriverError
from agent.ports import Provisioner
from agent.settings.root import AgentSettings

log: Final = structlog.get_logger()

OPEN_S: Final = 600.0
"""A network of our own takes the place of the machine's: not for longer than this."""

LEAVE_S: Final = 3.0
"""A stop waits no longer for it; what is left open then is closed at the next start."""

NOT_SET: Final = '[agent] wifi = "none"'


class Networks:
    """What devices ask for waits here; `run` does it, one thing after the other."""

    def __init__(
        self,
        provisioner: Provisioner | None = None,
        *,
        open_s: float = OPEN_S,
        leave_s: float = LEAVE_S,
    ) -> None:
        self._provisioner = provisioner
        self._open_s = open_s
        self._leave_s = leave_s
        self._wake = asyncio.Event()
        self._asked_by = ""
        self._is_to_forget = False
        self._is_open = False

    def begin(self, device: str) -> None:
        """Let a person bring the machine into a network; asked again, for longer."""
        if self._provisioner is None:
            log.warning("provisioning.impossible", device=device, reason=NOT_SET)
            return
        self._asked_by = device
        self._wake.set()

    def forget(self, device: str) -> None:
        """Forget the networks that the machine knows."""
        if self._provisioner is None:
            log.info("networks.kept", device=device, reason=NOT_SET)
            return
        self._is_to_forget = True
        self._wake.set()

    async def run(self) -> None:
        """Do what is asked until cancelled; then no network of our own is left."""
        provisioner = self._provisioner
        if provisioner is None:
            return
        await _tried("provisioning.failed", provisioner.end())  # an earlier process's
        try:
            while True:
                await self._next(provisioner)
        finally:
            await self._leave(provisioner)

    async def _leave(self, provisioner: Provisioner) -> None:
        """Close at the end of the service, which does not wait for long."""
        if not self._is_open:
            return
        # CPython before 3.11.3 loses the TimeoutError of `timeout` in a task that is cancelled.
        try:
            await asyncio.wait_for(self._close(provisioner), self._leave_s)
        except TimeoutError:
            log.warning("provisioning.failed", error=f"not closed within {self._leave_s:g} s")

    async def _next(self, provisioner: Provisioner) -> None:
        try:
            async with asyncio.timeout(self._open_s if self._is_open else None):
                await self._wake.wait()
        except TimeoutError:
            await self._close(provisioner)
            return
        self._wake.clear()
        if self._is_to_forget:
            self._is_to_forget = False
            if await _tried("networks.not_forgotten", provisioner.forget()):
                log.info("networks.forgotten")
        if self._asked_by:
            device, self._asked_by = self._asked_by, ""
            await self._open(provisioner, device)

    async def _open(self, provisioner: Provisioner, device: str) -> None:
        if self._is_open:
            return
        self._is_open = True  # also while it opens: a cancelled opening is closed
        try:
            network = await provisioner.begin(device)
        except DriverError as error:
            self._is_open = False
            log.warning("provisioning.impossible", device=device, reason=str(error))
            return
        log.info("provisioning.open", device=device, network=network, seconds=self._open_s)

    async def _close(self, provisioner: Provisioner) -> None:
        self._is_open = False
        if await _tried("provisioning.failed", provisioner.end()):
            log.info("provisioning.closed")


async def _tried(event: str, doing: Awaitable[None]) -> bool:
    try:
        await doing
    except DriverError as error:
        log.warning(event, error=str(error))
        return False
    return True


def networks_of(settings: AgentSettings) -> Networks:
    """Make what the settings name."""
    make = registry.provisioner(settings.wifi)
    return Networks(make and make(settings, None))
