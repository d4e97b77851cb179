"""The example packages, as somebody else would build, install, examine and run them."""

import asyncio
import contextlib
import importlib
import json

import pytest

from agent.conformance.drivers.subject import RULES
from agent.conformance.rules import CODEC_RULES
from tests.clouds.brokers import real_broker
from tests.examples.packages import EXAMPLES, PACKAGES, SUBJECTS, bent, importable, install
from tests.integration.config import DeviceFile
from tests.integration.home import at_home
from tests.integration.process import ready, run, until

pytestmark = pytest.mark.unmeasured

MOST_LINES = 200
ROOT = "hermes/fan-1"


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    return install(tmp_path_factory.mktemp("built"))


@pytest.mark.parametrize("name", PACKAGES)
def test_a_package_is_short_enough_to_read(name):
    files = [EXAMPLES / name / "pyproject.toml", *(EXAMPLES / name / PACKAGES[name]).glob("*.py")]
    assert sum(len(file.read_text().splitlines()) for file in files) < MOST_LINES


async def test_the_installed_cloud_holds_every_rule(site):
    code, out, err = await run("conformance", SUBJECTS["hermes"], PYTHONPATH=str(site))
    assert (code, err) == (0, "")
    *rules, summary = out.splitlines()
    assert summary == f"hermes: {len(CODEC_RULES) + 1} rules hold, 0 broken"
    assert all(line.startswith("ok ") for line in rules)


async def test_the_installed_driver_holds_every_rule(site):
    code, out, err = await run(
        "conformance", SUBJECTS["acme-relay"], "--json", PYTHONPATH=str(site)
    )
    assert (code, err) == (0, "")
    (subject,) = json.loads(out)["subjects"]
    assert (subject["title"], subject["role"], subject["holds"]) == ("acme", "relay", True)
    own = ["plug-in-section", *(rule.name for rule in RULES["relay"])]
    assert [each["rule"] for each in subject["rules"]] == own


@pytest.mark.parametrize(
    ("name", "old", "new", "rule"),
    [
        ("hermes", '"id": request.request_id', '"id": "0"', "replies-by-id"),
        (
            "hermes",
            "body = load(payload)",
            "body = __import__('json').loads(payload)",
            "decode-errors",
        ),
        ("acme-relay", "            raise self._lost\n", "            pass\n", "relay-errors"),
        ("acme-relay", "        self._news.set()\n", "", "relay-obeys"),
    ],
)
async def test_a_package_that_breaks_a_rule_is_told_which(tmp_path, name, old, new, rule):
    folder = bent(tmp_path, name, old, new)
    code, out, _ = await run("conformance", SUBJECTS[name], PYTHONPATH=str(folder))
    assert code == 1
    assert f"FAILED {rule}: " in out
    assert " broken" in out.splitlines()[-1]


async def test_an_agent_runs_with_both(tmp_path, site):
    """A command of the cloud closes the contact of the board, and the cloud hears of it."""
    async with fan(tmp_path, site) as (agent, board, hermes):
        await hermes.until(lambda: hermes.told("report"))
        await hermes.say("set", id="a1", values={"Fan": True})
        await until(board.is_on)
        await hermes.until(lambda: hermes.told("reply"))
        assert hermes.told("reply") == [{"id": "a1", "ok": True, "values": {}}]
        await hermes.until(lambda: hermes.position is True)
        await agent.ask("set", values={"Fan": False})
        await until(lambda: not board.is_on())
        await hermes.until(lambda: hermes.position is False)
        assert (await agent.device())["clouds"]["hermes"]["connected"]
        assert await agent.stop() == 0


async def test_a_board_that_is_gone_is_told_and_obeys_again(tmp_path, site):
    async with fan(tmp_path, site) as (agent, board, hermes):
        faults = importlib.import_module("agent.conformance.drivers.stands").Fault
        await agent.ask("set", values={"Fan": True})
        await until(board.is_on)
        board.make(faults.GONE)
        await agent.logged("relay.failed")
        board.make(None)
        await agent.logged("relay.obeys")
        assert board.is_on()
        await hermes.until(lambda: hermes.position is True)


class Hermes:
    """The platform's side: it takes all that the device tells, and commands."""

    def __init__(self, home):
        self._home = home
        self._taken = 0

    def told(self, kind):
        return self._home.objects(f"{ROOT}/up/{kind}")

    @property
    def position(self):
        values = {
            key: each for report in self.told("report") for key, each in report["values"].items()
        }
        return values.get("Fan")

    async def say(self, kind, **body):
        await self._home.say(f"{ROOT}/down/{kind}", json.dumps(body))

    async def until(self, condition):
        return await self._home.until(condition)

    async def acknowledge(self):
        while True:
            await self._home.until(lambda: len(self._home.heard) > self._taken)
            topic, payload, _ = self._home.heard[self._taken]
            self._taken += 1
            if topic.startswith(f"{ROOT}/up/") and not topic.endswith("reply"):
                await self.say("ack", id=json.loads(payload)["id"], ok=True)


@contextlib.asynccontextmanager
async def fan(folder, site):
    """Run an agent with a fan at the board's contact, at the cloud."""
    with importable(site):
        stand = importlib.import_module("acme_relay.stand")
        async with (
            real_broker(folder, "allow_anonymous true") as port,
            at_home(port) as home,
            stand.board() as board,
        ):
            hermes = Hermes(home)
            config = config_for(folder / "device", port, board.port)
            acknowledging = asyncio.create_task(hermes.acknowledge())
            async with ready(config, PYTHONPATH=str(site)) as agent:
                yield agent, board, hermes
            acknowledging.cancel()
            await asyncio.wait([acknowledging])


def config_for(folder, port, board_port):
    config = DeviceFile(folder, "fan-1")
    del config.sections["device.meter"], config.sections["device.relay"]
    del config.sections["device.button"], config.sections["device.indicator"]
    (folder / "hermes.secret").touch(mode=0o600)
    (folder / "hermes.secret").write_text("only-between-us\n")
    config.set("device", kind="generic", clouds=["hermes"])
    config.set("device.switches.Fan", driver="acme", host="127.0.0.1", port=board_port)
    return config.set(
        "clouds.hermes",
        device_name="fan-1",
        device_secret_file="hermes.secret",
        host="127.0.0.1",
        port=port,
        tls=False,
    )
