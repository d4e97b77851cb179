"""The log's forms, and that a secret never reaches one of them."""

import io
import json
import logging
import subprocess
import sys

import pytest
import structlog
from hypothesis import given
from hypothesis import strategies as st

from agent.log import LogForm, choose_form, configure, redact


@pytest.fixture(autouse=True)
def _restored():
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    yield
    structlog.reset_defaults()
    root.handlers[:] = handlers
    root.setLevel(level)


def written(form, tell, level="info"):
    stream = io.StringIO()
    configure(stream, {}, level=level, form=form)
    tell(structlog.get_logger())
    return stream.getvalue()


def test_the_journal_gets_priorities_and_keys():
    text = written(
        LogForm.JOURNAL,
        lambda log: log.warning("cloud.down", cloud="tencent", error='no "route"', since=None),
    )
    assert text == '<4>cloud.down cloud=tencent error="no \\"route\\"" since=null\n'


def test_a_value_cannot_forge_a_line_of_the_journal():
    text = written(LogForm.JOURNAL, lambda log: log.info("meter.lost", error="a\n<0>panic b=c"))
    assert text == '<6>meter.lost error="a\\n<0>panic b=c"\n'


def test_every_line_of_a_trace_has_the_priority():
    def fail(log):
        try:
            _ = 1 / 0
        except ZeroDivisionError:
            log.exception("agent.failed")

    lines = written(LogForm.JOURNAL, fail).splitlines()
    assert lines[0] == "<3>agent.failed"
    assert lines[-1] == "<3>ZeroDivisionError: division by zero"
    assert all(line.startswith("<3>") for line in lines)


def test_a_program_gets_json():
    text = written(LogForm.JSON, lambda log: log.info("relay.on", on=True, limits={"a": 1.5}))
    entry = json.loads(text)
    assert entry.pop("time")
    assert entry == {"level": "info", "event": "relay.on", "on": True, "limits": {"a": 1.5}}


def test_a_person_gets_time_level_and_event():
    text = written(LogForm.HUMAN, lambda log: log.info("relay.on", device="socket-1"))
    assert text[8:] == " info     relay.on             device=socket-1\n"


def test_what_is_below_the_level_is_not_written():
    assert written(LogForm.JSON, lambda log: log.debug("frame.seen")) == ""
    assert written(LogForm.JSON, lambda log: log.debug("frame.seen"), level="debug")


def test_secrets_are_blanked_however_deep():
    text = written(
        LogForm.JSON,
        lambda log: log.info(
            "cloud.up",
            device_secret="s3cr3t",
            nested={"Password": "s3cr3t", "host": "h"},
            many=[{"accessToken": "s3cr3t"}],
            app_keys=["s3cr3t"],
            missing_key=None,
        ),
    )
    entry = json.loads(text)
    assert "s3cr3t" not in text
    assert entry["nested"] == {"Password": "***", "host": "h"}
    assert entry["missing_key"] is None


@given(
    st.dictionaries(
        st.sampled_from(["device_secret", "PASSWORD", "token", "api_key", "host"]),
        st.just("s3cr3t") | st.lists(st.just("s3cr3t")),
    )
)
def test_no_secret_passes_the_processor(event):
    event.pop("host", None)
    assert "s3cr3t" not in json.dumps(redact(None, "info", dict(event)))


def test_libraries_speak_through_the_same_log():
    stream = io.StringIO()
    configure(stream, {}, form=LogForm.JOURNAL)
    logging.getLogger("asyncio").error("Task was destroyed")
    logging.getLogger("asyncio").info("chatter")
    assert stream.getvalue() == '<3>library.logged library=asyncio text="Task was destroyed"\n'


def test_a_trace_of_a_library_is_kept():
    stream = io.StringIO()
    configure(stream, {}, form=LogForm.JOURNAL)
    try:
        _ = 1 / 0
    except ZeroDivisionError:
        logging.getLogger("x").exception("failed")
    assert "<3>ZeroDivisionError: division by zero\n" in stream.getvalue()


def test_the_form_follows_the_reader():
    assert choose_form({"JOURNAL_STREAM": "8:1"}, is_terminal=False) is LogForm.JOURNAL
    assert choose_form({"JOURNAL_STREAM": "8:1"}, is_terminal=True) is LogForm.HUMAN
    assert choose_form({}, is_terminal=False) is LogForm.JSON


def test_the_log_never_needs_rich():
    script = (
        "import sys; sys.modules['rich'] = None\n"
        "import agent.log; agent.log.configure(sys.stderr, {})\n"
        "import structlog; structlog.get_logger().info('agent.up', a=1)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True
    )
    assert json.loads(done.stderr)["event"] == "agent.up"
