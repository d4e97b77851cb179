"""What is played with the emulated clouds fails with a codec that breaks a promise."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import pytest

from agent.errors import CodecError
from agent.messages import DONE, Ack
from tests.contract import (
    test_an_hour,
    test_delivery,
    test_faults,
    test_login,
    test_requests,
    test_stored,
    ways,
)
from tests.contract.bent import bend
from tests.contract.dialects import SPEAKERS

BENT = "bent"


@pytest.fixture(autouse=True)
def _forgotten() -> Iterator[None]:
    yield
    SPEAKERS.pop(BENT, None)


def breaks(name: str, play: Callable[..., Any], *args: Any, **changes: Callable[..., Any]) -> Any:
    return pytest.param(name, play, args, changes, id=f"{name}: {play.__name__}")


def _blameless(inner: Any, topic: str, payload: bytes) -> Any:
    heard = inner(topic, payload)
    return replace(heard, kind=None) if isinstance(heard, Ack) else heard


def _stumbling(inner: Any, topic: str, payload: bytes) -> Any:
    try:
        return inner(topic, payload)
    except CodecError as error:
        raise ValueError("no JSON") from error


HASTY = {"limits": lambda each: replace(each, messages_per_s=1000)}
RUSHING = {"limits": lambda each: replace(each, connect_interval_s=0.5, rejected_interval_s=0.5)}
NOT_CLEARED = {"encode_cleared": lambda *_: (), "encode_reply": lambda *_: ()}
CLOCKLESS = {"connect_params": lambda inner, wall, nonce: inner(wall or 0.0, nonce)}
DEAF = {"subscriptions": lambda _: ()}


@pytest.mark.parametrize(
    ("name", "play", "args", "changes"),
    [
        breaks(
            "tencent",
            test_login.test_a_device_is_let_in_with_a_clock_and_without,
            None,
            **CLOCKLESS,
        ),
        breaks(
            "onenet", test_login.test_a_device_is_let_in_with_a_clock_and_without, None, **CLOCKLESS
        ),
        breaks("onenet", test_login.test_a_wrong_secret_is_refused_and_waits_long, **RUSHING),
        breaks("aliyun", test_login.test_a_wrong_secret_is_refused_and_waits_long, **RUSHING),
        breaks(
            "aliyun", test_stored.test_what_was_stored_is_obeyed_once_and_cleared, **NOT_CLEARED
        ),
        breaks(
            "tencent",
            test_stored.test_what_is_stored_and_means_nothing_is_cleared_too,
            **NOT_CLEARED,
        ),
        breaks(
            "onenet",
            test_stored.test_what_is_stored_and_means_nothing_is_cleared_too,
            decode=ways.forgets_stored,
        ),
        breaks(
            "onenet",
            test_stored.test_what_is_wanted_of_a_device_that_is_online_is_not_wanted_again,
            encode_taken=lambda *_: (),
        ),
        breaks("aliyun-subscribe", test_requests.test_a_set_is_done_and_answered, **DEAF),
        breaks("onenet", test_requests.test_a_set_is_done_and_answered, **DEAF),
        breaks(
            "tencent",
            test_requests.test_a_set_that_cannot_be_is_refused_whole_with_the_code_and_a_reason,
            "read_only",
            encode_reply=lambda inner, request, _: inner(request, DONE),
        ),
        breaks(
            "onenet-legacy",
            test_requests.test_a_request_that_comes_again_is_answered_alike_and_done_once,
            "set",
            decode=lambda inner, *args: _nameless(inner(*args)),
        ),
        breaks(
            "tencent",
            test_requests.test_what_the_device_said_is_no_command_when_the_broker_sends_it_back,
            decode=ways.echoes,
        ),
        breaks(
            "onenet-datastream",
            test_delivery.test_reports_events_and_facts_are_all_confirmed,
            0.0,
            encode=lambda inner, message, _, now: inner(message, "3", now),
        ),
        breaks(
            "tencent",
            test_faults.test_after_a_fault_everything_goes_on,
            "garbage",
            decode=_stumbling,
        ),
        breaks("aliyun", test_an_hour.test_what_has_piled_up_leaves_at_the_platforms_pace, **HASTY),
        breaks("onenet", test_an_hour.test_what_has_piled_up_leaves_at_the_platforms_pace, **HASTY),
        breaks("tencent", test_an_hour.test_an_hour_with_faults_breaks_no_limit, 0, **RUSHING),
    ],
)
def test_a_play_finds_what_breaks_it(name, play, args, changes):
    SPEAKERS[BENT] = replace(SPEAKERS[name], bend=bend(**changes))
    with pytest.raises(AssertionError):
        play(BENT, *args)


def _nameless(heard: Any) -> Any:
    return replace(heard, request_id="") if hasattr(heard, "values") else heard


@pytest.mark.parametrize("name", ["tencent", "onenet"])
def test_a_property_that_the_console_lacks_is_not_found_without_the_kind_of_refusal(name, tmp_path):
    SPEAKERS[BENT] = replace(SPEAKERS[name], bend=bend(decode=_blameless))
    with pytest.raises(AssertionError):
        test_delivery.test_a_property_that_the_console_lacks_is_found_left_out_and_said_once(
            BENT, {}, tmp_path
        )
