"""A recording as a short story: what a person would have noticed."""

import json
import time
from collections.abc import Callable, Iterator, Mapping
from typing import Final, cast

from agent.cli.asking import Row, row
from agent.cli.journal import happening
from agent.devices.inputs import ButtonEdge, LinkChanged, Toggle
from agent.messages import ActionCall, Command
from agent.model import Origin
from agent.recording.lines import Header, Line, Recording, Serial, Taken
from agent.recording.turns import Clouds, Reloaded, Stopped, Turn

LONGEST_REPORT: Final = 160


def story(recording: Recording) -> list[str]:
    """Tell it, a line for each thing that happened; times are those since the beginning."""
    header = recording.header
    lines = [_beginning(header)]
    for line in recording.lines:
        if isinstance(line, Serial):
            told = ["the meter's port was opened"] if line.data is None else []
        elif isinstance(line, Taken):
            told = [*_entered(line.turn), *(each for came in line.came for each in _came(came))]
        else:
            told = [f"ended: {line.why}"]
        lines += [f"{_since(line, header)}  {each}" for each in told]
    if recording.end is None:
        lines.append("the file is cut here")
    return lines


def _beginning(header: Header) -> str:
    made = time.strftime("%Y-%m-%d %H:%M:%S UTC", time.gmtime(header.made))
    trust = "" if header.is_trusted else ", by a clock that was not trusted"
    state = header.state
    trip = "" if state.trip is None else f", tripped: {state.trip.describe()}"
    clouds = ", ".join(header.clouds) or "no cloud"
    return (
        f"{header.kind} {header.device}, agent {header.agent}, recorded {made}{trust};"
        f" {'on' if state.relay_on else 'off'}{trip}; {clouds}"
    )


def _since(line: Line, header: Header) -> str:
    at = line.moment.at if isinstance(line, Taken) else line.at
    return " " * 13 if at is None else f"{at - header.at:+11.3f} s"


def _entered(turn: Turn) -> Iterator[str]:
    match turn:
        case Command(origin=origin, request=request):
            live = "" if request.is_live else ", stored"
            what = request.name if isinstance(request, ActionCall) else ""
            values = ", ".join(f"{name} = {value}" for name, value in request.values.items())
            yield f"{_who(origin)} asks: {f'{what} {values}'.strip()} ({request.request_id}{live})"
        case Toggle(origin=origin):
            yield f"{_who(origin)} asks: toggle"
        case ButtonEdge(is_pressed=is_pressed):
            yield f"button {'pressed' if is_pressed else 'released'}"
        case LinkChanged(cloud=cloud, is_up=is_up):
            yield f"cloud {cloud} {'up' if is_up else 'down'}"
        case Reloaded():
            yield "reloaded"
        case Clouds(names=names):
            yield f"reports go to: {', '.join(names) or 'nobody'}"
        case Stopped():
            yield "the service stops"
        case _:
            return


def _who(origin: Origin) -> str:
    return f"{origin.kind.value} {origin.name}"


def _came(text: str) -> Iterator[str]:
    body = cast("Row", json.loads(text))
    kind = next(iter(body))
    if kind in _TOLD:
        yield _TOLD[kind](body)


def _relay(body: Row) -> str:
    failed = f", which FAILED: {body['error']}" if "error" in body else ""
    return f"  relay {'on' if body['relay'] else 'off'}{failed}"


def _answer(body: Row) -> str:
    refusal = row(row(body["answer"]).get("refusal"))
    return f"  answered: {'REFUSED: ' + str(refusal.get('reason')) if refusal else 'done'}"


def _record(body: Row) -> str:
    return f"  {happening(row(body['record']))}"


def _log(body: Row) -> str:
    log = row(body["log"])
    return f"  {log.get('event')}: {_values(row(log.get('details')))}"


def _tell(body: Row) -> str:
    message = row(body["message"])
    what = f"event {message['name']}" if "name" in message else "report"
    names = ", ".join(map(str, cast("list[object]", body["tell"])))
    text = f"  {what} to {names}: {_values(row(message.get('values')))}"
    return text if len(text) <= LONGEST_REPORT else text[: LONGEST_REPORT - 1] + "…"


def _values(values: Mapping[str, object]) -> str:
    return ", ".join(f"{name} {value}" for name, value in values.items())


def _bug(body: Row) -> str:
    return f"  BUG: {body['bug']}"


_TOLD: Final[Mapping[str, Callable[[Row], str]]] = {
    "relay": _relay,
    "answer": _answer,
    "record": _record,
    "log": _log,
    "tell": _tell,
    "bug": _bug,
}
