"""A simulated temperature sensor; a test or the demo warms it, or breaks it."""

from agent.errors import DriverError
from agent.settings.device import TemperatureSettings


class SimulatedThermometer:
    """Shows what it is told to; `fails` makes it unreadable, on purpose."""

    def __init__(self, settings: TemperatureSettings, thing: object = None) -> None:
        del thing
        self.shown_c = settings.simulated_c
        self.fails = False

    async def celsius(self) -> float:
        """Measure now; raise `DriverError` while `fails` is set."""
        if self.fails:
            raise DriverError("temperature: the simulated sensor fails, as it was told to")
        return self.shown_c
