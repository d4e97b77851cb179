import json
import os
import signal
import subprocess
import sys
from pathlib import Path

CONFIG = """\
[agent]
state_dir = "state"
control_socket = "control.sock"
[device]
id = "socket-1"
kind = "socket"
[device.meter]
driver = "simulated"
[device.relay]
driver = "simulated"
[device.button]
driver = "none"
[device.indicator]
driver = "none"
"""


def test_with_json_the_log_is_json_even_where_the_journal_reads(tmp_path: Path):
    (tmp_path / "socket.toml").write_text(CONFIG)
    with subprocess.Popen(
        [sys.executable, "-m", "agent", "run", "--json", "--config", "socket.toml"],
        cwd=tmp_path,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, "JOURNAL_STREAM": "8:1"},
    ) as agent:
        assert agent.stderr is not None
        lines = [agent.stderr.readline()]
        agent.send_signal(signal.SIGTERM)
        out, rest = agent.communicate(timeout=20)
    events = [json.loads(line)["event"] for line in [*lines, *rest.splitlines()]]
    assert (out, events[0], events[-1]) == ("", "agent.started", "agent.stopped")
    assert agent.returncode == 0
