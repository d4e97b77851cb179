"""The page of Home Assistant says what the code does."""

from agent.clouds.homeassistant.codec import HomeassistantCodec
from agent.clouds.limits import HOMEASSISTANT
from agent.clouds.newcomers import SPREAD_S
from agent.devices.socket.thing_table import SOCKET
from agent.messages import InfoReport
from tests.contract.platforms_home import CONFIG, section
from tests.docs.loading import loaded, toml_blocks
from tests.docs.pages import ROOT, text_of

PAGE = ROOT / "docs" / "homeassistant.md"


def test_the_section_that_is_shown_loads(tmp_path):
    (shown,) = toml_blocks(PAGE)
    device = loaded(tmp_path, shown)
    assert device.clouds["homeassistant"].identity == ("homeassistant.local", "socket-1")
    assert device.clouds["homeassistant"].name == "Kettle"


def test_the_figures_are_those_of_the_code():
    text = text_of(PAGE)
    assert f"{HOMEASSISTANT.connect_interval_s:g} s between two CONNECTs" in text
    assert f"{HOMEASSISTANT.rejected_interval_s:g} s after a refusal" in text
    assert f"{HOMEASSISTANT.messages_per_s:g} messages a second" in text
    assert f"{HOMEASSISTANT.payload_bytes // 1024} KB a message" in text
    assert f"within {SPREAD_S:g} s" in text


def test_a_description_is_as_small_as_the_page_says_and_where_it_says():
    codec = HomeassistantCodec(section(), SOCKET)
    publish = codec.encode(InfoReport(facts={"version": "0.1.0"}), "1")
    assert publish is not None
    assert len(publish.payload) < 5 * 1024
    assert CONFIG.replace("socket-1", "ID") in text_of(PAGE)


def test_every_event_and_action_of_a_socket_is_named():
    text = text_of(PAGE)
    names = [each.name for each in (*SOCKET.events, *SOCKET.actions)]
    assert all(f"`{name}`" in text for name in names)
