"""One emulated cloud in the shell: requests to devices that wait for their replies."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Final, Literal

from agent.emulator.broker import Broker
from agent.emulator.fields import Letter
from agent.emulator.platform import Console, NotSupportedError, Request
from agent.emulator.server import Endpoint
from agent.emulator.values import Answered, DeviceKey, Instant, Json

MAX_WAITING: Final = 1000


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """What came of a request to a device; `code` and `message` are the device's own."""

    outcome: Literal["answered", "offline", "no_reply", "kept"]
    code: int | None
    message: str
    elapsed_ms: float
    output: dict[str, Json] = field(default_factory=dict[str, Json])
    is_pending: bool = False


class Cloud:
    """A platform, its broker and its sockets."""

    def __init__(
        self,
        console: Console,
        broker: Broker,
        *,
        clock: Callable[[], Instant],
        on_change: Callable[[], None],
    ) -> None:
        self.console = console
        self.broker = broker
        self.endpoint = Endpoint(
            broker, clock=clock, on_answer=self._take_answer, on_change=on_change
        )
        self._clock = clock
        self._waiting: dict[str, asyncio.Future[Answered]] = {}

    async def set_properties(
        self, device: DeviceKey, values: dict[str, Json], *, timeout_s: float
    ) -> Reply:
        """Send the platform's control and wait for the reply; raise RequestError."""
        return await self._ask(self.console.control(device, values, self._clock()), timeout_s)

    async def call_action(
        self, device: DeviceKey, action: str, values: dict[str, Json], *, timeout_s: float
    ) -> Reply:
        """Invoke an action and wait for its reply; raise RequestError."""
        request = self.console.invoke(device, action, values, self._clock())
        return await self._ask(request, timeout_s)

    async def desire(
        self, device: DeviceKey, values: dict[str, Json], *, timeout_s: float
    ) -> Reply:
        """Set desired values, and wait for the reply if the device is told; raise RequestError."""
        request = self.console.desire(device, values, self._clock())
        if request is None:
            message = "the device gets this when it asks"
            return Reply(outcome="kept", code=None, message=message, elapsed_ms=0, is_pending=True)
        return await self._ask(request, timeout_s)

    async def command(self, device: DeviceKey, payload: bytes, *, timeout_s: float) -> Reply:
        """Send a raw command and wait for the answer; raise RequestError."""
        return await self._ask(self.console.command(device, payload, self._clock()), timeout_s)

    def send_message(self, device: DeviceKey, letter: Letter) -> bool:
        """Send a message on a topic of the user's own; tell if it went; raise RequestError."""
        if letter.is_retained and not self.console.rules.keeps_retained:
            raise NotSupportedError(f"{device.cloud} keeps no retained messages")
        message = self.console.message(device, letter.topic, letter.payload)
        message = replace(message, qos=letter.qos, is_retained=letter.is_retained)
        was_sent, actions = self.broker.publish(message, self._clock())
        self.endpoint.perform(actions)
        return was_sent

    def stop_waiting(self) -> None:
        """Let no request wait any longer."""
        for future in self._waiting.values():
            future.cancel()

    async def _ask(self, request: Request, timeout_s: float) -> Reply:
        loop, is_kept = asyncio.get_running_loop(), request.is_kept
        future: asyncio.Future[Answered] = loop.create_future()
        if len(self._waiting) >= MAX_WAITING:
            return _unanswered("too many requests wait", 0.0, is_kept=is_kept)
        self._waiting[request.request_id] = future
        start = loop.time()
        try:
            was_sent, actions = self.broker.publish(request.publication, self._clock())
            self.endpoint.perform(actions)
            if not was_sent:
                return self._offline(is_kept=is_kept)
            done, _ = await asyncio.wait([future], timeout=timeout_s)
        finally:
            del self._waiting[request.request_id]
        elapsed_ms = round((loop.time() - start) * 1000, 3)
        if not done or future.cancelled():
            return _unanswered("the device did not reply", elapsed_ms, is_kept=is_kept)
        answered = future.result()
        return Reply(
            outcome="answered",
            code=answered.code,
            message=answered.message,
            elapsed_ms=elapsed_ms,
            output=dict(answered.output),
        )

    def _offline(self, *, is_kept: bool) -> Reply:
        message = "the device is offline or has not subscribed"
        return Reply(
            outcome="offline",
            code=self.console.offline_code,
            message=f"{message}; it gets this when it asks" if is_kept else message,
            elapsed_ms=0.0,
            is_pending=is_kept,
        )

    def _take_answer(self, answered: Answered) -> None:
        future = self._waiting.get(answered.request_id)
        if future is not None and not future.done():
            future.set_result(answered)


def _unanswered(message: str, elapsed_ms: float, *, is_kept: bool) -> Reply:
    return Reply(
        outcome="no_reply",
        code=None,
        message=message,
        elapsed_ms=elapsed_ms,
        is_pending=is_kept,
    )
