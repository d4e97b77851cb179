"""What happens to the socket in a profile: each function plays one scene on a chain."""

from collections.abc import Callable
from functools import partial

from agent.drivers.simulated.appliances import Appliance, make
from agent.model import StartCause
from bench.chain import Chain
from bench.loads import Tamper, amps, says_nothing_flows, silent

Scene = Callable[[Chain, float], None]
"""(chain, by how much its step is moved against the chip's windows)."""


def warm(chain: Chain, shift_s: float) -> None:
    """Switch on with a lamp, and leave the inrush and the chip's first values behind."""
    chain.run(1.5)
    chain.switch(on=True)
    chain.run(6 + shift_s)


def plugged(load: Appliance, lasts_s: float) -> Scene:
    """Plug *load* in while the socket is on: the step."""

    def play(chain: Chain, shift_s: float) -> None:
        warm(chain, shift_s)
        chain.mark()
        chain.plug(load)
        chain.run(lasts_s)

    return play


def closed_on(load: Appliance, lasts_s: float) -> Scene:
    """Switch on with *load* plugged in: the closing is the step."""

    def play(chain: Chain, shift_s: float) -> None:
        chain.plug(load)
        chain.run(3 + shift_s)
        chain.mark()
        chain.switch(on=True)
        chain.run(lasts_s)

    return play


def mains(volts: float, lasts_s: float) -> Scene:
    """Change the mains for a while."""

    def play(chain: Chain, shift_s: float) -> None:
        warm(chain, shift_s)
        chain.mark()
        chain.mains(volts)
        chain.run(lasts_s)
        chain.mains(230.0)
        chain.run(5)

    return play


def lied(base: Appliance, make_lie: Callable[[], Tamper], lasts_s: float) -> Scene:
    """Run *base*, and from the step on let a bad line or a lying chip make the frames."""

    def play(chain: Chain, shift_s: float) -> None:
        warm(chain, shift_s)
        chain.plug(base)
        chain.run(4)
        chain.mark()
        chain.tamper = make_lie()
        chain.run(lasts_s)

    return play


def lied_while(load: Appliance, make_lie: Callable[[], Tamper], lasts_s: float) -> Scene:
    """Plug *load* in while the frames are made by a bad line or a lying chip."""

    def play(chain: Chain, shift_s: float) -> None:
        chain.run(1.5)
        chain.switch(on=True)
        chain.run(4)
        chain.tamper = make_lie()
        chain.run(2 + shift_s)
        chain.mark()
        chain.plug(load)
        chain.run(lasts_s)

    return play


def blinded_while(load: Appliance, lasts_s: float) -> Scene:
    """Plug *load* in while the registers say that nothing flows."""
    return lied_while(load, lambda: says_nothing_flows, lasts_s)


def silenced(lasts_s: float) -> Scene:
    """Let the meter fall silent for a while."""

    def play(chain: Chain, shift_s: float) -> None:
        warm(chain, shift_s)
        chain.mark()
        heard, chain.tamper = chain.tamper, silent
        chain.run(lasts_s)
        chain.tamper = heard
        chain.run(3)

    return play


def switched_off(load: Appliance | None, lasts_s: float, *, is_welded: bool) -> Scene:
    """Switch off under *load*: the step; the contact opens, or it does not."""

    def play(chain: Chain, shift_s: float) -> None:
        warm(chain, shift_s)
        chain.plug(load)
        chain.run(4)
        chain.mark()
        chain.is_welded = is_welded
        chain.switch(on=False)
        chain.run(lasts_s)

    return play


def welded_in_a_trip(load: Appliance) -> Scene:
    """Weld the contact with an overload: the trip opens nothing."""

    def play(chain: Chain, shift_s: float) -> None:
        chain.is_welded = True
        plugged(load, 8)(chain, shift_s)

    return play


def chip_begins_again(chain: Chain, shift_s: float) -> None:
    """Let the chip begin again under a kettle: an empty counter, registers that hold nothing."""
    warm(chain, shift_s)
    chain.plug(make("kettle"))
    chain.run(20)
    chain.mark()
    chain.renew_chip()
    chain.run(30)


def never_closing(chain: Chain, shift_s: float) -> None:
    """Switch on a relay whose contact does not close."""
    chain.is_stuck_open = True
    chain.run(3 + shift_s)
    chain.mark()
    chain.switch(on=True)
    chain.run(4.8)


def interrupted(load: Appliance, *, after_s: float, cause: StartCause, is_clean: bool) -> Scene:
    """Overload, end the process after a while, start it again: the overload is the step."""

    def play(chain: Chain, shift_s: float) -> None:
        warm(chain, shift_s)
        chain.mark()
        chain.plug(load)
        chain.run(after_s)
        if is_clean:
            chain.stop()
        chain.pause(0.7)
        chain.start(cause)
        chain.run(20)

    return play


def cut_off(load: Appliance, chain: Chain, shift_s: float) -> None:
    """Stop with a nearly full bucket and boot a minute later: the new closing is the step."""
    warm(chain, shift_s)
    chain.plug(load)
    chain.run(8)
    chain.stop()
    chain.pause(60)
    chain.mark()
    chain.start(StartCause.REBOOT)
    chain.run(30)


def stepped_after_crash(load: Appliance, chain: Chain, shift_s: float) -> None:
    """Start again after a crash with the contact still closed, and overload half a second later."""
    warm(chain, shift_s)
    chain.pause(0.7)
    chain.start(StartCause.CRASH)
    chain.run(0.5)
    chain.mark()
    chain.plug(load)
    chain.run(8)


def overloaded_at_boot(load: Appliance) -> Scene:
    """See `cut_off`."""
    return partial(cut_off, load)


def overloaded_after_crash(load: Appliance) -> Scene:
    """See `stepped_after_crash`."""
    return partial(stepped_after_crash, load)


def kettle_for(lasts_s: float, power_w: float = 900.0) -> Scene:
    """Boil."""
    return plugged(make("kettle", power_w), lasts_s)


def steady(current_a: float, lasts_s: float, power_factor: float = 1.0) -> Scene:
    """Plug in what draws a steady current."""
    return plugged(amps(current_a, power_factor), lasts_s)
