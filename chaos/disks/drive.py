"""`python -m chaos.disks.drive FOLDER LOG [IMAGE]`: a FUSE file system that logs what is done.

Looking for `.mark-TEXT` in it puts a mark into the log; looking for `.fault-NAME` makes it
misbehave from then on: `none`, `full`, `readonly`, or `slow-S` for S seconds in every sync.
"""

import errno
import os
import stat
import sys
import time
from pathlib import Path
from typing import Any, Final, TextIO

import mfusepy  # type: ignore[import-untyped, unused-ignore]

from chaos.disks.disk import Files, Kind, Operation, loaded

MARK: Final = "/.mark-"
FAULT: Final = "/.fault-"
BLOCK: Final = 4096
BLOCKS: Final = 1 << 20

Attributes = dict[str, int]


class Drive(mfusepy.Operations):  # type: ignore[misc, unused-ignore]
    """Files in memory; every change is a line of *log* before it is done."""

    use_ns = True

    def __init__(self, files: Files, log: TextIO) -> None:
        self._files = files
        self._log = log
        self._next = max(files.contents, default=0) + 1
        self._fault = "none"
        self._sync_s = 0.0

    # ── looking ─────────────────────────────────────────────────────────────────────────────

    def getattr(self, path: str, fh: int | None = None) -> Attributes:
        """Describe a file, or take a mark or a fault."""
        owner = {"st_uid": os.getuid(), "st_gid": os.getgid()}
        if path == "/":
            return {"st_mode": stat.S_IFDIR | 0o755, "st_nlink": 2, **owner}
        if path.startswith(MARK):
            self._note(Operation(kind=Kind.MARK, name=path.removeprefix(MARK)))
        elif path.startswith(FAULT):
            self._misbehave(path.removeprefix(FAULT))
        size = len(self._files.contents[self._inode(path, fh)])
        return {
            "st_mode": stat.S_IFREG | 0o644,
            "st_nlink": 1,
            "st_size": size,
            "st_blocks": -(-size // 512),
            **owner,
        }

    def readdir(self, path: str, fh: int) -> list[str]:
        """List the one folder."""
        del path, fh
        return [".", "..", *(name[1:] for name in self._files.names)]

    def statfs(self, path: str) -> dict[str, int]:
        """Tell that there is room, or none."""
        del path
        free = 0 if self._fault == "full" else BLOCKS
        room = {"f_bfree": free, "f_bavail": free}
        return {"f_bsize": BLOCK, "f_frsize": BLOCK, "f_blocks": BLOCKS, **room}

    def open(self, path: str, flags: int) -> int:
        """Open a file."""
        if flags & os.O_ACCMODE != os.O_RDONLY:
            self._refuse_if_readonly()
        return self._inode(path)

    def read(self, path: str, size: int, offset: int, fh: int) -> bytes:
        """Read."""
        del path
        return bytes(self._files.contents[fh][offset : offset + size])

    # ── changing ────────────────────────────────────────────────────────────────────────────

    def create(self, path: str, mode: int, fi: int | None = None) -> int:
        """Make an empty file."""
        del mode, fi
        self._refuse_if_bad()
        inode, self._next = self._next, self._next + 1
        self._do(Operation(kind=Kind.CREATE, name=path, inode=inode))
        return inode

    def write(self, path: str, data: bytes, offset: int, fh: int) -> int:
        """Write."""
        self._refuse_if_bad()
        self._do(Operation(kind=Kind.WRITE, name=path, inode=fh, size=offset, data=data))
        return len(data)

    def truncate(self, path: str, length: int, fh: int | None = None) -> int:
        """Make a file longer or shorter."""
        self._refuse_if_readonly()
        inode = self._inode(path, fh)
        self._do(Operation(kind=Kind.TRUNCATE, name=path, inode=inode, size=length))
        return 0

    def rename(self, old: str, new: str) -> int:
        """Give a file another name."""
        self._refuse_if_readonly()
        self._do(Operation(kind=Kind.RENAME, name=old, new_name=new))
        return 0

    def unlink(self, path: str) -> int:
        """Take a name away."""
        self._refuse_if_readonly()
        self._inode(path)
        self._do(Operation(kind=Kind.UNLINK, name=path))
        return 0

    def fsync(self, path: str, datasync: int, fh: int) -> int:
        """Sync a file, in its own time."""
        del datasync
        self._refuse_if_readonly()
        time.sleep(self._sync_s)
        self._do(Operation(kind=Kind.SYNC, name=path, inode=fh))
        return 0

    def fsyncdir(self, path: str, datasync: int, fh: int) -> int:
        """Sync the folder."""
        del datasync, fh
        time.sleep(self._sync_s)
        self._do(Operation(kind=Kind.SYNC_FOLDER, name=path))
        return 0

    def chmod(self, path: str, mode: int) -> int:
        """Take a mode, and forget it."""
        del path, mode
        self._refuse_if_readonly()
        return 0

    def chown(self, path: str, uid: int, gid: int) -> int:
        """Take an owner, and forget it."""
        del path, uid, gid
        self._refuse_if_readonly()
        return 0

    def utimens(self, path: str, times: Any = None) -> int:  # noqa: ANN401 - the library's
        """Take times, and forget them."""
        del path, times
        return 0

    # ── inside ──────────────────────────────────────────────────────────────────────────────

    def _inode(self, path: str, fh: int | None = None) -> int:
        inode = fh or self._files.names.get(path)
        if inode is None:
            raise OSError(errno.ENOENT, "no such file")
        return inode

    def _do(self, operation: Operation) -> None:
        self._note(operation)
        self._files.apply(operation)

    def _note(self, operation: Operation) -> None:
        self._log.write(operation.line() + "\n")
        self._log.flush()

    def _misbehave(self, name: str) -> None:
        self._fault, _, seconds = name.partition("-")
        self._sync_s = float(seconds or 0)

    def _refuse_if_bad(self) -> None:
        self._refuse_if_readonly()
        if self._fault == "full":
            raise OSError(errno.ENOSPC, "the disk is full")

    def _refuse_if_readonly(self) -> None:
        if self._fault == "readonly":
            raise OSError(errno.EROFS, "the disk is read-only")


def main(folder: str, log: str, image: str | None = None) -> None:
    """Serve *folder* until it is unmounted."""
    found = {} if image is None else {f"/{p.name}": p.read_bytes() for p in Path(image).iterdir()}
    with Path(log).open("a", encoding="ascii") as file:
        drive = Drive(loaded(found), file)
        mfusepy.FUSE(drive, folder, foreground=True, nothreads=True, fsname="polycloud-chaos")


if __name__ == "__main__":
    main(*sys.argv[1:])
