"""A program for a network of its own: a link whose packets vanish, as behind a dead modem."""

import asyncio
import sys

from agent.clouds.mqtt import MqttTransport
from agent.clouds.tcp import Bounds
from agent.errors import TransportError
from agent.ports import Publish
from tests.clouds.brokers import params, scripted

LOOPBACK = "ip link set lo up"
SWALLOW = (
    "nft add table inet dead",
    "nft add chain inet dead out { type filter hook output priority 0 ; }",
    "nft add rule inet dead out meta l4proto tcp drop",
)


async def do(command: str) -> None:
    process = await asyncio.create_subprocess_exec(*command.split())
    assert await process.wait() == 0, command


async def main() -> None:
    await do(LOOPBACK)
    transport = MqttTransport(Bounds(unheard_ms=1000))
    async with (
        asyncio.timeout(20),
        scripted() as broker,
        transport.connect(params(broker.port)) as session,
    ):
        for command in SWALLOW:
            await do(command)
        try:
            await session.publish(Publish(topic="a", payload=b"x"))
        except TransportError as error:
            sys.stdout.write(str(error))


if __name__ == "__main__":
    asyncio.run(main())
