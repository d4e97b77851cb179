"""When garbage is looked for: the more devices, the more rarely, and never among what stays."""

import gc

import pytest

from agent import garbage


@pytest.fixture(autouse=True)
def as_before():
    threshold, was_enabled = gc.get_threshold(), gc.isenabled()
    yield
    gc.set_threshold(*threshold)
    gc.unfreeze()
    assert gc.isenabled() is was_enabled


@pytest.mark.parametrize(("devices", "least"), [(1, 2_000), (100, 6_000), (1000, 60_000)])
def test_a_look_waits_for_as_much_as_all_devices_have(devices: int, least: int):
    garbage.rare(devices)
    assert gc.get_threshold()[0] == least


def test_what_is_made_to_stay_is_not_looked_at():
    with garbage.nothing_is_garbage():
        assert not gc.isenabled()
        made = [[number] for number in range(10)]
    assert gc.isenabled()
    assert not any(made is each for each in gc.get_objects())


def test_a_start_that_fails_looks_for_garbage_again():
    def fail() -> None:
        with garbage.nothing_is_garbage():
            raise KeyError

    with pytest.raises(KeyError):
        fail()
    assert gc.isenabled()
