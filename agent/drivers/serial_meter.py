"""The HLW8032, or a sister of its frames, on a serial port: a tty, or socket://host:port."""

from collections import deque
from collections.abc import AsyncGenerator, Callable, Mapping
from contextlib import asynccontextmanager
from typing import Final, NoReturn

from agent.drivers.heard_line import HeardLine
from agent.drivers.hlw8032.decoder import Coefficients, Decoder
from agent.drivers.hlw8032.framer import Framer, Rejection
from agent.drivers.hlw8032.hearing import Ear, Hearing
from agent.drivers.serial_line import SerialLine, listened_to, until_lost
from agent.model import Factors, Reading
from agent.settings.meters import MeterSettings

BAUD: Final = 4800
MOST_WAITING: Final = 512
"""Readings, some fifty seconds, that wait for somebody who asks for them one by one."""


class SerialMeter:
    """A meter whose frames come over a line; nothing is ever sent.

    A silent line raises no event: whoever waits for readings keeps a timer of its own.
    """

    def __init__(self, settings: MeterSettings, thing: object = None) -> None:
        del thing  # the meter is the same for every kind of device
        self._settings = settings
        self._framer = Framer()
        self._configured = Coefficients(kv=settings.kv, ki=settings.ki, kp=settings.kp)
        self._decoder = Decoder(self._configured)
        self._factors = Factors()
        self._ear: Ear | None = None

    @property
    def hearing(self) -> Hearing:
        """How far the bytes have been understood."""
        return Hearing(
            framing=self._framer.framing, decoding=self._decoder.decoding, factors=self._factors
        )

    def overhear(self, ear: Ear | None) -> None:
        """Let *ear* hear every byte from now on; None: nobody."""
        self._ear = ear

    def rescale(self, factors: Factors) -> None:
        """Multiply the configured coefficients by *factors*, from the next frame on."""
        self._factors = factors
        self._decoder.rescale(self._configured.scaled(factors))

    @property
    def frames(self) -> int:
        """How many good frames came since the port was last opened."""
        return self._framer.frames

    @property
    def bytes_received(self) -> int:
        """How many bytes came since then: some without a frame mean noise or a wrong baud rate."""
        return self._framer.offset

    @property
    def rejections(self) -> Mapping[Rejection, int]:
        """How often bytes were no frame since then, by reason."""
        return self._framer.rejections

    async def listen(self, take: Callable[[Reading], None]) -> NoReturn:
        """Open the port and hand *take* a reading a frame; raise `DriverError` when it is lost.

        It is handed over as soon as its bytes are read, before the loop does anything else.
        """
        async with self._listening(take) as heard:
            await until_lost(self._line, heard)

    async def readings(self) -> AsyncGenerator[Reading, None]:
        """Open the port and yield a reading a frame; raise `DriverError` when it is lost.

        Of those that nobody asks for the newest are kept.
        """
        waiting: deque[Reading] = deque(maxlen=MOST_WAITING)
        async with self._listening(waiting.append) as heard:
            goes_on = True
            while goes_on:
                while waiting:
                    yield waiting.popleft()
                goes_on = await heard.more()
            await until_lost(self._line, heard)

    @property
    def _line(self) -> SerialLine:
        return SerialLine(port=self._settings.port, baud=BAUD, parity=self._settings.parity)

    @asynccontextmanager
    async def _listening(self, take: Callable[[Reading], None]) -> AsyncGenerator[HeardLine, None]:
        self._framer = framer = Framer()
        self._decoder = decoder = Decoder(self._configured.scaled(self._factors))

        def hear(data: bytes) -> None:
            if self._ear is not None:
                self._ear.heard(data)
            for sighting in framer.feed(data):
                if sighting.rejection is None:
                    take(decoder.decode(sighting.frame).reading)

        async with listened_to(self._line, hear) as heard:
            if self._ear is not None:
                self._ear.opened()
            heard.begin()
            yield heard
