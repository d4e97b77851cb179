"""The first state of a process, made from what an earlier one kept and from why it starts."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from agent.devices.automated.rules_kept import taken_back
from agent.devices.effects import Effect, Log, Record, SetLevel, SetRelay
from agent.devices.generic import keeping
from agent.devices.generic.kept import KeptGeneric, KeptSwitch, read
from agent.devices.generic.sensing import begun
from agent.devices.generic.state import DimmerState, State, SwitchState
from agent.devices.inputs import Found
from agent.devices.starts import BOOT_AT, SAME_BOOT, SHORT_OFF_S, policy_for
from agent.model import Condition
from agent.settings.dimmers import DimmerSettings
from agent.settings.generic import AnySwitchSettings, GenericSettings


def first_state(
    found: Found, settings: GenericSettings, now: float
) -> tuple[State, Sequence[Effect]]:
    """Apply the policies of all outputs to what was kept; what is not sure stays open."""
    kept, dropped = (KeptGeneric(), ()) if found.saved is None else read(found.saved)
    is_sure = not dropped and found.condition in (Condition.NEW, Condition.GOOD)
    state = State(
        sensors={name: begun(each, now) for name, each in settings.sensors.items()},
        switches={
            name: _switch(name, each, kept.switches.get(name), found, now, is_sure=is_sure)
            for name, each in settings.switches.items()
        },
        dimmers={
            name: _dimmer(each, kept.dimmers.get(name, 0), is_sure=is_sure)
            for name, each in settings.dimmers.items()
        },
        plan=kept.plan.plan(),
        rules=taken_back(kept.rules, kept.saved_at, found.cause, now),
    )
    effects: list[Effect] = [*driven(state)]
    if not is_sure:
        details = {"condition": found.condition, "dropped": list(dropped), "contact": "open"}
        effects.append(Log(event="state.unreadable", details=details, is_warning=True))
    effects += _rows(state, found, settings, kept.switches, is_sure=is_sure)
    return state, (*effects, keeping.save(state, "start", now))


def driven(state: State) -> Iterator[SetRelay | SetLevel]:
    """Drive every output where it stands."""
    for name, contact in state.switches.items():
        yield SetRelay(on=contact.is_on, output=name)
    for name, dimmer in state.dimmers.items():
        yield SetLevel(level=dimmer.level / 100, output=name)


def _switch(
    name: str,
    section: AnySwitchSettings,
    kept: KeptSwitch | None,
    found: Found,
    now: float,
    *,
    is_sure: bool,
) -> SwitchState:
    policy, held = policy_for(section, found.cause), found.held.get(name)
    was_on = kept is not None and kept.on and held is not False
    on = is_sure and (policy == "on" or (policy == "restore" and was_on))
    contact = SwitchState(is_on=on, changed_at=now)
    if kept is None:
        return contact
    is_same_boot = found.cause in SAME_BOOT
    if not on or (held is True and is_same_boot):
        stands_still = is_same_boot and (on or not kept.on)
        return replace(contact, changed_at=kept.changed_at) if stands_still else contact
    return _delayed(contact, section, kept, is_same_boot=is_same_boot)


def _delayed(
    contact: SwitchState, section: AnySwitchSettings, kept: KeptSwitch, *, is_same_boot: bool
) -> SwitchState:
    """Hold a closing back for `min_off_s`."""
    now = contact.changed_at
    is_short = section.min_off_s <= SHORT_OFF_S
    opened_at = _opened_at(kept, now, is_short=is_short) if is_same_boot else BOOT_AT
    if opened_at is None or opened_at + section.min_off_s <= now:
        return contact
    closing_at = opened_at + section.min_off_s
    return replace(contact, is_on=False, changed_at=opened_at, closing_at=closing_at)


def _opened_at(kept: KeptSwitch, now: float, *, is_short: bool) -> float | None:
    """Tell since when the contact has been open; None: as far as is known it is closed.

    A contact that was closed when the process ended, and that nobody held, may have been opened
    until now: with a minimum that spares a compressor that is taken for certain.
    """
    if kept.opened_at is not None:
        return kept.opened_at
    if not kept.on:
        return kept.changed_at
    return None if is_short else now


def _dimmer(section: DimmerSettings, kept: int, *, is_sure: bool) -> DimmerState:
    if not is_sure:
        return DimmerState(level=0)
    return DimmerState(level=kept if section.on_start == "restore" else round(section.on_start))


def _rows(
    state: State,
    found: Found,
    settings: GenericSettings,
    kept: Mapping[str, KeptSwitch],
    *,
    is_sure: bool,
) -> Iterator[Record]:
    """Write into the journal where every output stands, and why."""
    for name, dimmer in state.dimmers.items():
        details = {
            "output": name,
            "why": "start",
            "cause": found.cause.value,
            "policy": settings.dimmers[name].on_start,
            "level": dimmer.level,
            "is_sure": is_sure,
        }
        yield Record(topic="relay", name="level", details=details)
    for name, contact in state.switches.items():
        details = {
            "output": name,
            "why": "start",
            "cause": found.cause.value,
            "policy": policy_for(settings.switches[name], found.cause),
            "was_on": name in kept and kept[name].on,
            "held": found.held.get(name) is True,
            "closes_later": contact.closing_at is not None,
            "is_sure": is_sure,
        }
        yield Record(topic="relay", name="on" if contact.is_on else "off", details=details)
