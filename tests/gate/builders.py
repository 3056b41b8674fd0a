"""One-line builders of what the gate weighs: one axis `tone` with the mark 0.5, one slice `all`."""

from collections.abc import Mapping, Sequence
from typing import Any

from rubric_action.cases.fingerprint import CaseBar
from rubric_action.errors import Place
from rubric_action.gate.ceilings import measure
from rubric_action.gate.decide import decide
from rubric_action.gate.decision import Decision
from rubric_action.gate.evidence import BarNotCompared, Evidence, Policy
from rubric_action.gate.model import (
    AxisScore,
    Baseline,
    CaseResult,
    Finding,
    History,
    NoBaseline,
    TrialResult,
)
from rubric_action.gate.slices import summarise
from rubric_action.grading.model import RuleOutcome
from rubric_action.rubric.bar_change import BarChange
from rubric_action.rubric.model import (
    Agent,
    Approver,
    Approvers,
    Axis,
    Outputs,
    OverridePolicy,
    Regression,
    Rubric,
    Selector,
    Slice,
)

MARK = 0.5
TONE = Axis("tone", "Is it polite?", pass_mark=MARK)
NO_BASELINE = NoBaseline("no baseline yet")
LENIENT = Regression(max_drop=None)
PLACE = Place("eval/cases.jsonl", 7)

Scores = float | Mapping[str, float]


def part(name: str = "all", /, **fields: Any) -> Slice:
    """A slice; `tone=0.9` is its minimum on the axis `tone`."""
    tone = fields.pop("tone", None)
    minimums = {} if tone is None else {"tone": tone}
    return Slice(name, Selector(), **{"minimums": minimums, **fields})


def rubric(*slices: Slice, **fields: Any) -> Rubric:
    """A rubric with these slices, or with the slice `all` that has no bar."""
    named = {one.name: one for one in slices or (part(),)}
    axes = fields.pop("axes", {"tone": TONE})
    return Rubric(("*.jsonl",), Agent(Outputs("outputs.jsonl")), named, axes, **fields)


def override(*allow: str, label: str = "rubric-override") -> OverridePolicy:
    """A policy under which mona may sign for these kinds."""
    return OverridePolicy(label, Approvers((Approver("mona"),)), allow)


def past(passes: int, trials: int) -> History:
    """A history in one run."""
    return History(((passes, trials),) if trials else ())


def result(
    id_: str = "a", *trials: Scores, rules: bool = True, mark: float = MARK, **fields: Any
) -> CaseResult:
    """A graded case with a trial for each score (one of 1.0 by default), its rules held or not.

    `mark` is the pass mark of every axis. Unless `fields` say otherwise its history is this run's,
    its slice `all` and its place `PLACE`.
    """
    rows = [row if isinstance(row, Mapping) else {"tone": row} for row in trials or (1.0,)]
    done = tuple(_trial(number, row, rules, mark) for number, row in enumerate(rows, start=1))
    passes = sum(trial.passed is True for trial in done)
    outcome = RuleOutcome("no-secrets", rules, "the answer holds a key")
    told: dict[str, Any] = {
        "slices": ("all",),
        "passed": passes == len(done),
        "axes": {name: _axis([row[name] for row in rows], mark) for name in rows[0]},
        "rules": (outcome,),
        "history": past(passes, len(done)),
        "place": PLACE,
        **fields,
    }
    return CaseResult(id=id_, trials=done, **told)


def _trial(number: int, scores: Mapping[str, float], rules: bool, mark: float) -> TrialResult:
    passed = rules and all(score >= mark for score in scores.values())
    return TrialResult(number, passed, scores, rules)


def _axis(scores: Sequence[float], mark: float) -> AxisScore:
    passed = min(scores) >= mark
    return AxisScore(sum(scores) / len(scores), passed, "polite" if passed else "it is rude")


def missing(id_: str = "a", **fields: Any) -> CaseResult:
    """A case without a session."""
    cause = "no session in outputs.jsonl"
    told = {"slices": ("all",), "place": PLACE, **fields}
    return CaseResult(
        id_,
        passed=None,
        trials=(TrialResult(1, None, cause=cause),),
        missing=True,
        cause=cause,
        **told,
    )


def ungraded(id_: str = "a", **fields: Any) -> CaseResult:
    """A case that the judge could not grade."""
    cause = "`tone` could not be graded (refusal): it would not"
    told = {"slices": ("all",), "place": PLACE, **fields}
    return CaseResult(
        id_, passed=None, trials=(TrialResult(1, None, cause=cause),), cause=cause, **told
    )


def timed(
    id_: str = "a", latency_s: float | None = None, cost_usd: float | None = None, **fields: Any
) -> CaseResult:
    """A passing case of one trial that took this long and cost this much."""
    trial = TrialResult(1, True, {"tone": 1.0}, latency_s=latency_s, cost_usd=cost_usd)
    told = {"slices": ("all",), "place": PLACE, **fields}
    return CaseResult(
        id_,
        passed=True,
        trials=(trial,),
        axes={"tone": AxisScore(1.0, True)},
        latency_s=latency_s,
        cost_usd=cost_usd,
        **told,
    )


def baseline(*cases: CaseResult) -> Baseline:
    """A baseline of these cases."""
    return Baseline({case.id: case for case in cases}, sha="a" * 40)


def bar(
    stakes: str = "normal",
    *,
    rules: Sequence[str] = (),
    expects: Sequence[str] = (),
    settles: Sequence[str] = (),
) -> CaseBar:
    """What a case demands; each name is its own digest."""
    level: Any = stakes
    named = {one: one for one in rules}, {one: one for one in expects}
    return CaseBar(level, *named, tuple(settles))


def change(key: str = "slices.all.min.tone", *, lowered: bool = True, **fields: Any) -> BarChange:
    """A change of the rubric."""
    return BarChange(key, "0.90", "0.80", lowered, f"`{key}` goes from 0.90 to 0.80", **fields)


def evidence(
    *cases: CaseResult,
    rubric: Rubric = rubric(),  # noqa: B008 - frozen
    before: Baseline | NoBaseline = NO_BASELINE,
    bar: tuple[BarChange, ...] | BarNotCompared = (),
    policy: Policy | None = None,
    **fields: Any,
) -> Evidence:
    """All that a decision rests on, measured from the cases."""
    return Evidence(
        rubric=rubric,
        policy=policy or Policy.of(rubric),
        cases=cases,
        slices=summarise(rubric, cases, before if isinstance(before, Baseline) else None),
        ceilings=measure(rubric, cases),
        baseline=before,
        bar=bar,
        **fields,
    )


def decided(*cases: CaseResult, **fields: Any) -> Decision:
    """The decision on this evidence."""
    return decide(evidence(*cases, **fields))


def told(decision: Decision) -> list[tuple[str, str]]:
    """Kind and severity of each finding, in order."""
    return [(finding.kind, finding.severity) for finding in decision.findings]


def only(decision: Decision, kind: str) -> Finding:
    """The one finding of this kind."""
    found = [finding for finding in decision.findings if finding.kind == kind]
    assert len(found) == 1, [finding.sentence for finding in found]
    return found[0]
