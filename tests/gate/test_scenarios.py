"""What the gate says of changes that are easily let pass. None of them may be green."""

from dataclasses import replace

from rubric_action.gate.model import CaseResult
from rubric_action.rubric.compare import compare_bars
from rubric_action.rubric.model import Axis, Regression, Rubric
from tests.gate.builders import TONE, baseline, decided, part, result, rubric, told

POLICY = Axis("policy", "Does it obey the policy?", pass_mark=1.0)
EASY = rubric(
    part("all", tone=0.5),
    regression=Regression(max_drop=0.2),
    axes={"tone": TONE, "policy": POLICY},
)
"""A rubric whose averages leave a lot of room, so that only what broke can tell."""


def run(failing: set[int], rubric_: Rubric = EASY, total: int = 50) -> list[CaseResult]:
    """So many cases, of which these fail."""
    return [
        result(f"case-{n}", {axis: float(n not in failing) for axis in rubric_.axes}, mark=0.5)
        for n in range(total)
    ]


def test_two_of_fifty_cases_break() -> None:
    """An average of 0.96 is far above its minimum and hardly fell; the two cases are named."""
    decision = decided(*run({3, 17}), rubric=EASY, before=baseline(*run(set())))
    assert decision.verdict == "fail"
    assert [(one.kind, one.case) for one in decision.findings] == [
        ("regression", "case-3"),
        ("regression", "case-17"),
    ]
    assert decision.headline == "Not ready to ship: 2 cases that used to pass fail now"


def test_five_break_while_five_are_fixed() -> None:
    """The averages stand still; the five that broke block, the five that were fixed don't pay."""
    then, now = run({0, 1, 2, 3, 4}), run({10, 11, 12, 13, 14})
    decision = decided(*now, rubric=EASY, before=baseline(*then))
    summary = decision.slices["all"]
    assert (summary.pass_rate_delta, summary.axes["tone"].delta) == (0.0, 0.0)
    assert decision.verdict == "fail"
    assert [one.case for one in decision.findings] == [f"case-{n}" for n in range(10, 15)]


def test_an_axis_is_removed_from_the_rubric() -> None:
    """What is no longer asked can't fail, so that no longer asking is the finding."""
    less = replace(EASY, axes={"tone": TONE})
    now = [result(f"case-{n}", {"tone": 1.0}) for n in range(50)]
    decision = decided(
        *now, rubric=less, before=baseline(*run(set())), bar=compare_bars(EASY, less)
    )  # fmt: skip
    assert decision.verdict == "fail"
    assert [(one.kind, one.axis, one.key) for one in decision.findings] == [
        ("bar-lowered", "policy", "axes.policy")
    ]


def test_ten_cases_are_deleted() -> None:
    """The forty that are left all pass; each of the ten is missed by name."""
    decision = decided(*run(set())[:40], rubric=EASY, before=baseline(*run(set())))
    assert decision.verdict == "fail"
    assert {kind for kind, _ in told(decision)} == {"case-removed"}
    assert [one.case for one in decision.findings] == [f"case-{n}" for n in range(40, 50)]
    assert decision.headline == "Not ready to ship: 10 cases that count are gone"


def test_there_is_no_baseline_and_every_case_fails() -> None:
    """With nothing to compare with, the bar itself still holds."""
    decision = decided(*run(set(range(50))), rubric=EASY)
    assert decision.verdict == "fail"
    assert told(decision) == [("threshold", "fail")]


def test_the_failing_cases_are_deleted_to_lift_the_average() -> None:
    """Dropping what failed under an unchanged bar does not go unseen."""
    broken = {1, 2, 3}
    kept = [case for n, case in enumerate(run(broken)) if n not in broken]
    decision = decided(*kept, rubric=EASY, before=baseline(*run(set())))
    assert [one.kind for one in decision.findings] == ["case-removed"] * 3


def test_a_case_is_answered_by_nobody() -> None:
    """Leaving out the sessions of broken cases is an error, whatever the rest says."""
    decision = decided(
        *run(set())[1:],
        CaseResult("case-0", ("all",), None, (), missing=True, cause="no session"),
        rubric=EASY,
        before=baseline(*run(set())),
    )
    assert (decision.verdict, told(decision)) == ("error", [("missing", "error")])
