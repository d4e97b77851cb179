"""A second client at a real broker that does as Home Assistant does: it listens and commands."""

import asyncio
import contextlib
import json
from collections.abc import AsyncGenerator, Callable
from typing import Any

import aiomqtt

from tests.integration.config import DeviceFile
from tests.integration.process import PATIENCE_S

ROOT = "polycloud/socket-1"
CONFIG = "homeassistant/device/polycloud_socket-1/config"


class Home:
    """Hears everything; `heard` holds topic, payload and whether the broker had kept it."""

    def __init__(self, client: aiomqtt.Client) -> None:
        self._client = client
        self._news = asyncio.Event()
        self.heard: list[tuple[str, str, bool]] = []

    async def listen(self) -> None:
        async for message in self._client.messages:
            payload = bytes(message.payload).decode()  # type: ignore[arg-type]
            self.heard.append((str(message.topic), payload, bool(message.retain)))
            self._news.set()

    def told(self, topic: str) -> list[str]:
        return [payload for where, payload, _ in self.heard if where == topic]

    def objects(self, topic: str) -> list[dict[str, Any]]:
        return [json.loads(payload) for payload in self.told(topic) if payload]

    @property
    def availability(self) -> str | None:
        return next(iter(reversed(self.told(f"{ROOT}/availability"))), None)

    @property
    def state(self) -> dict[str, Any]:
        """What the entities show: each report on top of those before."""
        shown: dict[str, Any] = {}
        for report in self.objects(f"{ROOT}/state"):
            shown |= report
        return shown

    def forget(self) -> None:
        self.heard.clear()

    async def until(self, condition: Callable[[], Any]) -> Any:
        try:
            async with asyncio.timeout(PATIENCE_S):
                while not (found := condition()):
                    self._news.clear()
                    await self._news.wait()
                return found
        except TimeoutError:
            raise AssertionError(f"heard only {self.heard[-20:]}") from None

    async def set(self, name: str, text: str, *, retain: bool = False) -> None:
        await self._client.publish(f"{ROOT}/{name}/set", text, qos=1, retain=retain)

    async def press(self, name: str) -> None:
        await self._client.publish(f"{ROOT}/{name}/press", "PRESS", qos=1)

    async def say(self, topic: str, text: str, *, retain: bool = False) -> None:
        await self._client.publish(topic, text, qos=1, retain=retain)

    async def be_born(self) -> None:
        await self._client.publish("homeassistant/status", "online")


@contextlib.asynccontextmanager
async def at_home(port: int) -> AsyncGenerator[Home]:
    async with aiomqtt.Client("127.0.0.1", port) as client:
        home = Home(client)
        await client.subscribe("#", qos=1)
        listening = asyncio.create_task(home.listen())
        try:
            yield home
        finally:
            listening.cancel()
            await asyncio.wait([listening])


def config_for(folder: Any, port: int, **more: object) -> DeviceFile:
    config = DeviceFile(folder).set("device", clouds=["homeassistant"], name="Kettle")
    fields = {"host": "127.0.0.1", "port": port, "tls": False}
    return config.set("clouds.homeassistant", **{**fields, **more})
