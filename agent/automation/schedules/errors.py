"""What is wrong with a schedule's text."""


class ScheduleError(ValueError):
    """A text is no schedule: what was found, what is allowed, and what was probably meant."""

    def __init__(self, found: str, allowed: str, hint: str = "") -> None:
        self.found = found
        self.allowed = allowed
        self.hint = hint
        parts = (found, f"allowed: {allowed}", hint)
        super().__init__("; ".join(part for part in parts if part))
