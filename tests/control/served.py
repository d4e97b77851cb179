"""An agent's methods behind a real control server."""

import asyncio
import os
import pwd

from agent.control.connection import PATIENCE_S
from agent.control.methods import Described, Param, ParamKind, table_of
from agent.control.server import ControlServer
from agent.errors import ControlError

USER = pwd.getpwuid(os.geteuid()).pw_name


NO_GROUP = "no-such-group"
TAKE = Described(
    name="take",
    summary="",
    run=lambda _origin, params: dict(params),
    params=(Param(name="count", kind=ParamKind.WHOLE, summary=""),),
)


class Agent:
    """What the methods see."""

    def __init__(self):
        self.asked = []
        self.gate = asyncio.Event()

    def methods(self):
        return {
            "echo": self.echo,
            "refuse": self.refuse,
            "big": lambda *_: "x" * 500_000,
            "wait": self.wait,
            "wait_and_refuse": self.wait_and_refuse,
            "trip": self.trip,
            **table_of([TAKE]),
        }

    def trip(self, origin, params):
        del origin, params
        raise ControlError("tripped: overcurrent 7.3 A", kind="tripped")

    async def wait(self, origin, params):
        await self.gate.wait()
        return self.echo(origin, params)

    async def wait_and_refuse(self, origin, params):
        del origin, params
        await asyncio.sleep(0)
        raise ControlError("the disk says no")

    def echo(self, origin, params):
        self.asked.append((origin, dict(params)))
        return {"you": origin.name, **params}

    def refuse(self, origin, params):
        del origin, params
        raise ControlError("tripped: overcurrent 7.3 A")


def serve(path, agent, group=NO_GROUP, patience_s=PATIENCE_S):
    return ControlServer(path, agent.methods(), group=group, patience_s=patience_s)
