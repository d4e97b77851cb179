"""A recording as a script: what comes next, and whether what a link does was recorded."""

import re
from collections.abc import Collection, Iterator, Sequence
from typing import Final

from agent.clouds.dialogue.lines import (
    Answered,
    Asked,
    Ended,
    Full,
    Header,
    Heard,
    Line,
    Opened,
    Said,
    Sent,
    Subscribed,
)
from agent.clouds.dialogue.neutral import DialogueError
from agent.messages import Outcome
from agent.ports import ConnectParams, Publish, Subscription

AHEAD_S: Final = 2.0
"""A link may do a thing so much earlier than it was recorded: nothing waits for a network here."""

Step = Heard | Said | Ended | Full
"""What the platform and the device do by themselves."""


class Scene:
    """One session while it is played; every method raises `DialogueError` for what deviates."""

    def __init__(self, lines: Sequence[tuple[int, Line]], header: Header, version: str) -> None:
        """Take a session's lines; *version* is the agent's that plays the header's."""
        number, opened = lines[0]
        assert isinstance(opened, Opened), "a session begins with its CONNECT"
        self.opened = opened
        self._number = number
        self._lines = lines[1:]
        self._missing: dict[int, Subscribed | Asked | Sent] = {
            number: line
            for number, line in self._lines
            if isinstance(line, Subscribed | Asked | Sent)
        }
        self._answers = [line for _, line in self._lines if isinstance(line, Answered)]
        self._version = re.compile(rf"(?<![\w.]){re.escape(version)}(?![\w.])")
        self._recorded_version = header.agent

    def steps(self) -> Iterator[tuple[int, Step]]:
        """List what is to be done, in order; each only when nothing is missing before it."""
        for number, line in self._lines:
            if isinstance(line, Step):
                yield number, line

    def is_complete(self, number: int | None = None) -> bool:
        """Tell whether the link has done all that comes before line *number*."""
        return not any(number is None or each < number for each in self._missing)

    def why_incomplete(self) -> str:
        """Say what the link has not done."""
        number, line = next(iter(self._missing.items()))
        return f"line {number}: this was not done again: {_shown(line)}"

    def next_id(self, given: Collection[str]) -> str | None:
        """Tell under which id the link speaks next, other than those that it was *given*."""
        for number, line in self._lines:
            if isinstance(line, Asked | Said) and line.id not in given:
                self._missing.pop(number, None)
                return line.id
        return None

    def says(self, message_id: str) -> bool:
        """Tell whether a message is said in this session."""
        return any(isinstance(line, Said) and line.id == message_id for _, line in self._lines)

    # ── what a link does ────────────────────────────────────────────────────────────────────

    def connects(self, params: ConnectParams) -> None:
        """Compare a CONNECT."""
        opened = self.opened
        pairs = (
            ("host", params.host, opened.host),
            ("port", params.port, opened.port),
            ("tls", params.tls is not None, opened.tls),
            ("client_id", self._as_recorded(params.client_id), opened.client_id),
            ("username", self._as_recorded(params.username), opened.username),
            ("keepalive_s", params.keepalive_s, opened.keepalive_s),
            ("clean", params.clean_session, opened.clean),
        )
        for name, found, recorded in pairs:
            if found != recorded:
                raise DialogueError(
                    f"line {self._number}: {name}: now {found!r}; recorded {recorded!r}"
                )

    def subscribes(self, subscription: Subscription) -> Subscribed:
        """Find the line of a SUBSCRIBE, whatever was granted."""
        for number, line in self._missing.items():
            if isinstance(line, Subscribed) and line.topic == subscription.topic:
                del self._missing[number]
                return line
        raise DialogueError(f"not recorded: {subscription}{self._instead()}")

    def publishes(self, message: Publish, t: float) -> None:
        """Find the line of a PUBLISH."""
        payload = self._as_recorded(message.payload.decode(errors="surrogateescape"))
        wanted = (message.topic, message.qos, payload.encode(errors="surrogateescape"))
        for number, line in self._missing.items():
            if not isinstance(line, Sent) or line.t > t + AHEAD_S:
                continue
            if (line.topic, line.qos, line.payload) == wanted:
                del self._missing[number]
                return
        raise DialogueError(f"not recorded at {t:.3f} s: {wanted}{self._instead()}")

    def answer(self, request_id: str, kind: str) -> Answered | None:
        """Take the recorded answer to a request; None where none was given."""
        for line in self._answers:
            if line.to == kind and line.id == request_id:
                self._answers.remove(line)
                return line
        return None

    def values(self) -> Outcome:
        """Take the recorded answer to the next question for values."""
        line = next((each for each in self._answers if each.to == "PropertyGet"), None)
        if line is None:
            raise DialogueError("values are asked for, and no answer is recorded")
        self._answers.remove(line)
        return line.outcome

    def _instead(self) -> str:
        line = next(iter(self._missing.items()), None)
        return "" if line is None else f"; next is line {line[0]}: {_shown(line[1])}"

    def _as_recorded(self, text: str) -> str:
        return self._version.sub(lambda _: self._recorded_version, text)


def _shown(line: Line) -> str:
    return f"{line!r:.400}"
