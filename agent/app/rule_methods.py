"""The methods of the control socket about rules: list, explain, write, turn on and off, try."""

import asyncio
from collections.abc import Awaitable, Callable, Coroutine, Mapping, Sequence
from dataclasses import asdict
from functools import partial
from typing import TYPE_CHECKING, Final

from agent.app.acting import actor_of
from agent.app.device import DeviceApp
from agent.app.keeping import Kept, when_kept
from agent.automation.rules.book import is_name, listed, text_fault
from agent.automation.rules.grammar import parse_rule
from agent.automation.rules.presets import PRESETS
from agent.automation.rules.rule import MAX_TEXT, Rule
from agent.automation.rules.writing import write_rule
from agent.control.methods import DEVICE, Described, Param, ParamKind, Params, Run
from agent.devices.automated.rules_told import rules_told
from agent.devices.inputs import EditRule
from agent.errors import ControlError
from agent.model import Origin
from agent.settings.names import nearest

if TYPE_CHECKING:
    from agent.automation.rules.dry_run import Sample, Tried

Samples = Callable[[str, float, float], Awaitable["Sequence[Sample]"]]
"""(device, since, until) → what was measured then, in the order of time."""

DAY_S: Final = 86_400
RULES: Final = "rules"
MOST_DAYS: Final = 31
NO_HISTORY: Final = "there is no history of that time to try a rule on"
NO_TIME: Final = "the time is not known yet, so there is no history to try a rule on"

NAME: Final = Param(
    name="name",
    kind=ParamKind.TEXT,
    summary="the rule's name",
    is_needed=True,
    maximum=32,
)
TEXT: Final = Param(
    name="text",
    kind=ParamKind.TEXT,
    summary="the rule: 'when NAME OP VALUE …: ACTION', or 'preset NAME KEY=VALUE …'",
    is_needed=True,
    maximum=MAX_TEXT,
)
WHAT: Final = Param(
    name="rule",
    kind=ParamKind.TEXT,
    summary="the name of a rule, or the text of one",
    is_needed=True,
    maximum=MAX_TEXT,
)
LAST_S: Final = Param(
    name="last_s",
    kind=ParamKind.WHOLE,
    summary="how many seconds back it is tried; one day where it is left out",
    minimum=60,
    maximum=MOST_DAYS * DAY_S,
)


class Rules:
    """Finds the device, asks it, and puts its refusals into the answer."""

    def __init__(
        self, find: Callable[[Params], DeviceApp], kept: Kept, samples: Samples | None = None
    ) -> None:
        self._find = find
        self._kept = kept
        self._samples = samples

    @property
    def methods(self) -> tuple[Described, ...]:
        """Every method, described."""
        why = "Tell what keeps one rule from firing."
        test = "Tell when a rule would have fired; nothing is done."
        enable, disable = (
            partial(self._turn, is_enabled=True),
            partial(self._turn, is_enabled=False),
        )
        return (
            _of("rule_list", "List the rules, and what each waits for.", self._list),
            _of("rule_why", why, self._why, NAME),
            _of(
                "rule_add", "Write a rule, or another text of an added one.", self._add, NAME, TEXT
            ),
            _of("rule_remove", "Remove an added rule.", self._remove, NAME),
            _of("rule_enable", "Turn a rule on.", enable, NAME),
            _of("rule_disable", "Turn a rule off; it stays in the list.", disable, NAME),
            _of("rule_test", test, self._test, WHAT, LAST_S),
            Described(
                name="rule_presets",
                summary="List the rules that only need numbers.",
                run=lambda _origin, _params: presets(),
            ),
        )

    def _list(self, origin: Origin, params: Params) -> object:
        del origin
        device = self._find(params)
        return {"device": device.name, "rules": list(_told(device))}

    def _why(self, origin: Origin, params: Params) -> object:
        del origin
        device = self._find(params)
        return {"device": device.name, "rule": _found(device, str(params["name"]))}

    def _add(self, origin: Origin, params: Params) -> object:
        name, text = str(params["name"]), str(params["text"])
        device = self._find(params)
        _edit(device, EditRule(name=name, origin=origin, text=text))
        return when_kept({"device": device.name, "rule": _found(device, name)}, self._kept)

    def _remove(self, origin: Origin, params: Params) -> object:
        device, name = self._find(params), str(params["name"])
        _edit(device, EditRule(name=name, origin=origin, removes=True))
        return when_kept({"device": device.name, "removed": name}, self._kept)

    def _turn(self, origin: Origin, params: Params, *, is_enabled: bool) -> object:
        device, name = self._find(params), str(params["name"])
        _edit(device, EditRule(name=name, origin=origin, is_enabled=is_enabled))
        return when_kept({"device": device.name, "rule": _found(device, name)}, self._kept)

    def _test(self, origin: Origin, params: Params) -> Coroutine[None, None, object]:
        del origin
        device = self._find(params)
        text = _text_of(device, str(params["rule"]))
        fault = text_fault(text, device.thing)
        if fault:
            raise ControlError(fault)
        last_s = params.get("last_s")
        until = device.clock.wall_time()
        if until is None:
            raise ControlError(NO_TIME)
        since = until - (last_s if isinstance(last_s, int) else DAY_S)
        return self._tested(device, parse_rule(text), since, until)

    async def _tested(
        self, device: DeviceApp, rule: Rule, since: float, until: float
    ) -> Mapping[str, object]:
        samples = () if self._samples is None else await self._samples(device.name, since, until)
        if not samples:
            raise ControlError(NO_HISTORY)
        zone = device.zone
        from agent.automation.rules.dry_run import dry_run  # noqa: PLC0415 - only to try a rule

        tried = await asyncio.to_thread(dry_run, rule, samples, zone, device.thing.switch)
        return {
            "device": device.name,
            "rule": write_rule(rule),
            "since": round(since, 3),
            "until": round(until, 3),
            **_outcome(rule, tried),
        }


def _of(name: str, summary: str, run: Run, *params: Param) -> Described:
    """Describe a method of one device."""
    return Described(name=name, summary=summary, run=run, params=(DEVICE, *params))


def presets() -> Mapping[str, object]:
    """List the presets with the rules that they stand for."""
    return {
        "presets": [
            {
                "name": each.name,
                "summary": each.summary,
                "text": each.filled({}),
                "values": dict(each.defaults),
            }
            for each in PRESETS
        ]
    }


def _told(device: DeviceApp) -> Sequence[Mapping[str, object]]:
    now = device.clock.now()
    return rules_told(actor_of(device, RULES), device.runtime.state, now)


def _found(device: DeviceApp, name: str) -> Mapping[str, object]:
    told = {str(each["name"]): each for each in _told(device)}
    if name not in told:
        raise _unknown(name, tuple(told))
    return told[name]


def _unknown(name: str, known: Sequence[str]) -> ControlError:
    text = f"no rule is named {name!r:.60}; there are: {', '.join(known) or 'none'}"
    hint = nearest(name, known)
    return ControlError(f"{text}; {hint}" if hint else text)


def _edit(device: DeviceApp, event: EditRule) -> None:
    actor_of(device, RULES)
    outcome = device.runtime.dispatch(event)
    assert outcome is not None, "a device answers every edit"
    if outcome.refusal is not None:
        raise ControlError(outcome.refusal.reason)


def _text_of(device: DeviceApp, rule: str) -> str:
    """Take the text of the rule of that name, or what is given as a text."""
    state, actor = device.runtime.state, actor_of(device, RULES)
    named = {each.name: each.text for each in listed(state.rules, actor.rules)}
    if is_name(rule) and rule not in named:
        raise _unknown(rule, tuple(named))
    return named.get(rule, rule)


def _outcome(rule: Rule, tried: "Tried") -> Mapping[str, object]:
    from agent.automation.rules.tried_words import tried_in_words  # noqa: PLC0415 - as above

    return {
        "samples": tried.samples,
        "count": tried.count,
        "fired": [asdict(each) for each in tried.fired],
        "longest_s": round(tried.longest_s, 3),
        "nearest": dict(tried.nearest),
        "words": list(tried_in_words(rule, tried)),
    }
