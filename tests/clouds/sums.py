"""A count, a disk, and a platform that sums what it is told: each may fail at any point."""

import asyncio
import json
from dataclasses import dataclass, field
from typing import Any

from agent.clouds.pacing import Pacer
from agent.clouds.sending import Sending
from agent.clouds.summing import Summing
from agent.clouds.suspects import Suspects
from agent.clouds.told import Told
from agent.errors import TransportError
from agent.messages import Ack, PropertyReport, RefusalKind
from agent.outbox import Ending, Outbox
from tests.clouds.aliyun_device import make_codec
from tests.clouds.support import TestClock

REPORT = PropertyReport(values={"total_energy": 1.0}, wall_time=None)
WRITE_S = 0.2
PATIENCE_S = 1.0
RETRY_S = 5.0


@dataclass
class SlowDisk:
    """Takes what it is given after a while, even where nobody waits for it any more."""

    rows: dict[tuple[str, str], str | None] = field(default_factory=dict)
    is_refusing: bool = False
    waiting: dict[tuple[str, str], str | None] = field(default_factory=dict)
    waiters: list[asyncio.Event] = field(default_factory=list)
    timer: Any = None

    def remembered(self, device_id):
        mine = self.rows.items()
        return tuple((key, text) for (device, key), text in mine if device == device_id)

    async def remember(self, device_id, key, answer):
        self.waiting[device_id, key] = answer
        is_kept = asyncio.Event()
        self.waiters.append(is_kept)
        if self.timer is None:
            self.timer = asyncio.get_running_loop().call_later(WRITE_S, self._write)
        try:
            async with asyncio.timeout(PATIENCE_S):
                await is_kept.wait()
        except TimeoutError:
            return False
        return True

    def _write(self):
        if self.is_refusing:
            self.timer = asyncio.get_running_loop().call_later(RETRY_S, self._write)
            return
        self.timer = None
        self.rows |= self.waiting
        self.waiting = {}
        for waiter in self.waiters:
            waiter.set()
        self.waiters = []

    def end(self, *, is_flushed):
        """The process that writes here has ended: on purpose and flushed, or killed."""
        if self.timer is not None:
            self.timer.cancel()
        if is_flushed and not self.is_refusing:
            self.rows |= self.waiting
        self.timer, self.waiting, self.waiters = None, {}, []


class SummingPlatform:
    """Adds up what arrives; `mood` says what becomes of each message."""

    def __init__(self):
        self.sum_wh = 0
        self.taken = []
        self.mood = "takes"
        self.take: Any = None

    async def publish(self, message):
        await asyncio.sleep(0.1)
        if self.mood in ("lost", "cut before"):
            await self._reply(None)
            return
        body = json.loads(message.payload)
        self.taken.append(body)
        if self.mood not in ("refuses", "knows none", "leaves out"):
            value = body["params"]["UnitPowerConsumption"]
            self.sum_wh += round((value["value"] if isinstance(value, dict) else value) * 1000)
        await self._reply(body["id"])

    async def heard(self):
        """The platform says something else now and then."""

    async def _reply(self, message_id):
        if self.mood.startswith("cut"):
            raise TransportError("the connection was cut")
        ack = {
            "takes": Ack(message_id=message_id or "", is_accepted=True),
            "refuses": Ack(message_id=message_id or "", is_accepted=False, code=6326),
            "knows none": Ack(
                message_id=message_id or "", is_accepted=False, kind=RefusalKind.UNKNOWN_NAME
            ),
            "leaves out": Ack(
                message_id=message_id or "", is_accepted=True, ignored=("unit_power_consumption",)
            ),
        }.get(self.mood)
        if ack is not None:
            asyncio.get_running_loop().call_later(0.1, self.take, ack)


MOODS = ("takes", "mute", "lost", "refuses", "cut after", "cut before")


class Stand:
    """One identity of a socket, over sessions and processes."""

    def __init__(self, **settings):
        self.disk = SlowDisk()
        self.platform = SummingPlatform()
        self.counted_wh: int | None = 0
        self.true_wh = 0
        self.codec = make_codec(**({"unit_power_consumption": True} | settings))
        self.clock = TestClock()
        self.start()

    def start(self, *, is_sure=True):
        """Begin a process."""
        outbox = Outbox(first_id=1)
        sending = Sending(
            name="aliyun",
            codec=self.codec,
            pacer=Pacer(per_s=10, clock=self.clock),
            new_id=outbox.new_id,
            refused=(),
            suspects=Suspects(self.clock.now),
        )
        self.platform.take = sending.take
        self.told = Told("dev1", self.disk, "socket-1", is_sure=is_sure)
        self.summing = Summing(
            name="aliyun",
            codec=self.codec,
            told=self.told,
            sending=sending,
            new_id=outbox.new_id,
            clock=self.clock,
            counted_wh=lambda: self.counted_wh,
        )

    def end(self, *, is_flushed=False, is_sure=True):
        """End the process, and begin the next."""
        self.disk.end(is_flushed=is_flushed)
        self.start(is_sure=is_sure)

    def use(self, wh):
        if not wh:
            return
        assert self.counted_wh is not None
        self.counted_wh += wh
        self.true_wh += wh

    async def session(self, for_s=320.0, *, reports=1, wh=0):
        """Be connected for a while, and have a report with *wh* more taken so often."""
        running = asyncio.create_task(self.summing.run(self.platform))
        if not reports:
            await asyncio.wait([running], timeout=for_s)
        for _ in range(reports):
            await asyncio.sleep(0)
            self.use(wh)
            self.summing.note(REPORT, Ending.DELIVERED)
            await asyncio.wait([running], timeout=for_s / reports)
        running.cancel()
        await asyncio.wait([running])
        if not running.cancelled() and running.exception() is not None:
            assert isinstance(running.exception(), TransportError), running.exception()
