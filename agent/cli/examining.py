"""A third party's adapters and drivers, found by name and examined by every rule."""

import asyncio
import importlib
import queue
import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Final, cast

from pydantic import ValidationError

from agent.attempt import Attempt
from agent.conformance.drivers.bench import raised
from agent.conformance.drivers.subject import DriverSubject, examined, rules_of
from agent.conformance.rule import Examined, Finding
from agent.conformance.rules import CODEC_RULES
from agent.conformance.sections import (
    SECTION_RULE,
    cloud_section,
    examined_section,
    first_fault,
)
from agent.conformance.subject import Subject
from agent.errors import ConfigError
from agent.settings.names import nearest

ATTRIBUTE: Final = "CONFORMANCE"
HANG_S: Final = 120.0
"""No rule takes so long, whatever fails; one that does will not end."""

Examinable = Subject | DriverSubject


class NothingToExamineError(ConfigError):
    """The name that was typed is of nothing that can be examined."""


def subjects_of(name: str) -> tuple[Examinable, ...]:
    """Import MODULE[:ATTRIBUTE]; raise `NothingToExamineError` or `ConfigError`.

    It is one subject, or several. A module in the folder where one stands is found, too.
    """
    module_name, _, attribute = name.partition(":")
    here = str(Path.cwd())
    if here not in sys.path:
        sys.path.append(here)
    module = _imported(module_name)
    wanted = attribute or ATTRIBUTE
    found: object = getattr(module, wanted, None)
    if found is None:
        hint = nearest(wanted, [each for each in dir(module) if not each.startswith("_")])
        raise NothingToExamineError(
            f"{module_name} has no {wanted}: it names what is to be examined, one"
            f" DriverSubject or Subject or a tuple of them. {hint}".strip()
        )
    several = cast("Sequence[object]", found) if isinstance(found, tuple | list) else (found,)
    subjects = tuple(each for each in several if isinstance(each, Subject | DriverSubject))
    if not subjects or len(subjects) < len(several):
        raise NothingToExamineError(
            f"{module_name}:{wanted} is no DriverSubject and no Subject"
            " (agent.conformance), nor a tuple of them"
        )
    return subjects


def _imported(name: str) -> object:
    module: object = None
    with Attempt() as attempt:
        module = importlib.import_module(name)
    if attempt.error is None:
        return module
    raise _not_imported(name, attempt.error) from attempt.error


def _not_imported(name: str, error: Exception) -> ConfigError:
    if isinstance(error, ValidationError):
        return ConfigError(f"{name}: its Settings refuses its section: {first_fault(error)}")
    if isinstance(error, ConfigError):
        return ConfigError(f"{name}: {error}")
    missing = error.name if isinstance(error, ModuleNotFoundError) else None
    if missing and f"{name}.".startswith(f"{missing}."):
        return NothingToExamineError(
            f"there is no module {missing!r} here: install its package first"
            f" ({sys.executable} -m pip install FOLDER), or go to the folder that holds it"
        )
    return ConfigError(f"{name} cannot be imported: {raised(error)}")


def examine(subject: Examinable, *, hang_s: float = HANG_S) -> Iterator[Examined]:
    """Examine *subject* by all rules, in a thread: a rule that never ends is a finding, too.

    A section that is refused ends it: nothing can be made.
    """
    results: queue.SimpleQueue[Examined] = queue.SimpleQueue()
    names = rules_for(subject)
    threading.Thread(
        target=_run, args=(subject, results.put), name="examination", daemon=True
    ).start()
    for name in names:
        try:
            result = results.get(timeout=hang_s)
        except queue.Empty:
            what = f"it has not ended after {hang_s:g} s, and the examination ends here"
            yield Examined(rule=name, statement="", findings=(Finding(rule=name, what=what),))
            return
        yield result
        if result.findings and name == SECTION_RULE:
            return


def rules_for(subject: Examinable) -> Sequence[str]:
    """List the rules for *subject*, in their order."""
    if isinstance(subject, DriverSubject):
        return rules_of(subject)
    return (SECTION_RULE, *(rule.name for rule in CODEC_RULES))


def _run(subject: Examinable, put: Callable[[Examined], None]) -> None:
    if isinstance(subject, DriverSubject):
        asyncio.run(_run_driver(subject, put))
        return
    for each in _codec(subject):
        put(each)


async def _run_driver(subject: DriverSubject, put: Callable[[Examined], None]) -> None:
    async for each in examined(subject):
        put(each)


def _codec(subject: Subject) -> Iterator[Examined]:
    yield examined_section(cloud_section(subject))
    for rule in CODEC_RULES:
        yield Examined(rule=rule.name, statement=rule.statement, findings=rule.findings(subject))
