"""Which changes the tables show, and with what beside them."""

from dataclasses import replace

import pytest

from rubric_action.gate.model import AxisSummary, Compared, Finding, Interval, SliceSummary
from rubric_action.report.view_change import axis_change, beyond_noise, passing_change
from rubric_action.report.view_findings import finding_line, worth
from rubric_action.report.view_table import Row, legend, table

SURE = Compared(0.01, "permutation", (-0.11, -0.03), 0.05, 20)
UNSURE = Compared(0.25, "permutation", (-0.20, 0.06), 0.19, 90)
ROSE = Compared(1.0, "permutation", (0.02, 0.08), 0.05, None)
FELL = AxisSummary(0.84, 120, (0.80, 0.88), 0.88, 0.91, -0.07, 120, SURE, 0.034)
NOISY = replace(FELL, compared=UNSURE)
SLICE = SliceSummary(
    "tail",
    cases=120,
    passed=106,
    undecided=0,
    pass_rate=106 / 120,
    interval=(0.81, 0.93),
    baseline_pass_rate=0.95,
    pass_rate_delta=-8 / 120,
    paired_cases=120,
    compared=SURE,
    shortfall=0.03,
    axes={"tone": FELL},
)
SHORT = Finding("threshold", "fail", "`tone` is 0.84", "tail", "tone", interval=(0.80, 0.88))
DROP = Finding("drop", "fail", "`tone` fell", "tail", "tone")
WARNED = replace(DROP, severity="warn")


@pytest.mark.parametrize(
    ("delta", "pairs", "compared", "beyond"),
    [
        (-0.07, 120, SURE, True),
        (-0.07, 120, UNSURE, False),
        (0.05, 120, ROSE, True),
        (0.05, 6, ROSE, True),
        (0.05, 5, ROSE, False),
        (0.05, 120, replace(ROSE, interval=(-0.01, 0.11)), False),
        (0.05, 120, replace(ROSE, interval=None), False),
        (-0.07, 120, None, True),
        (None, 0, None, False),
    ],
)
def test_beyond_noise(
    delta: float | None, pairs: int, compared: Compared | None, beyond: bool
) -> None:
    """A fall that chance seldom brings, a rise whose interval lies above 0 on enough cases."""
    assert beyond_noise(delta, pairs, compared) is beyond


@pytest.mark.parametrize(
    ("axis", "told", "shown"),
    [
        (FELL, False, "▼.07 ±.04"),
        (NOISY, False, ""),
        (NOISY, True, "▼.07 ±.13"),
        (replace(FELL, delta=-0.004), True, ""),
        (replace(FELL, compared=None), False, "▼.07"),
        (replace(FELL, delta=None), True, ""),
        (replace(FELL, compared=replace(SURE, interval=(-0.07, -0.07))), False, "▼.07"),
    ],
)
def test_the_change_of_an_axis(axis: AxisSummary, told: bool, shown: str) -> None:
    """With its margin; noise only where a finding is about it."""
    assert axis_change(axis, told=told) == shown


@pytest.mark.parametrize(
    ("one", "told", "shown"),
    [
        (SLICE, False, "▼8"),
        (replace(SLICE, compared=UNSURE), False, ""),
        (replace(SLICE, compared=UNSURE), True, "▼8"),
        (replace(SLICE, pass_rate_delta=8 / 120, compared=ROSE), False, "▲8"),
        (replace(SLICE, pass_rate_delta=0.0), True, ""),
        (replace(SLICE, pass_rate_delta=None), True, ""),
    ],
)
def test_the_change_of_the_passing_cases(one: SliceSummary, told: bool, shown: str) -> None:
    """In cases, and by the same rule."""
    assert passing_change(one, told=told) == shown


@pytest.mark.parametrize(
    ("findings", "tone", "light"),
    [
        ((), "0.84<br><sub>≥ .88</sub>", "🟢"),
        ((WARNED,), "0.84 ▼.07 ±.13<br><sub>≥ .88</sub>", "🟢"),
        ((SHORT,), "**0.84** ▼.07 ±.13<br><sub>≥ .88 [0.80, 0.88]</sub>", "🔴"),
    ],
)
def test_a_cell(findings: tuple[Finding, ...], tone: str, light: str) -> None:
    """Bold with its interval where it blocks; a warning shows the change alone."""
    [row] = table((replace(SLICE, axes={"tone": NOISY}),), ("tone",), findings)
    assert (row.light, row.cells) == (light, (tone,))


@pytest.mark.parametrize(
    ("one", "findings", "passing"),
    [
        (SLICE, (), "106 ▼8"),
        (replace(SLICE, min_pass_rate=0.8), (), "106 ▼8<br><sub>≥ .8</sub>"),
        (
            replace(SLICE, min_pass_rate=0.8, pass_rate=0.91),
            (),
            "106 ▼8<br><sub>rate 0.91 ≥ .8</sub>",
        ),
        (
            replace(SLICE, min_pass_rate=0.9),
            (replace(SHORT, axis=None),),
            "**106** ▼8<br><sub>≥ .9 [0.81, 0.93]</sub>",
        ),
        (
            replace(SLICE, min_pass_rate=0.9, pass_rate=None, undecided=2, pass_rate_delta=None),
            (),
            "106, 2 undecided<br><sub>≥ .9</sub>",
        ),
    ],
)
def test_passing(one: SliceSummary, findings: tuple[Finding, ...], passing: str) -> None:
    """The rate stands there where several trials make it another than the count tells."""
    [row] = table((one,), (), findings)
    assert row.passing == passing


@pytest.mark.parametrize(
    ("cell", "compared", "told"),
    [
        ("1.00", False, []),
        ("1.00", True, ["▲▼ against the baseline, on the cases that both runs share", "no arrow"]),
        ("**0.84** ≥ .9 [0.1, 1]", False, ["**Bold** is what blocks", "≥ the bar", "[ ] its"]),
    ],
)
def test_the_legend(cell: str, compared: bool, told: list[str]) -> None:
    """It explains the signs that are there, and no others."""
    row = Row("🟢", "tail", "1", "1", (cell,))
    parts = legend((row,), "blocks", compared=compared, thin=False).split(" · ")
    assert len(parts) == max(1, len(told))
    assert all(part.startswith(word) for part, word in zip(parts, told, strict=False))
    assert legend((row,), "blocks", compared=False, thin=True).endswith("would not prove its bar")


@pytest.mark.parametrize(
    ("finding", "told"),
    [
        (SHORT, "120 cases can show a shortfall from .034 on"),
        (replace(SHORT, axis=None), "120 cases can show a shortfall from .03 on"),
        (
            DROP,
            (
                "an unchanged agent falls as far once in 100 times; "
                "120 cases can show a fall from .05 on"
            ),
        ),
        (replace(SHORT, axis="policy"), ""),
        (replace(SHORT, slice="head"), ""),
        (Finding("regression", "fail", "`a` fails", case="a"), ""),
        (Finding("hard-gate", "fail", "`a` fails", "tail", case="a"), ""),
    ],
)
def test_what_a_finding_is_worth(finding: Finding, told: str) -> None:
    """Beside a slice's shortfall or fall: what so many cases can show at all."""
    assert worth(finding, {"tail": SLICE}) == told
    line = finding_line(finding, {"tail": SLICE})
    assert line.endswith(f" <sub>({told})</sub>") == bool(told)


@pytest.mark.parametrize(
    ("axis", "finding", "told"),
    [
        (replace(FELL, shortfall=None), SHORT, ""),
        (replace(FELL, compared=None), DROP, ""),
        (
            replace(FELL, compared=replace(SURE, smallest=None)),
            DROP,
            "an unchanged agent falls as far once in 100 times",
        ),
    ],
)
def test_what_is_not_known_is_not_told(axis: AxisSummary, finding: Finding, told: str) -> None:
    """Of scores that do not vary, or of older results."""
    assert worth(finding, {"tail": replace(SLICE, axes={"tone": axis})}) == told


@pytest.mark.parametrize("interval", [None, (-0.07, -0.07)])
def test_no_margin(interval: Interval | None) -> None:
    """Where none is known, or it rounds to nothing."""
    assert (
        axis_change(replace(FELL, compared=replace(SURE, interval=interval)), told=True) == "▼.07"
    )
