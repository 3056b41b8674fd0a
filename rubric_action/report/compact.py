"""What of a case's result stays in memory for the decision; the rest is on disk."""

from dataclasses import replace

from rubric_action.gate.model import AxisScore, CaseResult

REASON_KEPT = 400


def compact(case: CaseResult) -> CaseResult:
    """Without the reasons and rules of what passed."""
    axes = {
        name: AxisScore(score.score, score.passed, _kept(score))
        for name, score in case.axes.items()
    }
    failed = tuple(rule for rule in case.rules if not rule.passed)
    return replace(case, axes=axes, rules=failed)


def _kept(score: AxisScore) -> str:
    return "" if score.passed else score.reason[:REASON_KEPT]
