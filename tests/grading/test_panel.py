import asyncio
import time
from collections.abc import Sequence
from pathlib import Path
from typing import cast

import pytest

from rubric_action.errors import BudgetSpent, CannotDecide, JudgeRefused
from rubric_action.grading.cache import ReplyJournal
from rubric_action.grading.judge import Memory
from rubric_action.grading.model import Grade, Graded, Scored, Spend, Ungraded
from rubric_action.grading.opening import Terms, open_bench
from rubric_action.grading.panel import Vote, names_of, vote
from rubric_action.rubric.model import Axis, Judge, JudgeModel, Prices, Provider, Rubric
from tests.fakes.judge import JudgeServer, faults
from tests.grading.samples import POLICY, TONE, FakeTime, a_case, a_rubric, a_session

KEYS = ("key-of-the-first", "key-of-the-second", "key-of-the-third")
CHEAP = Prices(1.0, 1.0)
ALONE = Axis("policy", "Does it obey?", isolate=True)
POLITE = Axis("tone", "Is it polite?", pass_mark=0.7)


def member(server: JudgeServer, name: str, prices: Prices | None = CHEAP) -> JudgeModel:
    """A judge that this server plays, as the provider of that name."""
    return JudgeModel(cast("Provider", name), f"{name}-model", server.url_for(name), prices)


def panel(models: Sequence[JudgeModel], *axes: Axis, how: Vote = "majority") -> Rubric:
    """A rubric with a panel."""
    return a_rubric(*(axes or (POLITE,)), judge=Judge(tuple(models), how))


def run(
    rubric: Rubric, count: int = 1, keys: Sequence[str | None] = KEYS, **terms: object
) -> tuple[list[Graded | BaseException], Spend, CannotDecide | None]:
    """Grade so many cases in turn: what came of each, what it cost, and what stopped it."""
    spend = Spend()
    more = {"effects": FakeTime().effects} | terms

    async def all_of_them() -> tuple[list[Graded | BaseException], CannotDecide | None]:
        found: list[Graded | BaseException] = []
        async with open_bench(rubric, Terms(spend=spend, keys=keys, **more)) as bench:  # type: ignore[arg-type]
            for number in range(count):
                case, session = a_case(str(number)), a_session(f"Answer {number}.")
                work = bench.grader.grade(case, session)
                found += await asyncio.gather(work, return_exceptions=True)
            return found, bench.grader.stopped

    found, stopped = asyncio.run(all_of_them())
    return found, spend, stopped


def tone(found: Graded | BaseException) -> Grade:
    """The grade of the tone."""
    assert isinstance(found, Graded)
    return found.grades["tone"]


@pytest.mark.parametrize(
    ("scores", "how", "score", "told"),
    [
        ([0.9, 0.8, 0.1], "majority", 0.8, "2 of 3 judges pass it"),
        ([0.9, 0.2, 0.1], "majority", 0.1, "1 of 3 judges pass it"),
        ([0.7, 0.7, 0.0], "majority", 0.7, "2 of 3 judges pass it"),
        ([0.9, 0.8, 1.0], "majority", 0.9, "3 of 3 judges pass it"),
        ([0.9, 0.1], "majority", 0.1, "1 of 2 judges pass it"),
        ([1.0, 0.8], "majority", 0.8, "2 of 2 judges pass it"),
        ([1.0, 1.0, 0.6, 0.5], "majority", 0.5, "2 of 4 judges pass it"),
        ([1.0, 0.9, 0.8, 0.0], "majority", 0.9, "3 of 4 judges pass it"),
        ([0.9, 0.2, 0.1], "mean", 0.4, "mean of 3 judges"),
        ([0.1, 0.2], "mean", 0.15, "mean of 2 judges"),
        ([0.1] * 10, "mean", 0.1, "mean of 10 judges"),
    ],
)
def test_votes(scores: list[float], how: Vote, score: float, told: str) -> None:
    """A tie does not pass; the score is one that the larger side gave, or the mean of all."""
    given: dict[str, Grade] = {f"j{n}": Scored(one, "because") for n, one in enumerate(scores)}
    grade = vote(how, 0.7, given)
    assert isinstance(grade, Scored)
    assert grade.score == pytest.approx(score)
    assert (grade.score >= 0.7) is (how == "majority" and score >= 0.7)
    assert grade.reason.startswith(f"{told}: j0 {scores[0]:g} (because); j1 ")


def test_one_judge_without_a_grade_leaves_it_ungraded() -> None:
    """Whatever the others say: the panel never gets smaller."""
    given: dict[str, Grade] = {"a": Scored(1.0, "r"), "b": Ungraded("cut", "too long")}
    ways: tuple[Vote, ...] = ("majority", "mean")
    for how in ways:
        assert vote(how, 0.5, given) == Ungraded("cut", "b: too long")


def test_long_reasons_leave_room_for_all() -> None:
    """The reason names every judge's score, however much each of them says."""
    given: dict[str, Grade] = {f"judge-{n}": Scored(0.5, "x" * 600) for n in range(5)}
    found = vote("mean", 0.5, given)
    assert isinstance(found, Scored)
    assert len(found.reason) < 700
    assert all(f"judge-{n} 0.5 (x" in found.reason for n in range(5))


@pytest.mark.parametrize(
    ("models", "names"),
    [
        ([("openai", "a"), ("anthropic", "b")], ["a", "b"]),
        ([("openai", "a"), ("azure", "a")], ["openai a", "azure a"]),
        ([("openai", "a"), ("openai", "a"), ("openai", "b")], ["openai a #1", "openai a #2", "b"]),
        ([("openai", "a"), ("lexical", "")], ["a", "lexical"]),
    ],
)
def test_names(models: list[tuple[Provider, str]], names: list[str]) -> None:
    """Each judge is called by no more than what tells it from the others."""
    assert names_of([JudgeModel(provider, model) for provider, model in models]) == names


def test_a_panel_of_three_providers() -> None:
    """Each is asked at its own address with its own key, and grades every group of axes."""
    with (
        JudgeServer(lambda *_: (0.9, "kind"), key=KEYS[0]) as first,
        JudgeServer(lambda *_: (0.8, "fair"), key=KEYS[1]) as second,
        JudgeServer(lambda *_: (0.2, "rude"), key=KEYS[2]) as third,
    ):
        servers = {"openai": first, "anthropic": second, "azure": third}
        models = [member(server, name) for name, server in servers.items()]
        found, spend, stopped = run(panel(models, POLITE, ALONE))
        for server in servers.values():
            groups = [list((asked.schema or {})["properties"]) for asked in server.requests]
            assert groups == [["tone"], ["policy"]]
    assert tone(found[0]) == Scored(
        0.8,
        "2 of 3 judges pass it: openai-model 0.9 (kind); anthropic-model 0.8 (fair); "
        "azure-model 0.2 (rude)",
    )
    assert (spend.judge_calls, stopped) == (6, None)
    assert spend.judge_cost_usd == pytest.approx((spend.input_tokens + spend.output_tokens) / 1e6)


def test_the_judges_are_asked_at_the_same_time() -> None:
    """A panel takes as long as its slowest judge, and not as all of them."""
    with JudgeServer(latency=0.3) as one, JudgeServer(latency=0.3) as other:
        rubric = panel([member(one, "openai"), member(other, "anthropic")])
        started = time.monotonic()
        run(rubric)
    assert time.monotonic() - started < 0.58


def test_a_judge_that_gives_no_grade() -> None:
    """Its axis is ungraded and says whose grade is missing; the other axes are graded."""
    with JudgeServer() as one, JudgeServer() as other:
        other.when(lambda prompt: "- tone" in prompt, faults.refusal("No."))
        found, _, _ = run(panel([member(one, "openai"), member(other, "openai")], POLITE, ALONE))
    assert tone(found[0]) == Ungraded("refusal", "openai openai-model #2: No.")
    assert isinstance(found[0], Graded)
    assert isinstance(found[0].grades["policy"], Scored)


def test_a_judge_that_will_not_work_stops_all(tmp_path: Path) -> None:
    """Nothing more is sent to any of them; what the others were paid for is kept."""
    with JudgeServer() as one, JudgeServer(latency=0.1) as other:
        one.always(faults.unauthorized())
        with ReplyJournal(tmp_path / "grades.jsonl") as journal:
            rubric = panel([member(one, "openai"), member(other, "anthropic")])
            found, _, stopped = run(rubric, 3, memory=Memory(journal))
            assert len(journal) == 1
        assert [len(server.requests) for server in (one, other)] == [1, 1]
    assert all(isinstance(one, JudgeRefused) for one in found)
    assert isinstance(stopped, JudgeRefused)
    assert "key" in stopped.cause


def test_one_budget_for_all() -> None:
    """Once it is spent together no judge is asked; what was paid is kept and counted."""
    with JudgeServer() as one, JudgeServer() as other:
        dear = Prices(1000.0, 1000.0)
        rubric = panel([member(one, "openai", dear), member(other, "openai", CHEAP)])
        found, spend, stopped = run(rubric, 4, max_cost_usd=0.01)
        assert [len(server.requests) for server in (one, other)] == [1, 1]
    assert isinstance(stopped, BudgetSpent)
    assert isinstance(tone(found[0]), Scored)
    for later in found[1:]:
        grade = tone(later)
        assert isinstance(grade, Ungraded)
        assert grade.cause == "budget"
    assert spend.judge_cost_usd is not None
    assert spend.judge_cost_usd > 0.01


@pytest.mark.parametrize("unknown", [0, 1])
def test_an_unknown_price_of_one_is_unknown_for_all(unknown: int) -> None:
    """Half a sum is no sum."""
    prices = [CHEAP, CHEAP]
    with JudgeServer() as one, JudgeServer() as other:
        models = [
            member(server, "openai", None if index == unknown else prices[index])
            for index, server in enumerate((one, other))
        ]
        _, spend, _ = run(panel(models))
    assert spend.judge_cost_usd is None
    assert spend.input_tokens > 0


def test_replies_are_kept_for_each_judge(tmp_path: Path) -> None:
    """A second run asks nobody; the same model twice has two opinions, both kept."""
    scores = iter([1.0, 0.0, 0.5])
    with JudgeServer(lambda *_: next(scores)) as server:
        rubric = panel([member(server, "openai")] * 3, how="mean")
        found = []
        for _ in range(2):
            with ReplyJournal(tmp_path / "grades.jsonl") as journal:
                graded, spend, _ = run(rubric, memory=Memory(journal))
            found.append((tone(graded[0]), spend.judge_calls, spend.judge_cached))
        assert len(server.requests) == 3
    first, second = found
    assert isinstance(first[0], Scored)
    assert first == (Scored(0.5, first[0].reason), 3, 0)
    assert second == (first[0], 0, 3)


def test_the_offline_judge_may_sit_in_a_panel() -> None:
    """It needs no key and makes no call."""
    with JudgeServer(lambda *_: (0.5, "so so")) as server:
        rubric = panel([JudgeModel("lexical"), member(server, "openai")], TONE, how="mean")
        found, spend, _ = run(rubric, keys=(None, "k"))
        assert len(server.requests) == spend.judge_calls == 1
    grade = tone(found[0])
    assert isinstance(grade, Scored)
    assert grade.reason.startswith("mean of 2 judges: lexical ")
    assert "openai-model 0.5 (so so)" in grade.reason


def test_a_panel_without_a_model() -> None:
    """Nothing to stop, and nothing that stopped."""
    rubric = panel([JudgeModel("lexical")] * 2, TONE)
    found, spend, stopped = run(rubric)
    assert isinstance(tone(found[0]), Scored)
    assert (spend.judge_calls, stopped) == (0, None)


def test_the_models_of_a_bench_can_be_asked_for_other_things() -> None:
    """They come in the rubric's order, without the one that is none."""

    async def voices(rubric: Rubric) -> list[str]:
        async with open_bench(rubric, Terms(spend=Spend())) as bench:
            return [voice.model.model for voice in bench.voices]

    with JudgeServer() as server:
        models = [member(server, "openai"), JudgeModel("lexical"), member(server, "anthropic")]
        assert asyncio.run(voices(panel(models))) == ["openai-model", "anthropic-model"]
    assert asyncio.run(voices(a_rubric())) == []


def test_keys_are_in_no_repr() -> None:
    """What a bench is opened with can be shown."""
    assert KEYS[0] not in repr(Terms(spend=Spend(), keys=KEYS))


def test_nothing_else_than_a_stop_is_hidden() -> None:
    """An error of ours in one judge is raised as it is, after the others have answered."""
    from rubric_action.grading.panel import Clients, Member, Panel

    class Broken:
        async def grade(self, *_: object) -> dict[str, Grade]:
            raise KeyError("a mistake")

    members = [Member("a", Broken()), Member("b", Broken())]
    board = Panel(members, "mean", Clients([]))
    with pytest.raises(KeyError):
        asyncio.run(board.grade([POLICY], a_case(), a_session()))
