"""A link that is recorded, and recordings of it that are played."""

from dataclasses import replace

import pytest

from agent import __version__
from agent.app.dialogues import codec_of
from agent.clouds.dialogue.lines import Header
from agent.clouds.dialogue.neutral import DialogueError
from agent.clouds.dialogue.text import read_dialogue
from agent.clouds.recorded import RecordedTransport, Recorder
from agent.clouds.recorded_codec import RecordedCodec
from agent.clouds.replayed import replay
from agent.messages import (
    RefusalKind,
    refused,
)
from tests.clouds.support import DOWN, Bench, run_virtually

ACTION = "$thing/down/action"
HEADER = Header(source="x", about="x", made="x", agent="x", cloud="tencent", section={})


class Taped(Bench):
    """A bench whose link is recorded."""

    def __init__(self, *troubles, bounds=None, **more):
        super().__init__(*troubles, **more)
        self.rows = []
        loop_time = self.clock.now
        self.recorder = Recorder(self.rows.append, loop_time, bounds)
        self.recorder.begin(HEADER)
        self.plain_codec = self.codec
        self.codec = RecordedCodec(self.codec, self.recorder)

    def make_link(self, jitter):
        flaky, self.transport = self.transport, RecordedTransport(self.transport, self.recorder)
        link = super().make_link(jitter)
        self.transport = flaky
        return link

    def lines(self, kind):
        dialogue = read_dialogue("\n".join(self.rows))
        return [line for line in dialogue.lines if isinstance(line, kind)]


TENCENT = {"product_id": "CS0SLTKSYA", "device_name": "dev1"}


def taped(*troubles, scenario=None, before=None, for_s=60.0, **more):
    """Record a session and give it as a dialogue that can be played."""
    bench = Taped(*troubles, **more)
    bench.rows.clear()
    header = replace(HEADER, agent=__version__, section=TENCENT)
    bench.recorder.begin(header)
    if before is not None:
        before(bench)
    bench.run(scenario, for_s=for_s)
    return read_dialogue("\n".join(bench.rows))


def play(dialogue):
    async def main():
        await replay(dialogue, codec_of(dialogue))

    run_virtually(main())


def told(dialogue):
    with pytest.raises(DialogueError) as caught:
        play(dialogue)
    return str(caught.value)


def of(dialogue, kind):
    return [line for line in dialogue.lines if isinstance(line, kind)]


def without(dialogue, kind):
    """Take the first line of a kind away."""
    index = next(i for i, line in enumerate(dialogue.lines) if isinstance(line, kind))
    return replace(dialogue, lines=dialogue.lines[:index] + dialogue.lines[index + 1 :])


def doubled(dialogue, kind, **changes):
    """Put a changed copy of the first line of a kind behind it."""
    index = next(i for i, line in enumerate(dialogue.lines) if isinstance(line, kind))
    copy = replace(dialogue.lines[index], **changes)
    return replace(
        dialogue, lines=(*dialogue.lines[: index + 1], copy, *dialogue.lines[index + 1 :])
    )


async def _talk(bench):
    await bench.clock.sleep(1)
    bench.report(7)
    bench.event(187.0)
    bench.say(DOWN, method="control", clientToken="a", params={"power_switch": 1})
    bench.outcome = refused(RefusalKind.TRIPPED, "tripped")
    await bench.clock.sleep(1)
    bench.say(ACTION, method="action", clientToken="b", actionId="reset_energy", params={})


TALK = taped(scenario=_talk)
