"""A codec, a transport and an outbox, kept alive: one loop that never ends by itself."""

import secrets
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Final, NoReturn

import structlog

from agent.clouds.attempts import NextAttempt
from agent.clouds.delivery import Delivery
from agent.clouds.door import Door
from agent.clouds.exchange import Exchange
from agent.clouds.pacing import Pacer, Pacers
from agent.clouds.renewal import RenewalDueError, renew
from agent.clouds.told import Told
from agent.clouds.uncleared import Uncleared
from agent.clouds.usage import Report
from agent.errors import AuthRejectedError, LinkDeadError, TransportError
from agent.memory import ProcessMemory
from agent.outbox import Counters, Outbox
from agent.ports import Clock, Codec, ConnectParams, Session, Subscription, Transport
from agent.retry import LASTED_S, Pace, Setback

log: Final = structlog.get_logger()

CLOCK_POLL_S: Final = 2.0
UNDER_WAY_S: Final = 10.0
"""A CONNECT leaves so long after it was noted at the latest: name, TCP and TLS come first."""

TOO_SOON: Final = "waiting: the platform allows one connect in {floor_s:g} s, across restarts too"
FAILED: Final = "waiting: one try after the other has failed, and a restart makes no wait shorter"
REFUSED: Final = "waiting: the platform has refused this device, and trying sooner makes it worse"
KICKED: Final = "another client is using this identity, and the platform keeps only the newest"
UPON_A_MESSAGE: Final = (
    "the platform closes each time right after the same report or event, so the network is not to"
    " blame; after the fifth time that one is given up"
)
NO_CLOCK: Final = (
    "waiting for the clock: it shows a time before this version was made, so no certificate can"
    " be checked; connect to a time server or set the time"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class LinkStatus:
    """How a link is doing.

    `since` is seconds since boot (None: never): up since, or down since. `next_attempt_at` is
    monotonic. `is_kicked`: someone else seems to use the identity.
    """

    is_connected: bool = False
    since: float | None = None
    last_error: str | None = None
    next_attempt_at: float | None = None
    is_kicked: bool = False
    sessions: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Chance:
    """Where jitter and nonces come from; tests put their own here."""

    jitter: Callable[[], float] = secrets.SystemRandom().random
    nonce: Callable[[], str] = lambda: secrets.token_hex(8)


class Link:
    """One cloud of one device. `status` is a value, replaced on every change."""

    def __init__(  # noqa: PLR0913 - the parts that a link joins
        self,
        name: str,
        *,
        codec: Codec,
        transport: Transport,
        outbox: Outbox,
        clock: Clock,
        door: Door,
        next_attempt: NextAttempt,
        uncleared: Uncleared,
        pacer: Pacer | None = None,
        told: Told | None = None,
        chance: Chance | None = None,
    ) -> None:
        self.name = name
        self.status = LinkStatus()
        self.outbox = outbox
        self._codec = codec
        self._transport = transport
        self._clock = clock
        self._door = door
        self._next_attempt = next_attempt
        self._chance = chance or Chance()
        self._pacer = pacer or Pacers(clock).of(
            name, codec.limits, is_resumed=next_attempt.is_resumed
        )
        self._refused: set[str] = set()
        self._told_sums = told or Told(name, ProcessMemory(), name)
        self._delivery = self._make_delivery()
        self._pace = Pace(
            floor_s=codec.limits.connect_interval_s, rejected_s=codec.limits.rejected_interval_s
        )
        next_attempt.keep_to(self._pace, self._chance.jitter)
        self._opened_at: float | None = None
        self._told: str | None = None
        self._uncleared = uncleared

    def _make_delivery(self) -> Delivery:
        return Delivery(
            name=self.name,
            codec=self._codec,
            outbox=self.outbox,
            pacer=self._pacer,
            clock=self._clock,
            door=self._door,
            refused=self._refused,
            told=self._told_sums,
        )

    @property
    def pending(self) -> int:
        """How many messages the platform does not have yet."""
        return self.outbox.pending

    @property
    def counters(self) -> Counters:
        """What became of the messages that are pending no more."""
        return self.outbox.counters

    @property
    def not_told_kwh(self) -> float:
        """How much energy the platform may never hear of, which sums what it is told."""
        return self._told_sums.not_told_kwh

    @property
    def pace(self) -> Report:
        """How much is sent, and how much more there may be."""
        return self._pacer.report(self._codec.limits)

    async def run(self) -> NoReturn:
        """Keep the link up until cancelled."""
        self._tell_of_the_first_wait()
        while True:
            await self._clock.sleep(self._next_attempt.wait_s(self._clock.since_boot()))
            self._opened_at = None
            try:
                await self._connect()
            except RenewalDueError as due:
                self._note_renewal(due)
            except TransportError as error:
                delay_s = self._note(error)
                await self._next_attempt.allow_from(self._clock.since_boot() + delay_s)

    def _tell_of_the_first_wait(self) -> None:
        delay_s = self._next_attempt.wait_s(self._clock.since_boot())
        if delay_s:
            reason = self._why_it_waits()
            log.info("cloud.waits", cloud=self.name, reason=reason, for_s=round(delay_s, 1))
            at = self._clock.now() + delay_s
            self.status = replace(self.status, last_error=reason, next_attempt_at=at)

    def _why_it_waits(self) -> str:
        streak = self._next_attempt.streak
        if streak.rejections:
            return REFUSED
        if streak.is_kicked:
            return KICKED
        return FAILED if streak.failures > 1 else TOO_SOON.format(floor_s=self._pace.floor_s)

    # ── one attempt ─────────────────────────────────────────────────────────────────────────

    async def _connect(self) -> NoReturn:
        params = await self._sign()
        await self._next_attempt.begin(self._clock.since_boot() + UNDER_WAY_S)
        self._pacer.count_connect()
        async with self._transport.connect(params) as session:
            self._opened_at = self._clock.now()
            for subscription in self._codec.subscriptions():
                await self._subscribe(session, subscription)
            if params.birth is not None:
                self._pacer.count(len(params.birth.payload))
                await session.publish(params.birth)
            self._delivery.begin()
            try:
                self._come_up()
                exchange = self._exchange()
                noting = self._note_session(self._clock.since_boot())
                await exchange.run(session, noting, self._renew(params, exchange))
            finally:
                self.outbox.release()
                self._go_down()

    async def _note_session(self, opened_at: float) -> None:
        """Have the next process know of this session, and whether it lasted."""
        await self._next_attempt.begin(opened_at)
        await self._clock.sleep(LASTED_S)
        await self._next_attempt.lasted(opened_at)

    async def _renew(self, params: ConnectParams, exchange: Exchange) -> None:
        """Let the session end before its credentials do, when nothing is under way."""
        await renew(
            params,
            self._clock,
            jitter=self._chance.jitter(),
            is_quiet=lambda: exchange.is_quiet and not self.pending,
        )

    async def _subscribe(self, session: Session, subscription: Subscription) -> None:
        """Subscribe; go on, and say so once, where what is refused is not needed."""
        try:
            await session.subscribe(subscription)
        except AuthRejectedError as error:
            if subscription.is_needed:
                raise
            tell = log.debug if subscription.topic in self._refused else log.warning
            self._refused.add(subscription.topic)
            tell("subscription.refused", cloud=self.name, error=str(error))

    async def _sign(self) -> ConnectParams:
        """Sign anew; wait while the clock could not check a certificate, and say so once."""
        while True:
            params = self._codec.connect_params(self._clock.wall_time(), self._chance.nonce())
            if params.tls is None or self._clock.tls_is_possible():
                return params
            if self.status.last_error != NO_CLOCK:
                log.warning("cloud.waits", cloud=self.name, reason=NO_CLOCK)
                self.status = replace(self.status, last_error=NO_CLOCK, next_attempt_at=None)
            await self._clock.sleep(CLOCK_POLL_S)

    def _exchange(self) -> Exchange:
        return Exchange(
            name=self.name,
            codec=self._codec,
            outbox=self.outbox,
            delivery=self._delivery,
            pacer=self._pacer,
            door=self._door,
            clock=self._clock,
            uncleared=self._uncleared,
            jitter=self._chance.jitter,
        )

    # ── transitions ─────────────────────────────────────────────────────────────────────────

    def _come_up(self) -> None:
        self._told = None
        self.status = LinkStatus(
            is_connected=True,
            since=self._clock.since_boot(),
            sessions=self.status.sessions + 1,
        )
        log.info("cloud.up", cloud=self.name, pending=self.pending)
        self._door.on_change(True)  # noqa: FBT003 - the callback's one argument

    def _go_down(self) -> None:
        self.status = replace(self.status, is_connected=False, since=self._clock.since_boot())
        self._door.on_change(False)  # noqa: FBT003 - the callback's one argument

    def _note_renewal(self, due: RenewalDueError) -> None:
        """Go on as if nothing had happened: the next CONNECT waits for the floor alone."""
        session_s = 0.0 if self._opened_at is None else self._clock.now() - self._opened_at
        self._next_attempt.set_back(Setback.PLANNED, session_s)
        log.info("cloud.renews", cloud=self.name, reason=str(due))

    def _note(self, error: TransportError) -> float:
        """Count a setback, tell of it once, and return how long to wait."""
        now = self._clock.now()
        session_s = 0.0 if self._opened_at is None else now - self._opened_at
        setback = self._setback(error)
        delay_s = self._next_attempt.set_back(setback, session_s)
        is_closed_upon = setback is Setback.CLOSED and self._delivery.closed()
        is_kicked = self._next_attempt.streak.is_kicked and not is_closed_upon
        text = f"{error}; {KICKED}" if is_kicked else str(error)
        text = f"{error}; {UPON_A_MESSAGE}" if is_closed_upon else text
        tell = log.debug if text == self._told else log.warning
        tell("cloud.down", cloud=self.name, error=text, retry_in_s=round(delay_s, 1))
        self._told = text
        self.status = replace(
            self.status,
            last_error=text,
            next_attempt_at=now + delay_s,
            is_kicked=is_kicked,
        )
        return delay_s

    def _setback(self, error: TransportError) -> Setback:
        if isinstance(error, AuthRejectedError):
            return Setback.REJECTED
        if self._opened_at is None:
            return Setback.FAILED
        return Setback.DIED if isinstance(error, LinkDeadError) else Setback.CLOSED
