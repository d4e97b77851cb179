"""What every part on a Modbus line has: the line, how it talks, and its own address there."""

from typing import Annotated, Final, Literal

from pydantic import Field

from agent.settings.section import Section

PORT_TEXT: Final = (
    "the path of a serial port such as /dev/serial/by-id/…, HOST:PORT for Modbus TCP, or"
    " socket://HOST:PORT for RTU frames over a serial server"
)
_HOST: Final = r"([A-Za-z0-9_.-]+|\[[0-9A-Fa-f:]+\])"

BusPort = Annotated[
    str,
    Field(
        pattern=rf"^(/.+|(socket://)?{_HOST}:[0-9]{{1,5}})$",
        max_length=255,
        description=PORT_TEXT,
    ),
]
SerialPath = Annotated[
    str,
    Field(
        pattern=r"^/.+$",
        max_length=255,
        description="the path of a serial port such as /dev/serial/by-id/…",
    ),
]
Timeout = Annotated[float, Field(ge=0.05, le=1.0)]


class BusSettings(Section):
    """A part on a Modbus line. Parts on one port share the line, and must agree about it."""

    port: BusPort
    baud: Literal[1200, 2400, 4800, 9600, 19200, 38400, 57600, 115200] = 9600
    parity: Literal["N", "E", "O"] = "N"
    address: Annotated[int, Field(ge=1, le=247)] = 1
    timeout_s: Timeout = 0.3
    """So long an answer is waited for: no command waits longer for another part's silence."""

    @property
    def line(self) -> str:
        """How the line is used, in words: two that share it say the same."""
        if not self.port.startswith("/"):
            return "Modbus"
        return f"Modbus at {self.baud} baud, parity {self.parity}"
