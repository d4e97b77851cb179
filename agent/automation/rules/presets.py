"""Rules that many need, by name, with numbers that may be changed."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from agent.automation.durations import ALLOWED as DURATIONS
from agent.automation.durations import parse_duration
from agent.settings.names import nearest

PRESET: Final = "preset"
_NUMBER: Final = re.compile(r"\d{1,6}(\.\d{1,3})?", re.ASCII)


@dataclass(frozen=True, slots=True, kw_only=True)
class Preset:
    """A rule's text with places for numbers, and what is put there by default."""

    name: str
    summary: str
    text: str
    defaults: Mapping[str, str] = field(hash=False)

    def filled(self, given: Mapping[str, str]) -> str:
        """Write the rule with *given* numbers; raise `ValueError` that says what can be given."""
        for key, value in given.items():
            default = self.defaults.get(key)
            if default is None:
                allowed = " ".join(f"{name}={each}" for name, each in self.defaults.items())
                text = f"{self.name} has no {key!r:.40}; allowed: {allowed}"
                hint = nearest(key, tuple(self.defaults))
                raise ValueError(f"{text}; {hint}" if hint else text)
            _check(key, value, is_duration=not _NUMBER.fullmatch(default))
        return self.text.format(**{**self.defaults, **given})


PRESETS: Final = (
    Preset(
        name="charge_cutoff",
        summary="switch off when a battery is full: the charger has drawn much, and now draws"
        " little",
        text="when active_power < {below} for {for} after > {after} for 1m: off; event charge_done",
        defaults={"below": "5", "for": "10m", "after": "30"},
    ),
    Preset(
        name="standby_killer",
        summary="switch off what only stands by, such as a television set",
        text="when power_switch == on and active_power < {below} for {for}: off; event standby_off",
        defaults={"below": "8", "for": "30m"},
    ),
    Preset(
        name="appliance_finished",
        summary="tell when a washing machine or a dryer is done; `for` is longer than its pauses",
        text="when active_power < {below} for {for} after > {after} for 1m:"
        " event appliance_finished",
        defaults={"below": "5", "for": "10m", "after": "50"},
    ),
    Preset(
        name="daily_limit",
        summary="switch off when so much energy has been used today, until midnight",
        text="when power_switch == on and energy_today >= {kwh}: off; event daily_limit",
        defaults={"kwh": "2"},
    ),
    Preset(
        name="over_temperature",
        summary="switch off when the socket is hot (it needs a temperature sensor)",
        text="when power_switch == on and temperature > {above} for {for}:"
        " off; event over_temperature",
        defaults={"above": "60", "for": "10s"},
    ),
)
"""In the order in which they are listed."""


def expanded(text: str) -> str:
    """Write 'preset NAME [KEY=VALUE]…' out as a rule; raise `ValueError` for anything else."""
    _, *words = text.split()
    name = words[0] if words else ""
    pairs = [word.partition("=") for word in words[1:]]
    for key, sign, _ in pairs:
        if not sign:
            raise ValueError(f"found {key!r:.40}; allowed: KEY=VALUE, such as below=8")
    return preset(name).filled({key: value for key, _, value in pairs})


def preset(name: str) -> Preset:
    """Find a preset; raise `ValueError` that names those that there are."""
    known = {each.name: each for each in PRESETS}
    if name not in known:
        text = f"no preset is named {name!r:.40}; allowed: {' | '.join(known)}"
        hint = nearest(name, tuple(known))
        raise ValueError(f"{text}; {hint}" if hint else text)
    return known[name]


def _check(key: str, value: str, *, is_duration: bool) -> None:
    if is_duration:
        try:
            parse_duration(value)
        except ValueError:
            raise ValueError(f"{key} is {value!r:.40}; allowed: {DURATIONS}") from None
    elif not _NUMBER.fullmatch(value):
        raise ValueError(f"{key} is {value!r:.40}; allowed: a number, such as 8 or 2.5")
