"""How the comment tells of an override."""

import re
from dataclasses import replace

import pytest

from rubric_action.gate.model import Finding, Verdict
from rubric_action.gate.override.model import Override, Rejected
from rubric_action.report.comment import render_comment
from rubric_action.report.model import Report
from rubric_action.rubric.model import OverridePolicy
from tests.report.rendered import render
from tests.report.states import (
    FLOOR,
    HARD,
    LABEL,
    POLICY,
    REJECTED,
    REVIEW,
    TONE,
    granted,
    refused,
    report_with,
)

MAY = (
    "the rubric allows it for <code>threshold</code>, <code>drop</code> "
    "with the label <code>rubric-override</code>"
)
ERROR = Finding("missing", "error", "`a` has no session", case="a")


def footer(report: Report) -> str:
    """What the line at the end says of the override."""
    [found] = re.findall(r"\*\*Override\*\* (.*?)\\\n", render_comment(report))
    return str(found)


def unfolded(report: Report) -> str:
    """What a reader sees without a click."""
    return re.sub(r"(?s)<details>.*?</details>", "", render_comment(report))


def test_a_signature() -> None:
    """The verdict, what was measured, who signed and who asked; then what to do."""
    text = render_comment(report_with(granted()))
    verdict, _, measured, signed, _, step, *_ = text.splitlines()
    assert verdict == ("## 🟣 Shipping by override: <code>mona</code> signed for 2 findings: known")
    assert measured == "**Measured:** 🔴 Measured as fail\\"
    assert signed == (
        "**Signed** by <code>mona</code> (member of <code>acme/leads</code>), "
        f"[review of 2026-11-23 09:30:00 UTC]({REVIEW.url}); asked for by <code>dana</code> "
        "with the label <code>rubric-override</code>, 2026-11-23 09:30:00 UTC. "
        "Nothing that was measured is changed by it."
    )
    assert step.startswith("**Do next:** ")
    assert render(text).links == [REVIEW.url]
    assert footer(report_with(granted())) == "signed, see above"


def test_findings_that_are_signed_for() -> None:
    """They keep their lines, and each says so."""
    text = render_comment(report_with(granted()))
    assert text.count("- **threshold**, signed for: ") == 2
    assert "blocks" not in text


def test_a_label_whose_setter_is_gone() -> None:
    """Nobody is made up for a deleted account."""
    override = granted()
    assert override.signature is not None
    label = replace(LABEL, actor=None)
    changed = replace(override, signature=replace(override.signature, label=label))
    assert "asked for by a deleted account" in render_comment(report_with(changed))


def test_a_long_reason_is_told_whole() -> None:
    """The headline cuts it; the fold does not."""
    reason = "because " * 80
    text = render_comment(report_with(granted(reason)))
    assert len(text.splitlines()[0]) < 300
    assert f"- In the signer's words: {reason.strip()}" in text
    assert "In the signer's words" not in render_comment(report_with(granted("short")))


def test_how_it_was_weighed() -> None:
    """Steps, everybody who was turned down, the floor and the notes are one click away."""
    override = granted(rejected=REJECTED, notes=("1 commit without account",))
    text = render_comment(report_with(override))
    assert "<summary>🟣 <b>How the signature was weighed, 2 turned down</b></summary>" in text
    assert "- 🟢 sign-off: approved by <code>mona</code>" in text
    assert "| <code>the label</code> | GitHub tells of nobody who set it |  |" in text
    assert "- Only what came after the last force-push (2026-11-23 09:30:00 UTC) counts." in text
    assert "- 1 commit without account" in text


def test_a_warning_is_seen_at_once() -> None:
    """That the rubric needs a rewrite is not folded away."""
    text = unfolded(report_with(granted(warnings=("It is the 5th in Q4.",))))
    assert "\n🟡 It is the 5th in Q4.\n" in text


def test_a_refusal() -> None:
    """The verdict stays red; right below it stands why nothing counts, and what to do."""
    report = report_with(refused(rejected=REJECTED, left=(TONE,)))
    verdict, _, why, _, step, *_ = render_comment(report).splitlines()
    assert verdict == "## 🔴 Measured as fail"
    assert why == (
        "**Override refused:** asked for by <code>dana</code>, not signed: needs sign-off"
    )
    assert step == (
        "**Do next:** Look at <code>hours-1</code> first. "
        "To ship it all the same: have <code>mona</code> approve."
    )
    assert "signed for" not in render_comment(report)
    assert "Measured:" not in render_comment(report)
    assert footer(report) == "refused, see above"


def test_everybody_who_was_turned_down() -> None:
    """Each with the reason and the review; then what no signature covers."""
    text = render_comment(report_with(refused(rejected=REJECTED, left=(TONE,), floor=FLOOR)))
    assert "<summary>🔴 <b>Why no signature counts, 2 turned down</b></summary>" in text
    review = f"[2026-11-23 09:30:00 UTC]({REVIEW.url})"
    assert f"| <code>dana</code> | the pull request is theirs | {review} |" in text
    _, _, left = text.partition("Not covered by any signature\n")
    assert left.strip().startswith(
        "- <code>threshold</code> (<code>tone</code> of <code>head</code>): <code>tone</code> of"
    )


def test_many_that_were_turned_down() -> None:
    """The smallest comment has no table, and counts them."""
    many = tuple(Rejected(f"person-{n}", "not an approver", REVIEW) for n in range(300))
    report = report_with(refused(rejected=many))
    assert "250 rejected reviews" in render_comment(report)
    small = render_comment(report, 800)
    assert "300 rejected reviews" in small
    assert "<details>" not in small
    assert "**Override refused:** asked for by" in small


def test_nobody_can_tell() -> None:
    """An error says what was measured all the same, and is not called refused."""
    override = Override("unknown", "who signed could not be read: 502", "Run it again.")
    report = report_with(override)
    decision = replace(report.decision, verdict="error", headline="No verdict: 502")
    lines = render_comment(replace(report, decision=decision)).splitlines()
    assert lines[0] == "## ⚠️ No verdict: 502"
    assert lines[2] == "**Measured:** 🔴 Measured as fail\\"
    assert lines[3] == (
        "**Override:** nobody can tell whether somebody signed, so there is no verdict."
    )
    assert footer(replace(report, decision=decision)) == "undecided, see above"
    assert not any("Why no signature counts" in line for line in lines)


@pytest.mark.parametrize(
    ("override", "told"),
    [
        (Override("none", "the rubric has none"), "the rubric has none"),
        (Override("unneeded", "nothing fails"), "nothing fails"),
        (Override("impossible", "not for `hard-gate`."), "not for <code>hard-gate</code>"),
        (Override("open", "nobody has asked"), f"nobody has asked; {MAY}"),
    ],
)
def test_where_nobody_asked(override: Override, told: str) -> None:
    """The line at the end says it, and nothing else does."""
    report = report_with(override)
    assert footer(report) == told
    assert render_comment(report).count("verride") == told.count("verride") + 1


@pytest.mark.parametrize(
    ("findings", "policy", "verdict", "told"),
    [
        ((TONE,), None, "fail", "the rubric has no <code>override</code> section"),
        ((ERROR,), POLICY, "error", "an error can't be overridden"),
        ((), POLICY, "pass", "nothing fails, so none is needed"),
        ((TONE, HARD), POLICY, "fail", "not possible here: the rubric allows it for"),
        ((TONE,), POLICY, "fail", f"{MAY}; it is signed on the pull request"),
    ],
)
def test_on_a_laptop(
    findings: tuple[Finding, ...], policy: OverridePolicy | None, verdict: Verdict, told: str
) -> None:
    """Nobody could be asked: whether somebody could sign, and where."""
    report = report_with(None, findings, policy, verdict)
    assert told in footer(report)
