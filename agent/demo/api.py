"""The emulator's control API, as any program would use it: over HTTP."""

import asyncio
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, cast
from urllib.error import HTTPError
from urllib.parse import quote
from urllib.request import ProxyHandler, Request, build_opener

from agent.errors import AgentError

ANSWER_S: Final = 15.0
_OPENER: Final = build_opener(ProxyHandler({}))

Json = dict[str, Any]


class CloudApiError(AgentError):
    """The emulator's control API cannot be reached."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CloudApi:
    """One device as its platform's app sees it."""

    port: int
    cloud: str
    product: str
    name: str

    async def device(self) -> Json:
        """Read what the platform knows of the device."""
        answer = await self._ask("GET", "/devices")
        devices: list[Json] = answer.get("devices", [])
        wanted = (self.cloud, self.product, self.name)
        return next(d for d in devices if (d["cloud"], d["product"], d["name"]) == wanted)

    async def set(self, values: Mapping[str, object]) -> Json:
        """Send the platform's control and wait for the device's reply."""
        path = "/".join(quote(part, safe="") for part in (self.cloud, self.product, self.name))
        return await self._ask("POST", f"/devices/{path}/properties", values)

    async def fault(self, kind: str, **options: object) -> None:
        """Misbehave."""
        await self._ask("POST", "/faults", {"kind": kind, **options})

    async def heal(self) -> None:
        """Behave again."""
        await self._ask("DELETE", "/faults")

    async def _ask(self, method: str, path: str, body: object = None) -> Json:
        return await asyncio.to_thread(_request, self.port, method, path, body)


def _request(port: int, method: str, path: str, body: object) -> Json:
    data = None if body is None else json.dumps(body).encode()
    headers = {"Content-Type": "application/json"} if data else {}
    url = f"http://127.0.0.1:{port}{path}"
    request = Request(url, data=data, headers=headers, method=method)
    try:
        with _OPENER.open(request, timeout=ANSWER_S) as response:
            answer = json.loads(response.read() or b"{}")
    except HTTPError as error:
        answer = json.loads(error.read() or b"{}")
    except OSError as error:
        raise CloudApiError(f"the cloud's control API does not answer: {error}") from error
    return cast("Json", answer)
