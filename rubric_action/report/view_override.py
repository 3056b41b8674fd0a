"""The override: who asked, who signed, who was turned down and why."""

from dataclasses import dataclass
from typing import Final

from rubric_action.gate.decision import Measured
from rubric_action.gate.model import Finding, Node
from rubric_action.gate.override.facts import LabelEvent, Review
from rubric_action.gate.override.model import Override, Rejected, Signature
from rubric_action.gate.override.wording import finding_name, moment
from rubric_action.report.escape import code, link, plain, prose
from rubric_action.report.limits import Limits
from rubric_action.report.model import Report
from rubric_action.report.override_told import override_told

LIGHTS: Final = {"pass": "🟢", "fail": "🔴", "overridden": "🟣", "error": "⚠️"}
MARKS: Final = {"pass": "🟢", "info": "⚪", "warn": "🟡", "fail": "🔴", "error": "⚠️"}
ABOVE: Final = {
    "granted": "signed, see above",
    "refused": "refused, see above",
    "unknown": "undecided, see above",
}
LONGEST_WHY: Final = 2000
"""Characters of a signer's reason, where it is told whole."""


@dataclass(frozen=True, slots=True)
class OverrideView:
    """What is told near the top, folded away, and at the end.

    `measured` is empty where the verdict is what was measured; `told` is empty and nothing is
    folded where nobody asked. `line` is for the end. `rejected` holds who, why and the review.
    """

    line: str
    measured: str = ""
    told: str = ""
    warnings: tuple[str, ...] = ()
    folded: str = ""
    steps: tuple[str, ...] = ()
    rejected: tuple[tuple[str, str, str], ...] = ()
    left: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    left_out: int = 0


def override_view(report: Report, limits: Limits) -> OverrideView:
    """The override of a decision, whether there is one or not."""
    decision = report.decision
    override = decision.override
    if override is None or not override.asked:
        return OverrideView(line=prose(override_told(report)))
    differs = decision.verdict != decision.measured.verdict
    most = limits.findings
    return OverrideView(
        line=ABOVE[override.state],
        measured=_measured(decision.measured) if differs else "",
        told=_told(override),
        warnings=tuple(prose(text) for text in override.warnings),
        folded=_folded(override) if override.steps and most else "",
        steps=tuple(_step(step) for step in override.steps),
        rejected=tuple(_rejected(one) for one in override.rejected[:most]),
        left=tuple(_left(one) for one in override.left[:most]),
        notes=(*_why(override.signature, decision.headline), *_floor(override), *_notes(override)),
        left_out=max(0, len(override.rejected) - most),
    )


def _measured(measured: Measured) -> str:
    return f"{LIGHTS[measured.verdict]} {prose(measured.headline)}"


def _told(override: Override) -> str:
    if override.state == "unknown":
        return "**Override:** nobody can tell whether somebody signed, so there is no verdict."
    signature = override.signature
    if signature is None:
        return f"**Override refused:** {prose(override.sentence)}"
    return (
        f"**Signed** by {code(signature.by.login)} ({prose(signature.standing)}), "
        f"{_review(signature.review, 'review of ')}; {_asked(signature.label)}. "
        "Nothing that was measured is changed by it."
    )


def _asked(label: LabelEvent) -> str:
    who = code(label.actor.login) if label.actor else "a deleted account"
    return f"asked for by {who} with the label {code(label.label)}, {moment(label.at)}"


def _folded(override: Override) -> str:
    down = len(override.rejected)
    people = f", {down} turned down" if down else ""
    if override.signature is not None:
        return f"How the signature was weighed{people}"
    return f"Why no signature counts{people}"


def _step(step: Node) -> str:
    return f"{MARKS[step.status]} {step.name}: {prose(step.sentence)}"


def _rejected(one: Rejected) -> tuple[str, str, str]:
    return code(one.who), prose(one.reason), _review(one.review) if one.review else ""


def _review(review: Review, before: str = "") -> str:
    return link(f"{before}{moment(review.at)}", review.url)


def _left(finding: Finding) -> str:
    return f"{prose(finding_name(finding))}: {prose(finding.sentence, 400)}"


def _why(signature: Signature | None, headline: str) -> tuple[str, ...]:
    """The reason, where the headline had to cut it."""
    if signature is None or " ".join(signature.reason.split()) in headline:
        return ()
    return (f"In the signer's words: {plain(signature.reason, LONGEST_WHY)}",)


def _floor(override: Override) -> tuple[str, ...]:
    floor = override.floor
    if floor is None:
        return ()
    return (f"Only what came after {prose(floor.what)} ({moment(floor.at)}) counts.",)


def _notes(override: Override) -> tuple[str, ...]:
    return tuple(prose(text) for text in override.notes)
