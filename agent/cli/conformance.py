"""`polycloud conformance`: does a third party's adapter or driver hold what its role promises."""

import sys
from collections.abc import Iterator
from typing import TYPE_CHECKING, Final

import click

from agent.cli.asking import JSON_OPTION, end, say, say_json
from agent.cli.helping import examples
from agent.errors import EXIT_CONFIG, EXIT_FAILED, EXIT_USAGE, ConfigError

if TYPE_CHECKING:
    from agent.cli.examining import Examinable
    from agent.conformance.rule import Examined

SECTION_RULE: Final = "plug-in-section"


@click.command(
    epilog=examples(
        "polycloud conformance polycloud_hermes.conformance",
        "polycloud conformance acme_relay:STAND --json",
    )
)
@click.argument("name", metavar="MODULE[:ATTRIBUTE]")
@JSON_OPTION
def conformance(name: str, *, as_json: bool) -> None:
    """Examine an adapter or a driver by every rule of its role, and print what holds.

    MODULE has to hold a subject, or a tuple of them, called CONFORMANCE: docs/extend.md. Exits
    with 0 when every rule holds, 1 when one is broken, 2 where there is nothing to examine, and
    78 where it cannot be imported or its Settings refuses its own section.
    """
    from agent.cli.examining import NothingToExamineError, subjects_of  # noqa: PLC0415 - heavy

    try:
        subjects = subjects_of(name)
    except NothingToExamineError as error:
        end(str(error), EXIT_USAGE)
    except ConfigError as error:
        end(str(error), EXIT_CONFIG)
    results = [(each, list(_told(each, as_json=as_json))) for each in subjects]
    broken = [one.rule for _, found in results for one in found if one.findings]
    if as_json:
        rows = [_row(subject, found) for subject, found in results]
        say_json({"holds": not broken, "subjects": rows})
    sys.exit(_exit_code(broken))


def _exit_code(broken: list[str]) -> int:
    if SECTION_RULE in broken:
        return EXIT_CONFIG
    return EXIT_FAILED if broken else 0


def _told(subject: "Examinable", *, as_json: bool) -> "Iterator[Examined]":
    """Examine one, and say what comes of each rule as soon as it is known."""
    from agent.cli.examining import examine  # noqa: PLC0415 - heavy

    held, broken = 0, 0
    for each in examine(subject):
        held, broken = held + (not each.findings), broken + bool(each.findings)
        if not as_json:
            for line in _lines(subject.title, each):
                say(line)
        yield each
    if not as_json:
        say(f"{subject.title}: {held} rules hold, {broken} broken")


def _lines(title: str, examined: "Examined") -> list[str]:
    if not examined.findings:
        return [f"ok {examined.rule}: {examined.statement}"]
    return [f"FAILED {examined.rule}: {each.what}, in {title}" for each in examined.findings]


def _row(subject: "Examinable", found: "list[Examined]") -> dict[str, object]:
    rules = [
        {
            "rule": each.rule,
            "statement": each.statement,
            "holds": not each.findings,
            "findings": [one.what for one in each.findings],
        }
        for each in found
    ]
    role = getattr(subject, "role", "cloud")
    holds = not any(each.findings for each in found)
    return {"title": subject.title, "role": role, "holds": holds, "rules": rules}
