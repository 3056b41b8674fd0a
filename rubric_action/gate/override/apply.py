"""What an override makes of a decision. What was measured stays as it was."""

from collections.abc import Sequence
from dataclasses import replace

from rubric_action.gate.decision import Decision
from rubric_action.gate.model import Finding, Node, Verdict
from rubric_action.gate.override.decide import beforehand, unasked
from rubric_action.gate.override.model import Override, Signature
from rubric_action.gate.override.wording import NO_ERROR
from rubric_action.gate.wording import LONGEST_SENTENCE, clip, counted, named
from rubric_action.rubric.model import OverridePolicy

SIGNED_FOR = "Nothing to do; mend what was signed for in a change of its own."
ELSEWHERE = "On a pull request on GitHub an approver may sign for this."


def elsewhere(verdict: Verdict, findings: Sequence[Finding], policy: OverridePolicy | None) -> str:
    """Whether somebody could sign, where nobody can be asked; empty where there is no override."""
    if policy is None:
        return NO_ERROR if verdict == "error" else ""
    told = beforehand(verdict, findings, policy) or unasked(findings, policy)
    return ELSEWHERE if told.state == "open" else told.how


def with_override(decision: Decision, override: Override) -> Decision:
    """The decision under this outcome, whatever a former one had made of it."""
    signature, measured = override.signature, decision.measured
    steps = tuple(_marked(step, signed=signature is not None) for step in decision.steps)
    told = replace(decision, steps=steps, override=override)
    if signature is None:
        return replace(
            told,
            verdict=measured.verdict,
            headline=measured.headline,
            next_step=f"{measured.next_step} {override.how}".rstrip(),
        )
    return replace(told, verdict="overridden", headline=_headline(signature), next_step=SIGNED_FOR)


def unknown(decision: Decision, cause: str, mend: str = "") -> Decision:
    """The decision where nobody can tell whether somebody signed: an error, never a guess."""
    override = Override("unknown", f"who signed could not be read: {cause}", mend)
    return replace(
        with_override(decision, override),
        verdict="error",
        headline=clip(f"No verdict: {cause.rstrip('.')}", LONGEST_SENTENCE),
        next_step=mend or "Run the job again.",
    )


def status_line(override: Override) -> str:
    """The commit status in words; empty where no signature counts."""
    signature = override.signature
    if signature is None:
        return ""
    why = f": {signature.reason}" if signature.reason else ""
    return f"overridden by @{signature.by.login}{why}"


def _marked(step: Node, *, signed: bool) -> Node:
    found = tuple(
        replace(one, overridden=signed and one.severity == "fail") for one in step.findings
    )
    return replace(step, findings=found)


def _headline(signature: Signature) -> str:
    count = counted(len(signature.covered), "finding")
    why = f": {signature.reason}" if signature.reason else ""
    told = f"Shipping by override: {named(signature.by.login)} signed for {count}{why}"
    return clip(told, LONGEST_SENTENCE)
