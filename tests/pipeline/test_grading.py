"""Which calls the judge gets, and what becomes of what it says."""

import pytest

from rubric_action.errors import InputError
from tests.fakes.judge import JudgeServer, faults
from tests.pipeline.workspace import JUDGED, Workspace, case, session


def test_one_request_a_case(judged: Workspace, judge_server: JudgeServer) -> None:
    """All axes of a case are graded in one call, and the cases pass."""
    report = judged.gate()
    assert report.decision.verdict == "pass"
    assert len(judge_server.requests) == 5
    assert all(
        set(asked.schema["properties"]) == {"tone", "policy"}
        for asked in judge_server.requests
        if asked.schema
    )
    assert report.spend.judge_calls == 5
    assert report.spend.agent_sessions == 5


def test_isolated_axis(judged: Workspace, judge_server: JudgeServer) -> None:
    """An isolated axis costs one more call a case, in which nothing else is asked."""
    axes = {"tone": JUDGED["axes"]["tone"], "policy": {"ask": "Does it obey?", "isolate": True}}
    judged.rubric(JUDGED, axes=axes)
    judged.gate()
    asked = [tuple(one.schema["properties"]) for one in judge_server.requests if one.schema]
    assert sorted(asked) == [("policy",)] * 5 + [("tone",)] * 5


def test_settled_axis(judged: Workspace, judge_server: JudgeServer) -> None:
    """An axis that a rule settles isn't sent; where rules settle all, nobody is asked."""
    rules = [{"not_contains": "api_key", "axis": "policy"}]
    judged.rubric(JUDGED, rules=rules)
    judged.cases(
        *(case(n) for n in range(4)), case(4, rules=[{"contains": "answer", "axis": "tone"}])
    )
    report = judged.gate()
    assert [tuple(one.schema["properties"]) for one in judge_server.requests if one.schema] == [
        ("tone",)
    ] * 4
    assert report.decision.verdict == "pass"
    assert judged.records("cases.jsonl")[4]["axes"]["policy"]["score"] == 1


def test_equal_content_is_asked_once(judged: Workspace, judge_server: JudgeServer) -> None:
    """Trials with the same answer are one question to the judge."""
    judged.cases(case(0))
    judged.sessions(session(0), session(0, trial=2), session(0, trial=3))
    report = judged.gate()
    assert len(judge_server.requests) == 1
    assert (report.spend.judge_calls, report.spend.judge_cached) == (1, 2)
    assert report.spend.agent_sessions == 3


def test_lowest_grades_fail(judged: Workspace, judge_server: JudgeServer) -> None:
    """A score below the pass mark fails its case, with the judge's own reason."""
    judge_server.score = lambda prompt, axis: (
        (0.2, "It promises a refund.") if "answer 3" in prompt and axis == "policy" else 1.0
    )
    judged.rubric(JUDGED, slices={"all": {"select": "all", "gate": "hard"}})
    report = judged.gate()
    assert report.decision.verdict == "fail"
    [finding] = report.decision.findings
    assert (finding.kind, finding.case) == ("hard-gate", "c3")
    assert "It promises a refund." in finding.sentence
    record = judged.records("cases.jsonl")[3]
    assert record["passed"] is False
    assert record["axes"]["policy"] == {
        "score": 0.2,
        "passed": False,
        "reason": "It promises a refund.",
    }


def test_ungraded_is_an_error(judged: Workspace, judge_server: JudgeServer) -> None:
    """A reply of no use leaves the case undecided: verdict `error`, no slice shrinks."""
    judge_server.when(lambda prompt: "answer 2" in prompt, faults.content("no JSON"))
    report = judged.gate()
    summary = judged.summary()
    assert report.decision.verdict == summary["verdict"] == "error"
    assert summary["slices"]["all"]["cases"] == 5
    assert summary["slices"]["all"]["pass_rate"] is None
    assert summary["slices"]["all"]["axes"]["tone"]["mean"] is None
    record = judged.records("cases.jsonl")[2]
    assert record["passed"] is None
    assert "not one JSON object" in record["cause"]
    assert [f["case"] for f in summary["findings"] if f["kind"] == "ungraded"] == ["c2"]


def test_judge_refuses(judged: Workspace, judge_server: JudgeServer) -> None:
    """A refused key stops the run at once; the results say so, and the verdict is `error`."""
    judged.rubric(JUDGED, judge={**JUDGED["judge"], "concurrency": 2})
    judged.cases(*(case(n) for n in range(40)))
    judged.sessions(*(session(n) for n in range(40)))
    judge_server.always(faults.unauthorized())
    report = judged.gate()
    assert report.decision.verdict == "error"
    assert len(judge_server.requests) <= 2
    assert "does not accept the key" in report.decision.headline
    summary = judged.summary()
    assert summary["verdict"] == "error"
    assert summary["cases"]["count"] == 40
    assert all(record["passed"] is None for record in judged.records("cases.jsonl"))
    assert "does not accept the key" in (judged.root / "rubric-results/comment.md").read_text()


def test_missing_session(judged: Workspace, judge_server: JudgeServer) -> None:
    """A case without a session is an error of its own, and costs no call."""
    judged.sessions(*(session(n) for n in range(4)))
    report = judged.gate()
    assert report.decision.verdict == "error"
    assert [(f.kind, f.case) for f in report.decision.findings] == [("missing", "c4")]
    assert len(judge_server.requests) == 4
    assert judged.records("cases.jsonl")[4]["missing"] is True


def test_budget(judged: Workspace, judge_server: JudgeServer) -> None:
    """Past the cost limit no call is made; what was graded is kept, and the verdict is `error`."""
    judge = {**JUDGED["judge"], "concurrency": 1, "prices": {"input": 1000, "output": 1000}}
    judged.rubric(JUDGED, judge=judge)
    report = judged.gate(max_judge_cost=0.01)
    assert report.decision.verdict == "error"
    assert 1 <= len(judge_server.requests) < 5
    assert len(judged.records("grades.jsonl")) == len(judge_server.requests)
    assert "cost" in report.decision.headline


def test_budget_without_a_price(judged: Workspace, judge_server: JudgeServer) -> None:
    """A limit on a cost that nobody can know is refused before anything is spent."""
    with pytest.raises(InputError, match="no price is known"):
        judged.gate(max_judge_cost=1.0)
    assert judge_server.requests == []
    assert not (judged.root / "rubric-results").exists()


@pytest.mark.parametrize("concurrency", [1, 3])
def test_concurrency(judged: Workspace, judge_server: JudgeServer, concurrency: int) -> None:
    """`--concurrency` bounds the calls that are open at once, over the rubric's number."""
    judged.cases(*(case(n) for n in range(9)))
    judged.sessions(*(session(n) for n in range(9)))
    judge_server.latency = 0.03
    judged.gate(concurrency=concurrency)
    assert judge_server.max_in_flight == concurrency
    assert len(judge_server.requests) == 9


def test_order_of_results(judged: Workspace, judge_server: JudgeServer) -> None:
    """Results stand in the order of the cases, whatever the order of the replies."""
    judge_server.when(lambda prompt: "answer 0" in prompt, faults.delay(0.2), times=1)
    judged.gate()
    assert [record["id"] for record in judged.records("cases.jsonl")] == [f"c{n}" for n in range(5)]
    assert [record["case"] for record in judged.records("sessions.jsonl")] == [
        f"c{n}" for n in range(5)
    ]
