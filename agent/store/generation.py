"""A generation of a device's saved JSON: one text that says what it is and proves itself whole.

`polycloud:1:DEVICE:SEQUENCE:LENGTH:CRC:JSON`, where DEVICE is percent-encoded, LENGTH counts the
bytes of JSON, and CRC (8 hex digits) is zlib's crc32 of the device, the sequence and JSON, with
zero bytes between. It is found among any garbage, and nothing else in the file looks like it.
"""

import json
import re
import zlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Final
from urllib.parse import quote, unquote

from agent.model import Condition
from agent.store.contents import Kept

MARK: Final = "polycloud:1:"
HEADER: Final = re.compile(
    rb"polycloud:1:([A-Za-z0-9_.~%-]{1,400}):([0-9]{1,18}):([0-9]{1,8}):([0-9a-f]{8}):"
)
SLOTS: Final = (0, 1)
MAX_LENGTH: Final = 1 << 24


@dataclass(frozen=True, slots=True, kw_only=True)
class Generation:
    """One valid generation."""

    device: str
    sequence: int
    text: str


def to_json(value: object) -> str:
    """Write JSON in which nothing looks like a generation, whatever texts it holds."""
    return json.dumps(value).replace("polycloud:", "polycloud\\u003a")


def crc_of(device: str, sequence: int, text: str) -> int:
    """Prove that these three belong together."""
    return zlib.crc32(f"{device}\0{sequence}\0{text}".encode())


def written(device: str, sequence: int, text: str) -> str:
    """Write a generation down."""
    length = len(text.encode())
    name = quote(device, safe="")
    return f"{MARK}{name}:{sequence}:{length}:{crc_of(device, sequence, text):08x}:{text}"


def parse(data: bytes, at: int = 0) -> Generation | None:
    """Read the generation that begins at *at*; None unless it is there, whole and true."""
    header = HEADER.match(data, at)
    if header is None:
        return None
    length = int(header[3])
    body = data[header.end() : header.end() + length]
    if length > MAX_LENGTH or len(body) != length:
        return None
    try:
        device, text = unquote(header[1].decode(), errors="strict"), body.decode()
    except UnicodeDecodeError:
        return None
    sequence = int(header[2])
    if crc_of(device, sequence, text) != int(header[4], 16):
        return None
    return Generation(device=device, sequence=sequence, text=text)


def scan(data: bytes) -> Iterator[Generation]:
    """Find every valid generation in *data*, whatever lies around it."""
    mark = MARK.encode()
    at = data.find(mark)
    while at >= 0:
        found = parse(data, at)
        if found is not None:
            yield found
        at = data.find(mark, at + 1)


def newest(generations: Iterable[Generation]) -> dict[str, Generation]:
    """Choose, for each device, the one of the highest sequence."""
    chosen: dict[str, Generation] = {}
    for each in generations:
        known = chosen.get(each.device)
        if known is None or each.sequence > known.sequence:
            chosen[each.device] = each
    return chosen


@dataclass(frozen=True, slots=True, kw_only=True)
class Slot:
    """One row of the table as it was read; each field is what the disk says."""

    slot: int
    sequence: int
    crc: int
    saved: str

    def generation(self, device: str) -> Generation | None:
        """Give what it holds, where the row and its text agree about everything."""
        found = parse(self.saved.encode(errors="replace"))
        if found is None or (found.device, found.sequence) != (device, self.sequence):
            return None
        return found if crc_of(device, found.sequence, found.text) == self.crc else None


def choose(device: str, slots: Iterable[Slot]) -> Kept:
    """Take the newest valid generation; say so where a newer one may have been damaged."""
    valid: dict[int, Generation] = {}
    damaged: list[int] = []
    for each in slots:
        found = each.generation(device)
        if found is None:
            damaged.append(each.sequence)
        else:
            valid[each.slot] = found
    if not valid:
        return Kept(text=None, sequence=0, condition=Condition.LOST)
    slot, best = max(valid.items(), key=lambda item: item[1].sequence)
    kept = Kept(text=best.text, sequence=best.sequence, slot=slot if slot in SLOTS else None)
    if all(sequence == best.sequence - 1 for sequence in damaged):
        return kept
    # The damaged one had the next sequence: what is saved now must be above that.
    return replace(kept, sequence=best.sequence + 1, condition=Condition.OLDER)
