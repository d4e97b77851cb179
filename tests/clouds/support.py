"""Virtual time, a small platform that answers, and a codec to speak to it."""

import asyncio
import json
from collections.abc import Callable, Coroutine
from typing import Any

from pydantic import SecretStr

from agent.clouds.attempts import NextAttempt
from agent.clouds.door import Door
from agent.clouds.link import Chance, Link
from agent.clouds.simulated import FlakyTransport, Trouble
from agent.clouds.tencent.codec import TencentCodec
from agent.clouds.uncleared import Uncleared
from agent.devices.socket.thing_table import SOCKET
from agent.loop_clock import LoopClock
from agent.memory import ProcessMemory
from agent.messages import (
    DONE,
    ActionCall,
    EventReport,
    InfoReport,
    Outcome,
    PropertyReport,
    Request,
)
from agent.outbox import Keeping, MemoryFile, Outbox
from agent.ports import Message, Publish
from agent.settings.clouds import TencentSettings
from chaos.virtual import run_virtually

SECRET = "IyXmUW5sU/q1vnb5yzTkeQ=="
DEVICE = "CS0SLTKSYA/dev1"
DOWN = "$thing/down/property"


class TestClock(LoopClock):
    __test__ = False

    def __init__(self, wall: float | None = 1_800_000_000.0, *, tls: bool = True) -> None:
        self.wall = wall
        self.tls = tls
        self.booted_at = 0.0

    def wall_time(self) -> float | None:
        return None if self.wall is None else self.wall + self.now()

    def since_boot(self) -> float:
        return self.now() - self.booted_at

    def tls_is_possible(self) -> bool:
        return self.tls


def settings(**changes: Any) -> TencentSettings:
    fields: dict[str, Any] = {
        "product_id": "CS0SLTKSYA",
        "device_name": "dev1",
        "device_secret": SecretStr(SECRET),
    }
    return TencentSettings(**(fields | changes))


def make_codec(**changes: Any) -> TencentCodec:
    return TencentCodec(settings(**changes), SOCKET)


REPLIES = {
    "report": "report_reply",
    "report_info": "report_info_reply",
    "event_post": "event_reply",
    "clear_control": "clear_control_reply",
}


class Platform:
    """Answers as the platform does, and remembers which message it got, in order."""

    def __init__(self) -> None:
        self.heard: list[dict[str, Any]] = []
        self.stored: dict[str, Any] = {}
        self.code_for: Callable[[dict[str, Any]], int] = lambda _body: 0
        self.is_mute_to: set[str] = set()

    def __call__(self, message: Publish) -> list[Message]:
        body = json.loads(message.payload)
        self.heard.append(body)
        method = body.get("method", body.get("type"))
        if method in self.is_mute_to:
            return []
        if method == "get_status":
            data = {"reported": {}, **({"control": self.stored} if self.stored else {})}
            return [self._down(message, body, "get_status_reply", 0, data=data)]
        if method == "clear_control":
            self.stored = {}
        if method not in REPLIES:
            return []
        return [self._down(message, body, REPLIES[method], self.code_for(body))]

    def _down(self, message: Publish, body: Any, method: str, code: int, **more: Any) -> Message:
        topic = message.topic.replace("/up/", "/down/")
        reply = {"method": method, "clientToken": body["clientToken"], "code": code, **more}
        return Message(topic=topic, payload=json.dumps(reply).encode())

    def values(self, name: str) -> list[Any]:
        """What was reported for one property, as often as it came."""
        reports = [body for body in self.heard if body.get("method") == "report"]
        return [body["params"][name] for body in reports if name in body["params"]]

    def methods(self) -> list[str]:
        return [body.get("method", body.get("type")) for body in self.heard]


class Bench:
    """A link over a flaky transport to the platform, in virtual time."""

    def __init__(self, *troubles: Trouble, clock: TestClock | None = None, **more: Any) -> None:
        self.platform = Platform()
        self.transport = FlakyTransport(self.platform, troubles)
        self.clock = clock or TestClock()
        self.file = more.pop("file", None) or MemoryFile()
        self.outbox = self.open_outbox(first_id=1)
        self.requests: list[Request] = []
        self.changes: list[bool] = []
        self.times: list[Any] = []
        self.outcome: Outcome = DONE
        self.attempts: list[float] = []
        self.snapshot: PropertyReport | None = None
        self.info: InfoReport | None = None
        self.codec = make_codec(**more)
        self.link: Link | None = None
        self.memory: ProcessMemory = ProcessMemory()
        self.boot_id = "boot"
        self.disk_answers = asyncio.Event()
        self.disk_answers.set()

    def open_outbox(self, first_id: int, boot_id: str = "boot") -> Outbox:
        """Open the outbox as the next process does."""
        keeping = Keeping(file=self.file, clock=self.since_boot, boot_id=boot_id)
        return Outbox(first_id=first_id, keeping=keeping)

    def since_boot(self) -> float:
        """The clock's time: before the loop runs, that at which it begins."""
        try:
            return self.clock.since_boot()
        except RuntimeError:
            return 1000.0

    def execute(self, request: Request) -> Outcome:
        self.requests.append(request)
        return self.outcome

    async def perform(self, call: ActionCall) -> Outcome:
        await self.disk_answers.wait()
        return self.execute(call)

    def make_link(self, jitter: float, **more: Any) -> Link:
        door = Door(
            execute=self.execute,
            perform=self.perform,
            values=lambda names: dict.fromkeys(names, 0),
            on_change=self.changes.append,
            snapshot=lambda: self.snapshot,
            info=lambda: self.info,
            on_time=lambda answer, round_trip_s: self.times.append((answer, round_trip_s)),
        )
        chance = Chance(jitter=lambda: jitter, nonce=self._nonce)
        return Link(
            "tencent",
            codec=self.codec,
            transport=self.transport,
            outbox=self.outbox,
            clock=self.clock,
            door=door,
            next_attempt=NextAttempt("dev1", self.boot_id, self.memory),
            uncleared=Uncleared("dev1", self.memory, "socket-1", self.clock.now),
            chance=chance,
            **more,
        )

    def _nonce(self) -> str:
        self.attempts.append(self.clock.now())
        return f"nonce{len(self.attempts)}"

    def report(self, value: int) -> None:
        self.outbox.append(PropertyReport(values={"count_down": value}, wall_time=None))

    def event(self, voltage: float) -> None:
        self.outbox.append(
            EventReport(name="low_voltage", values={"voltage": voltage}, wall_time=None)
        )

    def say(self, topic: str, **body: Any) -> None:
        assert self.transport.session is not None
        message = Message(topic=f"{topic}/{DEVICE}", payload=json.dumps(body).encode())
        self.transport.session.say(message)

    def run(
        self,
        scenario: Callable[["Bench"], Coroutine[Any, Any, None]] | None = None,
        *,
        for_s: float = 60.0,
        jitter: float = 0.5,
    ) -> "Bench":
        """Run the link for that many virtual seconds, with a scenario beside it."""

        async def main() -> None:
            self.link = self.make_link(jitter)
            running = asyncio.create_task(self.link.run(), name="link")
            if scenario is not None:
                await scenario(self)
            await asyncio.wait([running], timeout=for_s)
            running.cancel()
            await asyncio.wait([running])
            if not running.cancelled():
                running.result()

        run_virtually(main())
        return self


def bodies(bench: Bench, method: str) -> list[dict[str, Any]]:
    """What the platform heard of one method, in order."""
    return [body for body in bench.platform.heard if body.get("method") == method]
