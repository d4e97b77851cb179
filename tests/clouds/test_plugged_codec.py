"""A plug-in's codec that raises anything: its cloud suffers, and nothing else."""

import pytest
from structlog.testing import capture_logs

from agent.app.codecs import make_codec
from agent.clouds.plugged_codec import NOTHING, PluggedCodec
from agent.devices.socket.thing_table import SOCKET
from agent.errors import CodecError, TransportError
from agent.messages import DONE, PropertyReport, PropertySet
from agent.ports import PlatformLimits
from tests.contract.subjects import subject
from tests.plugged import installed

SET = PropertySet(request_id="1", values={})
REPORT = PropertyReport(values={}, wall_time=None)
CALLS = {
    "on_connected": (("7",), ()),
    "encode": ((REPORT, "7", None), None),
    "encode_past": (([REPORT], "7", None), NOTHING),
    "encode_together": (([REPORT], "7", None), NOTHING),
    "encode_sum": ((1.0, None, "7"), None),
    "encode_reply": ((SET, DONE), ()),
    "encode_cleared": ((SET,), ()),
    "encode_taken": ((SET,), ()),
    "ask_time": ((), None),
}
NEEDED = {"connect_params": (None, "n"), "subscriptions": ()}


class Odd:
    """Raises at every method, and tells a secret with it."""

    limits = PlatformLimits(
        connect_interval_s=1, rejected_interval_s=1, messages_per_s=1, payload_bytes=1
    )

    def __getattr__(self, name):
        def fails(*_):
            raise KeyError("secret")

        return fails


@pytest.mark.parametrize("method", CALLS)
def test_what_cannot_be_written_has_no_form(method):
    arguments, nothing = CALLS[method]
    codec = PluggedCodec(Odd(), "odd")
    with capture_logs() as logs:
        assert getattr(codec, method)(*arguments) == nothing
        assert getattr(codec, method)(*arguments) == nothing
    assert [(each["log_level"], each["method"]) for each in logs] == [
        ("warning", method),
        ("debug", method),
    ]
    assert all(each["at"].startswith("test_plugged_codec.py:") for each in logs)
    assert "secret" not in str(logs)


@pytest.mark.parametrize("method", NEEDED)
def test_without_a_login_or_filters_the_link_backs_off(method):
    with pytest.raises(TransportError, match=f"the plug-in odd failed at {method}"):
        getattr(PluggedCodec(Odd(), "odd"), method)(*NEEDED[method])


def test_nothing_is_no_login():
    class Silent:
        def connect_params(self, *_):
            return None

    with pytest.raises(TransportError):
        PluggedCodec(Silent(), "silent").connect_params(None, "n")


def test_what_cannot_be_read_is_dropped():
    with pytest.raises(CodecError, match="the plug-in failed: KeyError"):
        PluggedCodec(Odd(), "odd").decode("t", b"p")


def test_a_codec_that_works_is_passed_through():
    good = subject("tencent").make()
    codec = PluggedCodec(good, "tencent")
    assert codec.limits == good.limits
    assert codec.connect_params(1e9, "n") == good.connect_params(1e9, "n")
    assert codec.subscriptions() == good.subscriptions()
    assert codec.on_connected("7") == good.on_connected("7")
    with pytest.raises(CodecError, match="JSON"):
        codec.decode(good.subscriptions()[0].topic, b"{")


def test_only_a_plug_ins_codec_is_wrapped(tmp_path):
    with installed(tmp_path) as acme:
        made = make_codec("hermes", acme.Hermes.Settings(device_name="d"), SOCKET)
        assert isinstance(made, PluggedCodec)
        assert made.name == "hermes"
    ours = subject("tencent")
    assert not isinstance(make_codec("tencent", ours.settings, SOCKET), PluggedCodec)
