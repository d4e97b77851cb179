"""How much energy a platform was told that sums it: on the disk, so that none is told twice."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields, replace
from typing import Final, cast

from agent.memory import RequestMemory

MOST_WH: Final = 1_000_000
"""The platform's field ends at 1,000 kWh."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """What became of the energy, in watt-hours.

    `until_wh`: where the count stood up to which nothing is told any more; None: from the next
    look on. `on_its_way_wh`: sent, or about to be, and not answered. `not_told_wh`: given up, as
    the platform may or may not have it.
    """

    until_wh: int | None = None
    on_its_way_wh: int = 0
    not_told_wh: int = 0


def begun(account: Account, counted_wh: int) -> Account:
    """Put on its way what was counted since; a count that fell, or a first one, only begins."""
    known = ended(account, is_told=False)
    until_wh = known.until_wh
    if until_wh is None or counted_wh < until_wh:
        return replace(known, until_wh=counted_wh)
    added_wh = counted_wh - until_wh
    if added_wh > MOST_WH:
        return replace(known, until_wh=counted_wh, not_told_wh=known.not_told_wh + added_wh)
    return replace(known, until_wh=counted_wh, on_its_way_wh=added_wh)


def ended(account: Account, *, is_told: bool) -> Account:
    """Close what was on its way: the platform said that it has it, or it is given up."""
    given_up_wh = 0 if is_told else account.on_its_way_wh
    return replace(account, on_its_way_wh=0, not_told_wh=account.not_told_wh + given_up_wh)


class Told:
    """The account of one identity, as it is known here and on the disk.

    What is on its way is on the disk before it is sent; a process that dies then has given it up.
    *is_sure*: the disk holds what was written last; otherwise nothing of before is told.
    """

    def __init__(
        self, identity: str, memory: RequestMemory, device_id: str, *, is_sure: bool = True
    ) -> None:
        self._memory = memory
        # Beside the device's requests, which push out each other and would push out this.
        self._place = f"{device_id} sums"
        self._identity = identity
        self._on_disk = _read(dict(memory.remembered(self._place)).get(identity))
        self.account = ended(self._on_disk, is_told=False)
        if not is_sure:
            self.account = replace(self.account, until_wh=None)

    @property
    def not_told_kwh(self) -> float:
        """How much was given up so far."""
        return self.account.not_told_wh / 1000

    async def settle(self) -> None:
        """Have the disk know what this process has made of what it found."""
        if self.account != self._on_disk:
            await self._keep(self.account)

    async def begin(self, counted_wh: int) -> int:
        """Put what was counted since on its way, in watt-hours; 0: there is nothing to send.

        Where the disk does not take it, nothing has happened.
        """
        account = begun(self.account, counted_wh)
        if account == self.account:
            return 0
        if not await self._keep(account):
            await self._keep(self.account)
            return 0
        self.account = account
        return account.on_its_way_wh

    async def end(self, *, is_told: bool) -> None:
        """Close what was on its way; what is given up, the disk has as on its way: as good."""
        self.account = ended(self.account, is_told=is_told)
        if is_told:
            await self._keep(self.account)

    async def forget(self) -> None:
        """Begin anew when the platform is to be told again: what is counted until then is not."""
        self.account = replace(self.account, until_wh=None)
        await self.settle()

    async def _keep(self, account: Account) -> bool:
        text = json.dumps(asdict(account))
        is_kept = await self._memory.remember(self._place, self._identity, text)
        self._on_disk = account
        return is_kept


_NAMES: Final = tuple(each.name for each in fields(Account))


def _read(text: str | None) -> Account:
    """Understand what was kept; what is no account has told nothing and gives up nothing."""
    try:
        found = json.loads(text or "{}")
    except (ValueError, RecursionError):
        return Account()
    if not isinstance(found, dict):
        return Account()
    kept = cast("Mapping[str, object]", found)
    return Account(
        **{
            name: value
            for name in _NAMES
            if isinstance(value := kept.get(name), int)
            and not isinstance(value, bool)
            and value >= 0
        }
    )
