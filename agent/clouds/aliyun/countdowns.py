"""Both forms of the countdown: which of them is told, and what they say together."""

from collections.abc import Collection, Sequence
from typing import Final, Literal, cast

from agent.clouds.aliyun.countdown import Countdown, CountdownForm
from agent.clouds.aliyun.countdown_list import CountdownListForm
from agent.clouds.aliyun.names import COUNT_DOWN, COUNT_DOWN_LIST, WireStruct
from agent.clouds.names import Names
from agent.clouds.payload import Body
from agent.messages import Refusal, RefusalKind

Told = Literal["both", "struct", "list"]


class Countdowns:
    """The struct and the list, of which both are understood.

    A form that the product's model is found to lack is told no more until the next session.
    """

    def __init__(self, names: Names, switch: str, told: Told) -> None:
        self._struct = CountdownForm(names)
        self._list = CountdownListForm(names, switch)
        self._struct_id, self._list_id = names.wire_id(COUNT_DOWN), names.wire_id(COUNT_DOWN_LIST)
        ids = {"struct": (self._struct_id,), "list": (self._list_id,)}
        self.told: Final[Sequence[str]] = ids.get(told, (self._struct_id, self._list_id))
        self._lacking: frozenset[str] = frozenset()

    def begin(self) -> None:
        """Tell all forms again."""
        self._lacking = frozenset()

    def refused_a_name(self) -> None:
        """Take the list for what the platform does not know, where it was told beside the struct.

        Models that are older have the struct alone.
        """
        if len(self.told) > 1:
            self._lacking |= {self._list_id}

    def lacks(self, wire_ids: Collection[str]) -> bool:
        """Note the forms that the model lacks; tell whether one is left to tell."""
        self._lacking |= frozenset(wire_ids) & frozenset(self.told)
        return not self._lacking.issuperset(self.told)

    def write(
        self, countdown: Countdown, wall_time: float | None, *, in_all_forms: bool
    ) -> dict[str, WireStruct]:
        """Write a countdown in the forms that are told, or in all there are."""
        seconds, ends_in = countdown
        forms: dict[str, WireStruct | None] = {
            self._struct_id: self._struct.write(seconds, ends_in=ends_in, wall_time=wall_time),
            self._list_id: self._list.write(seconds, ends_in=ends_in, wall_time=wall_time),
        }
        told = tuple(forms) if in_all_forms else set(self.told) - self._lacking
        return {key: form for key, form in forms.items() if form is not None and key in told}

    def read(self, wanted: Body) -> Countdown | Refusal | None:
        """Read what a request holds, by the thing's names; None where it holds no countdown."""
        found: list[Countdown] = []
        for name, form in ((COUNT_DOWN, self._struct), (COUNT_DOWN_LIST, self._list)):
            if name not in wanted:
                continue
            members = wanted[name]
            is_struct = isinstance(members, dict)
            read = form.read(cast("Body", members)) if is_struct else form.wrong_shape()
            if isinstance(read, Refusal):
                return read
            found.append(read)
        if len(set(found)) > 1:
            reason = f"{self._struct_id} and {self._list_id} ask for different countdowns"
            return Refusal(kind=RefusalKind.MALFORMED, reason=reason)
        return found[0] if found else None
