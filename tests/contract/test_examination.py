"""How a codec is examined, and what is no finding."""

from dataclasses import replace
from typing import Any

import pytest

from agent.clouds.tencent.codec import TencentCodec
from agent.conformance.hostile import messages
from agent.conformance.rules import CODEC_RULES, examine
from agent.conformance.subject import Draws
from agent.errors import ConfigError
from tests.contract import ways
from tests.contract.bent import bent
from tests.contract.breaks_of_batches import untold
from tests.contract.dialects import SPEAKERS
from tests.contract.subjects import subject

RULES = {rule.name: rule for rule in CODEC_RULES}


@pytest.mark.parametrize("rule", ["replies-by-id", "unanswered", "taken-only"])
def test_what_is_not_heard_is_left_to_the_rule_for_that(rule):
    assert RULES[rule].findings(bent("tencent", decode=lambda *_: None)) == ()


@pytest.mark.parametrize("rule", ["batches-bounded", "batches-acked"])
def test_what_is_not_sent_is_left_to_the_rule_for_that(rule):
    assert RULES[rule].findings(bent("onenet", encode_past=untold, encode_together=untold)) == ()


def test_an_adapter_without_a_secret_cannot_be_examined_for_showing_it():
    bare = replace(subject("tencent"), settings=SPEAKERS["tencent"].settings(secret=""))
    (finding,) = RULES["secrets-hidden"].findings(replace(bare, factory=subject("tencent").factory))
    assert "raised ConfigError" in finding.what
    nothing = replace(bare, factory=lambda *_: subject("tencent").make())
    assert "hold no secret" in RULES["secrets-hidden"].findings(nothing)[0].what


def test_settings_that_the_section_refuses_are_not_asked_for():
    legacy = subject("onenet-legacy")
    assert RULES["login-settings"].findings(legacy) == ()
    refusing = replace(subject("tencent"), factory=_only_at_home)
    assert RULES["login-settings"].findings(refusing) == ()


def _only_at_home(settings: Any, thing: Any) -> Any:
    if settings.host is not None:
        raise ConfigError("only at home")
    return TencentCodec(settings, thing)


def test_a_platform_without_stamps_is_not_asked_for_them():
    timeless = bent("onenet", encode=ways.at(lambda *_: None))
    platform = replace(timeless.platform, has_stamps=False)
    for rule in ("reports-stamped", "batches-stamped"):
        assert RULES[rule].findings(replace(timeless, platform=platform)) == ()


def test_a_bug_in_a_codec_is_a_finding_and_an_interrupt_is_none():
    (finding,) = RULES["limits-sane"].findings(bent("tencent", encode=lambda *_: 1 / 0))
    assert "ZeroDivisionError" in finding.what
    with pytest.raises(KeyboardInterrupt):
        RULES["limits-sane"].findings(
            bent("tencent", encode=lambda *_: ways.throw(KeyboardInterrupt()))
        )


def test_the_same_seed_makes_the_same_messages():
    drawn = [
        list(messages(replace(one, draws=Draws(seed=seed, count=30)), one.make()))
        for one in (subject("aliyun"),)
        for seed in (1, 1, 2)
    ]
    assert drawn[0] == drawn[1] != drawn[2]


def test_a_bent_codec_is_found_by_the_whole_examination():
    found = examine(bent("tencent", encode=lambda *_: None))
    assert "reports-told" in {each.rule for each in found}
