"""Load a configuration that a page shows, with files of secrets in place of those it names."""

import re
import tomllib

from agent.app.codecs import check_codecs
from agent.settings.load import load
from tests.docs.pages import code_blocks

FOLDER = "/etc/polycloud/"
BASE64 = "IyXmUW5sU/q1vnb5yzTkeQ=="
SECRETS = {
    "tencent.secret": BASE64,
    "aliyun.secret": "0123456789abcdef",
    "onenet.secret": BASE64,
    "homeassistant.secret": "0123456789abcdef",
}


def toml_blocks(page):
    return ["\n".join(lines) for language, lines in code_blocks(page) if language == "toml"]


def loaded(folder, text):
    """Load as the service does, and make every codec; the one device comes back."""
    for name, secret in SECRETS.items():
        path = folder / name
        path.write_text(secret)
        path.chmod(0o600)
    (folder / "onenet-ca.pem").touch()
    path = folder / "socket.toml"
    path.write_text(text.replace(FOLDER, f"{folder}/"))
    (device,) = load(path, {}).devices
    check_codecs(device)
    return device


def sections_of(text):
    """The clouds that have a section in *text*."""
    return tuple(tomllib.loads(text).get("clouds", {}))


def naming(text, clouds):
    """The same file with other clouds in its one line."""
    line = f"clouds = {list(clouds)}".replace("'", '"')
    changed, times = re.subn(r"^clouds = .*$", line, text, flags=re.MULTILINE)
    assert times == 1
    return changed
