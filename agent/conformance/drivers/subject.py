"""What is examined: a driver's factory, a section of its own, and the stand of its hardware."""

from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from typing import Any, Final, Literal

from agent.conformance.drivers.buttons import BUTTON_RULES
from agent.conformance.drivers.dimmers import DIMMER_RULES
from agent.conformance.drivers.indicators import INDICATOR_RULES
from agent.conformance.drivers.meters import METER_RULES
from agent.conformance.drivers.relays import RELAY_RULES
from agent.conformance.drivers.rule import DriverRule
from agent.conformance.drivers.sensors import SENSOR_RULES, THERMOMETER_RULES
from agent.conformance.drivers.stands import Stand
from agent.conformance.rule import Examined
from agent.conformance.sections import SECTION_RULE, driver_section, examined_section

Role = Literal["relay", "dimmer", "meter", "sensor", "thermometer", "button", "indicator"]

RULES: Final[Mapping[Role, tuple[DriverRule[Any], ...]]] = {
    "relay": RELAY_RULES,
    "dimmer": DIMMER_RULES,
    "meter": METER_RULES,
    "sensor": SENSOR_RULES,
    "thermometer": THERMOMETER_RULES,
    "button": BUTTON_RULES,
    "indicator": INDICATOR_RULES,
}
PATIENCE_S: Final = 5.0


@dataclass(frozen=True, slots=True, kw_only=True)
class DriverSubject:
    """A driver of one role. `stand` makes its hardware's fake anew, for each rule.

    `factory` and `section`: what the entry point names, and a table of a configuration that is
    right for it; None: it is none of a plug-in. `patience_s`: how long its hardware may take for
    one thing, at most.
    """

    title: str
    role: Role
    stand: Callable[[], AbstractAsyncContextManager[Stand[Any]]] = field(repr=False)
    factory: Callable[..., object] | None = None
    section: Mapping[str, object] = field(default_factory=dict[str, object])
    patience_s: float = PATIENCE_S


def rules_of(subject: DriverSubject) -> Sequence[str]:
    """List the rules by which *subject* is examined."""
    own = () if subject.factory is None else (SECTION_RULE,)
    return (*own, *(rule.name for rule in RULES[subject.role]))


async def examined(subject: DriverSubject) -> AsyncIterator[Examined]:
    """Examine a driver by every rule of its role, one after the other."""
    if subject.factory is not None:
        yield examined_section(driver_section(subject.factory, subject.section, subject.role))
    for rule in RULES[subject.role]:
        findings = await rule.findings(subject.stand, subject.patience_s)
        yield Examined(rule=rule.name, statement=rule.statement, findings=findings)
