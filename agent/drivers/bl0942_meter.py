"""The BL0942 on a serial port: it is asked about ten times a second, and answers."""

import asyncio
from collections.abc import AsyncGenerator, Mapping
from typing import Final

from agent.drivers.bl0942.decoder import Decoder, Scale
from agent.drivers.bl0942.framer import Framer, Rejection
from agent.drivers.bl0942.packet import request
from agent.drivers.serial_line import OpenLine, SerialLine, opened
from agent.errors import DriverError
from agent.model import Factors, Reading
from agent.settings.meters import Bl0942MeterSettings

PERIOD_S: Final = 0.105
"""Between two questions; an answer at 4800 baud is on the wire for 52 ms."""


class Bl0942Meter:
    """A meter that speaks only when it is asked; nothing is ever written into the chip.

    One that does not answer, or not rightly, is asked again at the next turn: there is no
    reading then. Whoever waits for readings keeps a timer of its own.
    """

    def __init__(self, settings: Bl0942MeterSettings, thing: object = None) -> None:
        del thing  # the meter is the same for every kind of device
        self._settings = settings
        self._configured = Scale(kv=settings.kv, ki=settings.ki, kp=settings.kp)
        self._factors = Factors()
        self._framer = Framer(settings.address)
        self._decoder = Decoder(self._configured, settings.address)

    def rescale(self, factors: Factors) -> None:
        """Multiply the configured coefficients by *factors*, from the next answer on."""
        self._factors = factors
        self._decoder.rescale(self._configured.scaled(factors))

    @property
    def rejections(self) -> Mapping[Rejection, int]:
        """How often bytes were no answer since the port was opened, by reason."""
        return self._framer.rejections

    async def readings(self) -> AsyncGenerator[Reading, None]:
        """Open the port and yield a reading an answer; raise `DriverError` when it is lost."""
        settings, loop = self._settings, asyncio.get_running_loop()
        self._framer = Framer(settings.address)
        self._decoder = Decoder(self._configured.scaled(self._factors), settings.address)
        line = SerialLine(port=settings.port, baud=settings.baud, parity="N")
        async with opened(line) as port:
            due = loop.time()
            while True:
                port.write(request(settings.address))
                due = max(due + PERIOD_S, loop.time() + PERIOD_S / 2)
                reading = await self._answer(port, due)
                if reading is not None:
                    yield reading
                await asyncio.sleep(due - loop.time())

    async def _answer(self, port: OpenLine, until: float) -> Reading | None:
        """Wait for an answer; the newest counts where a late one comes with it.

        What is left after it is dropped, so that no chance in it can hide the next answer.
        """
        try:
            async with asyncio.timeout_at(until):
                while data := await port.read():
                    packets = self._framer.feed(data)
                    if packets:
                        self._framer.forget()
                        return self._decoder.decode(packets[-1])
        except TimeoutError:
            return None
        raise DriverError(f"meter on {self._settings.port}: the other end hung up")
