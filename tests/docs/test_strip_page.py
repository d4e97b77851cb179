"""The page of strips: its file loads, and its numbers are those of the code."""

from agent.app.kinds import make_device
from agent.settings.load import load
from agent.settings.strip import FEWEST, MOST, StripSettings
from tests.docs.loading import toml_blocks
from tests.docs.pages import ROOT, text_of

PAGE = ROOT / "docs" / "strip.md"


def test_the_example_loads(tmp_path):
    (text,) = toml_blocks(PAGE)
    secret = tmp_path / "strip.secret"
    secret.write_text("0123456789abcdef")
    secret.chmod(0o600)
    path = tmp_path / "strip.toml"
    path.write_text(text.replace("/etc/polycloud/strip.secret", str(secret)))
    (entry,) = load(path, {}).devices
    assert isinstance(entry.device, StripSettings)
    assert list(make_device(entry.device).needs.relays) == ["1", "2"]
    protection = entry.device.protection
    text = text_of(PAGE)
    assert f"A strip has {FEWEST} to {MOST} outlets" in text
    assert f"The {protection.inrush_s:g} s in which only {protection.bands[-1][0]:g} times" in text
    assert f"`on` of a cloud after {protection.cloud_reset_after_s:g} s" in text
    assert f"`contact_welded`, after {protection.welded_after_s:g} s" in text
