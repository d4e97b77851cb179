"""Skips a test that this machine cannot run, and says what it lacks."""

import pytest

from chaos.clocks.faked import library
from chaos.disks.mounts import need_fuse, need_root
from chaos.report import MissingError


def needs(check):
    try:
        check()
    except MissingError as missing:
        return pytest.mark.skip(reason=f"needs {missing}")
    return pytest.mark.skipif(condition=False, reason="")


needs_fuse = needs(need_fuse)
needs_root = needs(need_root)
needs_faketime = needs(library)
