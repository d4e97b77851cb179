"""`polycloud conformance`: what is found, what is said, and with which status."""

import json
import sys
import threading

import pytest

from agent.cli.examining import NothingToExamineError, examine, subjects_of
from agent.conformance.drivers.subject import DriverSubject
from agent.conformance.subject import Subject
from agent.errors import ConfigError
from tests.cli.inprocess import in_text
from tests.contract.drivers.memory import Contact, Relay, stand
from tests.contract.subjects import subject

MODULE = """\
from typing import Literal

from agent.conformance.drivers.subject import DriverSubject
from agent.settings.relays import ContactSettings
from tests.contract.drivers.memory import Contact, Relay, stand


class Settings(ContactSettings):
    driver: Literal["memory"]


class Good(Relay):
    def __init__(self, contact, thing=None):
        super().__init__(contact)

    Settings = Settings


class Deaf(Good):
    def set(self, *, on):
        pass


def of(driver, **section):
    return DriverSubject(
        title="memory",
        role="relay",
        stand=stand(Contact, driver),
        factory=driver,
        section={"driver": "memory", **section},
        patience_s=0.1,
    )


CONFORMANCE = of(Good)
DEAF = of(Deaf)
BOTH = (CONFORMANCE, DEAF)
UNFIT = of(Good, min_off_s=-1)
NOTHING = 7
NONE = ()
"""


@pytest.fixture(autouse=True)
def here(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "party.py").write_text(MODULE)
    yield
    for name in ("party", "faulty"):
        sys.modules.pop(name, None)
    if str(tmp_path) in sys.path:
        sys.path.remove(str(tmp_path))


def write(tmp_path, text):
    (tmp_path / "faulty.py").write_text(text)


def test_a_driver_that_holds_all_rules_is_said_to():
    done = in_text("conformance", "party")
    *rules, summary = done.stdout.splitlines()
    assert done.returncode == 0
    assert rules[0] == (
        "ok plug-in-section: its Settings takes its section, and nothing that it does not know"
    )
    assert all(line.startswith("ok relay-") for line in rules[1:])
    assert summary == f"memory: {len(rules)} rules hold, 0 broken"


def test_a_broken_rule_is_named_with_what_breaks_it():
    done = in_text("conformance", "party:DEAF")
    assert done.returncode == 1
    said = "FAILED relay-obeys: after set(on=True) the contact stands open, in memory"
    assert said in done.stdout.splitlines()


def test_machines_read_json():
    done = in_text("conformance", "party:BOTH", "--json")
    answer = json.loads(done.stdout)
    assert done.returncode == 1
    assert [each["holds"] for each in answer["subjects"]] == [True, False]
    rules = {each["rule"]: each for each in answer["subjects"][1]["rules"]}
    assert not answer["holds"]
    assert not rules["relay-obeys"]["holds"]
    assert rules["relay-obeys"]["findings"][0].startswith("after set(on=True)")
    assert rules["relay-line"] == {
        "rule": "relay-line",
        "statement": "what outlives the process is named as the stop guard can reach it",
        "holds": True,
        "findings": [],
    }


def test_settings_that_refuse_their_own_section_end_it():
    done = in_text("conformance", "party:UNFIT")
    first, summary = done.stdout.splitlines()
    assert done.returncode == 78
    assert first.startswith("FAILED plug-in-section: its Settings refuses its own section: min_off")
    assert summary == "memory: 0 rules hold, 1 broken"


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("nobody", "there is no module 'nobody' here: install its package first"),
        ("party.nobody", "there is no module 'party.nobody' here"),
        ("party:CONFORMANCES", "did you mean 'CONFORMANCE'?"),
        ("party:NOTHING", "is no DriverSubject and no Subject"),
        ("party:NONE", "is no DriverSubject and no Subject"),
    ],
)
def test_nothing_to_examine_is_a_matter_of_usage(name, said):
    done = in_text("conformance", name)
    assert (done.returncode, said in done.stderr) == (2, True)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (
            "raise ValueError('odd')\n",
            "faulty cannot be imported: ValueError('odd') at faulty.py:1",
        ),
        ("import nobody_else\n", "faulty cannot be imported: ModuleNotFoundError"),
        (
            "import agent.settings.clouds as c\nc.TencentSettings(product_id='x', device_name='d')",
            "faulty: its Settings refuses its section: product_id: ",
        ),
        (
            "from agent.errors import ConfigError\nraise ConfigError('no key')\n",
            "faulty: no key",
        ),
    ],
)
def test_what_cannot_be_imported_is_said_with_the_reason(tmp_path, text, said):
    write(tmp_path, text)
    done = in_text("conformance", "faulty")
    assert (done.returncode, done.stdout) == (78, "")
    assert said in done.stderr


def test_a_codec_is_examined_with_its_section():
    ours = subject("tencent")
    first = next(iter(examine(ours)))
    assert first.rule == "plug-in-section"
    assert first.findings[0].what.startswith("its Settings is None, no CloudSettings")


def test_a_rule_that_never_ends_is_a_finding():
    class Hung(Relay):
        def set(self, *, on):
            threads.append(on)
            gate.wait()

    gate, threads = threading.Event(), []
    made = DriverSubject(title="hung", role="relay", stand=stand(Contact, Hung), patience_s=0.1)
    *_, last = examine(made, hang_s=0.5)
    gate.set()
    assert threads
    assert "it has not ended after 0.5 s" in last.findings[0].what


def test_subjects_are_found_by_name():
    (made,) = subjects_of("party")
    assert isinstance(made, DriverSubject)
    assert not isinstance(made, Subject)
    with pytest.raises(NothingToExamineError):
        subjects_of("party:Settings")
    with pytest.raises(ConfigError):
        subjects_of("party.x")
