"""All rules of a codec, and the examination by them."""

from typing import Final

from agent.conformance import (
    answering,
    batching,
    connecting,
    hearing,
    reporting,
    resyncing,
    subscribing,
)
from agent.conformance.rule import Finding, Rule
from agent.conformance.subject import Subject

CODEC_RULES: Final[tuple[Rule, ...]] = (
    *connecting.RULES,
    *subscribing.RULES,
    *reporting.RULES,
    *batching.RULES,
    *hearing.RULES,
    *answering.RULES,
    *resyncing.RULES,
)


def examine(subject: Subject) -> tuple[Finding, ...]:
    """Examine a codec by every rule; nothing found: it holds what a codec promises."""
    return tuple(finding for rule in CODEC_RULES for finding in rule.findings(subject))
