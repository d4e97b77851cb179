"""Generations that are longer than a page: SQLite keeps the rest of a row in other pages.

A page of the table holds the beginning and the number of the next page; that one begins with the
number of its next, 0 in the last. Where the beginning ends is not told: each place is tried, and
the generation proves itself.
"""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import BinaryIO, Final

import structlog

from agent.store.generation import HEADER, MARK, Generation, parse

log = structlog.get_logger()

PAGE: Final = 4_096
"""SQLite's own size; no file has another."""

MOST_PAGES: Final = 1 << 24
"""64 GiB; the text of a state, read as a number, is more."""

NUMBER: Final = 4
LOG_HEAD: Final = 32
FRAME_HEAD: Final = 24
FRAME: Final = FRAME_HEAD + PAGE

Page = Callable[[int], bytes]
"""Gives a page by its number, from 1 on; empty where there is none."""


def in_pieces(path: Path) -> Iterator[Generation]:
    """Find the valid generations that stand in more than one page of the file and its log."""
    try:
        with path.open("rb", buffering=0) as file:
            yield from _of_file(file, path.stat().st_size)
            logged = Path(f"{path}-wal")
            if logged.exists():
                with logged.open("rb", buffering=0) as frames:
                    yield from _of_log(frames, logged.stat().st_size, _pages_of(file))
    except OSError as error:
        log.warning("store.unreadable", file=str(path), at=0, error=str(error))


def _of_file(file: BinaryIO, size: int) -> Iterator[Generation]:
    page = _pages_of(file)
    for number in range(1, size // PAGE + 1):
        yield from _begun(page(number), page)


def _of_log(frames: BinaryIO, size: int, page: Page) -> Iterator[Generation]:
    """Look at each commit with the pages as they were then: what it left alone is older."""
    places: dict[int, int] = {}
    commit: list[int] = []

    def as_of_then(number: int) -> bytes:
        return _read(frames, places[number], PAGE) if number in places else page(number)

    for at in range(LOG_HEAD, size - FRAME + 1, FRAME):
        head = _read(frames, at, FRAME_HEAD)
        number = _number(head)
        places[number] = at + FRAME_HEAD
        commit.append(number)
        if _number(head[NUMBER:]):  # the last of a commit tells the size of the file
            for each in commit:
                yield from _begun(as_of_then(each), as_of_then)
            commit.clear()


def _begun(data: bytes, page: Page) -> Iterator[Generation]:
    """Find the generations that begin in *data* and end elsewhere."""
    mark = MARK.encode()
    at = data.find(mark)
    while at >= 0:
        header = HEADER.match(data, at)
        if header is not None and header.end() + int(header[3]) > len(data):
            yield from _gathered(data[at:], header.end() - at, int(header[3]), page)
        at = data.find(mark, at + 1)


def _gathered(data: bytes, body_at: int, length: int, page: Page) -> Iterator[Generation]:
    """Try each place at which *data* may go over into another page, until one proves right."""
    for end in range(body_at, len(data) - NUMBER + 1):
        following = _number(data[end : end + NUMBER])
        is_page = 0 < following < MOST_PAGES
        rest = _chained(following, body_at + length - end, page) if is_page else None
        found = None if rest is None else parse(data[:end] + rest)
        if found is not None:
            yield found
            return


def _chained(number: int, left: int, page: Page) -> bytes | None:
    """Follow the pages from *number* on; None unless they end where the text does."""
    parts: list[bytes] = []
    while left > 0 and number:
        data = page(number)
        if len(data) < PAGE:
            return None
        parts.append(data[NUMBER : NUMBER + left])
        left -= PAGE - NUMBER
        number = _number(data)
    return b"".join(parts) if left <= 0 and not number else None


def _number(data: bytes) -> int:
    return int.from_bytes(data[:NUMBER])


def _pages_of(file: BinaryIO) -> Page:
    return lambda number: _read(file, (number - 1) * PAGE, PAGE)


def _read(file: BinaryIO, at: int, length: int) -> bytes:
    """Read a piece; empty where the disk does not give it."""
    try:
        file.seek(at)
        return file.read(length)
    except (OSError, OverflowError, ValueError):
        return b""
