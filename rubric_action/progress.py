"""How far a run has come: a bar on a terminal, a line now and then elsewhere."""

import sys
from typing import TextIO

STEPS = 10


class Lines:
    """A line each tenth of the way, for a log; `verbs` say what is done with the cases."""

    def __init__(self, out: TextIO, verbs: tuple[str, str] = ("grading", "graded")) -> None:
        self._out = out
        self._doing, self._did = verbs
        self._total = 0
        self._next = 0

    def start(self, total: int) -> None:
        """Say how many cases there are."""
        self._total = total
        self._next = -(-total // STEPS)
        self._out.write(f"{self._doing} {total} cases\n")
        self._out.flush()

    def step(self, done: int) -> None:
        """Say how far it is, each tenth."""
        if done >= self._next:
            self._next += -(-self._total // STEPS)
            self._out.write(f"{self._did} {done} of {self._total}\n")
            self._out.flush()


class Bar:
    """One line that is drawn again."""

    WIDTH = 32

    def __init__(self, out: TextIO) -> None:
        self._out = out
        self._total = 0
        self._drawn = -1

    def start(self, total: int) -> None:
        """Draw an empty bar."""
        self._total = total
        self.step(0)

    def step(self, done: int) -> None:
        """Draw it again where it has changed."""
        filled = self.WIDTH * done // max(1, self._total)
        if filled == self._drawn and done < self._total:
            return
        self._drawn = filled
        bar = "█" * filled + "░" * (self.WIDTH - filled)
        end = "\n" if done == self._total else ""
        self._out.write(f"\r{bar} {done}/{self._total} cases{end}")
        self._out.flush()


def progress(out: TextIO | None = None) -> Bar | Lines:
    """A bar for a person who watches, lines for a log."""
    out = out or sys.stderr
    return Bar(out) if out.isatty() else Lines(out)
