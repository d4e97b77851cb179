"""A loop on which no connection leaves an exception behind, for the tests that ask for it."""

import asyncio

import pytest


@pytest.fixture
async def quiet_loop():
    """No connection may leave an exception behind that nobody looks at."""
    complaints = []
    loop = asyncio.get_running_loop()
    loop.set_exception_handler(lambda _loop, context: complaints.append(context))
    yield
    assert complaints == []
