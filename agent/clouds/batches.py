"""Which of its forms for several reports a platform is sent, as a section of the settings says."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from agent.clouds.packing import (
    Form,
    Wired,
    by_identifier,
    has_time,
    measured_only,
    never,
    pack,
    pack_past,
)
from agent.messages import EventReport, Report
from agent.ports import Batch, PlatformLimits, Publish
from agent.settings.clouds.base import Together

Write = Callable[[Sequence[Wired], str], Publish]


@dataclass(frozen=True, slots=True, kw_only=True)
class Batches:
    """Two forms of one platform: a history for what is over, and a batch for what has waited.

    `history` and `batch` are the section's keys. `unmeasured` is what stays away from a form that
    changes what the platform shows as now. `most` is how many reports a batch holds, of which
    `batch_bounds` tells the rest.
    """

    history: Literal["history", "batch", "single"]
    batch: Together
    unmeasured: frozenset[str]
    wire: Callable[[Report], Wired | None]
    alone: Callable[[Report, str], Publish | None]
    write_history: Write
    write_batch: Write
    limits: PlatformLimits
    batch_bounds: PlatformLimits
    most: int = 0

    def past(self, messages: Sequence[Report], message_id: str) -> Batch:
        """Put what is over into the history, or in place of it only what was measured."""
        form = self._form(message_id)
        if self.history != "history":
            old = [measured_only(each, self.unmeasured) for each in messages]
            return pack_past(old, form if self.history == "batch" else replace(form, takes=never))
        in_history = Form(
            takes=has_time,
            wire=self.wire,
            write=lambda wired: self.write_history(wired, message_id),
            alone=form.alone,
            bounds=self.limits,
            least=1,
        )
        return pack_past(messages, in_history)

    def together(self, messages: Sequence[Report], message_id: str) -> Batch:
        """Put what has waited into a batch."""
        return pack(messages, self._form(message_id))

    def _form(self, message_id: str) -> Form:
        return Form(
            takes=self._is_batched,
            wire=self.wire,
            write=lambda wired: self.write_batch(wired, message_id),
            alone=lambda each: self.alone(each, message_id),
            bounds=self.batch_bounds,
            most=self.most,
        )

    def _is_batched(self, message: Report) -> bool:
        is_allowed = self.batch == "all" or not isinstance(message, EventReport)
        return self.batch != "none" and is_allowed and has_time(message)


def columns(wired: Sequence[Wired]) -> Mapping[str, Mapping[str, Sequence[object]]]:
    """List what each identifier had, in order, apart for properties and events."""
    lists = {
        "properties": by_identifier([each for each in wired if not each.is_event]),
        "events": by_identifier([each for each in wired if each.is_event]),
    }
    return {name: each for name, each in lists.items() if each}
