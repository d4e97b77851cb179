"""The emulator's control API, as any program would use it: over HTTP."""

import asyncio
import json
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from http.client import HTTPException
from typing import Any, Final, cast
from urllib.error import HTTPError
from urllib.parse import quote
from urllib.request import ProxyHandler, Request, build_opener

from agent.errors import AgentError

ANSWER_S: Final = 15.0
NO_ANSWER: Final = 504
"""The status of a request that the device did not answer: the body tells why."""

_OPENER: Final = build_opener(ProxyHandler({}))

Json = dict[str, Any]
Ask = Callable[[str, str, bytes | None], Awaitable[tuple[int, bytes]]]
"""Ask a method and a path, with a body or none; get a status and a body."""


class CloudApiError(AgentError):
    """The emulator's control API cannot be reached, or refuses what it was asked."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CloudApi:
    """One device as the control API shows it."""

    ask: Ask
    cloud: str
    product: str
    name: str

    async def device(self) -> Json:
        """Read what the platform knows of the device."""
        return await self._json("GET", self._path())

    async def messages(self) -> list[Json]:
        """Read what went over the wire, both ways, the oldest first."""
        answer = await self._json("GET", self._path("messages"))
        return cast("list[Json]", answer["messages"])

    async def set(self, values: Mapping[str, object]) -> Json:
        """Send the platform's control and wait for the device's reply."""
        return await self._json("POST", self._path("properties"), values)

    async def command(self, text: str) -> Json:
        """Send a raw command, of a platform that has such, and wait for the answer."""
        return await self._json("POST", self._path("commands"), {"payload": text})

    async def fault(self, kind: str) -> None:
        """Let every platform misbehave."""
        await self._json("POST", "/faults", {"kind": kind})

    async def heal(self) -> None:
        """Let every platform behave again."""
        await self._json("DELETE", "/faults")

    def _path(self, *rest: str) -> str:
        parts = ("devices", self.cloud, self.product, self.name, *rest)
        return "".join(f"/{quote(part, safe='')}" for part in parts)

    async def _json(self, method: str, path: str, body: object = None) -> Json:
        status, text = await self.ask(
            method, path, None if body is None else json.dumps(body).encode()
        )
        answer = _read(text)
        if status >= 400 and status != NO_ANSWER:
            reason = answer.get("error", status)
            raise CloudApiError(f"the cloud's control API refuses {method} {path}: {reason}")
        return answer


def over_http(port: int) -> Ask:
    """Ask the control API that listens on loopback."""

    async def ask(method: str, path: str, body: bytes | None) -> tuple[int, bytes]:
        return await asyncio.to_thread(_request, port, method, path, body)

    return ask


def _request(port: int, method: str, path: str, body: bytes | None) -> tuple[int, bytes]:
    headers = {} if body is None else {"Content-Type": "application/json"}
    url = f"http://127.0.0.1:{port}{path}"
    request = Request(url, data=body, headers=headers, method=method)
    try:
        with _OPENER.open(request, timeout=ANSWER_S) as response:
            return response.status, response.read()
    except HTTPError as error:
        return error.code, error.read()
    except (OSError, HTTPException) as error:
        raise CloudApiError(f"the cloud's control API does not answer: {error}") from error


def _read(text: bytes) -> Json:
    try:
        answer: object = json.loads(text)
    except ValueError as error:
        raise CloudApiError("the cloud's control API does not answer in JSON") from error
    if not isinstance(answer, dict):
        raise CloudApiError("the cloud's control API does not answer with an object")
    return cast("Json", answer)
