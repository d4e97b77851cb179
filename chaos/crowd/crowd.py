"""A thousand devices, and faults in ten of them: the others must not notice (`crowd`)."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Final

from chaos.apart import apart
from chaos.crowd.play import Crowd, play
from chaos.report import Row, judged

PART: Final = "crowd"
DEVICES: Final = 1000
FAULTY: Final = 10
SECONDS: Final = 40.0
"""A silence of a cloud is noticed within this time."""
LATE_S: Final = 0.2
"""A command and its reply take no time on a loop whose time is virtual, but for what waits."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Work:
    """How many devices, how many of them have faults, and for how long."""

    devices: int = DEVICES
    faulty: int = FAULTY
    seconds: float = SECONDS
    seed: int = 1


async def run(seed: int, devices: int | None = None) -> list[Row]:
    """Play it in a process of its own."""
    wanted = Work(seed=seed, devices=devices or DEVICES)
    results: Sequence[Mapping[str, Any]] = await apart("chaos.crowd", [asdict(wanted)])
    return [row(wanted, Crowd(**result)) for result in results]


def row(wanted: Work, crowd: Crowd) -> Row:
    """Judge what the healthy ones noticed, and whether the others came back."""
    return judged(
        PART,
        f"{wanted.devices} devices, {wanted.faulty} with faults for {wanted.seconds:g} s",
        f"{', '.join(crowd.faults)}; of the others: {crowd.frames} frames, {crowd.lost} lost;"
        f" {crowd.commands} commands, slowest {crowd.slowest_s:.2f} s; {crowd.connects} connects;"
        f" {crowd.warnings} warnings; {crowd.back} of {wanted.faulty} back",
        faults_of(wanted, crowd),
    )


def faults_of(wanted: Work, crowd: Crowd) -> list[str]:
    """Tell what did not hold."""
    healthy = wanted.devices - wanted.faulty
    found = {
        f"{crowd.lost} frames lost": crowd.lost,
        f"only {crowd.frames} frames": crowd.frames < healthy * wanted.seconds * 8,
        f"a command took {crowd.slowest_s:.2f} s": crowd.slowest_s > LATE_S,
        f"{crowd.unanswered} commands without an answer": crowd.unanswered,
        f"only {crowd.commands} commands": crowd.commands < wanted.seconds / 2,
        f"{crowd.connects} connects of {healthy} links": crowd.connects != healthy,
        f"{crowd.warnings} warnings about healthy ones": crowd.warnings,
        f"{wanted.faulty - crowd.back} did not come back": crowd.back != wanted.faulty,
        f"no sign of {', '.join(crowd.unseen)}": crowd.unseen,
    }
    return [text for text, is_so in found.items() if is_so]


def work(wanted: Work) -> Crowd:
    """Play one."""
    return play(
        devices=wanted.devices, faulty=wanted.faulty, seconds=wanted.seconds, seed=wanted.seed
    )
