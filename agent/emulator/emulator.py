"""The emulator to embed: `async with Emulator(options) as emulator`."""

import asyncio
import secrets
from collections.abc import Mapping
from contextlib import AsyncExitStack
from dataclasses import asdict, dataclass
from pathlib import Path
from types import TracebackType
from typing import Self

from agent.emulator.api import Api
from agent.emulator.cloud import Cloud
from agent.emulator.desk import Desk
from agent.emulator.makers import make_consoles
from agent.emulator.options import EmulatorOptions
from agent.emulator.server import server_context
from agent.emulator.values import Instant, Json
from agent.emulator.web import serve_http


@dataclass(frozen=True, slots=True, kw_only=True)
class MqttPorts:
    """The ports of one cloud."""

    mqtt: int
    mqtts: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Ports:
    """Where the emulator listens, on 127.0.0.1."""

    clouds: Mapping[str, MqttPorts]
    http: int
    ca_file: Path

    @property
    def tencent(self) -> MqttPorts:
        """Return the ports of Tencent."""
        return self.clouds["tencent"]

    def document(self) -> dict[str, Json]:
        """Return what the command prints as its first line."""
        mqtt = {name: asdict(ports) for name, ports in self.clouds.items()}
        return {**mqtt, "http": self.http, "ca_file": str(self.ca_file)}


class Emulator(Desk):
    """Clouds on loopback, with the control API; what that can do, the methods of `Desk` do."""

    def __init__(self, options: EmulatorOptions | None = None) -> None:
        """Check the options; raise ConfigError."""
        self._options = options or EmulatorOptions()
        super().__init__(clock=self._now)
        self._stack = AsyncExitStack()
        self._ports: Ports | None = None
        for name, console in make_consoles(self._options, nonce=secrets.token_hex(4)).items():
            self.add_cloud(name, console)

    @property
    def ports(self) -> Ports:
        """Return the ports in use."""
        assert self._ports is not None, "the emulator runs only inside `async with`"
        return self._ports

    async def __aenter__(self) -> Self:
        async with AsyncExitStack() as stack:
            ports: dict[str, MqttPorts] = {}
            for index, (name, cloud) in enumerate(self.clouds.items()):
                await stack.enter_async_context(cloud.endpoint)
                ports[name] = await self._listen(stack, cloud, index)
            serving = serve_http(self._options.http_port, Api(self).answer)
            http = await stack.enter_async_context(serving)
            # Requests that wait for a device end before the servers wait for them.
            for cloud in self.clouds.values():
                stack.callback(cloud.stop_waiting)
            self._ports = Ports(clouds=ports, http=http, ca_file=self._options.ca_file)
            self._stack = stack.pop_all()
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self._stack.__aexit__(kind, error, trace)

    async def _listen(self, stack: AsyncExitStack, cloud: Cloud, index: int) -> MqttPorts:
        """Open the ports of the cloud at *index*: N for the first, N + 1 for the next."""
        options = self._options
        tls = server_context(options.certificate, options.private_key)
        ports = [
            await stack.enter_async_context(
                cloud.endpoint.listen(port and port + index, tls=context)
            )
            for port, context in ((options.mqtt_port, None), (options.mqtts_port, tls))
        ]
        return MqttPorts(mqtt=ports[0], mqtts=ports[1])

    def _now(self) -> Instant:
        return Instant(asyncio.get_running_loop().time(), self._options.wall_clock())
