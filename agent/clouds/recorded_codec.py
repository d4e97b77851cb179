"""Record what a link asks its codec: what the device said, before it is in wire form."""

from collections.abc import Sequence
from typing import Final

from agent.clouds.dialogue.lines import Answered, Asked, Said
from agent.clouds.dialogue.neutral import since
from agent.clouds.recorded import Recorder
from agent.messages import Answerable, Downlink, Outcome, PropertySet, Report, Uplink
from agent.ports import Batch, Codec, ConnectParams, PlatformLimits, Publish, Subscription

TRIAL: Final = "0"
"""The id that no outbox gives: of what is encoded and not sent."""

_NONCE: Final = 8
"""So many characters are as good as all of them, and nobody takes them for a secret."""


class RecordedCodec:
    """A codec whose questions are recorded: what the device said, before it was encoded."""

    def __init__(self, codec: Codec, recorder: Recorder) -> None:
        self._codec = codec
        self._recorder = recorder

    @property
    def name(self) -> str:
        """The cloud's name."""
        return self._codec.name

    @property
    def limits(self) -> PlatformLimits:
        """The platform's published limits."""
        return self._codec.limits

    def connect_params(self, wall_time: float | None, nonce: str) -> ConnectParams:
        """Sign, and note by which clock and with which nonce."""
        self._recorder.wall, self._recorder.nonce = wall_time, nonce[:_NONCE]
        return self._codec.connect_params(wall_time, nonce[:_NONCE])

    def subscriptions(self) -> Sequence[Subscription]:
        """List the topic filters."""
        return self._codec.subscriptions()

    def on_connected(self, message_id: str) -> Sequence[Publish]:
        """Begin the resync dialogue, and record its id."""
        self._recorder.add(Asked(t=self._recorder.t, id=message_id))
        return self._codec.on_connected(message_id)

    def encode(
        self, message: Uplink, message_id: str, wall_time: float | None = None
    ) -> Publish | None:
        """Put a message into wire form, and record it unless it is only tried."""
        recorder = self._recorder
        if message_id != TRIAL:
            relative = since(message, recorder.wall)
            recorder.add(Said(t=recorder.t, id=message_id, message=relative))
        return self._codec.encode(message, message_id, wall_time)

    def encode_past(
        self, messages: Sequence[Report], message_id: str, wall_time: float | None = None
    ) -> Batch:
        """Put the first alone into the past's form, and record it."""
        recorder, first = self._recorder, messages[0]
        relative = since(first, recorder.wall)
        recorder.add(Said(t=recorder.t, id=message_id, message=relative, past=True))
        return self._codec.encode_past([first], message_id, wall_time)

    def encode_together(
        self, messages: Sequence[Report], message_id: str, wall_time: float | None = None
    ) -> Batch:
        """Have each go alone, so that it is recorded."""
        del messages, message_id, wall_time
        return Batch(publish=None, taken=1)

    def encode_sum(self, kwh: float, wall_time: float | None, message_id: str) -> Publish | None:
        """Have nothing summed: energy that is recorded could be told again by its replay."""
        del kwh, wall_time, message_id
        return None

    def encode_reply(self, request: Answerable, outcome: Outcome) -> Sequence[Publish]:
        """Answer a request, and record the outcome."""
        recorder, kind = self._recorder, type(request).__name__
        recorder.add(Answered(t=recorder.t, to=kind, id=request.request_id, outcome=outcome))
        return self._codec.encode_reply(request, outcome)

    def encode_cleared(self, stored: PropertySet) -> Sequence[Publish]:
        """Tell that a stored command was taken."""
        return self._codec.encode_cleared(stored)

    def encode_taken(self, live: PropertySet) -> Sequence[Publish]:
        """Have the platform forget what it stored of a live request."""
        return self._codec.encode_taken(live)

    def ask_time(self) -> Publish | None:
        """Ask the platform for the time."""
        return self._codec.ask_time()

    def decode(self, topic: str, payload: bytes) -> Downlink | None:
        """Understand a message."""
        return self._codec.decode(topic, payload)
