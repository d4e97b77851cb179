"""Runs a recording through the code of the agent, and compares what comes with what came."""

from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

from pydantic import ValidationError

from agent.app.policies import policy_of
from agent.devices.effects import MAIN
from agent.devices.inputs import Measured
from agent.devices.socket.socket import Socket
from agent.devices.socket.state import State
from agent.drivers.hlw8032.decoder import Coefficients, Decoder
from agent.drivers.hlw8032.frame import Frame
from agent.drivers.hlw8032.framer import Framer
from agent.model import Factors, Reading
from agent.recording.forms import RecordingError, digest
from agent.recording.lines import End, Header, Recording, Serial, Taken
from agent.recording.text import write_end, write_serial
from agent.recording.turns import Clouds, Doubted, FromBytes, Reloaded, Stopped, Woken
from agent.replay.script import Script
from agent.runtime import Runtime
from agent.settings.device import SocketSettings
from agent.tap import SocketTap
from agent.wiring import Sink, Wiring

NOTHING: Final = "nothing"


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """Where a replay parts from its recording; `line` is the line of the input in the file."""

    line: int
    at: float | None
    turn: str
    expected: str
    got: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Replayed:
    """How a replay went: so many inputs were given, and so many decisions were the same."""

    inputs: int
    decisions: int
    difference: Difference | None = None


def replay(recording: Recording) -> Replayed:
    """Run *recording* up to its end or to the first difference; raise `RecordingError`."""
    player = Player(recording.header)
    inputs = decisions = 0
    last = recording.lines[-1] if recording.lines else None
    number = 1
    for line in recording.lines:
        difference: Difference | None = None
        if isinstance(line, Serial):
            difference = player.hear(line, number)
        elif isinstance(line, End):
            difference = player.end(line, number)
        else:
            inputs, number = inputs + 1, line.number
            got = player.take(line)
            difference = _difference(line, got, is_cut=line is last)
            decisions += len(line.came)
        if difference is not None:
            return Replayed(inputs=inputs, decisions=decisions, difference=difference)
    return Replayed(inputs=inputs, decisions=decisions)


def rewritten(recording: Recording, text: str) -> str:
    """Write *text*, the file of *recording*, anew: what came is what comes now."""
    player = Player(recording.header)
    rows = text.split("\n")
    lines = [rows[0]]
    for line in recording.lines:
        if isinstance(line, Serial):
            player.hear(line, 0)
            lines.append(write_serial(line))
        elif isinstance(line, Taken):
            lines += [rows[line.number - 1], *player.take(line)]
        else:
            state = None if line.state is None else player.state
            lines.append(write_end(replace(line, state=state)))
    return "".join(f"{line}\n" for line in lines)


def _difference(line: Taken, got: Sequence[str], *, is_cut: bool) -> Difference | None:
    """Compare what came, text by text; after a cut more may have come than was written."""
    expected = line.came
    pairs = list(zip(expected, got, strict=False))
    first = next((n for n, (old, new) in enumerate(pairs) if old != new), len(pairs))
    if first == len(expected) and (first == len(got) or is_cut):
        return None
    return Difference(
        line=line.number,
        at=line.moment.at,
        turn=type(line.turn).__name__,
        expected=expected[first] if first < len(expected) else NOTHING,
        got=got[first] if first < len(got) else NOTHING,
    )


class Player:
    """A device as it stood when a recording began, and what it hears and does from then on."""

    def __init__(self, header: Header) -> None:
        settings = _settings(header.settings, header.settings_hash, "line 1")
        device = Socket(settings=settings)
        script = Script(header.at)
        self._script = script
        self._line = Hearer(settings, header)
        self._block: list[str] = []
        wiring: Wiring[State] = Wiring(
            name=header.device,
            device=device,
            outputs={MAIN: script},
            indicator=None if settings.indicator.driver == "none" else script,
            clock=script,
            policy=policy_of(settings, device),
            keep=_ignore,
            record=_ignore,
            rescale=self._line.rescale,
            tell=_ignore,
        )
        self._runtime = Runtime(wiring, header.state, script)
        self._runtime.standing = header.standing
        self._runtime.sinks = _sinks(header.clouds)
        self._runtime.tap = SocketTap(self._take, heard_bytes=header.hearing is not None)

    def hear(self, line: Serial, number: int) -> Difference | None:
        """Take bytes of the meter; a reading before them that was recorded by nobody is odd."""
        difference = self._unheard(line.at, number)
        self._line.hear(line.data)
        return difference

    def take(self, line: Taken) -> Sequence[str]:
        """Let one input in, and tell the lines of what came."""
        self._script.begin(line.moment, line.came)
        self._block = []
        runtime = self._runtime
        match line.turn:
            case Woken():
                runtime.wake()
            case Doubted(output=output):
                runtime.doubt(output)
            case Stopped(keeps_policy=keeps_policy):
                runtime.stop(keeps_policy=keeps_policy)
            case Clouds(names=names):
                runtime.sinks = _sinks(names)
            case Reloaded(settings=found):
                settings = _settings(found, None, f"line {line.number}")
                device = Socket(settings=settings)
                runtime.reconfigure(device, policy_of(settings, device))
            case FromBytes():
                reading = self._line.next_reading()
                if reading is None:
                    return ["no reading: the bytes before make none"]
                runtime.dispatch(Measured(reading=reading))
            case _:
                runtime.dispatch(line.turn)
        return self._block

    @property
    def state(self) -> str:
        """The sum of the device's state."""
        return digest(self._runtime.state)

    def end(self, line: End, number: int) -> Difference | None:
        """Compare the last state."""
        if line.state is None or line.state == self.state:
            return self._unheard(line.at, number)
        expected = f"state {line.state}"
        return Difference(
            line=number, at=line.at, turn="end", expected=expected, got=f"state {self.state}"
        )

    def _unheard(self, at: float | None, number: int) -> Difference | None:
        if not self._line.is_waiting:
            return None
        got = "a reading that the recording has not"
        return Difference(line=number, at=at, turn="serial", expected=NOTHING, got=got)

    def _take(self, block: list[str]) -> None:
        self._block = block[1:]


class Hearer:
    """Makes readings of the meter's bytes, as its driver does."""

    def __init__(self, settings: SocketSettings, header: Header) -> None:
        meter, hearing = settings.meter, header.hearing
        self._configured = Coefficients(kv=meter.kv, ki=meter.ki, kp=meter.kp)
        self._factors = Factors() if hearing is None else hearing.factors
        self._waiting: deque[Frame] = deque()
        self._open()
        if hearing is not None:
            self._framer = Framer(hearing.framing)
            scale = self._configured.scaled(self._factors)
            self._decoder = Decoder(scale, hearing.decoding)

    @property
    def is_waiting(self) -> bool:
        """Tell whether a reading has been heard and not been taken."""
        return bool(self._waiting)

    def rescale(self, factors: Factors) -> None:
        """Decode with other factors from the next frame on."""
        self._factors = factors
        self._decoder.rescale(self._configured.scaled(factors))

    def hear(self, data: bytes | None) -> None:
        """Take bytes; None opens the port anew."""
        if data is None:
            self._open()
            return
        found = self._framer.feed(data)
        self._waiting.extend(each.frame for each in found if each.rejection is None)

    def next_reading(self) -> Reading | None:
        """Make the next reading; None where the bytes make none."""
        return self._decoder.decode(self._waiting.popleft()).reading if self._waiting else None

    def _open(self) -> None:
        self._framer = Framer()
        self._decoder = Decoder(self._configured.scaled(self._factors))
        self._waiting.clear()


def _settings(found: Mapping[str, object], expected: str | None, place: str) -> SocketSettings:
    if expected is not None and digest(found) != expected:
        raise RecordingError(
            f"{place}: settings_hash: found {expected[:20]!r}; allowed: {digest(found)}, the sum of"
            " the settings: they were changed after they had been recorded"
        )
    try:
        return SocketSettings.model_validate(found)
    except ValidationError as error:
        first = error.errors()[0]
        key = ".".join(map(str, first["loc"]))
        raise RecordingError(f"{place}: settings.{key}: {first['msg']}") from error


def _sinks(names: Sequence[str]) -> Mapping[str, Sink]:
    return dict.fromkeys(names, _ignore)


def _ignore(*_: object) -> None:
    """Take what a replay has no use for."""
