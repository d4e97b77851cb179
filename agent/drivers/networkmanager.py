"""The machine's Wi-Fi, by NetworkManager's own command `nmcli`."""

import asyncio
import os
import re
from contextlib import suppress
from pathlib import Path
from typing import Final

from agent.errors import DriverError
from agent.settings.root import AgentSettings

PROFILE: Final = "polycloud-setup"
SSID_BYTES: Final = 32
ACTIVATION_S: Final = 25
PATIENCE_S: Final = 30.0
OUTPUT_BYTES: Final = 65_536
NO_SUCH_PROFILE: Final = 10
"""An exit status of nmcli."""

_WIFI: Final = re.compile(r"^([0-9a-fA-F-]{36}):802-11-wireless$", re.MULTILINE)
_PASSWORD: Final = re.compile(r"[ -~]{8,63}")
_SECRET: Final = "802-11-wireless-security.psk"  # noqa: S105 - the name of a property


class NetworkManager:
    """Opens a Wi-Fi network of our own, and deletes the profiles of others.

    The password of ours is handed over by a pipe: an argument could be read by every user.
    """

    def __init__(
        self,
        settings: AgentSettings,
        thing: object = None,
        *,
        command: str = "nmcli",
        patience_s: float = PATIENCE_S,
    ) -> None:
        del thing
        self._password_file = settings.wifi_password_file
        self._command = command
        self._patience_s = patience_s

    async def begin(self, name: str) -> str:
        """Open the network, and tell what it is called; raise `DriverError`."""
        password = await asyncio.to_thread(self._password)
        ssid = f"polycloud-{name}"[:SSID_BYTES]
        await self.end()
        await self._done(*_profile(ssid))
        up = ("--wait", str(ACTIVATION_S), "connection", "up", "id", PROFILE)
        try:
            await self._done(*up, "passwd-file", "/dev/stdin", secret=password)
        except DriverError:
            with suppress(DriverError):
                await self.end()
            raise
        return ssid

    async def end(self) -> None:
        """Close the network, if it is open; NetworkManager goes back to those it knows."""
        await self._done("connection", "delete", "id", PROFILE, may_lack=True)

    async def forget(self) -> None:
        """Delete every Wi-Fi profile; raise `DriverError` if one is left."""
        listed = await self._done("--terse", "--fields", "UUID,TYPE", "connection", "show")
        failed: DriverError | None = None
        for uuid in _WIFI.findall(listed):
            try:
                await self._done("connection", "delete", "uuid", uuid, may_lack=True)
            except DriverError as error:
                failed = error
        if failed is not None:
            raise failed

    def _password(self) -> str:
        path = self._password_file
        if not path:
            raise DriverError(
                "no password for a network of our own: set [agent] wifi_password_file"
                " (8 to 63 letters, digits and signs in a file of mode 0600)"
            )
        try:
            text = Path(path).read_bytes()[:OUTPUT_BYTES].decode("ascii", "replace").strip()
        except OSError as error:
            raise DriverError(f"{path}: {error.strerror}") from error
        if not _PASSWORD.fullmatch(text):
            raise DriverError(f"{path}: found (hidden); allowed: one line, 8 to 63 of ASCII")
        return text

    async def _done(self, *arguments: str, secret: str = "", may_lack: bool = False) -> str:
        """Run nmcli, and give what it says; raise `DriverError` where it fails."""
        status, text = await self._run(arguments, secret)
        if status == 0 or (may_lack and status == NO_SUCH_PROFILE):
            return text
        raise DriverError(f"nmcli: {_reason(text, secret)} (exit {status})")

    async def _run(self, arguments: tuple[str, ...], secret: str) -> tuple[int, str]:
        source = _pipe_with(f"{_SECRET}:{secret}\n" if secret else "")
        try:
            process = await asyncio.create_subprocess_exec(
                self._command,
                *arguments,
                stdin=source,
                stdout=asyncio.subprocess.PIPE,
                stderr=asyncio.subprocess.STDOUT,
                env={**os.environ, "LC_ALL": "C"},
            )
        except OSError as error:
            raise DriverError(
                f"{self._command}: {error.strerror}: is NetworkManager installed"
                " (sudo apt install network-manager)?"
            ) from error
        finally:
            os.close(source)
        try:
            async with asyncio.timeout(self._patience_s):
                text = await _all_of(process)
                return await process.wait(), text
        except TimeoutError as error:
            raise DriverError(f"nmcli: no answer within {self._patience_s:g} s") from error
        finally:
            if process.returncode is None:
                with suppress(ProcessLookupError):
                    process.kill()
                await process.wait()


def _profile(ssid: str) -> tuple[str, ...]:
    """Describe the network: kept in memory only, its password not at all."""
    return (
        *("connection", "add", "save", "no", "type", "wifi", "ifname", "*"),
        *("con-name", PROFILE, "autoconnect", "no", "ssid", ssid, "802-11-wireless.mode", "ap"),
        *("ipv4.method", "shared", "802-11-wireless-security.key-mgmt", "wpa-psk"),
        *("802-11-wireless-security.proto", "rsn", f"{_SECRET}-flags", "2"),
    )


async def _all_of(process: asyncio.subprocess.Process) -> str:
    assert process.stdout is not None, "it is a pipe"
    try:
        await process.stdout.readexactly(OUTPUT_BYTES)
    except asyncio.IncompleteReadError as end:
        return end.partial.decode("utf-8", "replace")
    raise DriverError(f"nmcli: it says more than {OUTPUT_BYTES} bytes")


def _pipe_with(text: str) -> int:
    """Make a pipe that holds *text* and then ends; it fits into any pipe's buffer."""
    reader, writer = os.pipe()
    os.write(writer, text.encode("ascii"))
    os.close(writer)
    return reader


def _reason(text: str, secret: str) -> str:
    """Give the last line of what nmcli says, and what to do; never the secret."""
    shown = text.replace(secret, "(hidden)") if secret else text
    last = (shown.strip().splitlines() or ["it says nothing"])[-1][:200]
    if "not authorized" in last.lower() or "privileges" in last.lower():
        return f"{last}; the agent's user needs a rule of polkit's, see docs/service.md"
    return last
