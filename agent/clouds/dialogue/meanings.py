"""What a codec makes of the downlinks of a recording."""

from collections.abc import Iterator
from dataclasses import replace

from agent.clouds.dialogue.lines import Dialogue, Heard
from agent.clouds.dialogue.neutral import DialogueError, meaning
from agent.ports import Codec


def with_meanings(dialogue: Dialogue, codec: Codec) -> Dialogue:
    """Write beside each downlink what *codec* makes of it."""
    lines = tuple(
        replace(line, means=meaning(codec, line.topic, line.payload))
        if isinstance(line, Heard)
        else line
        for line in dialogue.lines
    )
    return replace(dialogue, lines=lines)


def check_meanings(dialogue: Dialogue, codec: Codec) -> None:
    """Compare what *codec* makes of each downlink with what was recorded; raise `DialogueError`."""
    for number, recorded, found in _compared(dialogue, codec):
        if found != recorded:
            raise DialogueError(f"line {number}: means now {found}; recorded {recorded}")


def _compared(dialogue: Dialogue, codec: Codec) -> Iterator[tuple[int, object, object]]:
    for number, line in enumerate(dialogue.lines, start=2):
        if isinstance(line, Heard):
            yield number, line.means, meaning(codec, line.topic, line.payload)
