"""The drivers that are built in, as subjects of the rules: each at a stand with its own fake."""

from functools import partial

from agent.conformance.drivers.subject import DriverSubject
from tests.contract.drivers import contacts, measuring, parts, sensing

STANDS = {
    "relay": {
        "gpiod": contacts.kernel_contact,
        "gpiod active low": partial(contacts.kernel_contact, active_high=False),
        "gpiozero": contacts.mock_contact,
        "modbus": contacts.coil,
        "usb_serial": contacts.channel,
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
        "cse7766": partial(measuring.frames, "cse7766"),
        "cse7759b": partial(measuring.frames, "cse7759b"),
        "bl0942": measuring.asked,
        "hlw8012": partial(measuring.pulses, "hlw8012"),
        "bl0937": partial(measuring.pulses, "bl0937"),
        "pzem004t": measuring.polled,
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
