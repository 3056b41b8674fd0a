"""A plan of sessions that are yet to be held: by an agent, and with users whom a model plays."""

import asyncio
from pathlib import Path

import pytest

from rubric_action.cases.shard import Shard
from rubric_action.laptop import Options, request_of
from rubric_action.sharding import run_shard
from rubric_action.stand_ins import TYPICAL_ANSWER
from tests.fakes.judge import JudgeServer
from tests.pipeline.planned import (
    REASON,
    TOPICS,
    answered,
    asked,
    calls,
    of_role,
    planned,
    spent,
    suite,
)
from tests.pipeline.workspace import Workspace, case

MANY = len(TOPICS)
USER = {"persona": "A customer in a hurry.", "goal": "Return the lamp.", "max_turns": 4}


@pytest.fixture(autouse=True)
def wordy(judge_server: JudgeServer) -> None:
    """A judge whose reasons are as long as it is asked for."""
    judge_server.score = lambda _prompt, _axis: (1.0, REASON)


def command(
    workspace: Workspace, output: str = "'It is ' + 'so. ' * 40", **changes: object
) -> Path:
    """Have an agent answer that leaves a mark when it is started."""
    mark = workspace.root / "started"
    workspace.write(
        "agent.py",
        "import json, pathlib, sys\n"
        f"pathlib.Path({str(mark)!r}).touch()\n"
        "for line in sys.stdin:\n"
        "    asked = json.loads(line)\n"
        f"    told = [{{'output': {output}, 'cost_usd': 0.01, 'latency_s': 2.0}} "
        "for _ in asked['turns']]\n"
        "    print(json.dumps({'case': asked['case'], 'trial': asked['trial'], 'turns': told}), "
        "flush=True)\n",
    )
    suite(workspace, agent={"command": "python3 agent.py", "concurrency": 2, **changes})
    return mark


def test_the_agent_is_not_started(judged: Workspace) -> None:
    """Sessions that nobody has held are counted one a trial, and measured by a usual answer."""
    mark = command(judged, output="asked['turns'][0]['user'] * 20", trials=2)
    told = planned(judged)
    assert not mark.exists()
    assert (told.sessions.to_run, told.sessions.cost_usd) == (2 * MANY, None)
    assert (
        f"answers of {TYPICAL_ANSWER} characters in all sessions, which is a guess" in told.assumed
    )
    report = judged.gate()
    assert mark.exists()
    assert told.sessions.known == report.spend.agent_sessions
    assert told.calls == 2 * MANY
    assert told.calls == sum(spent(report.spend))
    assert told.models[0].asked.least == MANY


def test_an_earlier_run_stands_in(judged: Workspace) -> None:
    """Sessions of the baseline tell how long answers are, and what the agent takes and costs."""
    command(judged)
    judged.gate(results="baseline")
    told = planned(judged, baseline="baseline", judge_model="another")
    report = judged.gate(baseline="baseline", judge_model="another")
    # The other judge grades the baseline's answers too; whether the agent's are new is not known.
    assert told.models[0].asked.least == report.spend.judge_calls == MANY
    assert calls(told) == (2 * MANY, 0)
    assert told.sessions.stored == MANY
    assert told.sessions.cost_usd == pytest.approx(MANY * 0.01)
    assert told.sessions.seconds == pytest.approx(MANY * 2.0 / 2)
    assert "answers as in an earlier run" in told.assumed


def test_an_agent_that_may_answer_as_before(judged: Workspace) -> None:
    """What may turn out to be cached is counted as asked, and told apart."""
    command(judged)
    judged.gate(results="baseline")
    told = planned(judged, baseline="baseline")
    assert (told.calls, told.least) == (MANY, 0)
    assert judged.gate(baseline="baseline").spend.judge_calls == 0


def test_new_cases_beside_old_ones(judged: Workspace) -> None:
    """A case that no run has seen, or that has other turns now, gets an answer of usual length."""
    command(judged)
    judged.gate(results="baseline")
    changed = {**asked(1), "turns": [{"user": "And my bag?"}, {"user": "Sure?"}]}
    del changed["input"]
    judged.cases(asked(0), changed, asked(9, expected="Только в течение тридцати дней."))
    told = planned(judged, baseline="baseline")
    assert (told.sessions.to_run, told.sessions.stored) == (3, 1)
    assert "answers of 166 characters in 2 sessions, the mean of an earlier run" in told.assumed


def test_what_an_agent_s_tokens_cost(judged: Workspace) -> None:
    """An agent that tells tokens and no cost is priced by the library."""
    usage = {"model": "gpt-4o-mini", "input_tokens": 1_000_000, "output_tokens": 0}
    suite(judged)
    judged.sessions(*(answered(n, usage=usage) for n in range(MANY)))
    judged.gate(results="baseline")
    command(judged)
    told = planned(judged, baseline="baseline")
    assert told.sessions.cost_usd == pytest.approx(MANY * 0.15)
    assert told.sessions.seconds is None


def test_a_simulated_user_is_played(judged: Workspace) -> None:
    """A user that is yet to be played is counted with all turns, and at least with its first."""
    command(judged)
    judged.cases(case(0, input="Hello?", user=USER), {"id": "c1", "user": USER}, case(2))
    told = planned(judged)
    user = of_role(told, "user").asked
    assert (user.calls, user.least) == (3 + 4, 2)
    assert of_role(told, "judge").asked.calls == 3
    assert user.input.estimate / user.calls > 250


def test_a_part_teaches_the_rest(judged: Workspace) -> None:
    """A shard that was run in the results folder is enough to learn from."""
    command(judged, output="f'It is number {asked[\"case\"]}. ' * 9")
    given = Options(root=judged.root, results=judged.root / "part", judge_base_url=judged.base_url)
    asyncio.run(run_shard(request_of(given, {}), Shard(1, 2)))
    told = planned(judged, "part")
    assert told.sessions.stored == 3
    assert told.models[0].asked.learned == 3
    assert "answers of 153 characters in 2 sessions, the mean of an earlier run" in told.assumed
