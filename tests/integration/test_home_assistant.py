"""The agent at a real Mosquitto, with a second client in the place of Home Assistant."""

import contextlib

from tests.clouds.brokers import real_broker
from tests.contract.discovery import faults_of
from tests.integration.home import CONFIG, ROOT, at_home, config_for
from tests.integration.process import ready

OPEN = "allow_anonymous true"


async def test_a_device_describes_itself_and_tells_its_values(tmp_path):
    async with real_broker(tmp_path, OPEN) as port, at_home(port) as home:
        async with ready(config_for(tmp_path / "device", port, reset_energy=True)):
            await home.until(lambda: home.state.get("voltage") is not None)
            (described,) = home.objects(CONFIG)
            assert faults_of(described) == []
            assert described["dev"]["name"] == "Kettle"
            assert described["cmps"]["switch_power_switch"]["dev_cla"] == "outlet"
            assert home.availability == "online"
            assert home.state["power_switch"] == "OFF"
        async with at_home(port) as later:
            await later.until(lambda: later.told(CONFIG) and later.availability)
            kept = {topic for topic, _, is_kept in later.heard if is_kept}
            assert kept == {CONFIG, f"{ROOT}/availability"}


async def test_commands_move_the_contact_and_are_answered_by_the_state(tmp_path):
    async with real_broker(tmp_path, OPEN) as port, at_home(port) as home:
        config = config_for(tmp_path / "device", port, reset_energy=True)
        async with ready(config) as agent:
            await home.until(lambda: home.state.get("power_switch") == "OFF")
            await home.set("power_switch", "ON")
            await home.until(lambda: home.state["power_switch"] == "ON")
            assert config.is_closed
            await home.set("count_down", "600")
            await home.until(lambda: home.state["count_down"] == 600)
            await home.set("child_lock", "ON")
            await home.until(lambda: home.state["child_lock"] == "ON")
            await home.set("power_switch", "OFF")
            await home.until(lambda: home.state["power_switch"] == "OFF")
            assert not config.is_closed
            await home.press("reset_energy")
            await agent.device_until(lambda d: d["properties"]["total_energy"] == 0)


async def test_a_refused_command_snaps_back(tmp_path):
    async with real_broker(tmp_path, OPEN) as port, at_home(port) as home:
        config = config_for(tmp_path / "device", port, commands="off_only")
        async with ready(config):
            await home.until(lambda: "power_switch" in home.state)
            home.forget()
            await home.set("power_switch", "ON")
            await home.until(lambda: home.objects(f"{ROOT}/state"))
            assert home.objects(f"{ROOT}/state")[0] == {"power_switch": "OFF"}
            assert not config.is_closed


async def test_a_kept_command_is_nobodys_wish(tmp_path):
    async with real_broker(tmp_path, OPEN) as port, at_home(port) as home:
        await home.set("power_switch", "ON", retain=True)
        await home.say("homeassistant/status", "online", retain=True)
        config = config_for(tmp_path / "device", port)
        async with ready(config) as agent:
            await home.until(lambda: home.state.get("power_switch") == "OFF")
            (dropped,) = agent.entries("message.dropped")
            assert dropped["topic"] == f"{ROOT}/power_switch/set"
            assert not config.is_closed


async def test_death_and_a_stop_are_told_by_the_broker(tmp_path):
    async with real_broker(tmp_path, OPEN) as port, at_home(port) as home:
        config = config_for(tmp_path / "device", port)
        async with ready(config) as agent:
            await home.until(lambda: home.availability == "online")
            await agent.kill()
            await home.until(lambda: home.availability == "offline")
        async with ready(config) as agent:
            await home.until(lambda: home.availability == "online")
            await agent.stop()
            await home.until(lambda: home.availability == "offline")


async def test_home_assistant_is_told_everything_again_when_it_starts(tmp_path):
    async with (
        real_broker(tmp_path, OPEN) as port,
        at_home(port) as home,
        ready(config_for(tmp_path / "device", port)),
    ):
        await home.until(lambda: home.state.get("voltage") is not None)
        home.forget()
        await home.be_born()
        await home.until(lambda: home.told(CONFIG) and "total_energy" in home.state)
        assert {"power_switch", "voltage", "child_lock", "timers"} <= home.state.keys()


async def test_what_a_device_has_no_right_to_any_more_is_taken_back(tmp_path):
    async with real_broker(tmp_path, OPEN) as port, at_home(port) as home:
        config = config_for(tmp_path / "device", port, reset_energy=True)
        async with ready(config) as agent:
            await home.until(lambda: home.told(CONFIG))
            config.set("clouds.homeassistant", commands="none")
            await agent.reload()
            await home.until(lambda: len(home.told(CONFIG)) > 1)
            components = home.objects(CONFIG)[-1]["cmps"]
            assert components["button_reset_energy"] == {"p": "button"}
            assert components["switch_power_switch"] == {"p": "switch"}
            assert components["binary_sensor_power_switch"]["uniq_id"]


async def test_a_user_and_a_password_are_taken_and_never_shown(tmp_path):
    folder = tmp_path / "device"
    folder.mkdir()
    (folder / "password").write_text("only-between-us\n")
    async with real_broker(tmp_path, OPEN) as port, at_home(port) as home:
        more = {"username": "socket", "password_file": str(folder / "password")}
        async with ready(config_for(folder, port, **more)) as agent:
            await home.until(lambda: home.availability == "online")
            await agent.stop()
        assert "only-between-us" not in agent.text + str(home.heard)


async def test_what_was_so_while_the_broker_was_away_is_not_told_as_of_now(tmp_path):
    async with contextlib.AsyncExitStack() as stack:
        async with real_broker(tmp_path, OPEN) as port:
            config = config_for(tmp_path / "device", port)
            agent = await stack.enter_async_context(ready(config))
            await agent.logged("cloud.up")
        await agent.logged("cloud.down")
        await agent.switch(on=True)
        await agent.switch(on=False)
        async with real_broker(tmp_path, OPEN, port=port), at_home(port) as home:
            await home.until(lambda: home.availability == "online")
            status = await agent.device_until(
                lambda d: d["clouds"]["homeassistant"]["pending"] == 0
            )
            assert {each.get("power_switch") for each in home.objects(f"{ROOT}/state")} <= {
                "OFF",
                None,
            }
            assert home.state["power_switch"] == "OFF"
            assert status["clouds"]["homeassistant"]["local"] > 0


async def test_a_trip_is_an_event_and_switching_on_at_once_is_refused(tmp_path):
    async with real_broker(tmp_path, OPEN) as port, at_home(port) as home:
        config = config_for(tmp_path / "device", port)
        config.set("device.meter", load="overload")
        async with ready(config):
            await home.until(lambda: "power_switch" in home.state)
            await home.set("power_switch", "ON")
            (trip,) = await home.until(lambda: home.objects(f"{ROOT}/trip/event"))
            assert (trip["event_type"], trip["cause"]) == ("trip", "overcurrent")
            await home.until(lambda: home.state["power_switch"] == "OFF")
            home.forget()
            await home.set("power_switch", "ON")
            await home.until(lambda: home.objects(f"{ROOT}/state"))
            assert home.state["power_switch"] == "OFF"
            assert not config.is_closed
