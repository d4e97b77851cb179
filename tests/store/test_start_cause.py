"""Why the process starts, told from how its last run ended."""

import pytest

from agent.model import StartCause
from agent.store import Store, read_boot_id, start_cause
from agent.store.contents import Run


@pytest.mark.parametrize(
    ("last", "cause"),
    [
        (None, StartCause.FIRST),
        (Run(boot_id="b1", version="1", is_clean_stop=True), StartCause.RESTART),
        (Run(boot_id="b1", version="1"), StartCause.CRASH),
        (Run(boot_id="b1", version="0", is_clean_stop=True), StartCause.UPDATE),
        (Run(boot_id="b1", version="0"), StartCause.CRASH),
        (Run(boot_id="b0", version="1", is_clean_stop=True), StartCause.REBOOT),
        (Run(boot_id="b0", version="0"), StartCause.POWER_LOSS),
    ],
)
def test_the_cause_follows_from_how_the_last_run_ended(last, cause):
    assert start_cause(last, "b1", "1") is cause


def test_a_machine_without_a_boot_id_is_never_taken_for_the_same_boot(tmp_path):
    assert read_boot_id(tmp_path / "missing") == ""
    last = Run(boot_id="", version="1", is_clean_stop=True)
    assert start_cause(last, "", "1") is StartCause.REBOOT


def test_the_boot_id_of_this_machine_is_read():
    assert len(read_boot_id()) == 36


async def test_runs_follow_one_another_through_the_file(tmp_path):
    path = tmp_path / "agent.sqlite"
    causes = []
    for boot_id, version, is_clean in [
        ("b1", "1", True),
        ("b1", "1", False),
        ("b1", "1", True),
        ("b1", "2", True),
        ("b2", "2", False),
        ("b3", "2", True),
    ]:
        async with Store(path) as store:
            causes.append(await store.begin_run(boot_id, version))
            if is_clean:
                await store.end_run()
    assert causes == ["first", "restart", "crash", "update", "reboot", "power_loss"]
