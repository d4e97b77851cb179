"""What the contact does when the agent ends and starts again, written down as people read it.

`python -m tests.integration.policies` prints the table as Markdown.
"""

from collections.abc import Iterator
from dataclasses import dataclass, fields

STAYS, OPENS, CLOSES, CLICKS = "stays", "opens", "closes", "opens, closes"


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One line of the table; `any` stands for every value of a policy.

    `still` is what the contact does where its line outlives the process (simulated, gpiod), and
    `gpiozero` what it does there.
    """

    was: str
    cause: str
    on_stop: str
    on_start: str
    still: str
    gpiozero: str

    @property
    def after(self) -> str:
        """Where the contact stands in the end."""
        return {STAYS: self.was, OPENS: "open"}.get(self.still, "closed")


TABLE = """
was     cause       on_stop  on_start  | simulated, gpiod  | gpiozero
closed  reload      any      any       | stays             | stays
closed  restart     off      off       | opens             | opens
closed  restart     off      on        | opens, closes     | opens, closes
closed  restart     off      restore   | opens, closes     | opens, closes
closed  restart     keep     off       | opens             | opens
closed  restart     keep     on        | stays             | opens, closes
closed  restart     keep     restore   | stays             | opens, closes
closed  update      off      off       | opens             | opens
closed  update      off      on        | opens, closes     | opens, closes
closed  update      off      restore   | opens, closes     | opens, closes
closed  update      keep     off       | opens             | opens
closed  update      keep     on        | stays             | opens, closes
closed  update      keep     restore   | stays             | opens, closes
closed  crash       any      off       | opens             | opens
closed  crash       any      on        | stays             | opens, closes
closed  crash       any      restore   | stays             | opens, closes
closed  reboot      any      off       | opens             | opens
closed  reboot      any      on        | opens, closes     | opens, closes
closed  reboot      any      restore   | opens, closes     | opens, closes
closed  power_loss  any      off       | opens             | opens
closed  power_loss  any      on        | opens, closes     | opens, closes
closed  power_loss  any      restore   | opens, closes     | opens, closes
open    reload      any      any       | stays             | stays
open    restart     any      off       | stays             | stays
open    restart     any      on        | closes            | closes
open    restart     any      restore   | stays             | stays
open    update      any      off       | stays             | stays
open    update      any      on        | closes            | closes
open    update      any      restore   | stays             | stays
open    crash       any      off       | stays             | stays
open    crash       any      on        | closes            | closes
open    crash       any      restore   | stays             | stays
open    reboot      any      off       | stays             | stays
open    reboot      any      on        | closes            | closes
open    reboot      any      restore   | stays             | stays
open    power_loss  any      off       | stays             | stays
open    power_loss  any      on        | closes            | closes
open    power_loss  any      restore   | stays             | stays
"""


def rows() -> tuple[Row, ...]:
    """Read the table."""
    return tuple(_row(line) for line in TABLE.strip().splitlines()[1:])


def cases() -> Iterator[Row]:
    """Put every value in the place of `any`."""
    for row in rows():
        for on_stop in ("off", "keep") if row.on_stop == "any" else (row.on_stop,):
            for on_start in ("off", "on", "restore") if row.on_start == "any" else (row.on_start,):
                yield Row(
                    was=row.was,
                    cause=row.cause,
                    on_stop=on_stop,
                    on_start=on_start,
                    still=row.still,
                    gpiozero=row.gpiozero,
                )


def markdown() -> str:
    """Write the table as a page shows it."""
    heads = ("contact before", "cause", "`on_stop`", "`on_start`", "simulated, gpiod", "movements")
    heads = (*heads, "gpiozero", "movements", "contact after")
    lines = [f"| {' | '.join(heads)} |", "|" + "---|" * len(heads)]
    for row in rows():
        cells = (
            *(row.was, row.cause.replace("_", " "), row.on_stop, row.on_start),
            *(row.still, str(movements(row.still)), row.gpiozero, str(movements(row.gpiozero))),
            row.after,
        )
        lines.append(f"| {' | '.join(cells)} |")
    return "\n".join(lines)


def movements(what: str) -> int:
    """Count the movements that a cell of the table tells of."""
    return {STAYS: 0, OPENS: 1, CLOSES: 1, CLICKS: 2}[what]


def _row(line: str) -> Row:
    policy, still, gpiozero = (part.strip() for part in line.split("|"))
    values = (*policy.split(), still, gpiozero)
    names = (each.name for each in fields(Row))
    return Row(**dict(zip(names, values, strict=True)))


if __name__ == "__main__":
    print(markdown())  # noqa: T201 - this is what it is for
