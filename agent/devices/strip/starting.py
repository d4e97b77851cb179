"""The first state of a strip: each outlet by its own policy, the rest as a socket starts."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from typing import Final

from agent.devices.effects import Effect, Record, Save, SetRelay
from agent.devices.inputs import Found
from agent.devices.socket import keeping
from agent.devices.socket.protection import Curve
from agent.devices.socket.starting import first_state
from agent.devices.socket.state import State
from agent.devices.starts import BOOT_AT, SAME_BOOT, SHORT_OFF_S, policy_for
from agent.devices.strip.kept import KeptOutlet, read_outlets
from agent.devices.strip.state import Outlet, StripState
from agent.model import Condition
from agent.settings.strip import AnyOutletSettings, StripSettings

NEW: Final = KeptOutlet(name="")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Beginning:
    """One outlet as it was found, and whether it shall be on."""

    name: str
    settings: AnyOutletSettings
    kept: KeptOutlet
    held: bool | None
    is_meant_on: bool

    @property
    def stays_closed(self) -> bool:
        return self.is_meant_on and self.held is True and self.kept.is_on


def first_strip_state(
    found: Found, settings: StripSettings, lines: Curve, now: float
) -> tuple[StripState, Sequence[Effect]]:
    """Apply each outlet's start policy to what was kept; a kept trip overrules them all."""
    kept, is_whole = read_outlets(found.saved)
    if not is_whole:
        found = replace(found, condition=_worse(found.condition))
    beginnings = tuple(_beginnings(found, settings, kept))
    meant = [each for each in beginnings if each.is_meant_on]
    stays = bool(meant) and all(each.stays_closed for each in meant)
    whole = settings.relay.model_copy(update={"on_start": "on" if meant else "off"})
    state, effects = first_state(
        replace(found, is_held_on=stays, is_held_off=False),
        settings.model_copy(update={"relay": whole}),
        lines,
        now,
    )
    strip = _with_outlets(state, beginnings, found, now).settled(now)
    kept_at, save = keeping.save(strip, "start", now)
    strip = replace(strip, handed=kept_at.handed)
    return strip, tuple(_told(strip, effects, save))


def _worse(condition: Condition) -> Condition:
    """Count what cannot be read whole as damaged: nothing is restored from it."""
    return Condition.SALVAGED if condition in (Condition.NEW, Condition.GOOD) else condition


def _beginnings(
    found: Found, settings: StripSettings, kept: Mapping[str, KeptOutlet]
) -> Iterator[_Beginning]:
    for name, outlet in settings.by_output.items():
        known = kept.get(name, NEW)
        policy = policy_for(outlet, found.cause)
        held = found.held.get(name)
        restores = policy == "restore" and known.restores and held is not False
        yield _Beginning(
            name=name,
            settings=outlet,
            kept=known,
            held=held,
            is_meant_on=policy == "on" or restores,
        )


def _with_outlets(
    state: State, beginnings: Sequence[_Beginning], found: Found, now: float
) -> StripState:
    """Make a strip's state of a socket's."""
    is_same_boot = found.cause in SAME_BOOT
    outlets = tuple(
        Outlet(
            name=each.name,
            min_off_s=each.settings.min_off_s,
            changed_at=_changed_at(each, now, is_on=state.relay_on, is_same_boot=is_same_boot),
            is_on=state.relay_on and is_same_boot and each.stays_closed,
            is_wanted=each.is_meant_on if state.relay_on else each.kept.is_wanted,
        )
        for each in beginnings
    )
    if not any(each.is_wanted for each in outlets):
        outlets = tuple(replace(each, is_wanted=True) for each in outlets)
    known = {each.name: getattr(state, each.name) for each in fields(State)}
    return StripState(**known, outlets=outlets)


def _changed_at(each: _Beginning, now: float, *, is_on: bool, is_same_boot: bool) -> float:
    """Tell when the contact moved last, so that `min_off_s` holds across a restart.

    One that was closed when the process ended, and that nobody held, may have been opened until
    now: with a minimum that spares a compressor that is taken for certain.
    """
    goes_on = is_on and each.is_meant_on
    if is_same_boot and each.kept.changed_at is not None:
        if not each.kept.is_on or (goes_on and each.stays_closed):
            return each.kept.changed_at
        is_short = each.settings.min_off_s <= SHORT_OFF_S
        return now - each.settings.min_off_s if goes_on and is_short else now
    if not goes_on:
        return now
    is_known = each.kept.changed_at is not None
    return BOOT_AT if is_known else now - each.settings.min_off_s


def _told(state: StripState, effects: Sequence[Effect], save: Save) -> Iterator[Effect]:
    """Tell of the outlets what the socket's start tells of its contact."""
    for effect in effects:
        match effect:
            case SetRelay():
                for outlet in state.outlets:
                    yield SetRelay(on=outlet.is_on, output=outlet.name)
            case Record(topic="relay"):
                yield _row(state, effect)
            case Save():
                yield save
            case _:
                yield effect


def _row(state: StripState, row: Record) -> Record:
    details = {
        **row.details,
        "outlets": {each.name: each.is_on for each in state.outlets},
        "closes_later": state.waits_until is not None,
    }
    return replace(row, name="on" if state.relay_on else "off", details=details)
