"""The drivers that are built in, as subjects of the rules: each at a stand with its own fake."""

from functools import partial

from agent.conformance.drivers.subject import DriverSubject
from tests.contract.drivers import contacts, measuring, parts, sensing

STANDS = {
    "relay": {
        "gpiod": contacts.kernel_contact,
        "gpiod active low": partial(contacts.kernel_contact, active_high=False),
        "gpiozero": contacts.mock_contact,
        "simulated": contacts.file_contact,
    },
    "dimmer": {
        "gpiozero": parts.pwm_pin,
        "leds": parts.leds,
        "pwm": parts.pwm,
        "simulated": parts.remembering,
    },
    "meter": {
        "hlw8032": measuring.frames,
    },
    "sensor": {
        "iio": sensing.iio,
        "hwmon": sensing.hwmon,
        "w1": sensing.w1,
        "gpiozero": sensing.mock_input,
        "gpiod": sensing.kernel_input,
        "mcp3008": sensing.converter,
        "simulated": sensing.simulated,
    },
    "thermometer": {
        "sysfs": sensing.sysfs,
        "simulated": sensing.warm,
    },
    "button": {
        "gpiozero": parts.mock_button,
        "gpiod": parts.kernel_button,
        "simulated": parts.finger,
    },
    "indicator": {
        "rpi_ws281x": parts.strip,
        "spi": parts.spi,
        "rgb": parts.three_mock_pins,
        "rgb by gpiod": parts.three_lines,
        "simulated": parts.shown,
    },
}
PATIENCE_S = dict.fromkeys(STANDS, 2.0) | {"meter": 5.0}
SUBJECTS = tuple(
    DriverSubject(title=f"{role} {name}", role=role, stand=stand, patience_s=PATIENCE_S[role])
    for role, stands in STANDS.items()
    for name, stand in stands.items()
)
CHOOSERS = {("relay", "auto"), ("button", "auto"), ("meter", "simulated")}
"""These only choose among the others, or are one of them with its hardware built in."""
