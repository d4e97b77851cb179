"""A program for a network of its own: a link whose address goes, as when DHCP gives another."""

import asyncio
import sys

from agent.clouds.mqtt import MqttTransport
from agent.errors import TransportError
from tests.clouds.brokers import ScriptedBroker, params
from tests.clouds.half_open import LOOPBACK, do


async def main(family: str, address: str) -> None:
    await do(LOOPBACK)
    await do(f"ip {family} addr add {address} dev lo{' nodad' if family == '-6' else ''}")
    broker = ScriptedBroker()
    host = address.partition("/")[0]
    server = await asyncio.start_server(broker.serve, host, 0)
    there = params(server.sockets[0].getsockname()[1], host=host)
    async with asyncio.timeout(20), server, MqttTransport().connect(there) as session:
        await do(f"ip {family} addr del {address} dev lo")
        try:
            await anext(session.messages())
        except TransportError as error:
            sys.stdout.write(str(error))
        for writer in broker.writers:
            writer.transport.abort()


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
