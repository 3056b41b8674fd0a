"""Making the agent worse never makes the verdict better."""

from dataclasses import dataclass, replace

from hypothesis import given, settings
from hypothesis import strategies as st

from rubric_action.gate.model import Baseline, CaseResult, NoBaseline, Verdict
from rubric_action.rubric.model import Axis, Ceilings, Regression, Rubric
from tests.gate.builders import (
    NO_BASELINE,
    baseline,
    decided,
    missing,
    part,
    past,
    result,
    rubric,
)

SLICES = ("all", "crit", "tail", "shown")
SCORES = st.sampled_from([0.0, 0.3, 0.5, 0.7, 0.9, 1.0])
BARS = st.sampled_from([0.0, 0.5, 0.8, 1.0])
LIMITS = st.none() | st.sampled_from([0.0, 0.1, 0.5])


@dataclass(frozen=True)
class World:
    """A rubric, the cases' scores and histories, and a baseline or none."""

    rubric: Rubric
    now: dict[str, tuple[float, ...]]
    members: dict[str, tuple[str, ...]]
    before: Baseline | NoBaseline
    latency_s: float

    def verdict(self, *more: CaseResult, **scores: tuple[float, ...]) -> Verdict:
        """The verdict with these scores in place of the world's own, and with more cases."""
        mark = self.rubric.axes["tone"].pass_mark
        cases = [
            replace(
                result(one, *scores.get(one, row), slices=self.members[one], mark=mark),
                latency_s=self.latency_s,
            )
            for one, row in self.now.items()
            if one not in {case.id for case in more}
        ]
        return decided(*cases, *more, rubric=self.rubric, before=self.before).verdict


@st.composite
def worlds(draw: st.DrawFn) -> World:
    """A small world; its pass mark may have moved since the baseline."""
    slices = (
        part("all", tone=draw(BARS), min_pass_rate=draw(BARS), max_drop=draw(LIMITS)),
        part("crit", hard=True),
        part("tail", tone=draw(BARS)),
        part("shown", tone=draw(BARS), informational=True),
    )
    wanted = rubric(
        *slices,
        axes={"tone": Axis("tone", "?", pass_mark=draw(st.sampled_from([0.3, 0.5, 0.9])))},
        regression=Regression(
            max_drop=draw(LIMITS), unconfirmed=draw(st.sampled_from(["fail", "warn"]))
        ),
        ceilings=Ceilings(latency_p95_s=draw(st.none() | st.just(2.0))),
    )
    rows = st.lists(SCORES, min_size=1, max_size=3).map(tuple)
    ids = [f"c{n}" for n in range(draw(st.integers(1, 5)))]
    members = {
        one: ("all", *draw(st.lists(st.sampled_from(SLICES[1:]), unique=True))) for one in ids
    }
    members["c0"] = SLICES  # a slice without a case is refused when the cases are loaded
    then = [_before(draw, one, members[one], draw(rows)) for one in ids if draw(st.booleans())]
    before = baseline(*then) if draw(st.booleans()) else NO_BASELINE
    now = {one: draw(rows) for one in ids}
    return World(wanted, now, members, before, draw(st.sampled_from([1.0, 9.0])))


def _before(
    draw: st.DrawFn, id_: str, slices: tuple[str, ...], row: tuple[float, ...]
) -> CaseResult:
    trials = draw(st.integers(1, 6))
    history = past(draw(st.integers(0, trials)), trials)
    return result(id_, *row, slices=slices, history=history, promoted=draw(st.booleans()))


@settings(deadline=None)
@given(worlds(), st.data())
def test_lowering_a_score_never_turns_the_gate_green(world: World, data: st.DataObject) -> None:
    """Whichever case, whichever trial, however little."""
    one = data.draw(st.sampled_from(sorted(world.now)))
    lower = tuple(min(score, data.draw(SCORES)) for score in world.now[one])
    assert world.verdict(**{one: lower}) != "pass" or world.verdict() == "pass"


@settings(deadline=None)
@given(worlds(), st.lists(st.sampled_from(SLICES), unique=True))
def test_a_failing_case_more_never_turns_the_gate_green(world: World, slices: list[str]) -> None:
    """A case that scores 0 lifts no average, and takes as long as the others."""
    worse = replace(result("new", 0.0, slices=tuple(slices)), latency_s=world.latency_s)
    assert world.verdict(worse) != "pass" or world.verdict() == "pass"


@settings(deadline=None)
@given(worlds(), st.data())
def test_removing_a_session_never_turns_the_gate_green(world: World, data: st.DataObject) -> None:
    """Whatever the verdict was, without an answer to every case there is none."""
    one = data.draw(st.sampled_from(sorted(world.now)))
    assert world.verdict(missing(one, slices=world.members[one])) == "error"


@settings(deadline=None)
@given(worlds(), st.integers(1, 20))
def test_a_deleted_case_that_counts_never_leaves_the_gate_green(world: World, runs: int) -> None:
    """A committed case of the baseline is missed when it is gone, whatever the rest does."""
    kept = world.before.cases.values() if isinstance(world.before, Baseline) else ()
    gone = result("gone", slices=("tail",), history=past(runs, runs))
    assert replace(world, before=baseline(*kept, gone)).verdict() != "pass"
