"""A connection that must not come about, and the error that says why."""

import asyncio

import pytest

from agent.clouds.mqtt import MqttTransport
from agent.errors import TransportError
from tests.clouds.brokers import params


async def refusal(port, **changes):
    with pytest.raises(TransportError) as caught:
        async with asyncio.timeout(10), MqttTransport().connect(params(port, **changes)):
            pytest.fail("connected")
    return caught.value
