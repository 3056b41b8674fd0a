import io

import pytest

from rubric_action.progress import Bar, Lines, progress


class Terminal(io.StringIO):
    """A stream that says it is a terminal."""

    def isatty(self) -> bool:
        """It is."""
        return True


@pytest.mark.parametrize(
    ("total", "told"),
    [
        (3, ["1 of 3", "2 of 3", "3 of 3"]),
        (10, [f"{n} of 10" for n in range(1, 11)]),
        (25, [f"{n} of 25" for n in (3, 6, 9, 12, 15, 18, 21, 24)]),
        (800, [f"{n} of 800" for n in range(80, 801, 80)]),
    ],
)
def test_lines(total: int, told: list[str]) -> None:
    """A log gets a line each tenth of the way, and no more than ten."""
    out = io.StringIO()
    shown = Lines(out)
    shown.start(total)
    for done in range(1, total + 1):
        shown.step(done)
    assert out.getvalue().splitlines() == [
        f"grading {total} cases",
        *(f"graded {each}" for each in told),
    ]


def test_lines_may_tell_of_another_work() -> None:
    """What is done with the cases is said in the caller's words."""
    out = io.StringIO()
    shown = Lines(out, ("running", "ran"))
    shown.start(1)
    shown.step(1)
    assert out.getvalue() == "running 1 cases\nran 1 of 1\n"


def test_bar() -> None:
    """A terminal gets one line that is drawn again, and ended when all is done."""
    out = Terminal()
    shown = Bar(out)
    shown.start(500)
    for done in range(1, 501):
        shown.step(done)
    drawn = out.getvalue().split("\r")[1:]
    assert drawn[0] == "░" * 32 + " 0/500 cases"
    assert drawn[-1] == "█" * 32 + " 500/500 cases\n"
    assert len(drawn) <= 35
    assert out.getvalue().count("\n") == 1


@pytest.mark.parametrize(("out", "kind"), [(Terminal(), Bar), (io.StringIO(), Lines)])
def test_which_one(out: io.StringIO, kind: type) -> None:
    """A bar for a person who watches, lines for a log."""
    assert isinstance(progress(out), kind)
