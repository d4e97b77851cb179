"""A disk that writes down every operation, and what of them is left when it is cut off.

Pure: the same operations give the same disks. Names are absolute, `/` is the only folder.
"""

import json
import random
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from enum import StrEnum
from typing import Final

SECTOR: Final = 512

Image = Mapping[str, bytes]
"""Files by name."""


class Kind(StrEnum):
    """What was done; a mark is the caller's own, and changes nothing."""

    CREATE = "create"
    WRITE = "write"
    TRUNCATE = "truncate"
    SYNC = "sync"
    SYNC_FOLDER = "sync_folder"
    RENAME = "rename"
    UNLINK = "unlink"
    MARK = "mark"


@dataclass(frozen=True, slots=True, kw_only=True)
class Operation:
    """One operation; *size* is where a write begins, or how long a truncated file is."""

    kind: Kind
    name: str = ""
    inode: int = 0
    size: int = 0
    data: bytes = b""
    new_name: str = ""

    def line(self) -> str:
        """Write it as one line."""
        return json.dumps({**asdict(self), "data": self.data.hex()})

    @staticmethod
    def read(line: str) -> "Operation":
        """Read what `line` wrote."""
        fields = json.loads(line)
        fields["kind"] = Kind(fields["kind"])
        fields["data"] = bytes.fromhex(fields["data"])
        return Operation(**fields)


@dataclass(slots=True)
class Files:
    """Contents by inode, and the names that lead to them."""

    names: dict[str, int] = field(default_factory=dict[str, int])
    contents: dict[int, bytearray] = field(default_factory=dict[int, bytearray])

    def apply(self, operation: Operation) -> None:
        """Do what *operation* says."""
        match operation.kind:
            case Kind.CREATE:
                self.names[operation.name] = operation.inode
                self.contents[operation.inode] = bytearray()
            case Kind.WRITE:
                put(self.contents[operation.inode], operation.size, operation.data)
            case Kind.TRUNCATE:
                cut(self.contents[operation.inode], operation.size)
            case Kind.RENAME:
                self.names[operation.new_name] = self.names.pop(operation.name)
            case Kind.UNLINK:
                del self.names[operation.name]
            case Kind.SYNC | Kind.SYNC_FOLDER | Kind.MARK:
                return

    def image(self) -> Image:
        """Tell what a reader finds."""
        return {name: bytes(self.contents[inode]) for name, inode in self.names.items()}


def put(content: bytearray, offset: int, data: bytes) -> None:
    """Write *data* at *offset*; what was skipped reads as zeros."""
    cut(content, max(len(content), offset + len(data)))
    content[offset : offset + len(data)] = data


def cut(content: bytearray, size: int) -> None:
    """Make *content* that long."""
    del content[size:]
    content.extend(bytes(size - len(content)))


def loaded(image: Image) -> Files:
    """Make files of an image, numbered from 1."""
    files = Files()
    for inode, (name, content) in enumerate(sorted(image.items()), start=1):
        files.names[name] = inode
        files.contents[inode] = bytearray(content)
    return files


class Variant(StrEnum):
    """How the cut treats what was not synced."""

    PROCESS = "process dies, disk lives"
    SYNCED = "only what was synced"
    SYNCED_NAMES = "only synced data and names"
    TORN = "some unsynced sectors"


class Cut:
    """Follows operations, and tells at any moment what a cut would leave."""

    def __init__(self, image: Image | None = None) -> None:
        self._now = loaded(image or {})
        self._synced = {inode: bytes(data) for inode, data in self._now.contents.items()}
        self._journal = dict(self._now.names)
        self._strict = dict(self._now.names)
        self._loose: list[Operation] = []

    def apply(self, operation: Operation) -> None:
        """Go on by one operation."""
        self._now.apply(operation)
        match operation.kind:
            case Kind.SYNC:
                self._synced[operation.inode] = bytes(self._now.contents[operation.inode])
                self._loose = [each for each in self._loose if each.inode != operation.inode]
                self._journal = dict(self._now.names)
            case Kind.SYNC_FOLDER:
                self._journal = self._strict = dict(self._now.names)
            case Kind.WRITE | Kind.TRUNCATE:
                self._loose.append(operation)
            case _:
                return

    def image(self, variant: Variant, seed: int = 0) -> Image:
        """Tell what is left if everything stops now.

        A name is on the disk when its folder was synced; a file system with a journal also
        writes the names that came before, with any file's sync. Sectors are whole or not there.
        """
        match variant:
            case Variant.PROCESS:
                return self._now.image()
            case Variant.SYNCED:
                return self._left(self._journal, self._synced)
            case Variant.SYNCED_NAMES:
                return self._left(self._strict, self._synced)
            case Variant.TORN:
                return self._torn(random.Random(seed))  # noqa: S311 - to be repeated, no secret

    def _left(self, names: Mapping[str, int], contents: Mapping[int, bytes]) -> Image:
        return {name: contents.get(inode, b"") for name, inode in names.items()}

    def _torn(self, chance: random.Random) -> Image:
        contents = {inode: bytearray(data) for inode, data in self._synced.items()}
        for operation in self._loose:
            content = contents.setdefault(operation.inode, bytearray())
            if operation.kind is Kind.TRUNCATE:
                if chance.random() < 0.5:
                    cut(content, operation.size)
                continue
            for offset, sector in _sectors(operation):
                if chance.random() < 0.5:
                    put(content, offset, sector)
        names = self._now.names if chance.random() < 0.5 else self._journal
        return self._left(names, {inode: bytes(data) for inode, data in contents.items()})


def _sectors(operation: Operation) -> Iterator[tuple[int, bytes]]:
    """Split a write where the disk's sectors end."""
    at, end = operation.size, operation.size + len(operation.data)
    while at < end:
        until = min(end, (at // SECTOR + 1) * SECTOR)
        yield at, operation.data[at - operation.size : until - operation.size]
        at = until


def read_log(text: str) -> Sequence[Operation]:
    """Read a log; a last line that was cut short is left out."""
    whole = text[: text.rfind("\n") + 1]
    return [Operation.read(line) for line in whole.splitlines()]
