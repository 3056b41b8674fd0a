"""Conversations with a simulated user, from the case to the verdict."""

import json
import signal
import subprocess
from pathlib import Path

import pytest

from rubric_action.errors import InputError
from tests.cli.process import command, environment, rubric_action
from tests.fakes.judge import JudgeServer
from tests.pipeline.talking import DESK, Talk, asked_of, desk, held, simulated
from tests.pipeline.test_resume import PATIENCE_S, wait_until
from tests.pipeline.test_sessions_only import ran
from tests.pipeline.workspace import JUDGED, Json, Workspace

AT_ONCE = 3


def run_of(talking: Workspace) -> tuple[str | Path, ...]:
    """The arguments of a run in a process of its own."""
    results, url = talking.root / "rubric-results", str(talking.base_url)
    return ("gate", "--root", talking.root, "--results", results, "--judge-base-url", url)


def test_conversations_are_held_and_graded(talking: Workspace, judge_server: JudgeServer) -> None:
    """Each turn is answered with its history; the judge grades the whole in one call."""
    report = talking.gate()
    assert report.decision.verdict == "pass"
    assert held(talking) == {
        "s0": [
            ("Hello", "Answer 1 to: Hello"),
            ("My flight.", "Answer 2 to: My flight."),
            ("To Friday.", "Answer 3 to: To Friday."),
        ],
        "s1": [
            ("First words.", "Answer 1 to: First words."),
            ("My flight.", "Answer 2 to: My flight."),
            ("To Friday.", "Answer 3 to: To Friday."),
        ],
        "c2": [(None, "Answer 1 to: What about 2?")],
    }
    words, grades = asked_of(judge_server)
    assert (len(words), len(grades)) == (4 + 3, 3)
    [graded] = [prompt for prompt in grades if "Move flight 0." in prompt]
    assert graded.count(" question\n") == graded.count(" answer\n") == 3
    assert "turn 3 question\nTo Friday.\n" in graded
    assert report.spend.judge_calls == 10
    assert report.spend.agent_sessions == 3


def test_slices_count_the_most_that_a_user_may_say(
    talking: Workspace, judge_server: JudgeServer
) -> None:
    """A conversation that ended early is deep all the same, and gates as such."""
    judge_server.score = Talk(graded=lambda prompt, _axis: 0.0 if "Move flight 1." in prompt else 1)
    report = talking.gate()
    assert report.decision.verdict == "fail"
    [finding] = [one for one in report.decision.findings if one.kind == "hard-gate"]
    assert (finding.slice, finding.case) == ("deep", "s1")
    [broken] = [one for one in report.broken if one.id == "s1"]
    assert broken.asked == "1. First words.\n2. My flight.\n3. To Friday."


def test_an_unchanged_agent_meets_the_same_user_for_nothing(
    talking: Workspace, judge_server: JudgeServer
) -> None:
    """Neither words nor grades are asked for again, even of a judge that would say others."""
    talking.gate(results="baseline")
    asked = len(judge_server.requests)
    judge_server.score = Talk(lines=("Something else.",))
    report = talking.gate(baseline="baseline")
    assert len(judge_server.requests) == asked
    assert (report.spend.judge_calls, report.spend.judge_cached) == (0, asked)
    assert held(talking) == held(talking, "baseline")


def test_a_changed_answer_goes_another_way_from_there(
    talking: Workspace, judge_server: JudgeServer
) -> None:
    """What was said before it is what was said to the baseline."""
    talking.gate(results="baseline")
    judge_server.requests.clear()
    desk(talking, DESK.replace("Answer {len(said)}", "Answer {min(len(said), 2)}"))
    talking.gate(baseline="baseline")
    words, grades = asked_of(judge_server)
    # Only the line after the third answer is new: whether the user is done.
    assert len(words) == 2
    assert len(grades) == 2
    assert held(talking)["s0"][:2] == held(talking, "baseline")["s0"][:2]


def test_an_endpoint_converses(talking: Workspace, judge_server: JudgeServer) -> None:
    """A chat endpoint gets the conversation as its messages, one request a turn."""
    url = f"{talking.base_url}/chat/completions"
    talking.rubric(JUDGED, agent={"http": {"url": url, "openai": True, "body": {"model": "desk"}}})
    talking.cases(simulated(0))
    assert talking.gate().decision.verdict == "pass"
    told = [one.body["messages"] for one in judge_server.requests if one.model == "desk"]
    roles = [[message["role"] for message in messages] for messages in told]
    assert roles == [["user", "assistant"] * turn + ["user"] for turn in range(3)]
    assert [messages[-1]["content"] for messages in told] == ["Hello", "My flight.", "To Friday."]
    assert [said for said, _ in held(talking)["s0"]] == ["Hello", "My flight.", "To Friday."]


def test_trials_are_conversations_of_their_own(
    talking: Workspace, judge_server: JudgeServer
) -> None:
    """The same user with another number."""
    talking.rubric(JUDGED, agent=desk(talking, trials=2))
    talking.cases(simulated(0))
    assert talking.gate().decision.verdict == "pass"
    words, _ = asked_of(judge_server)
    seeds = [prompt.partition(" seed\n")[2].partition("\n")[0] for prompt in words]
    assert sorted(seeds) == ["7, trial 1"] * 4 + ["7, trial 2"] * 4


def test_a_killed_run_goes_on_with_its_conversations(
    talking: Workspace, judge_server: JudgeServer
) -> None:
    """After SIGKILL only what was never said is asked for, and the users are the same."""
    talking.rubric(JUDGED, agent=desk(talking), judge={**JUDGED["judge"], "concurrency": AT_ONCE})
    talking.cases(*(simulated(n) for n in range(8)))
    arguments = run_of(talking)
    judge_server.latency = 0.05
    process = subprocess.Popen(
        command(*arguments), env=environment(), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    wait_until(lambda: len(judge_server.requests) >= 12)
    process.send_signal(signal.SIGKILL)
    process.wait(PATIENCE_S)
    first, kept = len(judge_server.requests), len(talking.records("grades.jsonl"))
    assert first - AT_ONCE <= kept <= first
    judge_server.latency = 0.0
    done = rubric_action(*arguments)
    assert done.code == 0, done.err
    assert len(judge_server.requests) - first == 8 * 5 - kept
    spend = talking.summary()["spend"]
    assert (spend["judge_calls"], spend["judge_cached"]) == (40 - kept, kept)
    assert all(len(turns) == 3 for turns in held(talking).values())


def test_an_interrupted_run_keeps_the_words_it_paid_for(
    talking: Workspace, judge_server: JudgeServer
) -> None:
    """SIGTERM in the middle of a line ends with 130 and loses none."""
    talking.rubric(JUDGED, agent=desk(talking))
    talking.cases(simulated(0))
    judge_server.latency = 0.4
    process = subprocess.Popen(
        command(*run_of(talking)),
        env=environment(),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    wait_until(lambda: len(judge_server.requests) >= 2)
    process.send_signal(signal.SIGTERM)
    assert process.wait(PATIENCE_S) == 130
    assert len(talking.records("grades.jsonl")) == len(judge_server.requests)


@pytest.mark.parametrize(
    ("judge", "why"),
    [
        ({"provider": "lexical"}, "the lexical judge cannot play"),
        (None, "no judge that could play"),
    ],
)
def test_without_a_model_nothing_is_run(talking: Workspace, judge: Json | None, why: str) -> None:
    """A simulated user needs somebody to play it, and that is known before."""
    rules = [{"contains": "Answer", "axis": axis} for axis in ("tone", "policy")]
    talking.rubric(JUDGED, agent=desk(talking, "open('ran', 'w')"), judge=judge, rules=rules)
    with pytest.raises(InputError, match=why):
        talking.gate()
    assert not (talking.root / "ran").exists()
    assert not (talking.root / "rubric-results").exists()


def test_sessions_that_were_held_can_be_graded_again(
    talking: Workspace, judge_server: JudgeServer
) -> None:
    """The file holds all that was said, so nobody has to play."""
    first = talking.gate(results="first")
    sessions = talking.root / "first" / "sessions.jsonl"
    judge_server.requests.clear()
    again = talking.gate(outputs=str(sessions))
    assert again.decision.verdict == first.decision.verdict == "pass"
    words, grades = asked_of(judge_server)
    assert (len(words), len(grades)) == (0, 3)
    assert held(talking) == held(talking, "first")


def test_a_half_without_secrets_plays_no_user(talking: Workspace) -> None:
    """A fork's half says so in the session's place, and the script is run."""
    assert ran(talking).missing == 2
    told = [one.get("error") for one in talking.records("sessions.jsonl")]
    assert told == ["the simulated user could not be played: no model plays it here"] * 2 + [None]


def test_the_example_converses(tmp_path: Path, judge_server: JudgeServer) -> None:
    """The shipped agent, rubric and cases make whole conversations of both kinds."""
    judge_server.score = Talk()
    example = Path(__file__).parents[2] / "examples" / "conversations"
    made = Workspace(tmp_path, judge_server.base_url)
    for name in ("axes.yaml", "cases.jsonl", "agent.py"):
        made.write(name, (example / name).read_text(encoding="utf-8"))
    done = rubric_action(
        *("gate", "--root", tmp_path, "--rubric", "axes.yaml"),
        *("--results", tmp_path / "rubric-results", "--judge-base-url", judge_server.base_url),
    )
    assert done.code in (0, 1), done.err
    turns = {one["case"]: len(one["turns"]) for one in made.records("sessions.jsonl")}
    scripted = {
        one["id"]: len(one["turns"])
        for one in map(json.loads, (example / "cases.jsonl").read_text().splitlines())
        if "turns" in one
    }
    assert len(turns) == 5
    assert turns.items() >= scripted.items()
