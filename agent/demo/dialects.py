"""How each cloud's app shows the socket: its identifiers, its values, its section of a file."""

import base64
import json
import secrets
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Final, cast

from agent.emulator.identity import DeviceIdentity, sample_device
from agent.errors import AgentError

Json = Mapping[str, Any]

ALIYUN_IDS: Final[Mapping[str, str]] = {
    "power_switch": "PowerSwitch",
    "voltage": "CurrentVoltage",
    "current": "Current",
    "active_power": "RealTimePower",
    "apparent_power": "ApparentPower",
    "power_factor": "PowerFactor",
    "total_energy": "PowerConsumption",
    "count_down": "CountDown",
}


def _base64(size: int) -> str:
    return base64.b64encode(secrets.token_bytes(size)).decode()


@dataclass(frozen=True, slots=True, kw_only=True)
class Dialect:
    """One emulated cloud as the person at its app sees it.

    `section` names the cloud in a configuration, `keys` the three keys of a device there; `done`
    is the code of a reply to what was obeyed. Reports every `interval_s` are not too many for it.
    """

    name: str
    title: str
    short: str
    section: str
    keys: tuple[str, str, str]
    make_secret: Callable[[], str]
    ids: Mapping[str, str] = field(default_factory=dict[str, str])
    on: object = True
    off: object = False
    done: int = 200
    interval_s: float = 0.5
    extra: Mapping[str, object] = field(default_factory=dict[str, object])
    stores_commands: bool = True
    has_tls: bool = True

    def identity(self) -> DeviceIdentity:
        """Make a device with a secret of its own."""
        return replace(sample_device(self.name), secret=self.make_secret())

    def wire_id(self, name: str) -> str:
        """Name a property on the wire."""
        return self.ids.get(name, name)

    def switch(self, *, on: bool) -> dict[str, object]:
        """Write what the app sends to switch."""
        return {self.wire_id("power_switch"): self.on if on else self.off}

    def countdown(self, seconds: int, *, to: bool) -> dict[str, object]:
        """Write what the app sends to switch *to* on or off after some seconds."""
        if self.section != "aliyun":
            return {self.wire_id("count_down"): seconds}
        running = {"IsRunning": 1, "TimeLeft": seconds, "PowerSwitch": int(to), "Timestamp": "0"}
        return {"CountDown": running}

    def values(self, device: Json) -> dict[str, Any]:
        """Read the properties that the app shows, under the thing's names."""
        shown: Json = device["properties"]
        names = {self.wire_id(name): name for name in (*ALIYUN_IDS, "trip")}
        found = {names[key]: value for key, value in shown.items() if key in names}
        if isinstance(found.get("count_down"), Mapping):
            found["count_down"] = found["count_down"]["TimeLeft"]
        if "power_switch" in found:
            found["power_switch"] = found["power_switch"] == self.on
        return found

    def trips(self, device: Json) -> list[str]:
        """List the causes of the trips that the app was told of, the newest last."""
        events: Iterable[Json] = device["events"]
        causes = [_cause(event["id"], event["params"]) for event in events]
        if not self.has_events:
            last = device["properties"].get("trip")
            causes = [] if last is None else [str(last["cause"])]
        return [cause for cause in causes if cause]

    def told_on_wire(self, payload: str) -> list[str]:
        """List the causes of the trips that a message to a platform without events tells.

        A legacy message has three bytes before its JSON, and may stamp the value with its time.
        """
        body = _object(payload[max(payload.find('{"'), 0) :])
        streams: object = body.get("dp", body)
        if not isinstance(streams, Mapping):
            return []
        return [str(each["cause"]) for each in _points(cast("Json", streams).get("trip"))]

    def request_id(self, topic: str, payload: str) -> str:
        """Tell the id that the platform gave a message to the device; '' where it has none."""
        if not self.has_events:
            return topic.rpartition("/")[2]
        body = _object(payload)
        return str(body.get("clientToken") or body.get("id") or "")

    @property
    def has_events(self) -> bool:
        """Tell whether the platform knows events, or data points alone."""
        return self.name not in {"onenet-datastream", "onenet-legacy"}


def _object(text: str) -> Json:
    try:
        found: object = json.loads(text)
    except (ValueError, RecursionError):
        return {}
    return cast("Json", found) if isinstance(found, dict) else {}


def _points(value: object) -> list[Json]:
    """Find the objects with a cause in what a message holds for one data stream."""
    if isinstance(value, list):
        items = cast("list[object]", value)
    elif isinstance(value, Mapping):
        fields = cast("Json", value)
        if "cause" in fields:
            return [fields]
        items = list(fields.values())
    else:
        return []
    return [point for item in items for point in _points(item)]


def _cause(event: str, params: Json) -> str:
    match event:
        case "status_report":
            return str(params["message"])
        case "OverCurrent":
            return "overcurrent"
        case "Trip":
            return str(params["Cause"])
        case "trip":
            return str(params["cause"])
        case _:
            return ""


DIALECTS: Final[Mapping[str, Dialect]] = {
    each.name: each
    for each in (
        Dialect(
            name="tencent",
            title="Tencent IoT Explorer",
            short="Tencent",
            section="tencent",
            keys=("product_id", "device_name", "device_secret"),
            make_secret=lambda: _base64(16),
            ids={"total_energy": "total_kwh"},
            on=1,
            off=0,
            done=0,
        ),
        Dialect(
            name="aliyun",
            title="Aliyun IoT Platform",
            short="Aliyun",
            section="aliyun",
            keys=("product_key", "device_name", "device_secret"),
            make_secret=lambda: secrets.token_hex(16),
            ids=ALIYUN_IDS,
            on=1,
            off=0,
        ),
        Dialect(
            name="onenet",
            title="OneNET (thing model)",
            short="OneNET",
            section="onenet",
            keys=("product_id", "device_name", "device_key"),
            interval_s=2.0,
            make_secret=lambda: _base64(32),
        ),
        Dialect(
            name="onenet-datastream",
            title="OneNET (data streams)",
            short="OneNET stream",
            section="onenet",
            keys=("product_id", "device_name", "device_key"),
            interval_s=2.0,
            make_secret=lambda: _base64(32),
            on=1,
            off=0,
            extra={"generation": "datastream"},
            stores_commands=False,
        ),
        Dialect(
            name="onenet-legacy",
            title="OneNET (legacy)",
            short="OneNET legacy",
            section="onenet",
            keys=("product_id", "device_name", "device_key"),
            interval_s=2.0,
            make_secret=lambda: secrets.token_hex(14),
            on=1,
            off=0,
            extra={"generation": "legacy", "tls": False},
            stores_commands=False,
            has_tls=False,
        ),
    )
}


class DialectError(AgentError):
    """Clouds that the demo cannot show together, or does not know."""


def choose(names: Sequence[str]) -> tuple[Dialect, ...]:
    """Find the clouds of *names*, Tencent where there is none; raise `DialectError`.

    A configuration has one section for each platform, so one dialect of each can be shown.
    """
    chosen: dict[str, Dialect] = {}
    for name in names or ("tencent",):
        dialect = DIALECTS.get(name)
        if dialect is None:
            raise DialectError(f"--cloud is one of {', '.join(DIALECTS)}, not {name!r:.40}")
        other = chosen.setdefault(dialect.section, dialect)
        if other is not dialect:
            raise DialectError(
                f"--cloud {other.name} and --cloud {name} are two generations of one platform:"
                f" a device has one section [clouds.{dialect.section}]; choose one of them"
            )
    return tuple(chosen.values())
