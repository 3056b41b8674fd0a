"""A plan asks nobody, writes nothing, and is right about the run that follows."""

from typing import Any

import pytest

from rubric_action.cases.shard import Shard
from rubric_action.errors import BaselineUnreadable, InputError
from tests.fakes.judge import JudgeServer
from tests.pipeline.planned import (
    REASON,
    TOPICS,
    answered,
    asked,
    calls,
    errors,
    files,
    of_role,
    planned,
    spent,
    suite,
)
from tests.pipeline.workspace import JUDGED, RULED, Workspace, session

MANY = len(TOPICS)
TWO_AXES = dict(JUDGED["axes"])


@pytest.fixture(autouse=True)
def wordy(judge_server: JudgeServer) -> None:
    """A judge whose reasons are as long as it is asked for."""
    judge_server.score = lambda _prompt, _axis: (1.0, REASON)


def test_right_within_a_tenth(judged: Workspace, judge_server: JudgeServer) -> None:
    """Without any experience the calls are exact, tokens and cost right within 10 %."""
    suite(judged)
    told = planned(judged)
    assert judge_server.requests == []
    report = judged.gate()
    assert calls(told) == spent(report.spend) == (MANY, 0)
    assert max(errors(told, report.spend).values()) < 0.1
    assert told.sessions.known == report.spend.agent_sessions


def test_right_by_experience(judged: Workspace, judge_server: JudgeServer) -> None:
    """A baseline's bills teach what no rule of thumb knows: here, a judge of few words."""
    judge_server.score = lambda _prompt, _axis: (1.0, "Fine.")
    suite(judged)
    judged.gate(results="baseline")
    judged.sessions(*(answered(n, latency_s=1) for n in range(2)), session(2, "No."), answered(3))
    told = planned(judged, baseline="baseline")
    report = judged.gate(baseline="baseline")
    assert calls(told) == spent(report.spend) == (1, 3)
    assert max(errors(told, report.spend).values()) < 0.05
    assert told.models[0].asked.learned == MANY
    assert told.sessions.missing == 1
    assert "tokens as in 5 paid replies" in told.assumed


def test_an_earlier_run_teaches_too(judged: Workspace) -> None:
    """Without a baseline the estimate leans on the run that the results folder holds."""
    suite(judged)
    judged.gate()
    judged.sessions(*(session(n, f"No, {n}.") for n in range(MANY)))
    told = planned(judged)
    assert calls(told) == (MANY, 0)
    assert told.models[0].asked.learned == MANY
    assert planned(judged, fresh=True).models[0].asked.learned == 0


def test_another_question_takes_as_many_words(judged: Workspace, judge_server: JudgeServer) -> None:
    """Where an axis asks something else, all is asked anew, of a judge as wordy as before."""
    judge_server.score = lambda _prompt, _axis: (1.0, "Fine.")
    suite(judged)
    judged.gate(results="baseline")
    axes = {**TWO_AXES, "tone": {"ask": "Is it warm, and not too familiar?"}}
    suite(judged, axes=axes)
    told = planned(judged, baseline="baseline")
    assert told.assumed == (
        "tokens by kinds of characters",
        "reasons as in 5 paid replies",
    )
    report = judged.gate(baseline="baseline")
    assert calls(told) == spent(report.spend) == (MANY, MANY)
    assert max(errors(told, report.spend).values()) < 0.1


def test_rubbish_teaches_nothing(judged: Workspace) -> None:
    """What lies in the results folder and cannot be read is as good as nothing."""
    suite(judged)
    judged.write("rubric-results/summary.json", '{"schema": "rubric-results/99"}')
    assert calls(planned(judged)) == (MANY, 0)


def test_the_results_folder_is_only_read(judged: Workspace) -> None:
    """A plan makes no folder, and leaves one that is there as it was."""
    suite(judged)
    planned(judged)
    folder = judged.root / "rubric-results"
    assert not folder.exists()
    judged.gate()
    before = files(folder)
    planned(judged)
    assert files(folder) == before


def test_what_a_killed_run_paid_for(judged: Workspace) -> None:
    """Replies that lie in the results folder are cached, a torn one and those of others are not."""
    suite(judged)
    judged.gate()
    folder = judged.root / "rubric-results"
    grades = folder / "grades.jsonl"
    (folder / "summary.json").unlink()
    whole = grades.read_bytes()
    grades.write_bytes(whole[:-20])
    assert calls(planned(judged)) == (1, MANY - 1)
    grades.write_bytes(whole)
    assert calls(planned(judged)) == (0, MANY)
    assert calls(planned(judged, fresh=True)) == (MANY, 0)
    assert calls(planned(judged, judge_model="another")) == (MANY, 0)
    grades.write_bytes(b"")
    assert calls(planned(judged)) == (MANY, 0)


@pytest.mark.parametrize(
    "changes",
    [
        {"axes": {**TWO_AXES, "policy": {"ask": "Does it obey?", "isolate": True}}},
        {"axes": {**TWO_AXES, "policy": {"ask": "Does it?", "applies_to": {"tags": ["paid"]}}}},
        {"axes": {**TWO_AXES, "policy": {"ask": "Does it obey?", "per": "turn"}}},
        {"axes": {"policy": {"ask": "Does it?", "applies_to": {"tags": ["paid"]}}}},
        {"rules": [{"contains": "days", "axis": "policy"}]},
        {"rules": [{"contains": "days", "axis": axis} for axis in ("policy", "tone")]},
        {"agent": {"outputs": "eval/outputs.jsonl", "trials": 2}},
    ],
    ids=["isolated", "for-some", "by-turn", "alone-for-some", "one-settled", "settled", "trials"],
)
def test_calls_are_exact(judged: Workspace, changes: dict[str, object]) -> None:
    """What rules, empty answers and selectors leave open is counted as the run asks it."""
    slices = {"all": {"select": "all", "min_pass_rate": 0}}
    cases = [asked(n, tags=["paid"] if n % 2 else [], rules=[{"max_chars": 999}]) for n in range(6)]
    suite(judged, *cases, slices=slices, **changes)
    sessions = [answered(0), answered(1), session(2, " "), answered(4, trial=2), answered(4)]
    judged.sessions(*sessions, {**answered(5), "output": "Yes."}, answered(0, trial=2))
    told = planned(judged)
    report = judged.gate()
    assert calls(told) == spent(report.spend)
    assert told.sessions.known == report.spend.agent_sessions


def test_same_content_is_asked_once(judged: Workspace) -> None:
    """Two sessions with one content cost one call, in the plan as in the run."""
    suite(judged, *({**asked(0), "id": f"c{n}"} for n in range(3)))
    judged.sessions(*({**answered(0), "case": f"c{n}"} for n in range(3)))
    told = planned(judged)
    assert told.models[0].asked.repeated == 2
    assert calls(told) == spent(judged.gate().spend) == (1, 2)


def test_a_part_of_the_suite(judged: Workspace) -> None:
    """A shard's plan is about its cases, and about its part of the limit."""
    suite(judged)
    told = planned(judged, shard=Shard(2, 2), max_judge_cost=1.0)
    assert (told.cases, *calls(told), told.limit) == (2, 2, 0, 0.5)
    assert told.fits == "yes"


def test_every_judge_of_a_panel_is_asked(judged: Workspace) -> None:
    """A panel costs each of its judges' calls, at each one's price."""
    judges = [
        {"provider": "openai", "model": name, "prices": {"input": price, "output": price}}
        for name, price in (("small", 1), ("large", 10))
    ]
    suite(judged, judge={"judges": judges, "timeout": "2s"})
    told = planned(judged)
    small, large = told.models
    assert (small.model, large.model) == ("small", "large")
    assert small.asked.calls == large.asked.calls == MANY
    assert small.asked.cost is not None
    assert large.asked.cost is not None
    assert large.asked.cost.estimate == pytest.approx(10 * small.asked.cost.estimate)
    report = judged.gate()
    assert calls(told) == spent(report.spend)
    assert max(errors(told, report.spend).values()) < 0.1


@pytest.mark.parametrize(
    "rubric",
    [RULED, {**JUDGED, "judge": {"provider": "lexical"}, "axes": {"tone": {"ask": "Polite?"}}}],
    ids=["rules", "lexical"],
)
def test_a_run_that_asks_nobody(ruled: Workspace, rubric: dict[str, object]) -> None:
    """Where rules settle everything, or the judge is offline, nothing is asked and nothing paid."""
    slices = {"all": {"select": "all", "min_pass_rate": 0.5}}
    ruled.rubric({**rubric, "slices": slices})
    told = planned(ruled, max_judge_cost=0.0)
    assert (calls(told), told.models, told.fits) == ((0, 0), (), "yes")
    assert told.cost is not None
    assert told.cost.high == 0


def test_texts_to_embed(judged: Workspace) -> None:
    """Texts that rules compare are sent once each, many in one request, at their own price."""
    rule = {"similar_to": {"text": "Yes, within thirty days.", "min": 0}}
    suite(judged, *(asked(n) for n in range(40)), rules=[rule])
    judged.sessions(*(session(n) for n in range(39)), session(39, " "))
    told = planned(judged)
    texts = of_role(told, "texts").asked
    assert (texts.calls, texts.least) == (4, 2)
    report = judged.gate()
    assert told.calls == pytest.approx(report.spend.judge_calls, rel=0.1)
    assert max(errors(told, report.spend).values()) < 0.1


@pytest.mark.parametrize(
    ("options", "changes", "told"),
    [
        ({"outputs": "nowhere.jsonl"}, {}, "nowhere.jsonl"),
        ({"max_judge_cost": 1.0}, {"judge": JUDGED["judge"]}, "no price is known for `small`"),
        ({}, {"cases": "nothing/*.jsonl"}, "nothing/*.jsonl"),
    ],
)
def test_wrong_input(
    judged: Workspace, options: dict[str, Any], changes: dict[str, Any], told: str
) -> None:
    """What the run would refuse, the plan refuses."""
    suite(judged, **changes)
    with pytest.raises(InputError, match=told.replace("*", r"\*")):
        planned(judged, **options)


def test_a_folder_of_somebody_else_s(judged: Workspace) -> None:
    """A results folder that the run would not touch is refused as well."""
    suite(judged)
    judged.write("rubric-results/summary.json", "{}")
    with pytest.raises(InputError, match="no run of the gate wrote"):
        planned(judged)


def test_a_baseline_without_a_verdict(judged: Workspace) -> None:
    """A baseline that the run would refuse is refused."""
    suite(judged)
    judged.sessions(answered(0))
    judged.gate(results="baseline")
    with pytest.raises(BaselineUnreadable, match="ended in `error`"):
        planned(judged, baseline="baseline")


def test_a_model_that_thinks(judged: Workspace) -> None:
    """Unseen reasoning is told apart as a guess, with its bounds in the cost."""
    suite(judged)
    judged.base_url = None
    told = planned(judged, judge_model="gpt-5-mini")
    assert "400 tokens of unseen reasoning a reply, which may be 0 to 1,000" in told.assumed
    assert told.output.high - told.output.low > MANY * 1_000


def test_cases_that_are_gone(judged: Workspace) -> None:
    """Stored sessions of cases that are no more teach nothing, and harm nothing."""
    suite(judged)
    judged.gate(results="baseline")
    suite(judged, asked(0))
    told = planned(judged, baseline="baseline")
    assert (calls(told), told.models[0].asked.learned) == ((0, 1), 1)


def test_no_key_is_needed(judged: Workspace) -> None:
    """Nobody is asked, so that a plan can be made where no key is."""
    suite(judged)
    judged.base_url = "https://judge.example.com/v1"
    assert calls(planned(judged)) == (MANY, 0)
