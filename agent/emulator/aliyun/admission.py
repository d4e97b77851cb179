"""Who may come in: every judgement of a CONNECT, in the order in which they count."""

from typing import Final

from agent.emulator.aliyun.auth import (
    MAX_KEEPALIVE_S,
    Fault,
    keepalive_fault,
    securemode_fault,
    signature_fault,
)
from agent.emulator.aliyun.login import Login
from agent.emulator.aliyun.rules import AliyunRules
from agent.emulator.aliyun.twin import Standing, Twin
from agent.emulator.packets import Connect
from agent.emulator.platform import Admitted, Refused
from agent.emulator.values import Instant

MINUTE_S: Final = 60.0


def admit(
    twin: Twin, login: Login, connect: Connect, rules: AliyunRules, at: Instant
) -> Admitted | Refused:
    """Judge the CONNECT of a known device whose ClientID is well formed."""
    fault = _pace_fault(twin, rules, at) or _find_fault(twin, login, connect, rules)
    if fault is not None:
        twin.refusals += 1
        return Refused(code=fault.code, reason=fault.reason, device=twin.device)
    twin.connects += 1
    twin.login = login
    twin.needs_subscription = not (login.is_system_subscriber and rules.honours_ss)
    keepalive_s = min(connect.keepalive_s, MAX_KEEPALIVE_S)
    return Admitted(device=twin.device, client_id=twin.client_id, keepalive_s=keepalive_s)


def _find_fault(twin: Twin, login: Login, connect: Connect, rules: AliyunRules) -> Fault | None:
    codes = rules.codes
    is_bounded = rules.rejects_long_keepalive
    fault = keepalive_fault(connect.keepalive_s, is_bounded=is_bounded, codes=codes)
    if fault is None and twin.standing is not Standing.ENABLED:
        fault = Fault(code=codes.disabled, reason=f"the device is {twin.standing}")
    if fault is None and rules.enforces_securemode:
        fault = securemode_fault(login, is_tls=connect.is_tls, codes=codes)
    return fault or signature_fault(connect.password, twin.key, twin.device, login, codes)


def _pace_fault(twin: Twin, rules: AliyunRules, at: Instant) -> Fault | None:
    """Judge how often the device came in the last minute; whoever is turned away counts not."""
    limit = rules.connects_per_minute
    asked_at = twin.asked_at
    while asked_at and at.now - asked_at[0] >= MINUTE_S:
        asked_at.popleft()
    if limit and len(asked_at) >= limit:
        reason = f"more than {limit} CONNECTs in a minute"
        return Fault(code=rules.codes.too_often, reason=reason)
    if limit:
        asked_at.append(at.now)
    return None
