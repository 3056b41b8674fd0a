"""What came out, as a table in Markdown: a line a figure, each with what stands beside it."""

from dataclasses import dataclass
from math import nan
from typing import Literal

Unit = Literal["x", "s", "MB", ""]
HEADER = ("| what | the gate | beside it | figure | at most | |", "|:--|--:|--:|--:|--:|:--|")
LOOK = {"x": "{:.3f} x", "s": "{:.2f} s", "MB": "{:.0f} MB", "": "{:,.0f}"}


@dataclass(frozen=True, slots=True)
class Line:
    """One figure, beside what it is held against; `most` is the promise, where there is one.

    The unit `x` is a ratio, `s` seconds, `MB` 10^6 bytes, and an empty one a count.
    """

    what: str
    ours: str
    beside: str
    figure: float
    unit: Unit = "x"
    most: float | None = None

    @property
    def broken(self) -> bool:
        """Whether the promise was not kept; a figure below zero is none, and keeps nothing."""
        return self.most is not None and not 0 <= self.figure <= self.most

    def told(self) -> str:
        """The line as a promise that was broken."""
        return f"{self.what}: {self._look()}, promised at most {self.most:g}"

    def row(self) -> str:
        """The line of the table."""
        most = "" if self.most is None else f"{self.most:g}"
        kept = "" if self.most is None else "missed" if self.broken else "kept"
        cells = (self.what, self.ours, self.beside, self._look(), most, kept)
        return "| " + " | ".join(cells) + " |"

    def _look(self) -> str:
        return LOOK[self.unit].format(self.figure)


def count(what: str, figure: int, beside: str = "") -> Line:
    """A line about what may not happen once."""
    return Line(what, f"{figure:,}", beside, figure, "", most=0)


def over(what: str, ours_s: float, beside: tuple[str, float], most: float | None = None) -> Line:
    """A line about seconds over other seconds."""
    name, beside_s = beside
    return Line(what, f"{ours_s:.2f} s", f"{name} {beside_s:.2f} s", ours_s / beside_s, "x", most)


def ratio(ours: float, beside: float) -> float:
    """Ours over what stands beside it; not a number where that is lost in the noise."""
    return ours / beside if beside > 0 else nan
