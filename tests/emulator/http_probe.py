"""The control API's other side: a bare HTTP client, and a device that answers by hand."""

import asyncio
import json
from contextlib import asynccontextmanager

from tests.emulator import probe
from tests.emulator.probe import Probe
from tests.emulator.support import DOWN, NAME, PRODUCT, login

PATH = f"/devices/tencent/{PRODUCT}/{NAME}"
JSON = {"Content-Type": "application/json"}


class Http:
    """A bare HTTP/1.1 client that can say anything."""

    def __init__(self, port: int) -> None:
        self._port = port

    async def raw(self, data: bytes) -> tuple[int, dict[str, str], bytes]:
        reader, writer = await asyncio.open_connection("127.0.0.1", self._port)
        try:
            writer.write(data)
            async with asyncio.timeout(10):
                head = (await reader.readuntil(b"\r\n\r\n")).decode().split("\r\n")
                headers = dict(line.lower().split(": ", 1) for line in head[1:] if line)
                body = await reader.readexactly(int(headers["content-length"]))
        finally:
            writer.close()
        return int(head[0].split()[1]), headers, body

    async def ask(self, method: str, path: str, body: object = None, headers=None):
        data = (
            b"" if body is None else body if isinstance(body, bytes) else json.dumps(body).encode()
        )
        given = {"Host": "127.0.0.1", "Content-Length": str(len(data))}
        given |= JSON if method == "POST" else {}
        given |= headers or {}
        head = "".join(f"{name}: {value}\r\n" for name, value in given.items())
        status, _, answer = await self.raw(
            f"{method} {path} HTTP/1.1\r\n{head}\r\n".encode() + data
        )
        return status, json.loads(answer)


@asynccontextmanager
async def online(emulator):
    """dev1, connected and subscribed to its property and action topics."""
    fields = login()
    device = await Probe.connected(emulator.ports.tencent.mqtt, **fields)
    await device.subscribe((DOWN, 1))
    await device.subscribe((f"$thing/down/action/{PRODUCT}/{NAME}", 1))
    yield device
    await device.close()


async def reply_once(device, topic, **fields):
    """Answer the next request as a device does."""
    message = await device.message()
    device.send(probe.puback(message.packet_id))
    document = json.loads(message.payload)
    document["method"] += "_reply"
    device.send(
        probe.publish(topic, json.dumps({"clientToken": document["clientToken"]} | fields).encode())
    )
    return document
