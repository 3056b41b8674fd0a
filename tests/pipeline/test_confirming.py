"""Cases that used to pass and fail now: run again before anything is held against a change."""

from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from rubric_action.confirming import MANY
from rubric_action.report.model import Report
from tests.fakes.agent import AgentServer, Asked
from tests.fakes.judge import JudgeServer, faults
from tests.pipeline.workspace import JUDGED, RULED, Json, Workspace, case

GOOD, BAD = "All is well.", "My api_key is 1."
CASES = 4


class Scripted:
    """An agent that answers each case from a list, and goes on with the last answer."""

    def __init__(self) -> None:
        self.answers: dict[str, list[str]] = {}
        self.asked: dict[str, int] = defaultdict(int)

    def __call__(self, asked: Asked) -> Json:
        name = asked.body["case"]
        said = self.answers.get(name, [GOOD])
        number = min(self.asked[name], len(said) - 1)
        self.asked[name] += 1
        return {"text": said[number]}


class Bench:
    """A workspace whose agent is scripted, with a baseline of some runs in which all passes."""

    def __init__(self, workspace: Workspace, server: AgentServer, rubric: Json) -> None:
        self.workspace, self.script = workspace, Scripted()
        server.answer = self.script
        self._rubric = rubric
        self._agent = {
            "http": {"url": server.url, "body": {"case": "{{case.id}}"}, "output": "text"},
            "timeout": "5s",
        }
        self.rules()

    def rules(self, **changes: Any) -> None:
        """The rubric with these changes."""
        self.workspace.rubric(self._rubric, agent=self._agent, **changes)

    def history(self, runs: int) -> str:
        """A baseline after so many runs."""
        before: dict[str, Any] = {}
        for number in range(runs):
            self.workspace.gate(f"base-{number}", **before)
            before = {"baseline": f"base-{number}"}
        self.script.asked.clear()
        return f"base-{runs - 1}"

    def gate(self, baseline: str, **answers: list[str]) -> Report:
        """The change under test, in which some cases answer otherwise."""
        self.script.answers = answers
        return self.workspace.gate(baseline=baseline)


@pytest.fixture
def server() -> Iterator[AgentServer]:
    """The agent's own server."""
    with AgentServer(lambda _: {}) as server:
        yield server


@pytest.fixture
def bench(tmp_path: Path, server: AgentServer) -> Bench:
    """Four cases, decided by one rule."""
    workspace = Workspace(tmp_path)
    workspace.cases(*(case(n) for n in range(CASES)))
    return Bench(workspace, server, RULED)


def only_doubt(workspace: Workspace) -> Any:
    """The one case in doubt, as the summary tells of it."""
    (doubt,) = workspace.summary()["cases"]["doubts"]
    return doubt


def test_a_case_that_always_fails_now_is_broken(bench: Bench) -> None:
    """It is run five more times, and all of them fail."""
    report = bench.gate(bench.history(2), c1=[BAD])
    assert [f.kind for f in report.decision.findings] == ["regression"]
    assert bench.script.asked == {"c0": 1, "c1": 6, "c2": 1, "c3": 1}
    doubt = only_doubt(bench.workspace)
    assert (doubt["outcome"], doubt["flipped"]) == ("broken", None)
    assert (doubt["past"], doubt["now"]) == (
        {"passes": 2, "trials": 2},
        {"passes": 0, "trials": 6},
    )
    assert bench.workspace.summary()["spend"]["agent_sessions"] == CASES + 5


def test_a_case_with_bad_luck_blocks_nothing(bench: Bench) -> None:
    """Its first re-run passes, and with a short history no further one could convict it."""
    report = bench.gate(bench.history(1), c1=[BAD, GOOD])
    assert report.decision.verdict == "pass"
    assert bench.script.asked["c1"] == 2
    doubt = only_doubt(bench.workspace)
    assert (doubt["outcome"], doubt["flipped"]) == ("luck", "agent")


def test_a_long_history_convicts_what_passes_only_sometimes(bench: Bench) -> None:
    """Twenty of twenty, and now two of six."""
    report = bench.gate(bench.history(20), c1=[BAD, GOOD, BAD, BAD, GOOD, BAD])
    assert [f.kind for f in report.decision.findings] == ["regression"]
    assert only_doubt(bench.workspace)["outcome"] == "surprise"


def test_what_was_run_again_is_history_too(bench: Bench) -> None:
    """The next run knows six trials of this one."""
    bench.gate(bench.history(1), c1=[BAD])
    (told,) = [one for one in bench.workspace.records("cases.jsonl") if one["id"] == "c1"]
    assert told["history"]["runs"] == [[1, 1], [0, 6]]
    assert told["confirmation"] == {"trials": [False] * 5, "regrade": None, "cause": None}
    assert len(told["trials"]) == 1


def test_recorded_sessions_are_not_run_again(bench: Bench) -> None:
    """With `outputs` over the agent, the flip stands as it is."""
    baseline = bench.history(1)
    rows = [{"case": f"c{n}", "output": BAD if n == 1 else GOOD} for n in range(CASES)]
    bench.workspace.sessions(*rows)
    bench.workspace.gate(baseline=baseline, outputs="eval/outputs.jsonl")
    assert not bench.script.asked
    assert only_doubt(bench.workspace)["outcome"] == "unconfirmed"


def test_confirm_0_runs_nothing_again(bench: Bench) -> None:
    """A team that counts every flip may say so."""
    bench.rules(regression={"confirm": 0})
    report = bench.gate(bench.history(1), c1=[BAD, GOOD])
    assert [f.kind for f in report.decision.findings] == ["regression"]
    assert bench.script.asked["c1"] == 1


def test_a_hard_case_gets_no_benefit_of_the_doubt(bench: Bench) -> None:
    """One failure convicts, and costs no further session."""
    bench.rules(slices={"crit": {"select": {"ids": ["c1"]}, "gate": "hard"}, **RULED["slices"]})
    bench.gate(bench.history(1), c1=[BAD, GOOD])
    assert bench.script.asked["c1"] == 1
    assert only_doubt(bench.workspace)["outcome"] == "strict"


def test_an_agent_that_hangs_in_a_re_run_is_an_error(bench: Bench, server: AgentServer) -> None:
    """Nobody knows whether the case is broken: the verdict is neither green nor red."""
    baseline = bench.history(1)
    bench.script.answers = {"c1": [BAD]}

    def answer(asked: Asked) -> Json:
        if asked.body["case"] == "c1" and bench.script.asked["c1"]:
            return {"other": "shape"}
        return bench.script(asked)

    server.answer = answer
    report = bench.workspace.gate(baseline=baseline)
    assert report.decision.verdict == "error"
    assert only_doubt(bench.workspace)["outcome"] == "unended"


def test_an_agent_that_is_down_is_not_run_five_times_over(
    tmp_path: Path, server: AgentServer
) -> None:
    """When most of what was counted on fails at once, that is no luck."""
    workspace = Workspace(tmp_path)
    workspace.cases(*(case(n) for n in range(MANY + 5)))
    bench = Bench(workspace, server, RULED)
    answers = {f"c{n}": [BAD] for n in range(MANY + 2)}
    report = bench.gate(bench.history(1), **answers)
    assert report.decision.verdict == "fail"
    assert sum(bench.script.asked.values()) == MANY + 5
    assert any("no bad luck" in warning for warning in report.warnings)


def judged(workspace: Workspace, server: AgentServer) -> Bench:
    """Two cases on two axes, by a model."""
    workspace.cases(case(0), case(1))
    judge = {**JUDGED["judge"], "deadline": "10s"}
    return Bench(workspace, server, {**JUDGED, "judge": judge})


def test_the_judges_noise_is_told_from_the_agents(
    tmp_path: Path, server: AgentServer, judge_server: JudgeServer
) -> None:
    """The same answer is graded afresh before the agent is asked again; nothing is cached."""
    bench = judged(Workspace(tmp_path, judge_server.base_url), server)
    baseline = bench.history(1)
    before = len(judge_server.requests)
    scores = iter([0.1, 0.9, 0.9, 0.9, 0.9, 0.9, 0.9])
    judge_server.score = lambda prompt, axis: (
        next(scores) if axis == "tone" and "about 1" in prompt and "Odd" in prompt else 0.9
    )
    report = bench.gate(baseline, c1=["Odd."])
    assert report.decision.verdict == "pass"
    doubt = only_doubt(bench.workspace)
    assert (doubt["outcome"], doubt["flipped"]) == ("luck", "judge")
    # The odd answer: once, graded again, and once more for the re-run, which answers the same.
    assert len(judge_server.requests) - before == 3


def test_a_killed_confirmation_pays_no_sample_twice(
    tmp_path: Path, server: AgentServer, judge_server: JudgeServer
) -> None:
    """What a run paid for before it was cut short is found by the next one, and by no other."""
    bench = judged(Workspace(tmp_path, judge_server.base_url), server)
    baseline = bench.history(1)
    judge_server.score = lambda prompt, _: 0.1 if "Odd" in prompt else 0.9
    asked = len(judge_server.requests)
    bench.gate(baseline, c1=["Odd."])
    first = len(judge_server.requests) - asked
    assert first == 1 + 1 + 5
    results = bench.workspace.root / "rubric-results"
    (results / "summary.json").unlink()  # as a kill would leave it
    bench.gate(baseline, c1=["Odd."])
    assert len(judge_server.requests) - asked == first
    bench.gate(baseline, c1=["Odd."])
    # A new run grades afresh what is in doubt, and only that.
    assert len(judge_server.requests) - asked == first + 6


def test_a_judge_that_fails_in_a_confirmation_is_an_error(
    tmp_path: Path, server: AgentServer, judge_server: JudgeServer
) -> None:
    """The key is refused in the middle: the verdict says so."""
    bench = judged(Workspace(tmp_path, judge_server.base_url), server)
    baseline = bench.history(1)
    judge_server.score = lambda prompt, _: 0.1 if "Odd" in prompt else 0.9
    once = iter([False])
    judge_server.when(
        lambda prompt: "Odd" in prompt and next(once, True), faults.insufficient_quota()
    )
    report = bench.gate(baseline, c1=["Odd."])
    assert report.decision.verdict == "error"
