"""Calibration over the control socket: a session samples the meter, references decide."""

from collections.abc import Callable, Mapping
from dataclasses import asdict
from typing import Final

from agent.app.device import DeviceApp
from agent.app.sockets import socket_of
from agent.control.methods import Params, Run
from agent.devices.inputs import Calibrate
from agent.devices.socket.calibration import coefficients, in_force
from agent.devices.socket.comparison import (
    LEAST_POWER_FACTOR,
    QUANTITIES,
    Bench,
    Proposal,
    Reach,
    References,
    Refused,
    judge,
    power_factor,
    unfit,
    waiting,
)
from agent.devices.socket.sampling import NEEDED, Sampler, Series, sampled, sampler_of
from agent.drivers.hlw8032.decoder import MARGIN
from agent.errors import ControlError
from agent.model import Factors, Origin, Reading

CALIBRATED: Final = "a meter to calibrate"
UNREAD_S: Final = 120.0
"""A session that nobody reads for so long ends by itself."""

BUSY_S: Final = 5.0
"""Whoever has read a session so recently still works with it."""

SETTLES_S: Final = 3.0
"""So long after the contact has closed a register may still hold a mean with the time before."""

REFERENCES: Final = {"voltage_v": "voltage", "current_a": "current", "power_w": "power"}


class Session:
    """Samples one device's readings while somebody asks for them.

    `previewed`: what was last shown, and for which references; to agree to it puts exactly that
    in force.
    """

    def __init__(self, device: DeviceApp, owner: str) -> None:
        self.owner = owner
        self.read_at = device.clock.now()
        self.sampler = self._empty(device)
        self.previewed: tuple[References, bool, Proposal] | None = None
        self._device = device

    @staticmethod
    def _empty(device: DeviceApp) -> Sampler:
        return sampler_of(socket_of(device, CALIBRATED).meter.PACE)

    @property
    def is_over(self) -> bool:
        """Tell whether nobody has read it for too long."""
        return self._device.clock.now() - self.read_at > UNREAD_S

    def feed(self, reading: Reading) -> None:
        """Take a reading; while the contact is open, or has just closed, nothing counts."""
        if self.is_over:
            self._device.readings.watchers.discard(self.feed)
            return
        now, state = self._device.clock.now(), self._device.runtime.state
        is_settled = state.relay_on and now - state.changed_at >= SETTLES_S
        self.sampler = sampled(
            self.sampler if is_settled else self._empty(self._device), reading, now
        )

    def propose(self, references: References, *, is_forced: bool) -> Proposal:
        """Judge what was measured, or repeat what was shown; raise `ControlError` with reasons."""
        if self.previewed is not None and self.previewed[:2] == (references, is_forced):
            return self.previewed[2]
        judged = judge(self.sampler, references, _bench(self._device), is_forced=is_forced)
        if isinstance(judged, Refused):
            raise ControlError("; ".join(judged.reasons))
        return judged

    def begin(self) -> None:
        """Be given the device's readings."""
        self._device.readings.watchers.add(self.feed)

    def end(self) -> None:
        """Be given none any more."""
        self._device.readings.watchers.discard(self.feed)


class Calibrations:
    """The control methods, and at most one session a device."""

    def __init__(self, find: Callable[[Params], DeviceApp]) -> None:
        self._find = find
        self._sessions: dict[str, Session] = {}

    @property
    def table(self) -> Mapping[str, Run]:
        """The methods by name."""
        return {
            "calibration_begin": self._begin,
            "calibration_read": self._read,
            "calibration_end": self._end,
            "calibrate": self._calibrate,
            "calibration_undo": self._undo,
            "calibration_list": self._list,
        }

    def _begin(self, origin: Origin, params: Params) -> object:
        device = self._calibratable(params)
        before = self._sessions.get(device.name)
        if before is not None:
            if device.clock.now() - before.read_at < BUSY_S:
                raise ControlError(
                    f"{before.owner} is calibrating {device.name} already: try again in a moment"
                )
            before.end()
        session = Session(device, origin.name)
        session.begin()
        self._sessions[device.name] = session
        return _progress(device, session)

    def _read(self, origin: Origin, params: Params) -> object:
        del origin
        device = self._calibratable(params)
        session = self._session(device)
        session.read_at = device.clock.now()
        return _progress(device, session)

    def _end(self, origin: Origin, params: Params) -> object:
        del origin
        device = self._find(params)
        return {"device": device.name, "ended": self._forget(device)}

    def _calibrate(self, origin: Origin, params: Params) -> object:
        """Judge, and with `preview` only show; otherwise put it in force and end the session."""
        device = self._calibratable(params)
        found = {field: params.get(name) for name, field in REFERENCES.items()}
        given = {
            field: float(value) for field, value in found.items() if isinstance(value, int | float)
        }
        references = References(**given)
        is_preview, is_forced = params.get("preview") is True, params.get("force") is True
        session = self._session(device)
        session.read_at = device.clock.now()
        if is_preview:
            session.previewed = None
        before, proposal = _factors(device), session.propose(references, is_forced=is_forced)
        if is_preview:
            session.previewed = (references, is_forced, proposal)
        else:
            self._dispatch(device, origin, proposal.factors, proposal.made_from)
        return _shown(device, before, proposal, is_applied=not is_preview)

    def _undo(self, origin: Origin, params: Params) -> object:
        device = self._calibratable(params)
        before = _factors(device)
        self._dispatch(device, origin, None, {})
        return {"device": device.name, "applied": True, **_change(device, before, _factors(device))}

    def _list(self, origin: Origin, params: Params) -> object:
        del origin
        device = self._find(params)
        return {
            "device": device.name,
            "configured": coefficients(socket_of(device, CALIBRATED).meter, Factors()),
            "in_force": _scale(device, _factors(device)),
            "calibrations": [asdict(row) for row in device.runtime.state.calibrations],
        }

    def _dispatch(
        self,
        device: DeviceApp,
        origin: Origin,
        factors: Factors | None,
        made_from: Mapping[str, float],
    ) -> None:
        """Go through the one door; samples of the old scale are of no use after it."""
        outcome = device.runtime.dispatch(
            Calibrate(
                factors=factors,
                made_from=made_from,
                origin=origin,
                wall_time=device.clock.wall_time(),
            )
        )
        assert outcome is not None, "a device answers every calibration"
        if outcome.refusal is not None:
            raise ControlError(outcome.refusal.reason)
        self._forget(device)

    def _forget(self, device: DeviceApp) -> bool:
        """End the device's session; tell whether there was one."""
        session = self._sessions.pop(device.name, None)
        if session is None:
            return False
        session.end()
        return True

    def _calibratable(self, params: Params) -> DeviceApp:
        device = self._find(params)
        socket_of(device, CALIBRATED)
        if not device.readings.can_rescale:
            driver = socket_of(device, CALIBRATED).meter.driver
            raise ControlError(
                f"the meter of {device.name} (driver {driver!r}) cannot be calibrated here:"
                " its driver has no rescale(); use the meter's own calibration"
            )
        return device

    def _session(self, device: DeviceApp) -> Session:
        session = self._sessions.get(device.name)
        if session is None or session.is_over:
            raise ControlError(
                f"nothing is being measured for a calibration of {device.name} (it ends when"
                f" nobody asks for {UNREAD_S:.0f} s): begin again with polycloud calibrate"
            )
        return session


def _factors(device: DeviceApp) -> Factors:
    return in_force(device.runtime.state.calibrations, socket_of(device, CALIBRATED).meter)


def _bench(device: DeviceApp) -> Bench:
    factors, meter = _factors(device), socket_of(device, CALIBRATED).meter
    return Bench(
        factors=factors,
        scale=Reach(
            most_v=MARGIN * meter.full_scale_v * factors.voltage,
            most_a=MARGIN * meter.full_scale_a * factors.current,
        ),
        is_on=device.runtime.state.relay_on,
        now=device.clock.now(),
    )


def _progress(device: DeviceApp, session: Session) -> Mapping[str, object]:
    sampler, bench = session.sampler, _bench(device)
    missing = waiting(sampler, bench)
    found = power_factor(sampler)
    return {
        "device": device.name,
        "relay_on": bench.is_on,
        "registers": {name: _register(getattr(sampler, name)) for name in QUANTITIES},
        "power_factor": None if found is None else round(found, 3),
        "needs_all_references": found is not None and found < LEAST_POWER_FACTOR,
        "waiting_for": list(missing),
        "unfit": list(unfit(sampler, is_known_resistive=True)),
        "is_settled": not missing,
        "ends_after_s": UNREAD_S,
    }


def _register(series: Series) -> Mapping[str, object]:
    mean, spread = series.mean, series.spread
    return {
        "measurements": min(len(series.values), NEEDED),
        "needed": NEEDED,
        "mean": None if mean is None else round(mean, 4),
        "spread_percent": None if spread is None else round(100 * spread, 3),
    }


def _shown(
    device: DeviceApp, before: Factors, proposal: Proposal, *, is_applied: bool
) -> Mapping[str, object]:
    return {
        "device": device.name,
        "applied": is_applied,
        "registers": {
            name: {
                "measured": round(row.measured, 4),
                "reference": row.reference,
                "change_percent": round(100 * row.move, 3),
            }
            for name, row in proposal.compared.items()
        },
        "notes": list(proposal.notes),
        **_change(device, before, proposal.factors),
    }


def _change(device: DeviceApp, before: Factors, after: Factors) -> Mapping[str, object]:
    return {"old": _scale(device, before), "new": _scale(device, after)}


def _scale(device: DeviceApp, factors: Factors) -> Mapping[str, object]:
    """Show factors with the coefficients that come of them."""
    scaled = coefficients(socket_of(device, CALIBRATED).meter, factors)
    return {
        "factors": {name: round(value, 6) for name, value in asdict(factors).items()},
        **{name: round(value, 6) for name, value in scaled.items()},
    }
