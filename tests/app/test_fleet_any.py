"""Whatever becomes of some devices, in any order: the contacts of the others never move."""

import asyncio

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from agent.errors import ControlError
from tests.app.fleet_stand import Contact, Fleet

HEALTHY = ("hall", "kitchen")
TROUBLED = ("attic", "cellar", "shed")
ACTIONS = ("bug", "missing", "back", "leave", "come", "break the file", "mend the file", "on")


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=st.lists(st.tuples(st.sampled_from(ACTIONS), st.sampled_from(TROUBLED)), max_size=12))
def test_what_befalls_some_moves_none_of_the_others(tmp_path_factory, steps):
    asyncio.run(befall(Fleet(tmp_path_factory.mktemp("fleet"), *HEALTHY, *TROUBLED), steps))


async def befall(fleet, steps):
    async with fleet.running():
        for name in HEALTHY:
            fleet.switch(name, on=True)
        for action, name in steps:
            await act(fleet, action, name)
            for _ in range(3):
                await asyncio.sleep(0)
        for name in HEALTHY:
            assert fleet.contacts[name].levels == [False, True]
            assert fleet.agent.devices[name].is_open
        for name in TROUBLED:
            if name not in fleet.agent.devices:
                assert not fleet.contacts[name].is_closed
    assert not any(contact.is_closed for contact in fleet.contacts.values())
    failed = {each["device"] for each in fleet.logged("device.failed")}
    assert not failed & set(HEALTHY)


async def act(fleet, action, name):
    match action:
        case "bug":
            if name in fleet.agent.devices:
                fleet.agent.devices[name].fail(ZeroDivisionError())
        case "missing" | "back":
            fleet.contacts[name].is_missing = action == "missing"
        case "on":
            switch_on(fleet, name)
        case "come":
            fleet.add(name)
            await fleet.reload()
        case _:
            if name in fleet.files:
                await change_file(fleet, action, name)


async def change_file(fleet, action, name):
    match action:
        case "leave":
            fleet.remove(name)
            await fleet.reload()
        case "break the file":
            fleet.files[name].set("device", bord=1)
            assert not (await fleet.reload())["reloaded"]
        case _:
            fleet.files[name].sections["device"].pop("bord", None)
            fleet.files[name].write()


def switch_on(fleet, name):
    try:
        fleet.switch(name, on=True)
    except ControlError as error:
        assert error.kind in ("starting", "unknown_device")  # noqa: PT017 - either may be


def test_a_contact_begins_open():
    assert not Contact().is_closed
