"""Breaks the network of this namespace: packets of one port are lost, swallowed or reset."""

import asyncio
from collections.abc import Mapping
from typing import Final

TABLE: Final = "inet wreck"
SERVER: Final = "10.77.0.1"
"""Where the platforms listen; each of the agent's addresses is another one."""


class CommandError(RuntimeError):
    """A command of iproute2 or nftables did not do what it was told."""


async def do(command: str) -> None:
    """Run one command without a shell; raise where it fails."""
    process = await asyncio.create_subprocess_exec(
        *command.split(),
        stdout=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.PIPE,
    )
    _, err = await process.communicate()
    if process.returncode:
        raise CommandError(f"{command}: {err.decode(errors='replace').strip()}")


async def lay_out() -> None:
    """Bring up the loopback with the platforms' address and the agent's first."""
    await do("ip link set lo up")
    await do(f"ip addr add {SERVER}/32 dev lo")
    await move("", address(1))


async def lay_rules(ports: Mapping[str, int]) -> None:
    """Give each cloud's port a chain of rules, by the cloud's name."""
    await do(f"nft add table {TABLE}")
    await do(f"nft add chain {TABLE} out {{ type filter hook output priority 0 ; }}")
    for name, port in ports.items():
        await do(f"nft add chain {TABLE} {name}")
        for side in ("dport", "sport"):
            await do(f"nft add rule {TABLE} out tcp {side} {port} jump {name}")


def address(number: int) -> str:
    """Name one of the agent's addresses."""
    return f"10.77.1.{number}"


async def move(old: str, new: str) -> None:
    """Give the agent another address: what it sends to the platforms leaves from there."""
    if old:
        await do(f"ip addr del {old}/32 dev lo")
    await do(f"ip addr add {new}/32 dev lo")
    await do(f"ip route replace local {SERVER} dev lo table local src {new}")


async def lose(name: str, percent: int) -> None:
    """Lose packets of both directions by chance."""
    await do(f"nft add rule {TABLE} {name} numgen random mod 100 < {percent} drop")


async def swallow(name: str, port: int, *sides: str) -> None:
    """Drop what goes there (`dport`), what comes back (`sport`), or both."""
    for side in sides:
        await do(f"nft add rule {TABLE} {name} tcp {side} {port} drop")


async def reset(name: str, port: int) -> None:
    """Answer whatever the agent sends with a reset."""
    await do(f"nft add rule {TABLE} {name} tcp dport {port} reject with tcp reset")


async def mend(name: str) -> None:
    """Let a cloud's packets through again."""
    await do(f"nft flush chain {TABLE} {name}")
