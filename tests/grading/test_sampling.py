"""Scores near their pass mark are sampled again, until it is sure enough."""

import asyncio
import itertools
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from random import Random
from typing import Any

import pytest

from rubric_action.agent.model import Session
from rubric_action.cases.model import Case
from rubric_action.errors import JudgeRefused
from rubric_action.gate.statistics.sequential import NEAR_A_MARK
from rubric_action.grading.judge import Memory
from rubric_action.grading.model import Grade, Graded, Scored, Spend, Ungraded
from rubric_action.grading.opening import Terms, open_bench
from rubric_action.rubric.model import Axis, Judge, JudgeModel, Prices, Rubric
from tests.fakes.judge import JudgeServer, faults
from tests.grading.samples import KEY, FakeTime, a_case, a_rubric, a_session

TONE = Axis("tone", "Is it polite?", pass_mark=0.8)
STYLE = Axis("style", "Is it short?", pass_mark=0.5)
ALONE = Axis("policy", "Does it obey?", pass_mark=0.8, isolate=True)
BY_TURN = Axis("tone", "Is it polite?", pass_mark=0.8, per="turn")
MOST = NEAR_A_MARK.most
SURE_PASS, SURE_FAIL = 4, 3
"""So many samples of one mind decide."""


class Moody:
    """Gives the scores of each axis one after the other; the last of them for ever."""

    def __init__(self, **scores: Sequence[float]) -> None:
        self._scores = {
            axis: itertools.chain(given, itertools.repeat(given[-1]))
            for axis, given in scores.items()
        }

    def __call__(self, _prompt: str, axis: str) -> tuple[float, str]:
        """The next score of the axis, with a reason of its own."""
        score = next(self._scores[axis.partition(".")[0]])
        return score, f"because of {score:g}"


@dataclass(slots=True)
class Sampled:
    """What came of grading one answer, maybe several times."""

    graded: list[Graded]
    spend: Spend

    def grade(self, axis: str = "tone") -> Grade:
        """The grade of an axis, the last time."""
        return self.graded[-1].grades[axis]


def watched(server: JudgeServer, *axes: Axis, **judge: Any) -> Rubric:
    """A rubric that watches its judge."""
    own: dict[str, Any] = {"calibration": "people.jsonl", **judge}
    models = own.pop("models", (JudgeModel("openai", "small", server.base_url, Prices(1, 1)),))
    return a_rubric(*(axes or (TONE,)), judge=Judge(models, **own))


def two(one: JudgeServer, other: JudgeServer) -> tuple[JudgeModel, ...]:
    """A panel of two."""
    return JudgeModel("openai", "a", one.base_url), JudgeModel("openai", "b", other.base_url)


def run(
    rubric: Rubric,
    *samples: str,
    pair: tuple[Case, Session] | None = None,
    memory: Memory | None = None,
    **terms: Any,
) -> Sampled:
    """Grade one answer, once for each of the samples."""
    spend = Spend()
    case, session = pair or (a_case(), a_session())
    given: dict[str, Any] = {
        "keys": (KEY, KEY),
        "memory": memory or Memory(),
        "effects": FakeTime().effects,
        "near_a_mark": NEAR_A_MARK,
    }
    opened = Terms(spend=spend, **(given | terms))

    async def work() -> list[Graded]:
        async with open_bench(rubric, opened) as bench:
            grade = bench.grader.grade
            return [await grade(case, session, sample) for sample in samples or ("",)]

    return Sampled(asyncio.run(work()), spend)


def asked(server: JudgeServer) -> list[list[str]]:
    """The axes of each call."""
    return [list((one.schema or {})["properties"]) for one in server.requests]


@contextmanager
def moody(**scores: Sequence[float]) -> Iterator[JudgeServer]:
    """A judge that gives these scores in turn."""
    with JudgeServer(Moody(**scores)) as server:
        yield server


@pytest.mark.parametrize(
    ("score", "calls"),
    [
        (0.74, 1),
        (0.75, SURE_FAIL),
        (0.79, SURE_FAIL),
        (0.8, SURE_PASS),
        (0.85, SURE_PASS),
        (0.86, 1),
        (1.0, 1),
        (0.0, 1),
    ],
)
def test_what_is_near(score: float, calls: int) -> None:
    """A score within the margin of its mark, both ends included; a far one costs nothing more."""
    with moody(tone=[score]) as server:
        found = run(watched(server))
        assert len(server.requests) == found.spend.judge_calls == calls
    grade = found.grade()
    assert isinstance(grade, Scored)
    assert grade.score == score
    told = f" ({calls} samples, {0 if score >= 0.8 else calls} below the mark)" if calls > 1 else ""
    assert grade.reason == f"because of {score:g}{told}"


@pytest.mark.parametrize(("mark", "score"), [(1.0, 1.0), (0.98, 1.0), (0.02, 0.0)])
def test_the_ends_of_the_scale_are_clear(mark: float, score: float) -> None:
    """A judge cannot be clearer than 0 or 1, so an axis that passes at 1 costs nothing more."""
    with moody(tone=[score]) as server:
        run(watched(server, replace(TONE, pass_mark=mark)))
        assert len(server.requests) == 1


@pytest.mark.parametrize(
    ("scores", "score", "samples", "below"),
    [
        ([0.78, 0.82, 0.9, 0.81, 0.84, 0.83, 0.95], 0.83, 7, 1),
        ([0.82, 0.3, 0.7, 0.75], 0.7, 4, 3),
        ([0.82, 0.81, 0.84, 0.83], 0.82, 4, 0),
        ([0.79, 0.7, 0.82, 0.78], 0.78, 4, 3),
    ],
)
def test_samples_are_taken_until_it_is_sure(
    scores: list[float], score: float, samples: int, below: int
) -> None:
    """The score is the median of the side that won, so that it agrees with the verdict."""
    with moody(tone=scores) as server:
        found = run(watched(server))
        assert len(server.requests) == samples
    told = f"because of {score:g} ({samples} samples, {below} below the mark)"
    assert found.grade() == Scored(score, told)


def test_it_ends_somewhere() -> None:
    """A judge of two minds is heard `most` times, and the likelier side counts."""
    with moody(tone=[0.82, 0.82, 0.78] * MOST) as server:
        found = run(watched(server))
        assert len(server.requests) == MOST
    assert found.grade() == Scored(0.78, f"because of 0.78 ({MOST} samples, 5 below the mark)")


def test_noise_does_not_decide() -> None:
    """An answer that a noisy judge fails one time in ten passes, nearly always."""
    chance = Random(5)  # noqa: S311
    verdicts = []

    def score(_prompt: str, _axis: str) -> float:
        return 0.78 if chance.random() < 0.1 else 0.82

    with JudgeServer(score) as server:
        for _ in range(60):
            grade = run(watched(server)).grade()
            assert isinstance(grade, Scored)
            verdicts.append(grade.score >= 0.8)
        assert len(server.requests) / 60 < 7
    assert verdicts.count(False) <= 1


def test_only_what_is_open_is_asked_again() -> None:
    """Shared axes near their marks in one call, an isolated one alone, none that is sure."""
    far = Axis("far", "?")
    scores = {"tone": [0.79], "style": [0.52], "far": [0.9], "policy": [0.81, 0.2, 0.3, 0.4]}
    with moody(**scores) as server:
        found = run(watched(server, TONE, STYLE, far, ALONE))
        both, alone = ["tone", "style"], ["policy"]
        again = [both, alone, both, alone, ["style"], alone]
        assert asked(server) == [["tone", "style", "far"], alone, *again]
    grades = {name: found.grade(name) for name in ("tone", "style", "far", "policy")}
    assert {name: one.score for name, one in grades.items() if isinstance(one, Scored)} == {
        "tone": 0.79,
        "style": 0.52,
        "far": 0.9,
        "policy": 0.3,
    }


def test_the_lowest_turn_is_what_is_near() -> None:
    """An axis graded by turn is asked again as a whole, and its lowest score is each sample."""
    scores = {"turn_1": 0.95, "turn_2": 0.81}

    def score(_prompt: str, axis: str) -> tuple[float, str]:
        return scores[axis.partition(".")[2]], "fair"

    with JudgeServer(score) as server:
        pair = a_case("Hello?", "And now?"), a_session("Hello.", "Now this.")
        found = run(watched(server, BY_TURN), pair=pair)
        assert len(server.requests) == SURE_PASS
    assert found.grade() == Scored(0.81, "turn 2: fair (4 samples, 0 below the mark)")


def test_a_panel_is_sampled_by_its_vote() -> None:
    """The vote's score is what lies near the mark; every judge is asked again."""
    with moody(tone=[0.6]) as one, moody(tone=[0.98]) as other:
        models = (
            JudgeModel("openai", "a", one.base_url),
            JudgeModel("openai", "b", other.base_url),
        )
        found = run(watched(one, models=models, vote="mean"))
        assert (len(one.requests), len(other.requests)) == (SURE_FAIL, SURE_FAIL)
        grade = found.grade()
        assert isinstance(grade, Scored)
        assert grade.score == pytest.approx(0.79)
        assert grade.reason.endswith("(3 samples, 3 below the mark)")


def test_a_panel_that_is_sure_is_not_sampled() -> None:
    """One judge near the mark does not matter where the vote is not."""
    with moody(tone=[0.81]) as one, moody(tone=[0.3]) as other:
        models = (
            JudgeModel("openai", "a", one.base_url),
            JudgeModel("openai", "b", other.base_url),
        )
        run(watched(one, models=models, vote="mean"))
        assert len(one.requests) == 1


@pytest.mark.parametrize(
    "change", [{"margin": 0.0}, {"calibration": None}, {"margin": 0.004}], ids=str
)
def test_it_is_off(change: dict[str, Any]) -> None:
    """Without a calibration file or a margin one grade decides."""
    with moody(tone=[0.805]) as server:
        found = run(watched(server, **change))
        assert len(server.requests) == 1
    assert found.grade() == Scored(0.805, "because of 0.805")


def test_nobody_samples_on_his_own() -> None:
    """It is the gate that knows when it is sure enough: a bench without that test grades once."""
    with moody(tone=[0.8]) as server:
        run(watched(server), near_a_mark=None)
        assert len(server.requests) == 1


def test_the_offline_judge_is_not_sampled() -> None:
    """It always says the same."""
    support = replace(STYLE, lexical="relevance")
    rubric = a_rubric(support, judge=Judge((JudgeModel("lexical"),), calibration="p", margin=1.0))
    grade = run(rubric).grade("style")
    assert isinstance(grade, Scored)
    assert "samples" not in grade.reason


FAULTS: dict[str, tuple[Callable[[], faults.Fault], str]] = {
    "refusal": (faults.refusal, "refusal"),
    "cut": (faults.cut_by_length, "cut"),
    "no axis": (lambda: faults.missing_axis("tone"), "reply"),
}


@pytest.mark.parametrize(("fault", "cause"), FAULTS.values(), ids=list(FAULTS))
def test_a_sample_that_fails_leaves_the_axis_ungraded(
    fault: Callable[[], faults.Fault], cause: str
) -> None:
    """A score that was not sure decides nothing; the other axes keep their grades."""
    with moody(tone=[0.81], style=[0.9]) as server:
        server.when(lambda prompt: "style" not in prompt, fault())
        found = run(watched(server, TONE, STYLE))
    grade = found.grade()
    assert isinstance(grade, Ungraded)
    assert grade.cause == cause
    assert grade.detail.startswith("near the pass mark, and sample 2 failed: ")
    assert found.grade("style") == Scored(0.9, "because of 0.9")


def test_a_judge_that_will_not_work_ends_it() -> None:
    """As anywhere: the key that is refused at the second sample is refused for all."""
    with moody(tone=[0.81]) as server:
        server.when(lambda _prompt: len(server.requests) > 1, faults.unauthorized())
        with pytest.raises(JudgeRefused):
            run(watched(server))


def test_the_limit_is_kept() -> None:
    """Samples cost what calls cost, and stop where the money ends."""
    with moody(tone=[0.81]) as server:
        once = run(watched(server, margin=0.0)).spend
        assert once.judge_cost_usd
        server.requests.clear()
        found = run(watched(server), max_cost_usd=once.judge_cost_usd * 1.5)
        assert len(server.requests) == 2
    grade = found.grade()
    assert isinstance(grade, Ungraded)
    assert (grade.cause, found.spend.judge_calls) == ("budget", 2)
    assert found.spend.judge_cost_usd == pytest.approx(2 * once.judge_cost_usd)


def test_samples_end_with_the_deadline() -> None:
    """No further sample is begun once a case's time is over again."""
    time = FakeTime()

    def score(_prompt: str, _axis: str) -> float:
        time.now += 4.0
        return 0.81

    with JudgeServer(score) as server:
        found = run(watched(server, deadline_s=7.0), effects=time.effects)
        assert len(server.requests) == 3
    detail = "near the pass mark, and sample 4 failed: gave up after 7 s"
    assert found.grade() == Ungraded("transport", detail)
