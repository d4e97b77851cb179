"""The floor: the least that answers a cloud with aiomqtt, structlog and pydantic-settings.

It logs in as a device, takes each command, flips a variable, and replies. It measures nothing,
protects nothing, keeps nothing. Started by its path, so that nothing of the agent is imported.
"""

import asyncio
import hmac
import json
import signal
import socket
import ssl
import sys
import time
from base64 import b64decode
from pathlib import Path

import aiomqtt
import structlog
from pydantic import SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict

log = structlog.get_logger()


class Settings(BaseSettings):
    """What the environment says: FLOOR_PORT and so on."""

    model_config = SettingsConfigDict(env_prefix="FLOOR_")

    port: int
    product_id: str
    device_name: str
    device_secret: SecretStr
    ca_file: str | None = None
    stamps: Path | None = None


def client(settings: Settings) -> aiomqtt.Client:
    """Sign in as the device."""
    client_id = settings.product_id + settings.device_name
    username = f"{client_id};12010126;FLOOR;{int(time.time()) + 86_400}"
    key = b64decode(settings.device_secret.get_secret_value())
    token = hmac.new(key, username.encode(), "sha256").hexdigest()
    context = settings.ca_file and ssl.create_default_context(cafile=settings.ca_file)
    return aiomqtt.Client(
        "localhost",
        settings.port,
        username=username,
        password=f"{token};hmacsha256",
        identifier=client_id,
        tls_context=context or None,
        socket_options=[(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)],
    )


async def echo(settings: Settings, stamps: list[int]) -> None:
    """Answer every command until the connection ends."""
    device = f"{settings.product_id}/{settings.device_name}"
    is_on = False
    async with client(settings) as session:
        await session.subscribe(f"$thing/down/property/{device}", qos=1)
        log.info("cloud.up", is_on=is_on)
        async for message in session.messages:
            assert isinstance(message.payload, bytes)
            command = json.loads(message.payload)
            if command.get("method") != "control":
                continue
            is_on = bool(command["params"]["power_switch"])
            stamps.append(time.monotonic_ns())
            reply = {
                "method": "control_reply",
                "clientToken": command["clientToken"],
                "code": 0,
                "status": "",
            }
            await session.publish(f"$thing/up/property/{device}", json.dumps(reply))


def main() -> None:
    """Run until SIGTERM; then leave the stamps behind."""
    settings = Settings()  # type: ignore[call-arg]  # the environment has them
    stamps: list[int] = []
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    try:
        asyncio.run(echo(settings, stamps))
    finally:
        if settings.stamps is not None:
            settings.stamps.write_text(json.dumps(stamps))


if __name__ == "__main__":
    main()
