"""The scripted session that is recorded on every dialect, in virtual time."""

import asyncio
import json
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from typing import Any

from pydantic import SecretStr

from agent.app.dialogues import codec_of, header_of, recorded
from agent.app.parts import Parts
from agent.clouds.aliyun.credentials import Identity, sign
from agent.clouds.dialogue.lines import Dialogue
from agent.clouds.dialogue.meanings import with_meanings
from agent.clouds.dialogue.text import read_dialogue
from agent.clouds.recorded import Recorder
from agent.clouds.redact import redact
from agent.demo.dialects import DIALECTS, Dialect
from agent.emulator.identity import DeviceIdentity
from agent.settings.clouds.aliyun import AliyunSettings
from agent.settings.root import DeviceConfig
from tests.clouds.support import run_virtually
from tests.day.house import House, open_house

ABOUT = "our agent with our own emulator of {title}, not with the platform itself"
MISSING = {"tencent": "no_such", "aliyun": "NoSuch", "onenet": "no_such"}
"""What our power factor is called, and the emulated product does not have."""
UNKNOWN = {"nobody": 1}
"""A request for what our socket does not have."""

PLANNED = (
    {
        "LocalTimer": [
            {"Timer": "30 7 * * 1,2,3,4,5", "Enable": 1, "IsValid": 1, "PowerSwitch": 1},
            {"Timer": "", "Enable": 0, "IsValid": 0},
            {"Timer": "0 22 * * 6-7", "Enable": 0, "IsValid": 1, "PowerSwitch": 0},
        ]
    },
    {"LocalTimer": [{"Timer": "*/5 * * * *", "Enable": 1, "IsValid": 1, "PowerSwitch": 1}]},
    {"CountDownList": {"Target": "PowerSwitch", "Contents": "PowerSwitch-0-1-3600-0"}},
    {"CountDownList": {"Target": "PowerSwitch", "Contents": ""}},
)
"""What an app of Aliyun plans on the device: timers, ones that cannot be, a countdown, its end."""


def record(name: str, made: date) -> Dialogue:
    """Record the session on the dialect *name*, and redact it."""
    rows: list[str] = []
    run_virtually(_record(name, made, rows.append))
    text = redact("\n".join(rows) + "\n")
    dialogue = read_dialogue(text)
    return with_meanings(dialogue, codec_of(dialogue))


async def _record(name: str, day: date, write: Callable[[str], object]) -> None:
    recorder = Recorder(write, asyncio.get_running_loop().time)
    dialect = DIALECTS[name]

    def adapt(made: DeviceConfig, parts: Parts) -> tuple[DeviceConfig, Parts]:
        (settings,) = made.clouds.values()
        if isinstance(settings, AliyunSettings):
            settings = _pasted(settings)
        about = ABOUT.format(title=dialect.title)
        header = header_of(dialect.section, settings, source="emulated", about=about, made=day)
        recorder.begin(header)
        return replace(made, clouds={dialect.section: settings}), recorded(parts, recorder)

    more: dict[str, Any] = {"reset_energy": True}
    if dialect.has_events:
        more["rename"] = {"power_factor": MISSING[name]}
    async with open_house([name], more=more, adapt=adapt) as house:
        await _live(house, dialect)
        recorder.ended("the recording ends here")


def _pasted(settings: AliyunSettings) -> AliyunSettings:
    """Log in with the console's JSON, as it is pasted."""
    product, name = settings.identity
    identity = Identity(
        product_key=product,
        device_name=name,
        secret=settings.device_secret.get_secret_value(),
    )
    signed = sign(identity, timestamp="1799999999000")
    pasted = {
        "clientId": signed.client_id,
        "username": signed.username,
        "passwd": signed.password,
        "mqttHostUrl": settings.host,
        "port": 8883,
    }
    return AliyunSettings(
        mqtt_params=SecretStr(json.dumps(pasted)),
        rename=settings.rename,
        reset_energy=settings.reset_energy,
    )


async def _live(house: House, dialect: Dialect) -> None:
    name = dialect.name
    links = house.app.links
    assert links is not None
    (link,) = links.links.values()

    async def drained() -> None:
        await asyncio.sleep(2.5)
        await house.until(lambda: not link.pending, 30, "everything is told")

    await house.until(lambda: link.status.is_connected, 30, "login")
    await drained()
    await house.send(name, dialect.switch(on=True))
    house.plug("kettle", 900.0)
    await drained()
    await _ask(house, dialect)
    house.plug("overload", 3500.0)
    await house.until(lambda: not house.is_on, 2, "the overload opens the contact")
    await drained()
    await house.send(name, dialect.switch(on=True))
    house.plug("lamp", 60.0)
    await asyncio.sleep(12)
    await house.send(name, dialect.switch(on=True))
    await house.send(name, dialect.switch(on=False))
    await drained()
    await _leave_and_come_back(house, dialect)
    await house.until(lambda: link.status.sessions == 2 and not link.pending, 90, "it is back")
    await drained()


async def _ask(house: House, dialect: Dialect) -> None:
    """Ask for what needs a message of its own on each platform."""
    if not dialect.has_events:
        for command in (UNKNOWN, {"reset_energy": {}}, "toggle", "toggle"):
            text = command if isinstance(command, str) else json.dumps(command)
            key = house.key(dialect.name)
            await house.emulator.command(key, text.encode(), timeout_s=30)
            await asyncio.sleep(1.5)
        return
    action = "ResetEnergy" if dialect.name == "aliyun" else "reset_energy"
    await house.emulator.call_action(house.key(dialect.name), action, {}, timeout_s=30)
    for number, (topic, body) in enumerate(
        _requests(dialect, house.devices[dialect.name]), start=70001
    ):
        own = {"clientToken": str(number)} if dialect.name == "tencent" else {"id": str(number)}
        fault = {"kind": "garbage", "topic": topic, "payload": json.dumps({**own, **body})}
        house.emulator.add_fault(fault)
        await asyncio.sleep(1.5)


def _requests(dialect: Dialect, device: DeviceIdentity) -> list[tuple[str, dict[str, Any]]]:
    """Write requests that the control API has not: of unknown names, and for values."""
    own = f"{device.product}/{device.name}"
    asked = [dialect.wire_id("power_switch"), dialect.wire_id("voltage")]
    match dialect.name:
        case "tencent":
            return [(f"$thing/down/property/{own}", {"method": "control", "params": UNKNOWN})]
        case "aliyun":
            prefix, version = f"/sys/{own}/thing/service/property", {"version": "1.0.0"}
            method = "thing.service.property"
            return [
                (f"{prefix}/set", {"method": f"{method}.set", "params": UNKNOWN, **version}),
                (f"{prefix}/get", {"method": f"{method}.get", "params": asked, **version}),
                *(
                    (f"{prefix}/set", {"method": f"{method}.set", "params": params, **version})
                    for params in PLANNED
                ),
            ]
        case _:
            prefix, version = f"$sys/{own}/thing/property", {"version": "1.0"}
            return [
                (f"{prefix}/set", {"params": UNKNOWN, **version}),
                (f"{prefix}/get", {"params": asked, **version}),
            ]


async def _leave_and_come_back(house: House, dialect: Dialect) -> None:
    """Cut the line; meanwhile the platform is given a command to store, where it stores any."""
    house.emulator.add_fault({"kind": "drop"})
    await asyncio.sleep(15)
    if dialect.stores_commands:
        await house.emulator.desire(house.key(dialect.name), dialect.switch(on=True))
    house.emulator.clear_faults()
