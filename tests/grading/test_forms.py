"""What an endpoint lacks: learned once for a run, told once, and never a way around the checks."""

import asyncio
from pathlib import Path
from typing import Any

import pytest

from rubric_action.grading.cache import ReplyJournal
from rubric_action.grading.judge import Memory
from rubric_action.grading.model import Graded, Scored, Spend, Ungraded
from rubric_action.grading.opening import Terms, open_bench
from rubric_action.rubric.model import Judge, JudgeModel, Rubric
from tests.fakes.judge import JudgeServer, faults, features
from tests.fakes.judge.faults import Fault
from tests.grading.samples import KEY, FakeTime, a_case, a_judge, a_rubric, a_session

Ran = tuple[list[Graded], Spend, list[str]]


def run(
    rubric: Rubric,
    count: int = 3,
    *,
    memory: Memory | None = None,
    at_once: bool = False,
    fake_time: bool = True,
) -> Ran:
    """Grade so many cases; the grades, what it cost, and the notes."""
    spend, notes = Spend(), list[str]()
    more: dict[str, Any] = {"effects": FakeTime().effects} if fake_time else {}
    terms = Terms(spend=spend, keys=(KEY,), memory=memory or Memory(), note=notes.append, **more)

    async def all_of_them() -> list[Graded]:
        pairs = [(a_case(str(n)), a_session(f"Answer {n}.")) for n in range(count)]
        async with open_bench(rubric, terms) as bench:
            work = [bench.grader.grade(case, session) for case, session in pairs]
            return list(await asyncio.gather(*work)) if at_once else [await one for one in work]

    return asyncio.run(all_of_them()), spend, notes


def claude(server: JudgeServer, model: str = "claude-sonnet-5-5", **fields: Any) -> Rubric:
    """A rubric whose judge is Claude, played by this server."""
    judge = JudgeModel("anthropic", model, server.url_for("anthropic"))
    return a_rubric(judge=Judge((judge,), **fields))


def scored(graded: list[Graded]) -> bool:
    """Whether every case has its grade."""
    return all(isinstance(one.grades["tone"], Scored) for one in graded)


@pytest.mark.parametrize("fault", features.NO_SCHEMA.values(), ids=features.NO_SCHEMA.keys())
def test_without_a_schema(fault: Fault) -> None:
    """Whatever words an endpoint has for it: asked again in JSON mode, the schema in the prompt."""
    with JudgeServer(lambda *_: 0.5) as server:
        server.lacks["json_schema"] = fault
        graded, spend, notes = run(a_rubric(judge=a_judge(server.base_url)))
        first, *rest = server.requests
    assert scored(graded)
    assert graded[0].grades["tone"] == Scored(0.5, "The answer was held against what was asked.")
    assert spend.judge_calls == len(rest) + 1 == 4
    assert first.body["response_format"]["type"] == "json_schema"
    assert {asked.body["response_format"]["type"] for asked in rest} == {"json_object"}
    assert all("JSON Schema:" in asked.body["messages"][0]["content"] for asked in rest)
    assert rest[0].body["messages"][1] == first.body["messages"][1]
    (note,) = notes
    assert note.startswith("The judge `gpt-4o-mini` does not hold its replies to a JSON Schema")


@pytest.mark.parametrize("fault", features.NO_OBJECT.values(), ids=features.NO_OBJECT.keys())
def test_without_a_json_mode_either(fault: Fault) -> None:
    """The prompt alone asks for JSON; a code fence around all of it is taken off."""
    with JudgeServer() as server:
        server.lacks["json_schema"] = features.NO_SCHEMA["OpenAI"]
        server.lacks["json_object"] = fault
        fenced = faults.content('```json\n{"tone": {"reason": "r", "score": 0.25}}\n```')
        server.when(lambda prompt: "Answer 1." in prompt, fenced)
        graded, spend, notes = run(a_rubric(judge=a_judge(server.base_url)))
        forms = [asked.body.get("response_format", {}).get("type") for asked in server.requests]
    assert forms == ["json_schema", "json_object", None, None, None]
    assert scored(graded)
    assert graded[1].grades["tone"] == Scored(0.25, "r")
    assert (spend.judge_calls, len(notes)) == (5, 2)
    assert "has no JSON mode" in notes[1]


def test_an_endpoint_that_takes_neither_way() -> None:
    """A complaint that goes on is the case's own, after three requests."""
    with JudgeServer() as server:
        server.always(features.NO_SCHEMA["OpenAI"])
        graded, _, _ = run(a_rubric(judge=a_judge(server.base_url)), 1)
        assert len(server.requests) == 3
    found = graded[0].grades["tone"]
    assert isinstance(found, Ungraded)
    assert found.cause == "reply"


@pytest.mark.parametrize(
    "content",
    [
        'Here you are: {"tone": {"reason": "r", "score": 1}}',
        '```json\n{"tone": {"reason": "r", "score": 1}}\n```\nAnything else?',
        '{"tone": {"reason": "r", "score": 2}}',
        '{"tone": {"reason": "r", "score": 1}, "more": 1}',
    ],
)
def test_the_reply_is_read_as_strictly(content: str) -> None:
    """JSON among other words, out of range or with more in it is no grade in any form."""
    with JudgeServer() as server:
        server.lacks["json_schema"] = features.NO_SCHEMA["DeepSeek"]
        server.always(faults.content(content))
        graded, _, _ = run(a_rubric(judge=a_judge(server.base_url)), 1)
    found = graded[0].grades["tone"]
    assert isinstance(found, Ungraded)
    assert found.cause == "reply"


def test_a_fence_is_no_grade_where_the_schema_holds() -> None:
    """An endpoint that took the schema has no excuse."""
    with JudgeServer() as server:
        server.always(faults.content('```json\n{"tone": {"reason": "r", "score": 1}}\n```'))
        server.lacks["json_object"] = faults.status(500)
        graded, _, _ = run(a_rubric(judge=a_judge(server.base_url, deadline_s=1.0)), 1)
    assert isinstance(graded[0].grades["tone"], Ungraded)


def test_it_is_learned_once_for_many_at_once() -> None:
    """Only what was under way by then is sent twice, and one note tells it."""
    with JudgeServer(latency=0.05) as server:
        server.lacks["json_schema"] = features.NO_SCHEMA["vLLM"]
        rubric = a_rubric(judge=a_judge(server.base_url, concurrency=4))
        graded, spend, notes = run(rubric, 20, at_once=True, fake_time=False)
        asked = [one.body["response_format"]["type"] for one in server.requests]
    assert scored(graded)
    assert asked.count("json_schema") == 4
    assert asked.count("json_object") == 20
    assert (spend.judge_calls, len(notes)) == (24, 1)


def test_a_second_run_finds_the_replies(tmp_path: Path) -> None:
    """Before it has learned anything: nothing is asked, and so nothing is noted."""
    with JudgeServer() as server:
        server.lacks["json_schema"] = features.NO_SCHEMA["Groq"]
        rubric = a_rubric(judge=a_judge(server.base_url))
        spends = []
        for _ in range(2):
            with ReplyJournal(tmp_path / "grades.jsonl") as journal:
                graded, spend, notes = run(rubric, memory=Memory(journal))
            assert scored(graded)
            spends.append((spend.judge_calls, spend.judge_cached, len(notes)))
    assert spends == [(4, 0, 1), (0, 3, 0)]


@pytest.mark.parametrize(
    "fault", features.NO_TEMPERATURE.values(), ids=features.NO_TEMPERATURE.keys()
)
def test_without_a_temperature(fault: Fault) -> None:
    """A model that nobody knew to reason is asked without it, and the rest stays as it was."""
    with JudgeServer() as server:
        server.lacks["temperature"] = fault
        graded, _, notes = run(a_rubric(judge=a_judge(server.base_url, temperature=0.3)))
        first, *rest = (asked.body for asked in server.requests)
    assert scored(graded)
    assert len(rest) == 3
    assert rest[0] == {key: value for key, value in first.items() if key != "temperature"}
    assert notes == ["The judge `gpt-4o-mini` takes no `temperature`, so that its own is in force."]


@pytest.mark.parametrize(
    "fault", features.NO_FORCED_CALL.values(), ids=features.NO_FORCED_CALL.keys()
)
def test_claude_without_a_forced_call(fault: Fault) -> None:
    """The schema holds the text in place of the call, and there is room for thoughts."""
    with JudgeServer(lambda *_: 0.5) as server:
        server.lacks["tool_choice"] = fault
        graded, _, notes = run(claude(server))
        first, *rest = (asked.body for asked in server.requests)
    assert graded[0].grades["tone"] == Scored(0.5, "The answer was held against what was asked.")
    assert scored(graded)
    assert [set(body) for body in rest] == [
        {"model", "max_tokens", "system", "output_config", "messages"}
    ] * 3
    assert rest[0]["max_tokens"] > first["max_tokens"]
    assert rest[0]["system"] == first["system"]
    assert len(notes) == 1


def test_claude_without_either() -> None:
    """A model that takes neither is asked to call the tool, and only a call counts."""
    with JudgeServer() as server:
        server.lacks["tool_choice"] = features.NO_FORCED_CALL["5.1"]
        server.lacks["json_output"] = features.NO_OUTPUT_FORMAT
        talk = faults.content('{"tone": {"reason": "r", "score": 1}}')
        server.when(lambda prompt: "Answer 1." in prompt, talk)
        graded, _, notes = run(claude(server))
        last = server.requests[-1].body
    assert last["tool_choice"] == {"type": "auto"}
    assert "call of the tool `grades`" in last["system"][0]["text"]
    kinds = [type(one.grades["tone"]) for one in graded]
    assert kinds == [Scored, Ungraded, Scored]
    assert len(notes) == 2


def test_claude_without_a_temperature() -> None:
    """A temperature of the rubric's that the model refuses is left out, and that is told."""
    with JudgeServer() as server:
        server.lacks["temperature"] = features.NO_CLAUDE_TEMPERATURE
        graded, _, notes = run(claude(server, temperature=0.5))
        sent = ["temperature" in asked.body for asked in server.requests]
    assert scored(graded)
    assert sent == [True, False, False, False]
    assert "temperature" in notes[0]


def ignoring_the_schema(tone: str) -> Fault:
    """An endpoint that reads no `response_format` and answers by the prompt alone."""
    return faults.content(f"The tone is {tone}.")


def test_an_endpoint_that_ignores_the_schema() -> None:
    """Two replies in no shape, and the third request tells it in words; no case is lost."""
    with JudgeServer() as server:
        server.when(lambda prompt: "JSON Schema:" not in prompt, ignoring_the_schema("fine"))
        graded, spend, notes = run(a_rubric(judge=a_judge(server.base_url)))
        assert len(server.requests) == spend.judge_calls == 5
    assert scored(graded)
    assert len(notes) == 1


def test_odd_replies_among_good_ones_change_nothing() -> None:
    """A judge that once followed the schema is not asked otherwise, whatever it says later."""
    with JudgeServer() as server:
        server.when(lambda prompt: "Answer 1." in prompt, ignoring_the_schema("odd"))
        graded, _, notes = run(a_rubric(judge=a_judge(server.base_url)))
        forms = {asked.body["response_format"]["type"] for asked in server.requests}
    assert forms == {"json_schema"}
    assert notes == []
    assert [isinstance(one.grades["tone"], Scored) for one in graded] == [True, False, True]


@pytest.mark.parametrize(
    "fault",
    [
        faults.status(400, kind="context_length_exceeded", message="too many tokens"),
        faults.raw(400, {"error": {"message": ["json_schema"], "code": 5}}),
        faults.raw(422, {"detail": [{"loc": ["body", "messages"], "input": "json_schema"}, 5]}),
        faults.raw(400, ["json_schema"]),
        faults.page(400, "json_schema is not supported"),
        faults.raw(413, {"error": {"message": "json_schema is not supported"}}),
        faults.prompt_filtered(),
    ],
)
def test_other_complaints_are_about_the_case(fault: Fault) -> None:
    """Only what an endpoint says of a feature counts, and nothing that it quotes."""
    with JudgeServer() as server:
        server.when(lambda prompt: "Answer 1." in prompt, fault)
        graded, _, notes = run(a_rubric(judge=a_judge(server.base_url)))
        forms = {asked.body["response_format"]["type"] for asked in server.requests}
    assert forms == {"json_schema"}
    assert notes == []
    assert [isinstance(one.grades["tone"], Scored) for one in graded] == [True, False, True]


def test_all_tries_share_the_time_of_one_call() -> None:
    """An endpoint that is slow to refuse does not get twice the time."""
    with JudgeServer(latency=0.3) as server:
        server.lacks["json_schema"] = features.NO_SCHEMA["OpenAI"]
        rubric = a_rubric(judge=a_judge(server.base_url, timeout_s=0.45, deadline_s=0.5))
        graded, _, _ = run(rubric, 1, fake_time=False)
    found = graded[0].grades["tone"]
    assert isinstance(found, Ungraded)
    assert found.cause == "transport"
