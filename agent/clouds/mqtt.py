"""MQTT 3.1.1 as the port that the links use; `agent.clouds.mqtt_client` has the library."""

import contextlib
from collections.abc import AsyncGenerator, AsyncIterator

from agent.clouds.addresses import Addresses
from agent.clouds.mqtt_client import Client
from agent.clouds.tcp import Bounds
from agent.ports import ConnectParams, Message, Publish, Subscription


class MqttSession:
    """One open connection to a broker."""

    def __init__(self, client: Client) -> None:
        self._client = client

    async def subscribe(self, subscription: Subscription) -> None:
        """Subscribe and wait for the grant; raise `TransportError` when it is refused."""
        await self._client.ask(subscription)

    async def publish(self, message: Publish) -> None:
        """Send; return when it has left (QoS 0) or is acknowledged (QoS 1)."""
        await self._client.send(message)

    def messages(self) -> AsyncIterator[Message]:
        """Yield messages until the connection ends; raise `TransportError` then."""
        return self._client.inbox

    async def heard(self) -> None:
        """Wait for a sign of life, where none has come since something was asked."""
        await self._client.heard()


class MqttTransport:
    """Opens connections to brokers."""

    def __init__(self, bounds: Bounds | None = None) -> None:
        self._bounds = bounds or Bounds()
        self._addresses = Addresses()

    @contextlib.asynccontextmanager
    async def connect(self, params: ConnectParams) -> AsyncGenerator[MqttSession]:
        """Connect; raise `AuthRejectedError` or `TransportError`."""
        client = Client(params, self._bounds)
        try:
            await client.open()
            with self._addresses.watched(client.wire.address, client.wire.fail):
                yield MqttSession(client)
        finally:
            client.close()
