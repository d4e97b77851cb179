"""What a person has changed is answered when it is on the disk, or with the word that it is not."""

from collections.abc import Awaitable, Callable, Coroutine, Mapping

Kept = Callable[[], Awaitable[bool]]
"""Waits a moment for the disk; tells whether it has all that was handed in."""


def when_kept(told: Mapping[str, object], kept: Kept) -> Coroutine[None, None, object]:
    """Answer an edit that is done already: whoever asks no longer loses nothing of it."""

    async def answer() -> object:
        return {**told, "is_kept": await kept()}

    return answer()
