"""Try a cloud step by step: name, port, certificate, sign-in; and say what each step found."""

import asyncio
import secrets
import socket
import time
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Final, cast

from agent import registry
from agent.app.kinds import make_device
from agent.clock import SystemClock
from agent.clouds import explain
from agent.clouds.mqtt import MqttTransport
from agent.clouds.tls import context_for, load_trust
from agent.doctor.checks import check_clock
from agent.doctor.verdict import Level, Verdict, failed, ok, warn
from agent.errors import AuthRejectedError, ConfigError, TransportError
from agent.ports import ConnectParams, Tls
from agent.settings.root import Config, DeviceConfig

CONNECT_S: Final = 10.0
SIGN_IN_S: Final = 30.0

_Name = tuple[tuple[tuple[str, str], ...], ...]
"""A distinguished name as `SSLSocket.getpeercert` gives it."""


def online_steps(config: Config) -> Iterator[Verdict]:
    """Try the clock, then every cloud of every device; a step that fails ends its cloud."""
    clock = SystemClock(config.agent.clock)
    yield check_clock(clock.judgement(), tls_is_possible=clock.tls_is_possible())
    tried = [(entry, name) for entry in config.devices for name in entry.clouds]
    for entry, name in tried:
        label = f"{entry.device.id} {name} " if len(tried) > 1 else ""
        for step in cloud_steps(entry, name, clock.wall_time()):
            yield Verdict(level=step.level, name=f"{label}{step.name}", text=step.text)
    if not tried:
        yield ok("clouds", "none is named: nothing to try")


def cloud_steps(entry: DeviceConfig, name: str, wall_time: float | None) -> Iterator[Verdict]:
    """Try one cloud until a step fails."""
    try:
        codec = registry.codec_class(name)(entry.clouds[name], make_device(entry.device).thing)
        params = codec.connect_params(wall_time, secrets.token_hex(8))
    except ConfigError as error:
        yield failed("credentials", str(error))
        return
    for step in (_resolve, _connect, _shake_hands, _sign_in):
        verdict = step(params)
        yield verdict
        if verdict.level is Level.FAILED:
            return


def _resolve(params: ConnectParams) -> Verdict:
    try:
        found = socket.getaddrinfo(params.host, params.port, type=socket.SOCK_STREAM)
    except OSError as error:
        return failed("dns", str(explain.unreachable(error, params.host)))
    addresses = ", ".join(dict.fromkeys(str(entry[4][0]) for entry in found))
    return ok("dns", f"{params.host} is {addresses}")


def _connect(params: ConnectParams) -> Verdict:
    where = f"{params.host}:{params.port}"
    begun = time.monotonic()
    try:
        with socket.create_connection((params.host, params.port), CONNECT_S):
            elapsed_ms = (time.monotonic() - begun) * 1000
    except OSError as error:
        return failed("tcp", str(explain.unreachable(error, where)))
    return ok("tcp", f"{where} answers in {elapsed_ms:.0f} ms")


def _shake_hands(params: ConnectParams) -> Verdict:
    if params.tls is None:
        return warn("tls", "off: sign-in and everything else goes in the clear (tls = false)")
    where = f"{params.host}:{params.port}"
    try:
        certificate, version = _certificate(params, params.tls)
    except (OSError, TransportError) as error:
        return failed("tls", str(explain.unreachable(error, where)))
    issuer = _shown(cast("_Name", certificate.get("issuer", ())))
    return ok("tls", f"{version}, issued by {issuer}, valid until {certificate.get('notAfter')}")


def _certificate(params: ConnectParams, tls: Tls) -> tuple[Mapping[str, object], str]:
    context = context_for(tls)
    load_trust(context, tls)
    with (
        socket.create_connection((params.host, params.port), CONNECT_S) as plain,
        context.wrap_socket(plain, server_hostname=params.host) as secured,
    ):
        certificate: Mapping[str, object] = secured.getpeercert() or {}
        return certificate, secured.version() or "TLS"


def _shown(name: _Name) -> str:
    parts = {key: value for group in name for key, value in group}
    wanted = ("commonName", "organizationalUnitName", "organizationName")
    return ", ".join(parts[key] for key in wanted if key in parts) or "an authority without a name"


def _sign_in(params: ConnectParams) -> Verdict:
    try:
        asyncio.run(_sign_in_and_leave(params))
    except AuthRejectedError as error:
        return failed("credentials", str(error))
    except TransportError as error:
        return failed("credentials", f"no answer to the sign-in: {error}")
    except TimeoutError:
        return failed("credentials", f"no answer to the sign-in in {SIGN_IN_S:.0f} s")
    return ok("credentials", f"accepted: signed in as {params.client_id}, and left again")


async def _sign_in_and_leave(params: ConnectParams) -> None:
    """Leave no word behind: a will would say that the device is gone."""
    tried = replace(params, will=None, birth=None)
    async with asyncio.timeout(SIGN_IN_S), MqttTransport().connect(tried):
        return
