"""Wait for one blocking call in a thread of its own, which never holds up the exit."""

import asyncio
import threading
from collections.abc import Callable

from agent.errors import TransportError


def in_thread(function: Callable[[], None], name: str) -> asyncio.Future[None]:
    """Run *function*; the future has its `OSError`, `ValueError` or `RuntimeError`.

    The thread is a daemon: a connect that hangs must not keep the process alive.
    """
    loop = asyncio.get_running_loop()
    future: asyncio.Future[None] = loop.create_future()

    def settle(error: Exception | None) -> None:
        if future.done():
            return
        if error is None:
            future.set_result(None)
        else:
            future.set_exception(error)

    def work() -> None:
        error: Exception | None = TransportError(f"the thread {name} ended without a result")
        try:
            function()
            error = None
        except (OSError, ValueError, RuntimeError, TransportError) as caught:
            error = caught
        finally:
            if not loop.is_closed():
                loop.call_soon_threadsafe(settle, error)

    threading.Thread(target=work, name=name, daemon=True).start()
    return future
