"""`polycloud backup` and `restore` beside an agent that runs, or may run."""

import socket
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

import pytest

from tests.cli.backup_support import keep, polycloud
from tests.integration.config import DeviceFile
from tests.integration.process import ready
from tests.integration.process import run as polycloud_async
from tests.integration.world import world


async def test_a_running_agent_is_backed_up_and_never_restored_over(tmp_path):
    config, file = DeviceFile(tmp_path), tmp_path / "my.backup"
    async with world(config), ready(config) as agent:
        await agent.switch(on=True)
        await agent.device_until(lambda device: device["properties"]["power_switch"])
        told = (await agent.ask("status"))["agent"]["store"]
        assert told["file"] == str(config.state)
        assert told["is_failing"] is False
        code, out, err = await polycloud_async("backup", str(file), "--config", str(config.path))
        assert (code, err) == (0, "")
        assert "socket-1" in out
        where = [["--config", str(config.path)], ["--state-dir", str(config.state.parent)]]
        for place in where:
            code, out, err = await polycloud_async("restore", str(file), *place)
            assert (code, out) == (1, "")
            assert "systemctl stop polycloud-agent" in err
        assert await agent.stop() == 0
    code, out, err = await polycloud_async("restore", str(file), "--config", str(config.path))
    assert (code, err) == (0, "")
    async with world(config), ready(config) as agent:
        await agent.logged("agent.started", cause="power_loss")


@contextmanager
def answering(path, answer):
    """Answer whoever asks at a control socket, once."""
    with socket.socket(socket.AF_UNIX) as listener, ThreadPoolExecutor(1) as thread:
        listener.bind(str(path))
        listener.listen()

        def serve():
            connection, _ = listener.accept()
            with connection, connection.makefile("rwb") as stream:
                stream.readline()
                stream.write(answer)

        done = thread.submit(serve)
        yield
        done.result(10)


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (b"", "it is not known whether an agent runs"),
        (b'{"error": {"message": "busy"}}\n', "it says: busy"),
    ],
)
async def test_while_an_agent_may_be_there_nothing_is_restored(tmp_path, answer, said):
    config, file = DeviceFile(tmp_path), tmp_path / "my.backup"
    await keep(tmp_path)
    assert polycloud("backup", file, "--state-dir", tmp_path)[0] == 0
    with answering(config.control_socket, answer):
        code, out, err = polycloud("restore", file, "--config", config.path)
    assert (code, out) == (1, "")
    assert said in err
    assert "nothing was done" in err
    assert not config.state.exists()
