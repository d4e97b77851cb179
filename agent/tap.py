"""Listens to a runtime while a period is recorded, and writes down what enters and what comes."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Final, TypeVar, cast

from agent.devices.effects import MAIN, Log, Record, Save
from agent.devices.inputs import Measured
from agent.devices.socket.socket import Socket
from agent.devices.socket.state import State
from agent.errors import DriverError
from agent.messages import Outcome, Uplink
from agent.model import Color, Factors, Stamp
from agent.ports import Clock, Device, Indicator, Line, Relay
from agent.recording.forms import digest, dump, plain, tagged
from agent.recording.lines import Moment, Serial
from agent.recording.text import write_serial, write_turn
from agent.recording.trimmed import trimmed
from agent.recording.turns import FromBytes, Reloaded, Turn
from agent.timeline import carried
from agent.wiring import Sink, Wiring

T = TypeVar("T")
Block = list[str]

MOST_HEARD: Final = 64
"""So many pieces of bytes wait for a turn at most, before they are written without one."""


class SocketTap:
    """Writes a block of lines for each turn, after it: nothing is delayed by what is written.

    *heard_bytes*: readings come from bytes that are heard, and are not written themselves.
    """

    def __init__(self, write: Callable[[Block], None], *, heard_bytes: bool) -> None:
        self._write = write
        self._heard_bytes = heard_bytes
        self._clock: FrozenClock | None = None
        self._came: list[Callable[[], object]] = []
        self._heard: list[Serial] = []
        self._is_inside = False
        self._message: tuple[Uplink, list[str]] | None = None

    # ── turns ───────────────────────────────────────────────────────────────────────────────

    def turn(self, turn: Turn | Device[State], act: Callable[[], T]) -> T:
        """Act, then write what entered and what came of it."""
        if self._is_inside:
            return act()
        assert self._clock is not None, "it stands between"
        self._is_inside = True
        self._came, self._message = [], None
        self._clock.freeze()
        try:
            result = act()
        except BaseException as error:
            self._note("bug", type(error).__name__)
            raise
        else:
            if isinstance(result, Outcome):
                self._note("answer", result)
            return result
        finally:
            self._is_inside = False
            self._write(self._block(turn, self._clock.thaw()))

    def _block(self, turn: Turn | Device[State], moment: Moment) -> Block:
        heard, self._heard = self._heard, []
        lines = [write_serial(each) for each in heard]
        lines.append(write_turn(moment, self._shown(turn)))
        return lines + [dump(made()) for made in self._came]

    def _shown(self, turn: Turn | Device[State]) -> Turn:
        if isinstance(turn, Measured) and self._heard_bytes:
            return FromBytes()
        if isinstance(turn, Socket):
            return Reloaded(settings=trimmed(turn.settings))
        return turn  # type: ignore[return-value]

    def _note(self, name: str, value: object, **more: object) -> None:
        """Keep what came; it is made into text after the turn."""
        self._message = None
        self._came.append(lambda: {name: plain(value), **more})

    # ── the meter's line ────────────────────────────────────────────────────────────────────

    def opened(self) -> None:
        """Take note that the port was opened."""
        self._hear(None)

    def heard(self, data: bytes) -> None:
        """Take the bytes as they came."""
        self._hear(data)

    def _hear(self, data: bytes | None) -> None:
        assert self._clock is not None, "it stands between"
        self._heard.append(Serial(at=self._clock.now(), data=data))
        if len(self._heard) > MOST_HEARD:
            heard, self._heard = self._heard, []
            self._write([write_serial(each) for each in heard])

    # ── parts ───────────────────────────────────────────────────────────────────────────────

    def between(self, wiring: Wiring[State]) -> Wiring[State]:
        """Note what is done to the parts of *wiring*, and what they answer."""
        self._clock = FrozenClock(wiring.clock)
        indicator = wiring.indicator

        def keep(save: Save) -> None:
            wiring.keep(save)
            self._saved(save)

        def record(row: Record) -> None:
            wiring.record(row)
            self._note("record", row)

        def rescale(factors: Factors) -> None:
            wiring.rescale(factors)
            self._note("rescale", factors)

        def tell(name: str, effect: Log) -> None:
            wiring.tell(name, effect)
            self._note("log", effect)

        return replace(
            wiring,
            outputs={MAIN: _Relay(cast("Relay", wiring.outputs[MAIN]), self._note)},
            indicator=None if indicator is None else _Indicator(indicator, self._note),
            clock=self._clock,
            keep=keep,
            record=record,
            rescale=rescale,
            tell=tell,
        )

    def _saved(self, save: Save) -> None:
        self._message = None
        self._came.append(
            lambda: {
                "save": save.cause,
                "total_mj": save.total_mj,
                "state": digest(save.saved),
            }
        )

    def told(self, sinks: Mapping[str, Sink]) -> Mapping[str, Sink]:
        """Note what is told to *sinks*."""

        def told(name: str, sink: Sink) -> Sink:
            def take(message: Uplink) -> None:
                sink(message)
                self._told(name, message)

            return take

        return {name: told(name, sink) for name, sink in sinks.items()}

    def _told(self, name: str, message: Uplink) -> None:
        """Write a message that goes to several clouds once."""
        if self._message is not None and self._message[0] is message:
            self._message[1].append(name)
            return
        names = [name]
        self._came.append(lambda: {"tell": names, "message": tagged(message)})
        self._message = message, names


class FrozenClock:
    """A clock that stands still during a turn, and remembers what it was asked."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._at: float | None = None
        self._stamp: Stamp | None = None

    def freeze(self) -> None:
        """Stand still from now on."""
        self._at, self._stamp = self._clock.now(), None

    def thaw(self) -> Moment:
        """Go on; tell what was said meanwhile."""
        assert self._at is not None, "it stood still"
        moment = Moment(at=self._at, stamp=self._stamp)
        self._at = None
        return moment

    def now(self) -> float:
        """Monotonic seconds."""
        return self._clock.now() if self._at is None else self._at

    def stamp(self) -> Stamp:
        """Tell the moment: one and the same during a turn."""
        if self._at is None:
            return self._clock.stamp()
        if self._stamp is None:
            self._stamp = self._clock.stamp()
        return self._stamp

    def wall_time(self) -> float | None:
        """Unix seconds, or None while the clock is not trusted."""
        return self.stamp().wall_time

    def since_boot(self) -> float:
        """Seconds since the machine booted."""
        return self.stamp().at

    def wall_time_at(self, at: float) -> float | None:
        """Unix seconds of the moment *at* of this boot."""
        if self._at is None:
            return self._clock.wall_time_at(at)
        return carried(self.stamp(), at)

    def learn(self, wall_time: float) -> None:
        """Pass a platform's time on."""
        self._clock.learn(wall_time)

    def tls_is_possible(self) -> bool:
        """Tell whether the clock can check a certificate."""
        return self._clock.tls_is_possible()

    async def sleep(self, seconds: float) -> None:
        """Wait."""
        await self._clock.sleep(seconds)


class _Relay:
    """A relay whose drives are noted, with what it refused."""

    def __init__(self, relay: Relay, note: Callable[..., None]) -> None:
        self._relay = relay
        self._note = note

    @property
    def line(self) -> Line | None:
        return self._relay.line

    @property
    def descriptor(self) -> int | None:
        return self._relay.descriptor

    def set(self, *, on: bool) -> None:
        try:
            self._relay.set(on=on)
        except DriverError as error:
            self._note("relay", on, error=str(error))
            raise
        self._note("relay", on)


class _Indicator:
    """A light whose colours are noted, with what it refused."""

    def __init__(self, indicator: Indicator, note: Callable[..., None]) -> None:
        self._indicator = indicator
        self._note = note

    def show(self, color: Color) -> None:
        shown = f"#{color.red:02x}{color.green:02x}{color.blue:02x}"
        try:
            self._indicator.show(color)
        except DriverError as error:
            self._note("light", shown, error=str(error))
            raise
        self._note("light", shown)
