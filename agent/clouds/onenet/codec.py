"""OneNET's codec: the one of the product's generation."""

from typing import Any, assert_never

from agent.clouds.onenet.datastream import DatastreamCodec
from agent.clouds.onenet.legacy import LegacyCodec
from agent.clouds.onenet.thing import ThingCodec
from agent.ports import Codec
from agent.settings.clouds import OnenetSettings
from agent.thing import Thing


def make(settings: OnenetSettings, thing: Thing[Any]) -> Codec:
    """Make the codec of one device; raise `ConfigError`."""
    match settings.generation:
        case "thing":
            return ThingCodec(settings, thing)
        case "datastream":
            return DatastreamCodec(settings, thing)
        case "legacy":
            return LegacyCodec(settings, thing)
        case _:
            assert_never(settings.generation)
