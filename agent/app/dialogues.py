"""How a device is recorded, what the header says of it, and the codec that a replay needs."""

import json
from dataclasses import replace
from datetime import date
from typing import Any, Final

from pydantic import SecretStr, ValidationError

from agent import __version__
from agent.app.codecs import make_codec
from agent.app.parts import Parts
from agent.clouds.dialogue.lines import Dialogue, Header, Opened
from agent.clouds.dialogue.neutral import DialogueError, Json
from agent.clouds.recorded import RecordedTransport, Recorder
from agent.clouds.recorded_codec import RecordedCodec
from agent.devices.socket.thing_table import SOCKET
from agent.errors import ConfigError
from agent.ports import Codec
from agent.settings.clouds import CloudSettings, section_class
from agent.settings.clouds.aliyun import PASTED
from agent.settings.names import CLOUDS
from agent.thing import Thing

NO_SECRET: Final = "AAAAAAAAAAAAAAAAAAAAAA=="  # noqa: S105 - it is none, in the form of one
"""Nobody looks at what is signed with it: a recording holds no password."""


def header_of(
    cloud: str, settings: CloudSettings, *, source: str, about: str, made: date
) -> Header:
    """Make a recording's first line."""
    return Header(
        source=source,
        about=about,
        made=made.isoformat(),
        agent=__version__,
        cloud=cloud,
        section=_without_secrets(settings),
    )


def recorded(parts: Parts, recorder: Recorder) -> Parts:
    """Have what a device says to its one cloud recorded."""

    def codec(cloud: str, settings: CloudSettings, thing: Thing[Any]) -> Codec:
        return RecordedCodec(parts.codec(cloud, settings, thing), recorder)

    return replace(parts, transport=RecordedTransport(parts.transport, recorder), codec=codec)


def _without_secrets(settings: CloudSettings) -> Json:
    written = settings.model_dump(mode="json", exclude_defaults=True)
    return {
        key: value
        for key, value in written.items()
        if not key.endswith("_file") and not isinstance(getattr(settings, key), SecretStr)
    }


def codec_of(dialogue: Dialogue) -> Codec:
    """Make the codec that spoke; raise `DialogueError`."""
    header = dialogue.header
    if header.cloud not in CLOUDS:
        allowed = ", ".join(CLOUDS)
        raise DialogueError(f"line 1: cloud: found {header.cloud!r:.40}; allowed: {allowed}")
    model = section_class(header.cloud)
    secret = {model.CREDENTIAL: NO_SECRET}
    if header.cloud == "aliyun" and "product_key" not in header.section:
        secret = {PASTED: _pasted(dialogue)}
    try:
        settings = model.model_validate({**header.section, **secret})
        return make_codec(header.cloud, settings, SOCKET)
    except (ValidationError, ConfigError) as error:
        raise DialogueError(f"line 1: section: {error}") from error


def _pasted(dialogue: Dialogue) -> str:
    """Write the console's JSON again, out of the first CONNECT."""
    opened = next((line for line in dialogue.lines if isinstance(line, Opened)), None)
    if opened is None:
        raise DialogueError("line 2: allowed: a CONNECT, which says who logs in")
    pasted = {
        "clientId": opened.client_id,
        "username": opened.username,
        "passwd": NO_SECRET,
        "mqttHostUrl": opened.host,
        "port": opened.port,
    }
    return json.dumps(pasted)
