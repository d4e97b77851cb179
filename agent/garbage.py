"""When the process looks for garbage: hardly ever, as a look holds the loop and every relay."""

import gc
from collections.abc import Generator
from contextlib import contextmanager
from typing import Final

LEAST: Final = 2_000
EACH_DEVICE: Final = 60
"""How many objects more there must be than at the last look: about as many as a device has.

Each frame makes new values in place of those that were, so that a look meets every value of
every device, whatever the interpreter's own 700: 40 ms for a thousand of them. What has no more
use goes without a look, but for the few values that know each other, such as a failed task's.
"""


def rare(devices: int) -> None:
    """Look for garbage no more often than so many devices bear."""
    gc.set_threshold(max(LEAST, EACH_DEVICE * devices))


def settle() -> None:
    """Take what there is for what stays: no look comes upon it any more."""
    gc.freeze()


@contextmanager
def nothing_is_garbage() -> Generator[None]:
    """Do not look for garbage among what is made to stay, neither now nor later.

    Looking costs a start 7 % of its time, and a loop that waits for a frame up to 20 ms a time.
    """
    gc.disable()
    try:
        yield
        settle()
    finally:
        gc.enable()
