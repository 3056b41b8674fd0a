"""The state of an override in one clause, where `...` marks names; for every renderer."""

from rubric_action.gate.override.decide import beforehand, unasked
from rubric_action.gate.override.wording import allowed
from rubric_action.gate.wording import named
from rubric_action.report.model import Report
from rubric_action.rubric.model import OverridePolicy


def override_told(report: Report) -> str:
    """How it came out, or what is possible; no full stop at its end."""
    override, policy = report.decision.override, report.policy.override
    if override is None:
        return _nobody_was_asked(report)
    sentence = override.sentence.rstrip(".")
    if override.state == "open" and policy is not None:
        return f"{sentence}; {_may(policy)}"
    return sentence


def _nobody_was_asked(report: Report) -> str:
    """On a laptop or for a baseline: whether somebody could sign, and where."""
    decision, policy = report.decision, report.policy.override
    settled = beforehand(decision.measured.verdict, decision.findings, policy)
    if settled is not None or policy is None:
        return settled.sentence if settled else ""
    found = unasked(decision.findings, policy)
    if found.state != "open":
        return found.sentence
    return f"{_may(policy)}; it is signed on the pull request"


def _may(policy: OverridePolicy) -> str:
    return f"the rubric allows it for {allowed(policy)} with the label {named(policy.label)}"
