"""The emulator's control API, as any program would use it: over HTTP."""

import asyncio
import json
from collections.abc import Mapping
from dataclasses import dataclass
from http.client import HTTPException
from typing import Any, Final, Protocol, cast
from urllib.error import HTTPError
from urllib.parse import quote
from urllib.request import ProxyHandler, Request, build_opener

from agent.errors import AgentError

ANSWER_S: Final = 15.0
NO_ANSWER: Final = 504
"""The status of a request that the device did not answer: the body tells why."""

_OPENER: Final = build_opener(ProxyHandler({}))

Json = dict[str, Any]


class CloudApiError(AgentError):
    """The emulator's control API cannot be reached, or refuses what it was asked."""


class DeviceApi(Protocol):
    """One device at its platform."""

    async def device(self) -> Json:
        """Read what the platform knows of the device."""
        ...

    async def messages(self) -> list[Json]:
        """Read what went over the wire, both ways, the oldest first."""
        ...

    async def set(self, values: Mapping[str, object]) -> Json:
        """Send the platform's control and wait for the device's reply."""
        ...

    async def fault(self, kind: str) -> None:
        """Let every platform misbehave."""
        ...

    async def heal(self) -> None:
        """Let every platform behave again."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class CloudApi:
    """One device as the control API at *port* shows it."""

    port: int
    cloud: str
    product: str
    name: str

    async def device(self) -> Json:
        """Read what the platform knows of the device."""
        return await self._ask("GET", self._path())

    async def messages(self) -> list[Json]:
        """Read what went over the wire, both ways, the oldest first."""
        answer = await self._ask("GET", self._path("messages"))
        return cast("list[Json]", answer["messages"])

    async def set(self, values: Mapping[str, object]) -> Json:
        """Send the platform's control and wait for the device's reply."""
        return await self._ask("POST", self._path("properties"), values)

    async def fault(self, kind: str) -> None:
        """Let every platform misbehave."""
        await self._ask("POST", "/faults", {"kind": kind})

    async def heal(self) -> None:
        """Let every platform behave again."""
        await self._ask("DELETE", "/faults")

    def _path(self, *rest: str) -> str:
        parts = ("devices", self.cloud, self.product, self.name, *rest)
        return "".join(f"/{quote(part, safe='')}" for part in parts)

    async def _ask(self, method: str, path: str, body: object = None) -> Json:
        return await asyncio.to_thread(_request, self.port, method, path, body)


def _request(port: int, method: str, path: str, body: object) -> Json:
    data = None if body is None else json.dumps(body).encode()
    headers = {"Content-Type": "application/json"} if data else {}
    url = f"http://127.0.0.1:{port}{path}"
    request = Request(url, data=data, headers=headers, method=method)
    try:
        with _OPENER.open(request, timeout=ANSWER_S) as response:
            return _read(response.read())
    except HTTPError as error:
        answer = _read(error.read())
        if error.code == NO_ANSWER:
            return answer
        reason = answer.get("error", error.reason)
        raise CloudApiError(f"the cloud's control API refuses {path}: {reason}") from error
    except (OSError, HTTPException) as error:
        raise CloudApiError(f"the cloud's control API does not answer: {error}") from error


def _read(body: bytes) -> Json:
    try:
        answer: object = json.loads(body)
    except ValueError as error:
        raise CloudApiError("the cloud's control API does not answer in JSON") from error
    if not isinstance(answer, dict):
        raise CloudApiError("the cloud's control API does not answer with an object")
    return cast("Json", answer)
