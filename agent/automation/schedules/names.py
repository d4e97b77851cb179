"""What a schedule may be called."""

import re
from typing import Final

NAME_ALLOWED: Final = "1 to 32 of a-z, 0-9, '_' and '-', first a letter"

_NAME: Final = re.compile(r"[a-z][a-z0-9_-]{0,31}", re.ASCII)


def is_name(text: str) -> bool:
    """Tell whether it can name a schedule."""
    return _NAME.fullmatch(text) is not None
