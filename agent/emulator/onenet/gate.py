"""CONNECT with a token: who may come in, and what each refusal looks like."""

from dataclasses import replace
from typing import Final

from agent.emulator.onenet import token
from agent.emulator.onenet.fleet import Fleet
from agent.emulator.onenet.rules import OnenetRules
from agent.emulator.onenet.token import TokenError
from agent.emulator.onenet.twin import Twin
from agent.emulator.packets import Connect
from agent.emulator.platform import Admitted, Refused
from agent.emulator.values import Instant

MIN_KEEPALIVE_S: Final = 10
MAX_KEEPALIVE_S: Final = 1800
BAD_CREDENTIALS: Final = 4
"""The one CONNACK code for every bad login; the reason stands in the log only."""


def admit(fleet: Fleet, rules: OnenetRules, connect: Connect, at: Instant) -> Admitted | Refused:
    """Judge a CONNECT by pace, form and token."""
    twin = fleet.find(connect.username, connect.client_id)
    if twin is not None:
        reason = _ban_reason(twin, rules, at)
        if reason is not None:
            twin.refusals += 1
            return Refused(code=None, reason=reason, device=twin.device, ends_session=True)
    verdict = _judge(twin, connect, at)
    if isinstance(verdict, Admitted) and not rules.cuts_at_expiry:
        verdict = replace(verdict, until=None)
    return counted(twin, verdict)


def counted(twin: Twin | None, verdict: Admitted | Refused) -> Admitted | Refused:
    """Count a verdict with the device it is about, and return it."""
    if twin is not None:
        twin.connects += isinstance(verdict, Admitted)
        twin.refusals += isinstance(verdict, Refused)
    return verdict


def _judge(twin: Twin | None, connect: Connect, at: Instant) -> Admitted | Refused:
    device = None if twin is None else twin.device
    fault = _form_fault(connect)
    if fault is not None:
        return Refused(code=None, reason=fault, device=device)
    try:
        found, until = _check(twin, connect, at)
    except TokenError as error:
        return Refused(code=BAD_CREDENTIALS, reason=str(error), device=device)
    return Admitted(device=found.device, client_id=found.session, until=until)


def _ban_reason(twin: Twin, rules: OnenetRules, at: Instant) -> str | None:
    """Count a login, refused or not; tell why it gets no answer."""
    if at.now < twin.banned_until:
        return f"banned for another {twin.banned_until - at.now:.0f} s"
    if not twin.logins.is_exceeded(rules.logins_per_5s, at.now):
        return None
    twin.banned_until = at.now + rules.ban_s
    return f"more than {rules.logins_per_5s} logins in 5 s: banned for {rules.ban_s:g} s"


def _form_fault(connect: Connect) -> str | None:
    """Judge what the platform answers with nothing but the end of the connection."""
    is_complete = connect.username is not None and connect.password is not None
    if not is_complete or not connect.is_clean or connect.has_will:
        return "the connect flags are 0xC2: user name, password, clean session, no will"
    if not MIN_KEEPALIVE_S <= connect.keepalive_s <= MAX_KEEPALIVE_S:
        return f"keepalive is {MIN_KEEPALIVE_S} to {MAX_KEEPALIVE_S} s, not {connect.keepalive_s} s"
    return None


def _check(twin: Twin | None, connect: Connect, at: Instant) -> tuple[Twin, float]:
    """Check the token against the names beside it; tell until when it holds; raise TokenError."""
    if not connect.client_id or not connect.username or not connect.password:
        reason = "client id, user name and password are not empty"
        raise TokenError(token.INVALID_ARGUMENT, reason)
    given = token.read_token(connect.password)
    resource = token.read_resource(given.res)
    if resource.product != connect.username or resource.device not in {None, connect.client_id}:
        reason = "the user name is the product of res, the client id is its device"
        raise TokenError(token.NOT_THIS_DEVICE, reason)
    if twin is None:
        reason = f"no device {connect.client_id!r:.80} in product {connect.username!r:.80}"
        raise TokenError(token.UNKNOWN_DEVICE, reason)
    is_of_device = resource.device is not None
    keys = (twin.secrets.product, *((twin.secrets.device,) if is_of_device else ()))
    token.check_token(given, keys, at)
    return twin, float(given.et)
