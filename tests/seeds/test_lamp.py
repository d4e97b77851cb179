"""config/lamp.toml, end to end: on, off and toggle, by the platform and on one's own topic."""

import pytest

from agent.emulator.fields import Letter
from tests.integration.process import until
from tests.seeds.files import DIALECTS, SeedFile
from tests.seeds.played import played

pytestmark = pytest.mark.unmeasured

OWN = "onenet-legacy"
WORDS = [(b"on", True), (b"off", False), (b"toggle", True), (b"toggle", False)]
TOPICS = {
    OWN: "TurnipRobot",
    "tencent": "CS0SLTKSYA/dev1/TurnipRobot",
    "aliyun": "/k19g7hBjoOD/testdevice1/user/TurnipRobot",
}


def lamp(folder):
    return SeedFile(folder, "lamp").simulate()


async def test_the_platforms_commands_switch_it_and_are_answered(tmp_path):
    async with played(lamp(tmp_path), OWN) as system:
        for word, is_on in WORDS:
            answer = await answered(system, word)
            while word == b"toggle" and b"nobody knows" in answer:
                answer = await answered(system, word)
            assert system.seed.is_on is is_on, answer
            await system.until_shown(Lamp=int(is_on))


async def answered(system, word):
    """Send a word as a platform's command, and read the answer to it."""
    reply = await system.emulator.command(system.key, word)
    assert reply.outcome == "answered"
    return system.said("up", "$crsp/")[-1]


async def test_it_logs_in_by_the_pages_three_texts(tmp_path):
    async with played(lamp(tmp_path), OWN) as system:
        session = system.emulator.describe(system.key)["session"]
        assert session["client_id"] == "91025/9377500"
        assert session["tls"] is False


@pytest.mark.parametrize("dialect", TOPICS)
async def test_words_on_ones_own_topic_switch_it(tmp_path, dialect):
    seed = lamp(tmp_path)
    if dialect != OWN:
        seed.uncomment(f'custom_topics = ["{TOPICS[dialect]}"]')
    async with played(seed, dialect) as system:
        await system.until_shown(Lamp=0)
        for word, is_on in WORDS:
            letter = Letter(topic=TOPICS[dialect], payload=word)
            assert system.emulator.send_message(system.key, letter)
            await until(lambda is_on=is_on: seed.is_on is is_on, word)
            await system.until_shown(Lamp=int(is_on))


@pytest.mark.parametrize("dialect", [each for each in DIALECTS if each != OWN])
async def test_another_clouds_app_switches_it(tmp_path, dialect):
    wire = (True, False) if dialect == "onenet" else (1, 0)
    seed = lamp(tmp_path)
    if dialect.startswith("onenet"):  # as the file says, a product of today has neither
        seed.change('custom_topics = ["TurnipRobot"]', "").change(
            "tls = false                    # the old", "# the old"
        )
    async with played(seed, dialect) as system:
        await system.until_shown(Lamp=wire[1])
        for value in wire:
            reply = await system.emulator.set_properties(system.key, {"Lamp": value})
            assert reply.outcome == "answered"
            assert system.seed.is_on is bool(value)
            await system.until_shown(Lamp=value)


async def test_the_command_line_switches_it_with_every_cloud_down(tmp_path):
    async with played(lamp(tmp_path), OWN) as system:
        await system.until_shown(Lamp=0)
        system.emulator.add_fault({"kind": "drop"})
        await system.agent.logged("cloud.down")
        await system.agent.ask("toggle")
        assert system.seed.is_on
        system.emulator.clear_faults()
        await system.until_shown(Lamp=1)


async def test_words_that_mean_nothing_change_nothing_and_say_what_is_understood(tmp_path):
    async with played(lamp(tmp_path), OWN) as system:
        reply = await system.emulator.command(system.key, b"ON!")
        assert reply.outcome == "answered"
        assert not system.seed.is_on
        (answer,) = system.said("up", "$crsp/")
        assert b"toggle" in answer
