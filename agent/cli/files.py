"""Write files whole or not at all."""

import os
import pwd
import tempfile
from pathlib import Path
from typing import Final

SERVICE_USER: Final = "polycloud"


def write_whole(path: Path, text: str, mode: int) -> None:
    """Put *text* at *path* in one step; what was there stays until then. Raise `OSError`."""
    descriptor, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    draft = Path(name)
    try:
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            os.fchmod(descriptor, mode)
            file.write(text)
            file.flush()
            os.fsync(descriptor)
        draft.replace(path)
    finally:
        draft.unlink(missing_ok=True)


def give_to_service(path: Path) -> bool:
    """Let the service's user read a file that root made; tell whether there is such a user."""
    if os.geteuid() != 0:
        return False
    try:
        user = pwd.getpwnam(SERVICE_USER)
    except KeyError:
        return False
    os.chown(path, user.pw_uid, user.pw_gid)
    return True
