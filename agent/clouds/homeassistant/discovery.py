"""The one message that tells Home Assistant what a device is."""

from typing import Any, Final

from agent.clouds.homeassistant.entities import Component, Writer
from agent.clouds.homeassistant.topics import Topics
from agent.clouds.payload import Body
from agent.messages import InfoReport
from agent.thing import Thing

MAKER: Final = "Polycloud Agent"
MAX_GONE: Final = 32
"""So many rows that are no more are taken back."""


def device_of(name: str, label: str, thing: Thing[Any], info: InfoReport) -> Body:
    """Describe the device itself."""
    facts = {"sw": info.facts.get("version", ""), "hw": info.facts.get("hardware", "")}
    known = {key: text for key, text in facts.items() if text}
    return {"ids": [label], "name": name, "mf": MAKER, "mdl": thing.kind, **known}


def payload_of(
    *, device: Body, thing: Thing[Any], topics: Topics, writer: Writer, info: InfoReport
) -> Body:
    """Describe a device whole: one message, which stands for every one before it."""
    gone: dict[str, Component] = {}
    for name in info.gone[:MAX_GONE]:
        gone |= dict(writer.removed(name))
    version = {"sw": info.facts["version"]} if info.facts.get("version") else {}
    return {
        "dev": device,
        "o": {"name": MAKER, **version},
        "avty_t": topics.availability,
        "stat_t": topics.state,
        "cmps": {**gone, **writer.components(thing)},
    }
