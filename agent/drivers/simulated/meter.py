"""A simulated meter: plant and chip, and the real serial driver at the end of a socket."""

import time
from collections.abc import AsyncGenerator, Callable
from contextlib import aclosing

from agent.drivers.hlw8032.decoder import Coefficients
from agent.drivers.hlw8032.hearing import Ear, Hearing
from agent.drivers.serial_meter import SerialMeter
from agent.drivers.simulated.appliances import Appliance, make
from agent.drivers.simulated.chip import Chip
from agent.drivers.simulated.faults import Line
from agent.drivers.simulated.feed import Feed
from agent.drivers.simulated.plant import Plant
from agent.model import Factors, Reading
from agent.settings.meters import MeterSettings, SimulatedMeterSettings


class SimulatedMeter:
    """Measures `plant` in real time; `line.faults` may be swapped while it runs.

    The chip counts on between two openings, as a real one does. Whoever drives the contact
    tells it by `set_contact`.
    """

    def __init__(
        self,
        settings: SimulatedMeterSettings,
        thing: object = None,
        *,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        del thing
        now = clock()
        self._clock = clock
        self._settings = settings
        self._feed: Feed | None = None
        self._serial: SerialMeter | None = None
        self._factors = Factors()
        self._ear: Ear | None = None
        self.line = Line()
        appliance = make(settings.load, settings.load_w)
        self.plant = Plant(appliance, mains_v=settings.mains_v, now=now)
        self.chip = Chip(
            self.plant.at,
            Coefficients(
                kv=settings.true_kv or settings.kv,
                ki=settings.true_ki or settings.ki,
                kp=settings.true_kp or settings.kp,
            ),
            voltage_from=settings.voltage_from,
            now=now,
        )

    def set_contact(self, *, on: bool) -> None:
        """Close or open the plant's contact now."""
        self.plant.set_contact(on=on, now=self._clock())

    def set_outlet(self, output: str, *, on: bool) -> None:
        """Close or open one of the plant's contacts now; each has the same load behind it."""
        self.plant.set_contact(on=on, now=self._clock(), output=output)

    def plug(self, appliance: Appliance | None) -> None:
        """Put another appliance into the plant now, or none."""
        self.plant.plug(appliance, now=self._clock())

    def rescale(self, factors: Factors) -> None:
        """Multiply the configured coefficients by *factors*; the chip stays what it is."""
        self._factors = factors
        if self._serial is not None:
            self._serial.rescale(factors)

    @property
    def hearing(self) -> Hearing:
        """How far the bytes have been understood."""
        return Hearing(factors=self._factors) if self._serial is None else self._serial.hearing

    def overhear(self, ear: Ear | None) -> None:
        """Let *ear* hear every byte from now on; None: nobody."""
        self._ear = ear
        if self._serial is not None:
            self._serial.overhear(ear)

    def disconnect(self) -> None:
        """Pull the line's plug; the meter is lost and can be opened again."""
        if self._feed is not None:
            self._feed.disconnect()

    async def readings(self) -> AsyncGenerator[Reading, None]:
        """Open the line and yield a reading a frame; raise `DriverError` when it is lost."""
        async with Feed(self.chip, self.line) as self._feed:
            self._serial = serial = SerialMeter(self._serial_settings(self._feed.port))
            serial.rescale(self._factors)
            serial.overhear(self._ear)
            async with aclosing(serial.readings()) as readings:
                async for reading in readings:
                    yield reading

    def _serial_settings(self, port: int) -> MeterSettings:
        settings = self._settings
        return MeterSettings(
            port=f"socket://127.0.0.1:{port}",
            kv=settings.kv,
            ki=settings.ki,
            kp=settings.kp,
            voltage_from=settings.voltage_from,
        )
