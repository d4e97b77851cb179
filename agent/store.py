"""The store: keeps each device's state and the start's cause, in one thread of its own."""

import asyncio
import json
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from types import TracebackType
from typing import Final, Self, cast

import structlog

from agent.devices.effects import Saved
from agent.errors import StoreError
from agent.model import StartCause
from agent.statefile import Contents, Run, StateFile

log = structlog.get_logger()

BOOT_ID_FILE: Final = Path("/proc/sys/kernel/random/boot_id")
RETRY_S: Final = 5.0
CLOSE_TIMEOUT_S: Final = 3.0
BEGIN_S: Final = 0.5
"""How long a start waits for its mark to be on the disk; the relay waits for the start."""


class Store:
    """The state file behind a thread. Only the latest save of a device waits to be written.

    A file that cannot be used is said once and tried again every *retry_s*; nothing is raised.
    """

    def __init__(self, path: Path, *, retry_s: float = RETRY_S) -> None:
        self._file = StateFile(path)
        self._retry_s = retry_s
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="store")
        self._found = Contents()
        self._latest: dict[str, Saved] = {}
        self._pending: dict[str, Saved] = {}
        self._pending_run: Run | None = None
        self._run: Run | None = None
        self._writing: asyncio.Future[None] | None = None
        self._retry: asyncio.TimerHandle | None = None
        self._is_failing = False
        self._was_readable = False
        self.failures = 0
        """How many attempts to read or write have failed."""

    async def __aenter__(self) -> Self:
        loop = asyncio.get_running_loop()
        try:
            self._found = await loop.run_in_executor(self._thread, self._file.open)
            self._was_readable = not self._file.is_begun_anew
        except StoreError as error:
            self._note_failure(error)
            copy = await loop.run_in_executor(self._thread, self._file.read_copy)
            self._found = copy or Contents()
            self._was_readable = copy is not None
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        try:
            async with asyncio.timeout(CLOSE_TIMEOUT_S):
                await self.flush()
                self._stop_retrying()
                await asyncio.get_running_loop().run_in_executor(self._thread, self._file.close)
        except TimeoutError:
            log.warning("store.slow", waiting=sorted(self._pending))
        finally:
            self._stop_retrying()
            self._thread.shutdown(wait=False)

    def load(self, device_id: str) -> Saved | None:
        """Return what was kept of a device; None where there is nothing that can be read."""
        if device_id in self._latest:
            return self._latest[device_id]
        text = self._found.saved.get(device_id)
        return None if text is None else _parsed(device_id, text)

    def save(self, device_id: str, saved: Saved) -> None:
        """Keep *saved* as soon as the disk allows; never wait.

        The write starts when the loop turns next: its thread would hold up what the caller has
        yet to do, such as the reply to a command.
        """
        self._latest[device_id] = self._pending[device_id] = saved
        if self._retry is None:
            asyncio.get_running_loop().call_soon(self._write_soon)

    def cause(self, boot_id: str, version: str) -> StartCause:
        """Tell why this process starts."""
        return start_cause(self._found.run, boot_id, version, was_readable=self._was_readable)

    async def begin_run(self, boot_id: str, version: str) -> StartCause:
        """Tell why this process starts, and mark it as running until `end_run`.

        Not before every device has taken over and been saved: until then the next start has the
        cause of this one, or what was kept before a power loss would be read as of this boot.
        A slow disk gets the mark later: whoever starts is not held up by it.
        """
        cause = self.cause(boot_id, version)
        self._run = self._pending_run = Run(boot_id=boot_id, version=version)
        with suppress(TimeoutError):
            async with asyncio.timeout(BEGIN_S):
                await self.flush()
        return cause

    async def end_run(self) -> None:
        """Mark this run as stopped on purpose, after everything that was saved before."""
        if self._run is not None:
            self._run = self._pending_run = replace(self._run, is_clean_stop=True)
        await self.flush()

    async def flush(self) -> bool:
        """Write what waits; tell whether everything is on the disk (False: it failed once more)."""
        failures = self.failures
        while self._writing is not None or self._is_waiting():
            self._write_soon()
            if self._writing is not None:
                await asyncio.wait([self._writing])
                await asyncio.sleep(0)  # lets the result be taken
            if self.failures != failures:
                return False
        return True

    def _is_waiting(self) -> bool:
        return bool(self._pending) or self._pending_run is not None

    def _write_soon(self) -> None:
        """Start a write unless one is under way: its end starts the next."""
        if self._writing is not None or not self._is_waiting():
            return
        self._stop_retrying()
        pending, run = self._pending, self._pending_run
        self._pending, self._pending_run = {}, None
        loop = asyncio.get_running_loop()
        writing = loop.run_in_executor(self._thread, self._write, pending, run)
        self._writing = writing
        writing.add_done_callback(lambda done: self._written(done, pending, run))

    def _stop_retrying(self) -> None:
        if self._retry is not None:
            self._retry.cancel()
            self._retry = None

    def _write(self, pending: Mapping[str, Saved], run: Run | None) -> None:
        saved = {device: json.dumps(value) for device, value in pending.items()}
        self._file.write(Contents(saved=saved, run=run))

    def _written(
        self, done: asyncio.Future[None], pending: Mapping[str, Saved], run: Run | None
    ) -> None:
        self._writing = None
        error = None if done.cancelled() else done.exception()
        if error is None:
            if self._is_failing:
                log.warning("store.recovered", failures=self.failures)
            self._is_failing = False
            self._write_soon()
        elif isinstance(error, StoreError):
            self._note_failure(error)
            self._pending = {**pending, **self._pending}
            self._pending_run = self._pending_run or run
            self._retry = done.get_loop().call_later(self._retry_s, self._write_soon)
        else:
            raise error

    def _note_failure(self, error: StoreError) -> None:
        self.failures += 1
        tell = log.debug if self._is_failing else log.warning
        tell("store.failed", error=str(error), failures=self.failures)
        self._is_failing = True


def start_cause(
    last: Run | None, boot_id: str, version: str, *, was_readable: bool = True
) -> StartCause:
    """Tell why the process starts, from how the last run ended.

    Where the file could not be read, nobody knows how it ended: that counts as a power loss.
    """
    if last is None:
        return StartCause.FIRST if was_readable else StartCause.POWER_LOSS
    if not boot_id or last.boot_id != boot_id:
        return StartCause.REBOOT if last.is_clean_stop else StartCause.POWER_LOSS
    if not last.is_clean_stop:
        return StartCause.CRASH
    return StartCause.RESTART if last.version == version else StartCause.UPDATE


def read_boot_id(path: Path = BOOT_ID_FILE) -> str:
    """Read the kernel's id of this boot; empty where there is none, which matches nothing."""
    try:
        return path.read_text(encoding="ascii").strip()
    except OSError as error:
        log.warning("boot_id.missing", file=str(path), error=str(error))
        return ""


def _parsed(device_id: str, text: str) -> Saved | None:
    try:
        saved = json.loads(text)
    except (ValueError, RecursionError) as error:
        log.warning("store.unreadable", device=device_id, error=str(error))
        return None
    if not isinstance(saved, dict):
        log.warning("store.unreadable", device=device_id, error="not an object")
        return None
    return cast("Saved", saved)
