import pytest

from rubric_action.gate.decision import Decision
from rubric_action.gate.evidence import Policy, Stopped
from rubric_action.gate.override.apply import status_line, unknown, with_override
from rubric_action.gate.override.decide import beforehand, unasked
from rubric_action.gate.override.model import Override
from rubric_action.rubric.kinds import OVERRIDABLE
from rubric_action.rubric.model import OverridePolicy, Regression
from tests.gate.builders import baseline, decided, missing, override, part, result, rubric
from tests.gate.override.scenes import policy, published, review, scene

RUBRIC = rubric(part(tone=0.9), part("crit"), regression=Regression(max_drop=0.03, confidence=0.0))
WHY = "the refund flow is switched off until Monday"


def failing(rule: OverridePolicy | None = None) -> Decision:
    """A threshold and a drop fail, and a thin rest of the tree holds."""
    cases = result("a", 0.6), result("b", 1.0)
    before = baseline(result("a"), result("b"))
    return decided(*cases, rubric=RUBRIC, before=before, policy=Policy({}, rule))


def signed(decision: Decision, body: str = f"override: {WHY}") -> Override:
    """Mona's signature for all that fails in it."""
    return scene(
        findings=decision.findings,
        policy=policy(allow=OVERRIDABLE, reason_required=False),
        published=(published(5, *decision.findings),),
        reviews=(review(body=body),),
    ).outcome()


def test_a_signature_ships_it_and_leaves_what_was_measured() -> None:
    """Every failure keeps its severity and is marked, wherever it stands."""
    before = failing()
    after = with_override(before, signed(before))
    assert after.verdict == "overridden"
    count = len(before.findings)
    assert after.headline == f"Shipping by override: `mona` signed for {count} findings: {WHY}"
    assert after.next_step == "Nothing to do; mend what was signed for in a change of its own."
    assert [(one.severity, one.overridden) for one in after.findings] == [("fail", True)] * count
    assert after.measured == before.measured
    assert after.measured.verdict == "fail"
    assert [step.status for step in after.steps] == [step.status for step in before.steps]
    assert after.override is not None
    assert after.override.state == "granted"


def test_warnings_are_nobodys_to_sign() -> None:
    """Only what fails is marked."""
    informational = part("crit", tone=0.9, informational=True)
    before = decided(
        result("a", 0.6, slices=("all", "crit")), rubric=rubric(part(tone=0.9), informational)
    )
    after = with_override(before, signed(before))
    told = [(one.slice, one.severity, one.overridden) for one in after.findings]
    assert told == [("all", "fail", True), ("crit", "warn", False)]


def test_a_long_reason_leaves_the_headline_short() -> None:
    """It is cut there, and whole in the signature."""
    before = failing()
    after = with_override(before, signed(before, "override: " + "word\t " * 500))
    assert len(after.headline) <= 200
    assert after.override is not None
    assert after.override.signature is not None
    assert len(after.override.signature.reason) > 2000


def test_without_a_reason_the_headline_ends_with_the_findings() -> None:
    """Where none has to be given."""
    before = failing()
    assert with_override(before, signed(before, "fine")).headline.endswith(" findings")


@pytest.mark.parametrize("state", ["open", "refused", "impossible", "none", "unneeded"])
def test_what_is_not_signed_stays_as_measured(state: str) -> None:
    """With what would have to happen behind what to do first."""
    before = failing()
    after = with_override(before, Override(state, "so it is", "Do this."))  # type: ignore[arg-type]
    assert (after.verdict, after.headline) == ("fail", before.measured.headline)
    assert after.next_step == f"{before.measured.next_step} Do this."
    assert after.findings == before.findings
    plain = with_override(before, Override(state, "so it is"))  # type: ignore[arg-type]
    assert plain.next_step == before.measured.next_step


def test_a_former_override_leaves_no_trace() -> None:
    """A decision that is taken again is as if it had been taken once."""
    before = failing()
    grant, refusal = signed(before), Override("refused", "no", "Sign.")
    shipped, refused = with_override(before, grant), with_override(before, refusal)
    assert with_override(shipped, refusal) == refused
    assert with_override(refused, signed(shipped)).verdict == "overridden"
    assert unknown(shipped, "cause") == unknown(before, "cause")
    assert with_override(unknown(shipped, "cause"), refusal) == refused


def test_what_cannot_be_read_is_an_error() -> None:
    """Neither red nor green: cause first, then what to do; the findings are as measured."""
    before = failing()
    after = unknown(before, "GitHub did not answer.", "Run the job again later.")
    assert after.verdict == "error"
    assert after.headline == "No verdict: GitHub did not answer"
    assert after.next_step == "Run the job again later."
    assert after.findings == before.findings
    assert after.override == Override(
        "unknown", "who signed could not be read: GitHub did not answer.",
        "Run the job again later.",
    )  # fmt: skip
    assert after.override.asked
    assert unknown(before, "GitHub did not answer.").next_step == "Run the job again."
    assert len(unknown(before, "x" * 4000).headline) <= 200


def test_the_status_names_who_signed_and_why() -> None:
    """Nothing else ships by override."""
    before = failing()
    assert status_line(signed(before)) == f"overridden by @mona: {WHY}"
    assert status_line(signed(before, "fine")) == "overridden by @mona"
    assert status_line(Override("refused", "no")) == ""


@pytest.mark.parametrize(
    ("rule", "end"),
    [
        (None, ""),
        (override("threshold", "drop"),
         " On a pull request on GitHub an approver may sign for this."),
        (override("threshold"), " Nobody may override `drop`."),
        (override(), " Nobody may override `drop` and `threshold`."),
    ],
)  # fmt: skip
def test_where_nobody_is_asked_the_next_step_says_whether_somebody_could_sign(
    rule: OverridePolicy | None, end: str
) -> None:
    """On a laptop; what was measured knows nothing of it."""
    decision = failing(rule)
    assert decision.next_step == f"{decision.measured.next_step}{end}"
    assert decision.override is None


@pytest.mark.parametrize("rule", [None, override("threshold")])
def test_an_error_is_nobodys_to_sign(rule: OverridePolicy | None) -> None:
    """It is said with a policy and without; a run that was cut short has other news."""
    error = decided(missing(), policy=Policy({}, rule))
    assert error.next_step.endswith(" An error can't be overridden.")
    told = beforehand(error.measured.verdict, error.findings, rule)
    assert told is not None
    assert with_override(error, told).next_step == error.next_step
    cut = decided(missing(), policy=Policy({}, rule), stopped=Stopped("It broke.", "Mend it."))
    assert cut.next_step == "Mend it."


def test_a_pass_has_nothing_to_sign() -> None:
    """Its next step is left alone."""
    passed = decided(result(), rubric=rubric(), policy=Policy({}, override("drop")))
    assert passed.next_step == passed.measured.next_step


def test_the_advice_on_github_takes_the_place_of_the_laptops() -> None:
    """It says how, and does not send the reader where they are."""
    rule = override("threshold", "drop")
    decision = failing(rule)
    asked = with_override(decision, unasked(decision.findings, rule))
    assert asked.next_step.startswith(f"{decision.measured.next_step} To ship it all the same: ")
    assert "On a pull request" not in asked.next_step
