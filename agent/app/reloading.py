"""Reload: a changed configuration is swapped in whole, or every reason against it is told."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import asdict
from typing import Final

import structlog

from agent.app.codecs import check_codecs
from agent.errors import ConfigError
from agent.settings.changes import restart_reasons
from agent.settings.faults import ConfigFaults
from agent.settings.root import Config
from agent.systemd import Notifier

log: Final = structlog.get_logger()

Told = Mapping[str, object]


class Reloads:
    """Does one reload after the other, for a signal or for whoever asks.

    *apply* raises `ConfigError` for what only it can find, before it has moved anything.

    Who asks while one is under way gets the next: that one reads the files anew. `error` is why
    the last was refused, or None. *running* gives what a change is told from: what really runs.
    """

    def __init__(
        self,
        load: Callable[[], Config],
        running: Callable[[], Config],
        apply: Callable[[Config], Awaitable[None]],
    ) -> None:
        self.error: str | None = None
        self._load = load
        self._running = running
        self._apply = apply
        self.asked: Final = asyncio.Event()
        self._waiting: list[asyncio.Future[Told]] = []

    async def ask(self) -> Told:
        """Reload, and give the answer."""
        future: asyncio.Future[Told] = asyncio.get_running_loop().create_future()
        self._waiting.append(future)
        self.asked.set()
        return await future

    async def run(self, notifier: Notifier, now: Callable[[], float]) -> None:
        """Reload whenever it is asked for."""
        while True:
            await self.asked.wait()
            self.asked.clear()
            waiting, self._waiting = self._waiting, []
            notifier.reloading(now())
            told = await self._reload()
            notifier.ready()
            for future in waiting:
                if not future.done():
                    future.set_result(told)

    async def _reload(self) -> Told:
        """Swap a valid configuration in whole; keep the old one otherwise, and say why."""
        try:
            config = await asyncio.to_thread(self._checked)
            reasons = list(restart_reasons(self._running(), config))
            if reasons:
                return self._refused("restart", "; ".join(reasons), reasons)
            await self._apply(config)
        except ConfigError as error:
            faults = error.faults if isinstance(error, ConfigFaults) else ()
            reasons = [str(fault) for fault in faults] or [str(error)]
            told = self._refused("configuration", str(error), reasons)
            return {**told, "faults": [asdict(fault) for fault in faults]}
        self.error = None
        log.info("agent.reloaded")
        return {"reloaded": True, "refused": None, "reasons": []}

    def _checked(self) -> Config:
        """Load it, off the loop: a thousand codecs take their time."""
        config = self._load()
        for each in config.devices:
            check_codecs(each)
        return config

    def _refused(self, kind: str, error: str, reasons: list[str]) -> Told:
        self.error = error
        log.warning("reload.refused", error=error)
        return {"reloaded": False, "refused": kind, "reasons": reasons}
