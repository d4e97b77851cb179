"""The table of load profiles: what happens, and what the safety rules say must come of it.

Times are seconds from the step to the open contact. Their lower end is what a band must have
accumulated (less one frame), their upper end adds what the chip needs to show it: up to two
windows of its current register, or of its pulses. The two ratings, 5 A and 1100 W, meet at 220 V.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import Final, Literal

from agent.drivers.simulated.appliances import make
from agent.model import StartCause
from bench import scenes
from bench.loads import amps, burst, creep, cycle, fantasy, flips, loses, stalled
from bench.scenes import Scene

Window = tuple[float, float]
PHASES: Final = 8
FRAME_S: Final = 0.11


@dataclass(frozen=True, slots=True, kw_only=True)
class Profile:
    """One row: *cause* and *opens_s* of the trip (None: none), and what is said to people when.

    *limit* times the rating is the band whose measurements are counted. *phases*: so often
    it is played, each time with the step elsewhere in the chip's windows.
    """

    name: str
    scene: Scene
    cause: str | None = None
    opens_s: Window = (0.0, 0.0)
    says: Mapping[str, Window] = field(default_factory=dict[str, Window])
    limit: float = 2.5
    mains_v: float = 230.0
    voltage_from: Literal["load", "mains"] = "load"
    settings: Mapping[str, object] = field(default_factory=dict[str, object])
    phases: int = 1


def over(name: str, scene: Scene, opens_s: Window, **more: object) -> Profile:
    """Make a row that trips by current."""
    row: dict[str, object] = {"cause": "overcurrent", **more}
    return Profile(name=name, scene=scene, opens_s=opens_s, **row)  # type: ignore[arg-type]


def takes(seconds: float, shows_s: float = 1.5) -> Window:
    """Tell the window of a band of *seconds*, where the chip shows the load within *shows_s*."""
    return seconds - FRAME_S, seconds + shows_s


AT_ONCE: Final[Window] = (0.0, 0.5)
STALL: Final[Window] = (0.0, 2.5)
OFF_S: Final[Window] = (2.0, 4.2)
RESTORES: Final[Mapping[str, object]] = {"relay": {"on_start": "restore", "on_stop": "keep"}}

ORDINARY: Final = (
    Profile(name="kettle, 900 W for 15 minutes", scene=scenes.kettle_for(900), limit=1.02),
    Profile(name="kettle, 1000 W", scene=scenes.kettle_for(600, 1000), limit=1.02),
    Profile(
        name="kettle, 1000 W, from cold",
        scene=scenes.closed_on(make("kettle", 1000), 30),
        limit=1.02,
    ),
    Profile(
        name="compressor starts (8 x for 0.4 s)",
        phases=PHASES,
        scene=scenes.plugged(make("compressor"), 15),
    ),
    Profile(
        name="compressor starts as the contact closes",
        scene=scenes.closed_on(make("compressor", 300), 15),
        phases=PHASES,
    ),
    Profile(name="5.05 A (1.01 x)", scene=scenes.steady(5.05, 600), limit=1.02, mains_v=220),
)

BANDS: Final = (
    over("heater, 2 kW (1.74 x)", scenes.kettle_for(20, 2000), takes(3), limit=1.6, phases=PHASES),
    over(
        "compressor starts into a stall (1.49 x)",
        scenes.plugged(stalled(7.45, 0.7, 0.4), 30),
        takes(10, 2.8),
        limit=1.3,
        phases=PHASES,
    ),
    over(
        "motor stalls at PF 0.3, 9 A (1.8 x)",
        scenes.steady(9, 20, 0.3),
        takes(3, 3.0),
        limit=1.6,
        phases=PHASES,
    ),
    over("slow creep, +0.01 A/s, 220 V", scenes.plugged(creep(4.5, 0.01), 240), takes(160),
         limit=1.1, says={"overload_warning": takes(120)}, mains_v=220.0),
    over("slow creep, +0.01 A/s, 230 V", scenes.plugged(creep(4.5, 0.01), 240), takes(136.1),
         limit=1.1, says={"overload_warning": takes(97.9)}),
    over("5.3 A (1.06 x)", scenes.steady(5.3, 400), takes(300), limit=1.02,
         says={"overload_warning": takes(60)}, mains_v=220.0),
    over("5.3 A at 230 V (1.108 x the power)", scenes.steady(5.3, 120), takes(60),
         cause="overpower", limit=1.1),
    over("5.6 A (1.12 x)", scenes.steady(5.6, 120), takes(60), limit=1.1, mains_v=220.0),
    over("5.6 A at PF 0.5", scenes.steady(5.6, 120, 0.5), takes(60, 3.0), limit=1.1),
    over("6.6 A (1.32 x)", scenes.steady(6.6, 30), takes(10), limit=1.3, phases=PHASES),
    over("8.5 A (1.7 x)", scenes.steady(8.5, 20), takes(3), limit=1.6, phases=PHASES),
    Profile(
        name="7 s at 1.32 x, 9 s without load, twenty times",
        scene=scenes.plugged(cycle(6.6, 7, 9), 320),
        limit=1.3,
    ),
    Profile(
        name="7 s at 1.32 x, 9 s at 1.05 x: warns, and trips not yet",
        scene=scenes.plugged(cycle(6.6, 7, 9, rests_a=5.25), 160),
        limit=1.3,
        mains_v=220,
        says={"overload_warning": takes(60)},
    ),
    over(
        "7 s at 1.32 x, 3 s without load",
        scenes.plugged(cycle(6.6, 7, 3), 60),
        (14.5, 18.5),
        limit=1.3,
    ),
    Profile(
        name="690 W where 500 W are rated, 3 A",
        scene=scenes.steady(3, 30),
        cause="overpower",
        opens_s=takes(10),
        limit=1.3,
        settings={"protection": {"rated_power_w": 500}},
    ),
)  # fmt: skip

STRONG: Final = (
    over("13 A, PF 1", scenes.steady(13, 8), AT_ONCE, phases=PHASES),
    over("13 A, PF 0.5: only the current register tells", scenes.steady(13, 8, 0.5), STALL,
         phases=PHASES, limit=1.02),
    over("26 A, PF 0.5", scenes.steady(26, 8, 0.5), AT_ONCE, phases=PHASES),
    over("motor stalls at PF 0.3, 15 A", scenes.steady(15, 8, 0.3), STALL,
         phases=PHASES, limit=1.02),
    over("short of 40 A (the chip clips at 31 A)", scenes.steady(40, 8), AT_ONCE, phases=PHASES),
    over("40 A at PF 0.3", scenes.steady(40, 8, 0.3), STALL, phases=PHASES, limit=1.02),
    over("20 A for 5 s as the contact closes", scenes.closed_on(burst(20, 5, amps(1)), 20),
         (0.95, 1.6), phases=PHASES),
    over("motor stalls as the contact closes, 15 A at PF 0.3",
         scenes.closed_on(amps(15, 0.3), 20), (0.95, 4.0), phases=PHASES),
    Profile(
        name="20 A for 0.6 s as the contact closes",
        scene=scenes.closed_on(burst(20, 0.6, amps(1)), 20),
        phases=PHASES,
    ),
    over("13 A half a second after a crash", scenes.overloaded_after_crash(amps(13)), AT_ONCE,
         settings=RESTORES),
    over("the pulses say 3.4 kW, the registers 0 W and 0 A",
         scenes.blinded_while(amps(14.8), 8), AT_ONCE, phases=PHASES),
)  # fmt: skip

LIES: Final = (
    *(
        Profile(
            name=f"{name}{kind} for 8 frames, 455 W flow",
            scene=scenes.lied(
                amps(1.978), partial(fantasy, power=p, current=c, is_changing=is_changing), 20
            ),
            phases=PHASES,
        )
        for name, p, c in (
            ("power register lies", True, False),
            ("current register lies", False, True),
            ("both registers lie", True, True),
        )
        for kind, is_changing in (("", False), (" anew", True))
    ),
    Profile(
        name="power register lies for a minute, 455 W flow",
        scene=scenes.lied(
            amps(1.978),
            partial(fantasy, power=True, current=False, is_changing=True, frames=570),
            70,
        ),
    ),
    Profile(
        name="the chip begins again under a kettle",
        scene=scenes.chip_begins_again,
        limit=1.02,
        phases=PHASES,
    ),
    Profile(
        name="the pulses say 455 W, the registers 0 W and 0 A",
        scene=scenes.blinded_while(amps(1.978), 60),
    ),
    *(
        over(f"13 A, {share:.0%} of the frames lost", scenes.lied_while(amps(13), lost, 20),
             (0.0, most_s), phases=PHASES)
        for share, most_s in ((0.1, 0.8), (0.3, 1.2), (0.5, 2.0))
        for lost in (partial(loses, share, 3),)
    ),
    *(
        Profile(
            name=f"kettle, {share:.0%} of the frames lost",
            scene=scenes.lied(make("kettle"), partial(loses, share, seed), 120),
            limit=1.02,
        )
        for seed, share in enumerate((0.1, 0.3, 0.5))
    ),
    over("13 A on a noisy line", scenes.lied_while(amps(13), partial(flips, 0.01, 5), 20),
         (0.0, 1.5), phases=PHASES),
    Profile(
        name="kettle on a noisy line",
        scene=scenes.lied(make("kettle"), partial(flips, 0.01, 6), 240),
        limit=1.02,
    ),
)  # fmt: skip

VOLTAGE: Final = (
    Profile(name="380 V", scene=scenes.mains(380, 10), cause="overvoltage", opens_s=(0.89, 2.8),
            phases=PHASES),
    Profile(name="380 V for half a second", scene=scenes.mains(380, 0.5)),
    Profile(name="255 V for 4 s", scene=scenes.mains(255, 4), phases=PHASES),
    Profile(name="255 V for 7 s", scene=scenes.mains(255, 7), says={"high_voltage": (4.9, 7.9)},
            phases=PHASES),
    Profile(name="180 V for 4 s", scene=scenes.mains(180, 4), phases=PHASES),
    Profile(name="180 V for 7 s", scene=scenes.mains(180, 7), says={"low_voltage": (4.9, 7.9)},
            phases=PHASES),
    Profile(name="no mains for 7 s, measured before the relay", scene=scenes.mains(0, 7),
            says={"low_voltage": (4.9, 7.9)}, voltage_from="mains"),
)  # fmt: skip

FAULTS: Final = (
    Profile(name="meter silent for 4 s", scene=scenes.silenced(4)),
    Profile(name="meter silent for 6 s", scene=scenes.silenced(6), cause="meter_lost",
            opens_s=(4.85, 5.2)),
    Profile(name="meter silent for 30 s, meter_lost = keep", scene=scenes.silenced(30),
            settings={"protection": {"meter_lost": "keep"}}),
    Profile(name="off, and the kettle goes on", says={"contact_welded": OFF_S},
            scene=scenes.switched_off(make("kettle"), 10, is_welded=True), phases=PHASES),
    Profile(name="off, and the kettle goes on, measured before the relay",
            says={"contact_welded": OFF_S}, voltage_from="mains",
            scene=scenes.switched_off(make("kettle"), 10, is_welded=True), phases=PHASES),
    Profile(name="off, and a lamp goes on, measured before the relay",
            says={"contact_welded": OFF_S}, voltage_from="mains",
            scene=scenes.switched_off(make("lamp"), 10, is_welded=True)),
    Profile(name="off without a load, and the voltage stays", says={"contact_welded": OFF_S},
            scene=scenes.switched_off(None, 10, is_welded=True), phases=PHASES),
    Profile(name="off, and the kettle goes on for 1.9 s",
            scene=scenes.switched_off(make("kettle"), 1.9, is_welded=True)),
    *(
        Profile(name=f"off, measured at the {place}: the kettle is off", voltage_from=place,
                scene=scenes.switched_off(make("kettle"), 60, is_welded=False), phases=PHASES)
        for place in ("load", "mains")
    ),
    over("13 A weld the contact", scenes.welded_in_a_trip(amps(13)), AT_ONCE,
         says={"contact_welded": (2.0, 4.6)}),
    Profile(name="the contact does not close", says={"relay_failed": (1.0, 4.8)},
            scene=scenes.never_closing),
)  # fmt: skip

REFERENCE: Final[Mapping[str, object]] = {"protection": {"profile": "reference"}}
OTHERS: Final = (
    Profile(name="reference: 4.9 A", scene=scenes.steady(4.9, 120), limit=1, mains_v=220,
            settings=REFERENCE),
    over("reference: 5.3 A", scenes.steady(5.3, 30), STALL, limit=1, settings=REFERENCE,
         phases=PHASES),
    Profile(name="reference: 20 A for 0.6 s as the contact closes", settings=REFERENCE,
            scene=scenes.closed_on(burst(20, 0.6, amps(1)), 20), phases=PHASES),
    Profile(name="reference: 30 A for 0.1 s as the contact closes", settings=REFERENCE,
            scene=scenes.closed_on(burst(30, 0.1, amps(1)), 20), phases=PHASES),
    Profile(name="25 A for 0.6 s as the contact closes",
            scene=scenes.closed_on(burst(25, 0.6, amps(1)), 20), phases=PHASES),
    Profile(name="30 A for 0.8 s as the contact closes",
            scene=scenes.closed_on(burst(30, 0.8, amps(1)), 20), phases=PHASES),
    Profile(name="compressor of 600 W starts as the contact closes",
            scene=scenes.closed_on(make("compressor", 600), 20), phases=PHASES),
    over("13 A three seconds after the contact has closed",
         scenes.closed_on(burst(1, 3, amps(13)), 20), (3.0, 3.6), phases=PHASES),
    over("crash 6 s into 6.6 A", limit=1.3, settings=RESTORES, opens_s=(6.0, 12.5),
         scene=scenes.interrupted(amps(6.6), after_s=6, cause=StartCause.CRASH, is_clean=False)),
    over("restart 6 s into 6.6 A", limit=1.3, settings=RESTORES, opens_s=(9.0, 12.5),
         scene=scenes.interrupted(amps(6.6), after_s=6, cause=StartCause.RESTART, is_clean=True)),
    over("boot with the bucket 8 s full, 6.6 A", limit=1.3, settings=RESTORES, opens_s=(1.8, 6.5),
         scene=scenes.overloaded_at_boot(amps(6.6))),
)  # fmt: skip

PROFILES: Final = (*ORDINARY, *BANDS, *STRONG, *LIES, *VOLTAGE, *FAULTS, *OTHERS)
