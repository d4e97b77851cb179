"""The walk through a calibration: load, contact, patience, references, agreement."""

from collections.abc import Callable, Generator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

import click

from agent.cli.asking import Row, decimal
from agent.cli.calibration_text import (
    INTRODUCTION,
    change_text,
    progress_text,
    quantity_text,
    texts_of,
)
from agent.errors import ControlError

POLL_S: Final = 1.0
WIDTH: Final = 96
LINE_EVERY: Final = 5
"""Without a terminal a line of progress comes every so many polls."""

PATIENCE_S: Final = 180.0
SILENT_PATIENCE_S: Final = 60.0

PARAMETERS: Final[Mapping[str, str]] = {
    "voltage": "voltage_v",
    "current": "current_a",
    "power": "power_w",
}

References = Mapping[str, float]
"""By the control method's names."""


class StoppedError(Exception):
    """The walk ends here; the message says why and what to do."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Walk:
    """One calibration: *ask* asks the agent about the device, *pause* waits.

    *forget_typed* drops what the person typed before there was a question to answer.
    *is_silent* never asks the person; *is_live* draws progress on one line. *is_err* keeps
    standard output free for JSON.
    """

    ask: Callable[[str, Row], Row]
    pause: Callable[[float], None]
    forget_typed: Callable[[], None]
    is_silent: bool
    is_live: bool
    is_err: bool

    def walk(self, *, is_forced: bool) -> Row:
        """Lead a person through everything, and return what was put in force."""
        self._say(INTRODUCTION)
        self._prompt("\nPress Enter when the load is plugged in")
        with self._session():
            self._measure()
            self._say("\nNow read the reference meter.")
            self.forget_typed()
            return self._asked(is_forced=is_forced)

    def compare(self, references: References, *, is_forced: bool) -> Row:
        """Measure and compare with *references*, which are known already."""
        with self._session():
            self._measure(references)
            return self._agreed(references, is_forced=is_forced)

    # ── steps ───────────────────────────────────────────────────────────────────────────────

    @contextmanager
    def _session(self) -> Generator[None]:
        """Let the agent measure until the end, however it comes: somebody else may begin then."""
        begun = self.ask("calibration_begin", {})
        try:
            if not begun.get("relay_on"):
                self._switch_on()
            yield
        finally:
            with suppress(ControlError):  # an agent that is gone measures no more
                self.ask("calibration_end", {})

    def _asked(self, *, is_forced: bool) -> Row:
        """Ask for the references until they are taken."""
        while True:
            references = self._references()
            try:
                return self._agreed(references, is_forced=is_forced)
            except ControlError as error:
                self._say(click.wrap_text(f"Refused: {error}.", WIDTH))
                if not self._confirm("Enter the reference again?", is_default=True):
                    raise StoppedError("nothing was changed") from error

    def _measure(self, known: References = MappingProxyType({})) -> None:
        """Wait for enough measurements; with references *known* the agent decides what it takes."""
        reason = self._settle()
        if reason and not known:
            raise StoppedError(reason)
        progress = self.ask("calibration_read", {})
        unfit = texts_of(progress.get("unfit"))
        if unfit:
            raise StoppedError("; ".join(unfit))
        if progress.get("needs_all_references") and len(known) < len(PARAMETERS):
            factor = progress.get("power_factor")
            self._say(
                f"The power factor reads {factor}: below 0.97 the load is not a plain heater, or"
                " the board is far off. Voltage, current and power are all needed then."
            )

    def _switch_on(self) -> None:
        if self.is_silent:
            raise StoppedError(
                "the contact is open: switch the socket on first (polycloud on), with the load"
                " plugged in"
            )
        if not self._confirm("The socket is off. Switch it on now?", is_default=True):
            raise StoppedError("nothing was changed; the socket is still off")
        self.ask("set", {"values": {"power_switch": True}})

    def _settle(self) -> str:
        """Wait until every register has been measured often enough, and is steady; or why not."""
        self._say("Measuring; this takes about half a minute.")
        progress: Row = {}
        patience_s = SILENT_PATIENCE_S if self.is_silent else PATIENCE_S
        for number in range(int(patience_s / POLL_S)):
            self.pause(POLL_S)
            progress = self.ask("calibration_read", {})
            is_settled = bool(progress.get("is_settled"))
            self._show(progress, number, is_last=is_settled)
            if is_settled:
                return ""
            if self.is_silent and not progress.get("relay_on"):
                break
        self._say("")
        return "; ".join(texts_of(progress.get("waiting_for")))

    def _show(self, progress: Row, number: int, *, is_last: bool) -> None:
        text = progress_text(progress)
        problems = [t for t in texts_of(progress.get("waiting_for")) if "measurements" not in t]
        if self.is_live:
            line = problems[0] if problems else text
            click.echo(f"\r\x1b[K{line[: _columns()]}", nl=is_last, err=self.is_err)
        elif is_last or number % LINE_EVERY == 0:
            self._say(f"{text}{'   ' if problems else ''}{'; '.join(problems)}")

    def _references(self) -> References:
        references: dict[str, float] = {}
        for name, parameter in PARAMETERS.items():
            value = self._reference(name)
            if value is not None:
                references[parameter] = value
        if not references:
            raise StoppedError("no reference was given: nothing was changed")
        return references

    def _reference(self, name: str) -> float | None:
        unit = quantity_text(name, 0.0).split()[-1]
        while True:
            typed = self._prompt(f"{name.capitalize()} in {unit} (Enter: it does not show it)")
            if not typed:
                return None
            value = parsed(typed)
            if value is not None:
                return value
            self._say(f"{typed!r} is no number above 0, such as 229.8")

    def _agreed(self, references: References, *, is_forced: bool) -> Row:
        """Show old and new, and put the new in force when the person agrees."""
        params = {**references, "force": is_forced}
        shown = self.ask("calibrate", {**params, "preview": True})
        self._say("\n" + change_text(shown) + "\n")
        for note in texts_of(shown.get("notes")):
            self._say(click.wrap_text(f"Note: {note}.", WIDTH))
        if not self.is_silent and not self._confirm("Measure so from now on?", is_default=True):
            raise StoppedError("nothing was changed")
        return self.ask("calibrate", params)

    # ── the person ──────────────────────────────────────────────────────────────────────────

    def _say(self, text: str) -> None:
        click.echo(text, err=self.is_err)

    def _prompt(self, question: str) -> str:
        typed: str = click.prompt(question, default="", show_default=False, err=self.is_err)
        return typed.strip()

    def _confirm(self, question: str, *, is_default: bool) -> bool:
        return click.confirm(question, default=is_default, err=self.is_err)


def parsed(typed: str) -> float | None:
    """Read a number above 0 as people type it, with a comma too; None for anything else."""
    value = decimal(typed)
    return value if value is not None and value > 0 else None


def _columns() -> int:
    import shutil  # noqa: PLC0415 - on a terminal only

    return max(20, shutil.get_terminal_size().columns - 1)
