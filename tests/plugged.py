"""A package of plug-ins, put where installed packages are found."""

import importlib
import sys
from contextlib import contextmanager

SOURCE = '''\
"""Plug-ins of every role, without hardware."""

from contextlib import asynccontextmanager
from dataclasses import replace
from typing import Annotated, ClassVar, Literal

from pydantic import BaseModel, Field, SecretStr

from agent.devices.socket.make import make as make_socket
from agent.errors import DriverError
from agent.settings.clouds import CloudSettings
from agent.settings.clouds.base import NO_SECRET
from agent.settings.device import SocketSettings
from agent.settings.dimmers import DimmerSettings
from agent.settings.gestures import GestureSettings
from agent.settings.kind import DeviceSettings
from agent.settings.light import LightSettings
from agent.settings.meters import OtherMeterSettings
from agent.settings.relays import ContactSettings
from agent.settings.section import FilePath, Port, Section
from agent.settings.sensors import SensorSettings


class Part:
    def __init__(self, settings, thing=None):
        self.settings = settings

    def probe(self, held):
        return None

    line = None
    descriptor = None

    @asynccontextmanager
    async def open(self, **_):
        yield self

    def set(self, **_):
        pass

    async def measure(self):
        return 7.0


def named(base, name, **keys):
    annotations = {"driver": Literal[name], **{key: kind for key, (kind, _) in keys.items()}}
    values = {key: default for key, (_, default) in keys.items() if default is not ...}
    section = type(base)(f"{base.__name__}Of{name}", (base,), {
        "__annotations__": annotations, "__module__": __name__, **values})
    return type(f"Part{name}", (Part,), {"Settings": section})


HOST = (Annotated[str, Field(min_length=1, description="a host name")], ...)
Contact = named(ContactSettings, "acme", host=HOST, port=(Port, 4001))
Dimmer = named(DimmerSettings, "acme_dimmer")
Sensor = named(SensorSettings, "acme_sensor", host=HOST)
Meter = named(OtherMeterSettings, "acme_meter", port=(Port, 4001))
Button = named(GestureSettings, "acme_button")
Light = named(LightSettings, "acme_light")
Warm = named(Section, "acme_warm")
NotMade = named(Section, "not_made")
OtherName = named(ContactSettings, "another")


class Bare(Part):
    pass


class Nameless(Part):
    class Settings(ContactSettings):
        host: str = ""


class Hermes:
    class Settings(CloudSettings):
        IDENTITY: ClassVar[tuple[str, ...]] = ("device_name",)
        device_name: Annotated[str, Field(pattern="^[a-z0-9-]{1,32}$", description="a-z, 0-9, -")]
        device_secret: SecretStr = NO_SECRET
        device_secret_file: FilePath | None = None

    def __init__(self, settings, thing):
        self.settings, self.thing = settings, thing


class OldHermes(Hermes):
    class Settings(Section):
        device_name: str = ""


def make(settings, thing):
    written = settings.model_fields_set & DeviceSettings.model_fields.keys()
    given = {key: getattr(settings, key) for key in written}
    return make_socket(SocketSettings(**{**given, "kind": "socket"}), thing)


class Acme:
    class Settings(DeviceSettings):
        kind: Literal["acme"]
        wheels: Annotated[int, Field(ge=1, le=4)] = 4

    def __new__(cls, settings, thing):
        if settings.wheels == 3:
            raise ValueError("three wheels fall over")
        return make(settings, thing)
'''
ENTRIES = """\
[polycloud.drivers]
acme = acme:Contact
acme_dimmer = acme:Dimmer
acme_sensor = acme:Sensor
acme_meter = acme:Meter
acme_button = acme:Button
acme_light = acme:Light
acme_warm = acme:Warm
bare = acme:Bare
nameless = acme:Nameless
not_made = acme:NotMade
renamed = acme:OtherName
gone = acme:Missing
broken = acme_broken:Contact
twice = acme:Contact

[polycloud.clouds]
hermes = acme:Hermes
old_hermes = acme:OldHermes

[polycloud.devices]
acme = acme:Acme
bare = acme:Bare
"""
OTHER_ENTRIES = "[polycloud.drivers]\ntwice = acme:Meter\n"


@contextmanager
def installed(folder):
    """Install the package, and another with a name of its, until the context ends."""
    (folder / "acme.py").write_text(SOURCE)
    (folder / "acme_broken.py").write_text("raise ValueError('as it was told to')\n")
    for name, entries in (("acme_plugs", ENTRIES), ("other_plugs", OTHER_ENTRIES)):
        info = folder / f"{name}-1.dist-info"
        info.mkdir()
        (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: 1\n")
        (info / "entry_points.txt").write_text(entries)
    sys.path.insert(0, str(folder))
    importlib.invalidate_caches()
    try:
        yield importlib.import_module("acme")
    finally:
        sys.path.remove(str(folder))
        sys.modules.pop("acme", None)
        importlib.invalidate_caches()
