"""Any report that nobody was asked to sign, for Hypothesis."""

from datetime import UTC

from hypothesis import strategies as st

from rubric_action.errors import Place
from rubric_action.gate.decide import verdict_of
from rubric_action.gate.decision import Decision, Measured
from rubric_action.gate.evidence import BarNotCompared, Policy
from rubric_action.gate.model import (
    AxisSummary,
    Baseline,
    Ceiling,
    Finding,
    NoBaseline,
    Node,
    SliceSummary,
)
from rubric_action.gate.override.facts import Use
from rubric_action.gate.reliability import Reliability
from rubric_action.gate.statistics.agreement import Table
from rubric_action.grading.model import Spend
from rubric_action.report.model import (
    BrokenCase,
    GradingRun,
    JudgeInfo,
    Report,
    RunInfo,
    Score,
)
from rubric_action.report.recall import KINDS, SEVERITIES, STATUSES
from rubric_action.rubric.bar_change import BarChange

TEXT = st.text(max_size=8)
NAME = st.text(min_size=1, max_size=8)
SHARE = st.floats(0, 1)
NUMBER = st.floats(-1e6, 1e6)
AMOUNT = st.none() | st.floats(0, 1e6)
COUNT = st.integers(0, 99)
INTERVAL = st.none() | st.tuples(SHARE, SHARE)
LINE = st.none() | st.integers(1, 999_999)
TEXTS = st.lists(TEXT, max_size=2).map(tuple)
FILE = st.text("ab/:. ", min_size=1, max_size=8)
MOMENT = st.datetimes(timezones=st.just(UTC))
FINDING = st.builds(
    Finding,
    kind=st.sampled_from(KINDS),
    severity=st.sampled_from(SEVERITIES),
    sentence=TEXT,
    slice=st.none() | TEXT,
    axis=st.none() | TEXT,
    case=st.none() | TEXT,
    observed=st.none() | NUMBER,
    required=st.none() | NUMBER,
    baseline=st.none() | NUMBER,
    interval=INTERVAL,
    key=st.none() | NAME,
    place=st.none() | st.builds(Place, FILE, LINE),
    worst=TEXTS,
)
TABLE = st.builds(Table, COUNT, COUNT, COUNT, COUNT)
RELIABILITY = st.builds(Reliability, TABLE, COUNT, COUNT, st.none() | TEXT)
JUDGE = st.builds(JudgeInfo, TEXT, TEXT, st.none() | NUMBER, TEXT, st.none() | RELIABILITY)
STEP = st.builds(
    Node, TEXT, st.sampled_from(STATUSES), TEXT, st.lists(FINDING, max_size=3).map(tuple)
)
KINDS_OF_CEILING = ("latency", "cost")
AXES = st.dictionaries(
    TEXT, st.builds(AxisSummary, st.none() | SHARE, COUNT, INTERVAL, SHARE, SHARE, NUMBER, COUNT)
)
SLICE = st.builds(
    SliceSummary,
    TEXT,
    cases=COUNT,
    passed=COUNT,
    undecided=COUNT,
    pass_rate=st.none() | SHARE,
    interval=INTERVAL,
    min_pass_rate=st.none() | SHARE,
    hard=st.booleans(),
    informational=st.booleans(),
    thin=st.booleans(),
    baseline_pass_rate=st.none() | SHARE,
    pass_rate_delta=st.none() | NUMBER,
    paired_cases=COUNT,
    axes=AXES,
)
CASE = st.builds(
    BrokenCase,
    TEXT,
    st.builds(Place, TEXT, LINE),
    kinds=TEXTS,
    slices=TEXTS,
    asked=TEXT,
    answered_before=st.none() | TEXT,
    answered_now=TEXT,
    scores=st.lists(
        st.builds(Score, TEXT, st.none() | SHARE, st.none() | SHARE, st.booleans(), TEXT),
        max_size=2,
    ).map(tuple),
    failed_rules=TEXTS,
    passes=COUNT,
    trials=COUNT,
)
BASELINE = st.builds(
    Baseline,
    cases=st.just({}),
    sha=st.none() | TEXT,
    run_id=st.none() | COUNT,
    age_days=AMOUNT,
    distance=st.none() | COUNT,
    regraded=st.booleans(),
    judge=st.none() | TEXT,
)
CHANGE = st.builds(
    BarChange, TEXT, TEXT, TEXT, st.booleans(), TEXT, st.none() | TEXT, st.none() | TEXT
)
RUN = st.builds(
    RunInfo,
    created_at=TEXT,
    mode=st.sampled_from(["gate", "baseline"]),
    sha=st.none() | TEXT,
    event=st.none() | TEXT,
    run_id=st.none() | COUNT,
    attempt=st.none() | COUNT,
    url=st.none() | TEXT,
    seconds=st.floats(0, 1e6),
    graded=st.none() | st.builds(GradingRun, TEXT, st.none() | COUNT, st.none() | TEXT),
)


@st.composite
def ceilings(draw: st.DrawFn) -> tuple[Ceiling, ...]:
    """Both of all cases, then those that slices set, in the order in which they are measured."""
    some = st.sampled_from([("latency",), ("cost",), KINDS_OF_CEILING])
    slices = draw(st.dictionaries(TEXT, some, max_size=2))
    return tuple(
        draw(st.builds(Ceiling, st.just(kind), st.just(name), AMOUNT, AMOUNT, COUNT, COUNT))
        for name, kinds in ((None, KINDS_OF_CEILING), *slices.items())
        for kind in kinds
    )


@st.composite
def decisions(draw: st.DrawFn) -> Decision:
    """Any decision that nobody was asked to sign, its verdict that of its findings."""
    steps = tuple(draw(st.lists(STEP, max_size=3)))
    verdict = verdict_of(finding for step in steps for finding in step.findings)
    slices = {one.name: one for one in draw(st.lists(SLICE, max_size=2))}
    return Decision(
        verdict,
        draw(TEXT),
        draw(TEXT),
        Measured(verdict, draw(TEXT), draw(TEXT)),
        steps,
        slices,
        draw(ceilings()),
        draw(TEXTS),
        draw(TEXTS),
    )


@st.composite
def reports(draw: st.DrawFn) -> Report:
    """Any report that nobody was asked to sign."""
    decision = draw(decisions())
    baseline = draw(BASELINE | st.builds(NoBaseline, TEXT, st.booleans()))
    keys = {finding.key for finding in decision.findings if finding.key}
    place = st.builds(Place, FILE, st.integers(1, 99), st.integers(1, 99))
    return Report(
        run=draw(RUN),
        decision=decision,
        baseline=baseline,
        bar=draw(
            st.lists(CHANGE, max_size=2).map(tuple) | st.builds(BarNotCompared, NAME, st.booleans())
        ),
        policy=Policy(),
        spend=draw(st.builds(Spend, COUNT, COUNT, AMOUNT, COUNT, COUNT, COUNT)),
        axes=draw(TEXTS),
        digest=draw(TEXT),
        places={key: draw(place) for key in sorted(keys)},
        judge=draw(st.none() | JUDGE),
        broken=tuple(draw(st.lists(CASE, max_size=2))),
        added=draw(TEXTS),
        removed=draw(TEXTS),
        cases=draw(COUNT),
        warnings=draw(TEXTS),
        lexical=draw(st.booleans()),
        uses=tuple(draw(st.lists(st.builds(Use, COUNT, MOMENT), max_size=2))),
        baseline_cases=draw(COUNT) if isinstance(baseline, Baseline) else 0,
    )
