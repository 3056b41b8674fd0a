import asyncio
import json
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from rubric_action.errors import CannotDecide, JudgeRefused
from rubric_action.grading.cache import ReplyJournal
from rubric_action.grading.judge import Memory, call_groups
from rubric_action.grading.model import Scored, Spend, Ungraded
from rubric_action.grading.opening import open_grader
from rubric_action.rubric.model import Axis, Embeddings, Rubric, Selector
from rubric_action.rubric.rules import Contains, Matches, Rule, SimilarTo
from tests.fakes.judge import JudgeServer, faults, vectors
from tests.fakes.judge.replies import REASON
from tests.grading.samples import (
    KEY,
    POLICY,
    TONE,
    FakeTime,
    a_case,
    a_judge,
    a_rubric,
    a_session,
    grade,
)

ALONE = Axis("policy", "Does it obey?", isolate=True)
BY_TURN = Axis("style", "Short?", per="turn")


def asked_axes(judge: JudgeServer) -> list[list[str]]:
    """The axes of each call."""
    return [list((asked.schema or {})["properties"]) for asked in judge.requests]


def test_one_call_for_all_axes() -> None:
    """Shared axes go in one call in the rubric's order, each isolated one in a call of its own."""
    style, safety = Axis("style", "?"), Axis("safety", "?", isolate=True)
    with JudgeServer(score=lambda _, axis: len(axis) / 10) as judge:
        rubric = a_rubric(TONE, ALONE, style, safety, judge=a_judge(judge.base_url))
        outcome = grade(rubric)
        assert asked_axes(judge) == [["tone", "style"], ["policy"], ["safety"]]
        assert all(asked.key == KEY for asked in judge.requests)
    (graded,) = outcome.graded
    assert list(graded.grades) == ["tone", "policy", "style", "safety"]
    scores = {name: g.score for name, g in graded.grades.items() if isinstance(g, Scored)}
    assert scores == {"tone": 0.4, "policy": 0.6, "style": 0.5, "safety": 0.6}


def test_call_groups() -> None:
    """No axes make no call, and only isolated ones make no shared call."""
    assert call_groups([]) == []
    assert call_groups([ALONE]) == [(ALONE,)]
    assert call_groups([ALONE, TONE, POLICY]) == [(TONE, POLICY), (ALONE,)]


def test_settled_axes_are_not_sent() -> None:
    """A rule with an axis grades it, and the judge is asked for the rest, or not at all."""
    rule = Rule("refund", Contains("30"), axis="policy")
    with JudgeServer() as judge:
        rubric = a_rubric(TONE, POLICY, judge=a_judge(judge.base_url), rules=(rule,))
        outcome = grade(rubric, (a_case(), a_session("no number")))
        assert asked_axes(judge) == [["tone"]]
        settled = a_case(rules=(Rule("own", Contains("x"), axis="tone"),))
        alone = grade(rubric, (settled, a_session("30 x")))
        assert len(judge.requests) == 1
    policy = outcome.graded[0].grades["policy"]
    assert policy == Scored(0.0, 'rule `refund`: "30" is not found in the answer')
    assert [r.passed for r in alone.graded[0].rules] == [True, True]
    assert alone.graded[0].grades["tone"] == Scored(1.0, "every rule of this axis holds")


def test_a_rule_that_cannot_be_run_leaves_its_axis_ungraded() -> None:
    """The judge is not asked in its place."""
    rule = Rule("bad", Matches("(open"), axis="tone")
    with JudgeServer() as judge:
        outcome = grade(a_rubric(judge=a_judge(judge.base_url), rules=(rule,)))
        assert judge.requests == []
    found = outcome.graded[0].grades["tone"]
    assert isinstance(found, Ungraded)
    assert found.cause == "rule"


def test_axes_apply_to_the_cases_that_they_pick() -> None:
    """An axis that does not apply to a case is neither asked nor graded."""
    spoken = Axis("accent", "?", applies_to=Selector(tags=("spoken",)))
    with JudgeServer() as judge:
        outcome = grade(a_rubric(TONE, spoken, judge=a_judge(judge.base_url)))
        assert asked_axes(judge) == [["tone"]]
    assert list(outcome.graded[0].grades) == ["tone"]


@pytest.mark.parametrize("answers", [("",), (" \n",), ("\u200b",), ("", "\u2800")])
def test_an_empty_answer_scores_nothing_and_costs_nothing(answers: tuple[str, ...]) -> None:
    """Every axis is 0 with that reason, and no judge is asked to be kind to it."""
    with JudgeServer() as judge:
        rubric = a_rubric(TONE, BY_TURN, judge=a_judge(judge.base_url))
        outcome = grade(rubric, (a_case(*answers), a_session(*answers)))
        assert judge.requests == []
    nothing = Scored(0.0, "the answer is empty")
    assert outcome.graded[0].grades == {"tone": nothing, "style": nothing}


def test_one_silent_turn_of_several() -> None:
    """It settles what is graded by turn; the judge sees it for the rest."""
    with JudgeServer() as judge:
        rubric = a_rubric(TONE, BY_TURN, judge=a_judge(judge.base_url))
        missing = grade(rubric, (a_case("a", "b"), a_session("one")))
        assert asked_axes(judge) == [["tone"]]
        assert "turn 2 answer is missing" in judge.requests[0].prompt
    assert missing.graded[0].grades["style"] == Scored(0.0, "turn 2: the answer is empty")


def test_a_grade_a_turn() -> None:
    """An axis graded by turn takes its lowest turn from the one reply."""
    scores = {"style.turn_1": (0.9, "good"), "style.turn_2": (0.2, "long"), "tone": (1.0, "kind")}
    with JudgeServer(score=lambda _, axis: scores[axis]) as judge:
        rubric = a_rubric(TONE, BY_TURN, judge=a_judge(judge.base_url))
        outcome = grade(rubric, (a_case("a", "b"), a_session("one", "two")))
        assert len(judge.requests) == 1
    assert outcome.graded[0].grades["style"] == Scored(0.2, "turn 2: long")


def test_without_a_judge_the_rest_is_ungraded() -> None:
    """Nobody stands in for a judge that is not named."""
    found = grade(a_rubric()).graded[0].grades["tone"]
    assert isinstance(found, Ungraded)
    assert found.cause == "judge"


def with_journal(rubric: Rubric, path: Path, answer: str = "Yes.", *, fresh: bool = False) -> Spend:
    """What it costs to grade one answer with the replies that are kept there."""
    with ReplyJournal(path) as journal:
        memory = Memory(journal, fresh, lambda reason: reason.replace("SECRET", "***"))
        outcome = grade(rubric, (a_case(), a_session(answer)), memory=memory)
    assert isinstance(outcome.graded[0].grades["tone"], Scored)
    return outcome.spend


def test_a_reply_is_paid_once(tmp_path: Path) -> None:
    """The same content costs nothing the second time, whatever can change it costs again."""
    path = tmp_path / "grades.jsonl"
    with JudgeServer() as judge:
        rubric = a_rubric(judge=a_judge(judge.base_url))
        assert with_journal(rubric, path).judge_calls == 1
        again = with_journal(rubric, path)
        assert (again.judge_calls, again.judge_cached, again.judge_cost_usd) == (0, 1, 0.0)
        others = [
            a_rubric(judge=a_judge(judge.base_url, model="gpt-4o")),
            a_rubric(judge=a_judge(judge.base_url, prompt="Be strict.")),
            a_rubric(judge=a_judge(judge.base_url, temperature=0.5)),
            a_rubric(judge=a_judge(f"{judge.origin}/v2")),
            a_rubric(Axis("tone", "Is it kind?"), judge=a_judge(judge.base_url)),
        ]
        assert [with_journal(other, path).judge_calls for other in others] == [1] * len(others)
        assert with_journal(rubric, path, "No.").judge_calls == 1
        assert with_journal(rubric, path, fresh=True).judge_calls == 1


def test_stored_reasons_hold_no_secret(tmp_path: Path) -> None:
    """What is redacted is redacted in the file and in the grade, first and second time."""
    path = tmp_path / "grades.jsonl"
    with JudgeServer(score=lambda *_: (1.0, "it says SECRET")) as judge:
        with_journal(a_rubric(judge=a_judge(judge.base_url)), path)
    assert "SECRET" not in path.read_text()
    assert "it says ***" in path.read_text()


def test_a_bad_reply_is_not_stored(tmp_path: Path) -> None:
    """Only what became a grade is found again."""
    path = tmp_path / "grades.jsonl"
    with JudgeServer() as judge, ReplyJournal(path) as journal:
        judge.always(faults.content("nonsense"))
        grade(a_rubric(judge=a_judge(judge.base_url)), memory=Memory(journal))
        assert len(journal) == 0


def test_equal_sessions_at_once_share_one_call(tmp_path: Path) -> None:
    """How many calls are made does not depend on who comes first."""

    async def run(rubric: Rubric, journal: ReplyJournal) -> Spend:
        spend = Spend()
        async with open_grader(rubric, spend=spend, key=KEY, memory=Memory(journal)) as grader:
            await asyncio.gather(*(grader.grade(a_case(), a_session()) for _ in range(5)))
        return spend

    with JudgeServer(latency=0.05) as judge, ReplyJournal(tmp_path / "g.jsonl") as journal:
        spend = asyncio.run(run(a_rubric(judge=a_judge(judge.base_url)), journal))
        assert len(judge.requests) == 1
    assert (spend.judge_calls, spend.judge_cached) == (1, 4)


def test_paid_replies_survive_a_stop(tmp_path: Path) -> None:
    """When the judge refuses in the middle, the next run goes on from what was paid."""
    path = tmp_path / "grades.jsonl"
    pairs = [(a_case(str(n)), a_session(str(n))) for n in range(4)]
    with JudgeServer() as judge:
        rubric = a_rubric(judge=a_judge(judge.base_url))
        judge.when(lambda prompt: "question\n2\n" in prompt, faults.insufficient_quota(), times=1)
        with ReplyJournal(path) as journal, pytest.raises(JudgeRefused):
            grade(rubric, *pairs, memory=Memory(journal))
        with ReplyJournal(path) as journal:
            outcome = grade(rubric, *pairs, memory=Memory(journal), effects=FakeTime().effects)
    assert (outcome.spend.judge_calls, outcome.spend.judge_cached) == (2, 2)


SAID = "Yes, you may send it back within 30 days."
MEANT = "You may send it back within 30 days."
NEAR = Rule("near", SimilarTo(MEANT, 0.8))


def embedded(judge: JudgeServer) -> list[list[str]]:
    """The texts of each request for embeddings."""
    return [asked.texts for asked in judge.requests if asked.path.endswith("/embeddings")]


def comparing(judge: JudgeServer, *axes: Axis, **fields: Any) -> Rubric:
    """A rubric whose rule compares embeddings, with a judge at the same address."""
    rules = fields.pop("rules", (NEAR,))
    return a_rubric(*axes, judge=a_judge(judge.base_url), rules=rules, **fields)


def test_a_rule_compares_embeddings() -> None:
    """The answer's and the rule's text go out together, before the judge is asked."""
    with JudgeServer() as judge:
        outcome = grade(comparing(judge), (a_case(), a_session(SAID)))
        assert embedded(judge) == [[SAID, MEANT]]
        assert [asked.key for asked in judge.requests] == [KEY, KEY]
    [rule] = outcome.graded[0].rules
    assert rule.passed
    assert rule.detail.endswith("at least 0.8 is needed")
    assert outcome.graded[0].grades["tone"] == Scored(1.0, REASON)
    assert outcome.spend.judge_calls == 2


def test_an_axis_that_a_comparison_settles() -> None:
    """The judge is not asked for it, nor is there a need for one."""
    rules = (replace(NEAR, axis="tone"),)
    with JudgeServer() as judge:
        pairs = [(a_case(), a_session(answer)) for answer in (SAID, "Blue whales sing.")]
        outcome = grade(comparing(judge, rules=rules), *pairs)
        alone = Embeddings("m", judge.base_url)
        judgeless = grade(a_rubric(rules=rules, embeddings=alone), *pairs)
        assert {asked.path for asked in judge.requests} == {"/v1/embeddings"}
    for graded in (outcome.graded, judgeless.graded):
        scores = [g.grades["tone"].score for g in graded if isinstance(g.grades["tone"], Scored)]
        assert scores == [1.0, 0.0]


def test_nothing_is_embedded_without_a_comparison() -> None:
    """A rule of one case sends that case's texts, and an empty answer none."""
    with JudgeServer() as judge:
        own = a_case(rules=(NEAR,))
        rubric = comparing(judge, rules=())
        grade(rubric, (a_case(), a_session("a")), (own, a_session("b")), (own, a_session(" ")))
        assert embedded(judge) == [["b", MEANT]]


def test_a_comparison_that_cannot_be_made_is_no_verdict() -> None:
    """No vector, no answer of an endpoint, no endpoint: each leaves the axis ungraded."""
    rules = (replace(NEAR, axis="tone"),)
    with JudgeServer() as judge:
        outcomes = []
        judge.queue(*[vectors.of_each(lambda _: [])] * 3)
        outcomes.append(grade(comparing(judge, rules=rules)))
        judge.always(faults.status(503))
        outcomes.append(grade(comparing(judge, rules=rules), effects=FakeTime().effects))
        outcomes.append(grade(a_rubric(rules=rules)))
    for outcome in outcomes:
        [rule] = outcome.graded[0].rules
        assert (rule.passed, rule.error) == (False, True)
        assert outcome.graded[0].grades["tone"] == Ungraded(
            "rule", f"rule `near` could not be run: {rule.detail}"
        )


def test_an_endpoint_that_refuses_stops_the_run() -> None:
    """As a judge that does: nothing more is spent, and the run is told."""
    with JudgeServer() as judge:
        judge.when(lambda prompt: SAID in prompt, faults.insufficient_quota(), times=1)
        with pytest.raises(JudgeRefused, match="quota for embeddings"):
            grade(comparing(judge), (a_case(), a_session(SAID)))
        assert len(judge.requests) == 1


def test_both_are_stopped_together() -> None:
    """A run that ends makes no more requests of either kind, and says why."""

    async def run(rubric: Rubric) -> None:
        async with open_grader(rubric, spend=Spend(), key=KEY) as grader:
            ending = CannotDecide("The run is ending.")
            before = grader.stopped
            grader.stop(ending)
            assert (before, grader.stopped) == (None, ending)
            for case in (a_case(), a_case(rules=(NEAR,))):
                with pytest.raises(CannotDecide, match="ending"):
                    await grader.grade(case, a_session())

    with JudgeServer() as judge:
        asyncio.run(run(comparing(judge, rules=())))
        assert judge.requests == []


def test_cases_share_requests_for_embeddings() -> None:
    """What many cases ask for at the same time goes out together, and a shared text once."""

    async def run(rubric: Rubric) -> None:
        async with open_grader(rubric, spend=Spend(), key=KEY) as grader:
            sessions = [a_session(f"answer {n % 5}") for n in range(10)]
            await asyncio.gather(*(grader.grade(a_case(), session) for session in sessions))

    with JudgeServer() as judge:
        asyncio.run(run(comparing(judge)))
        [texts] = embedded(judge)
    assert sorted(texts) == sorted([MEANT, *(f"answer {n}" for n in range(5))])


def test_no_heavy_library_is_loaded_before_it_is_needed() -> None:
    """Importing the grader loads no network, price, schema or pattern library."""
    heavy = ("aiohttp", "genai_prices", "jsonschema", "regex", "ssl", "yaml")
    code = (
        "import json, sys, rubric_action.grading.opening;"
        f"print(json.dumps([name for name in {heavy!r} if name in sys.modules]))"
    )
    done = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True)
    loaded = json.loads(done.stdout)
    assert set(loaded) <= {"ssl"}  # asyncio brings it
