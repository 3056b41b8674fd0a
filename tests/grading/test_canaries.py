"""Which graded answers serve as canaries, and what the judge is asked about them."""

import asyncio
from collections import Counter
from itertools import islice

import pytest

from rubric_action.cases.model import ContextItem
from rubric_action.errors import Place
from rubric_action.grading.calibration import Item
from rubric_action.grading.canaries import in_turn
from rubric_action.grading.model import Scored, Spend
from rubric_action.grading.opening import Terms, open_bench
from rubric_action.grading.opinions import Opinion, as_graded, judged_axes, opinions
from rubric_action.rubric.model import Axis
from rubric_action.rubric.rules import Contains, Rule
from tests.fakes.judge import JudgeServer
from tests.grading.samples import KEY, POLICY, TONE, a_judge, a_rubric

AXES = {"tone": TONE, "policy": Axis("policy", "Does it obey?", pass_mark=1.0, isolate=True)}


def item(number: int, **grades: float) -> Item:
    """A graded answer."""
    return Item(f"a{number}", f"Question {number}?", f"Answer {number}.", grades)


def first(items: list[Item], count: int, seed: str = "abc") -> list[Item]:
    """The canaries of a run."""
    return list(islice(in_turn(items, AXES, seed), count))


def outcomes(items: list[Item]) -> Counter[tuple[str, bool]]:
    """How often people passed and failed them on each axis."""
    return Counter(
        (name, grade >= AXES[name].pass_mark) for one in items for name, grade in one.grades.items()
    )


def test_both_outcomes_come_up() -> None:
    """However rare an outcome is, half of the canaries have it."""
    items = [item(n, tone=n % 20 != 0) for n in range(200)]
    assert outcomes(first(items, 12)) == {("tone", True): 6, ("tone", False): 6}


def test_every_axis_comes_up() -> None:
    """Both outcomes of an axis that few answers are graded on, too."""
    items = [item(n, tone=n % 2) for n in range(100)]
    items += [item(100 + n, policy=n % 2) for n in range(6)]
    assert outcomes(first(items, 12)) == {
        ("tone", True): 3,
        ("tone", False): 3,
        ("policy", True): 3,
        ("policy", False): 3,
    }


def test_a_grade_just_short_of_the_mark_fails() -> None:
    """Sides are taken by each axis' own mark."""
    items = [item(n, policy=0.99) for n in range(9)] + [item(9, policy=1.0)]
    assert item(9, policy=1.0) in first(items, 2)


def test_what_is_rare_runs_out() -> None:
    """The rest follows, each answer once, and none that nobody graded on these axes."""
    items = [item(n, tone=n == 0) for n in range(9)] + [item(9), item(10, unknown=1)]
    order = first(items, 99)
    assert len(order) == 9
    assert {one.id for one in order} == {f"a{n}" for n in range(9)}
    assert item(0, tone=True) in order[:2]
    assert first([], 3) == []


def test_the_seed_picks() -> None:
    """The same seed picks the same answers, another one others."""
    items = [item(n, tone=n % 2, policy=n % 3 == 0) for n in range(90)]
    assert first(items, 12) == first(items, 12)
    picked = {tuple(one.id for one in first(items, 12, f"{n}")) for n in range(20)}
    assert len(picked) == 20
    assert len({name for names in picked for name in names}) > 60


def test_a_graded_answer_is_a_case_with_a_session() -> None:
    """The judge reads what it reads of any case."""
    context = (ContextItem("Thirty days.", "returns.md"),)
    place = Place("people.jsonl", 3)
    graded = Item("a", "May I?", "Yes.", {"tone": 1}, context, "No.", place)
    case, session = as_graded(graded)
    assert ([turn.user for turn in case.turns], case.context) == (["May I?"], context)
    assert (case.id, case.expected, case.place) == ("a", "No.", place)
    assert (session.case, session.trial) == ("a", 1)
    assert [turn.output for turn in session.turns] == ["Yes."]


def asked(server: JudgeServer, graded: Item, *axes: Axis) -> tuple[Opinion, ...]:
    """What the judge gives to an answer."""
    rubric = a_rubric(*axes, judge=a_judge(server.base_url))

    async def work() -> tuple[Opinion, ...]:
        async with open_bench(rubric, Terms(spend=Spend(), keys=(KEY,))) as bench:
            return await opinions(bench.judge, judged_axes(rubric), graded)

    return asyncio.run(work())


def test_the_judge_is_asked_what_people_were_asked() -> None:
    """About the axes that they graded, in the gate's own way: isolated ones alone."""
    style = Axis("style", "Short?")
    graded = item(1, tone=0.5, policy=1, style=0)
    with JudgeServer(lambda _prompt, axis: (len(axis) / 10, "fair")) as server:
        found = asked(server, graded, TONE, style, AXES["policy"], Axis("other", "?"))
        calls = [list((one.schema or {})["properties"]) for one in server.requests]
        assert calls == [["tone", "style"], ["policy"]]
        assert "Answer 1." in server.requests[0].prompt
    assert found == (
        Opinion(graded, "tone", 0.5, Scored(0.4, "fair")),
        Opinion(graded, "style", 0, Scored(0.5, "fair")),
        Opinion(graded, "policy", 1, Scored(0.6, "fair")),
    )


def test_an_empty_answer_is_not_asked_about() -> None:
    """It scores 0, as in the gate."""
    graded = Item("a", "Hello?", " ", {"tone": 0})
    with JudgeServer() as server:
        (found,) = asked(server, graded, TONE)
        assert server.requests == []
    assert found.judge == Scored(0.0, "the answer is empty")


@pytest.mark.parametrize("axis", [None, "policy"])
def test_what_rules_settle_is_not_the_judges(axis: str | None) -> None:
    """An axis that a rule settles for all cases is not held against it."""
    rules = (Rule("r", Contains("Yes"), axis=axis),)
    axes = judged_axes(a_rubric(TONE, POLICY, rules=rules))
    assert list(axes) == (["tone"] if axis else ["tone", "policy"])
