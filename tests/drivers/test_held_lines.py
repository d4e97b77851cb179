"""Lines that were held through a restart: taken back without a movement, or not at all."""

import errno
import os

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent import levels
from agent.drivers.gpio_held import GET_VALUES, SET_VALUES, system_ioctl
from agent.drivers.gpiod_relay import GpiodRelay
from agent.drivers.gpiozero_relay import GpiozeroRelay
from agent.drivers.relay_auto import AutoRelay
from agent.drivers.simulated.contact import SimulatedRelay
from agent.errors import DriverError, LineBusyError
from agent.settings.relays import RelaySettings
from tests.drivers import kernel as fake


@pytest.fixture
def kernel(tmp_path):
    return fake.Kernel(tmp_path, "GPIO4", "GPIO17")


def gpiod(kernel, **settings):
    return GpiodRelay(RelaySettings(**settings), None, **kernel.parts())


async def held_by_gpiod(kernel, *, on=True, **settings):
    """Drive the line, have a copy of its descriptor held, and let the process end."""
    async with gpiod(kernel, **settings).open(on=on) as relay:
        held = os.dup(relay.descriptor)
    kernel.show(held, "GPIO17")
    return held


def test_the_calls_are_those_of_the_kernels_header():
    assert (GET_VALUES, SET_VALUES) == (fake.GET_VALUES, fake.SET_VALUES)


def test_a_descriptor_that_is_no_line_request_does_not_know_the_calls():
    descriptor = os.open(os.devnull, os.O_RDONLY)
    with pytest.raises(OSError, match=os.strerror(errno.ENOTTY)):
        system_ioctl(descriptor, GET_VALUES, bytes(16))
    os.close(descriptor)


@pytest.mark.parametrize("active_high", [True, False])
@pytest.mark.parametrize("on", [True, False])
async def test_a_held_request_is_taken_back_where_it_stands(kernel, on, active_high):
    line = kernel.lines["GPIO17"]
    held = await held_by_gpiod(kernel, on=on, active_high=active_high)
    assert line.is_claimed
    moved = list(line.levels)
    driver = gpiod(kernel, active_high=active_high)
    found = driver.probe(held)
    assert found is not None
    assert found.is_on is on
    async with driver.open(on=on, held=held) as relay:
        assert (relay.descriptor, relay.line) == (held, found.line)
        assert line.levels == moved
        assert kernel.calls == [fake.GET_VALUES, fake.GET_VALUES]
        relay.set(on=not on)
        assert line.levels == [*moved, not moved[-1]]
    assert not line.is_claimed


async def test_a_held_request_is_moved_where_the_start_wants_it_elsewhere(kernel):
    held = await held_by_gpiod(kernel)
    async with gpiod(kernel).open(on=False, held=held):
        assert kernel.lines["GPIO17"].levels == [False, True, False]


async def test_a_held_request_that_the_kernel_refuses_is_closed(kernel):
    held = await held_by_gpiod(kernel)
    kernel.error = OSError(errno.ENODEV, "No such device")
    driver = gpiod(kernel)
    assert driver.probe(held) is None
    with pytest.raises(DriverError, match="GPIO17: /dev/gpiochip3: No such device"):
        async with driver.open(on=True, held=held):
            pass
    assert not kernel.lines["GPIO17"].is_claimed


async def test_a_held_request_that_cannot_be_driven_says_so(kernel):
    held = await held_by_gpiod(kernel)
    async with gpiod(kernel).open(on=True, held=held) as relay:
        kernel.error = OSError(errno.ENODEV, "No such device")
        with pytest.raises(DriverError, match="No such device"):
            relay.set(on=False)


@pytest.mark.parametrize(
    "shown",
    [
        {"name": "GPIO4"},
        {"name": "GPIO17", "chip": "gpiochip0"},
        {"name": "GPIO17", "kind": "anon_inode:gpio-linehandle"},
        {"name": "GPIO17", "kind": "/dev/gpiochip3"},
        {"name": "GPIO17", "kind": "socket:[77]"},
    ],
)
async def test_what_is_no_request_for_the_line_is_not_taken(kernel, shown):
    held = await held_by_gpiod(kernel)
    kernel.show(held, **shown)
    assert gpiod(kernel).probe(held) is None
    assert not kernel.calls
    os.close(held)


async def test_a_request_for_more_lines_than_one_is_not_taken(kernel):
    held = await held_by_gpiod(kernel)
    facts = kernel.proc / "fdinfo" / str(held)
    facts.write_text(facts.read_text() + "gpio-line:\t5\n")
    assert gpiod(kernel).probe(held) is None
    os.close(held)


async def test_an_older_kernel_does_not_tell_the_line_and_is_believed(tmp_path):
    kernel = fake.Kernel(tmp_path, "GPIO4", "GPIO17", has_fdinfo=False)
    held = await held_by_gpiod(kernel)
    assert gpiod(kernel).probe(held) is not None
    os.close(held)


async def test_a_descriptor_that_proc_does_not_show_is_not_taken(kernel):
    assert gpiod(kernel).probe(99) is None


async def test_nothing_is_taken_where_the_machine_has_no_such_line(kernel):
    held = await held_by_gpiod(kernel)
    assert gpiod(kernel, pin="GPIO22").probe(held) is None
    os.close(held)


async def test_a_line_that_is_still_held_is_in_use(kernel):
    held = await held_by_gpiod(kernel)
    with pytest.raises(LineBusyError, match="in use by 'polycloud'"):
        async with gpiod(kernel).open(on=True):
            pass
    os.close(held)


def test_gpiozero_cannot_take_anything_back():
    assert GpiozeroRelay(RelaySettings()).probe(0) is None


async def test_auto_asks_the_driver_that_it_would_open(kernel):
    held = await held_by_gpiod(kernel)
    made = gpiod(kernel)
    auto = AutoRelay(RelaySettings(), None, load=lambda _: lambda *_: made)
    assert auto.probe(held) == made.probe(held)
    async with auto.open(on=True, held=held) as relay:
        assert relay.descriptor == held


# ── the simulated line ──────────────────────────────────────────────────────────────────────


@pytest.fixture
def path(tmp_path):
    return tmp_path / "contact"


def simulated(path, **settings):
    return SimulatedRelay(RelaySettings(driver="simulated", state_file=str(path), **settings))


async def test_a_simulated_line_has_one_owner_at_a_time(path):
    async with simulated(path).open(on=True):
        with pytest.raises(LineBusyError, match="in use by another process"):
            async with simulated(path).open(on=False):
                pass
    assert path.read_text() == "1"
    async with simulated(path).open(on=True):
        pass
    assert path.read_text() == "1"


@pytest.mark.parametrize("active_high", [True, False])
async def test_a_copy_of_the_descriptor_keeps_a_simulated_line_until_it_is_taken_back(
    path, active_high
):
    async with simulated(path, active_high=active_high).open(on=True) as relay:
        held = os.dup(relay.descriptor)
    with pytest.raises(LineBusyError):
        levels.claim(str(path))
    moved = path.read_text()
    driver = simulated(path, active_high=active_high)
    found = driver.probe(held)
    assert found is not None
    assert found.is_on
    async with driver.open(on=True, held=held) as relay:
        assert (relay.descriptor, path.read_text()) == (held, moved)
        relay.set(on=False)
    assert len(path.read_text()) == 2
    os.close(levels.claim(str(path)))


async def test_what_is_no_claim_on_the_file_is_not_taken(path, tmp_path):
    async with simulated(path).open(on=True):
        another = os.open(path, os.O_RDWR)
        elsewhere = levels.claim(str(tmp_path / "other"))
        driver = simulated(path)
        assert (driver.probe(another), driver.probe(elsewhere), driver.probe(9999)) == (None,) * 3
        assert SimulatedRelay(RelaySettings(driver="simulated")).probe(elsewhere) is None
    os.close(another)
    os.close(elsewhere)


async def test_a_simulated_relay_without_a_file_holds_nothing():
    async with SimulatedRelay(RelaySettings(driver="simulated")).open(on=True) as relay:
        assert (relay.descriptor, relay.line) == (None, None)


def test_a_line_whose_file_cannot_be_written_is_a_driver_error(path):
    path.touch()
    descriptor = os.open(path, os.O_RDONLY)
    with pytest.raises(DriverError, match="cannot write the line's file"):
        levels.drive(descriptor, high=True)
    os.close(descriptor)


@given(driven=st.lists(st.booleans(), max_size=30))
def test_a_file_holds_every_change_of_level_and_no_more(tmp_path_factory, driven):
    path = tmp_path_factory.mktemp("line") / "contact"
    claim = levels.claim(str(path))
    for high in driven:
        levels.drive(claim, high=high)
        assert levels.is_high(claim) is high
    os.close(claim)
    changes = [
        "01"[high] for before, high in zip([None, *driven], driven, strict=False) if high != before
    ]
    assert path.read_text() == "".join(changes)


@given(text=st.binary(max_size=20))
def test_any_file_is_a_line_and_the_last_character_its_level(tmp_path_factory, text):
    path = tmp_path_factory.mktemp("line") / "contact"
    path.write_bytes(text)
    claim = levels.claim(str(path))
    assert levels.is_high(claim) is {b"1": True, b"0": False}.get(text[-1:])
    os.close(claim)
