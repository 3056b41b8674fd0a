"""A run in shards and one in one go come to the same."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from unittest.mock import ANY

import pytest

from rubric_action.errors import BaselineUnreadable
from rubric_action.report.shard import lines
from rubric_action.sharding import shard_exit_code
from tests.fakes.judge import JudgeServer, faults
from tests.pipeline.sharded import (
    CHANGES,
    COUNT,
    RUBRIC,
    answers,
    build,
    merged,
    shard,
    shards,
    suite,
)
from tests.pipeline.workspace import Workspace, session
from tests.report.folders import members, packed

SAME = ("cases.jsonl", "sessions.jsonl")


@pytest.fixture
def made(tmp_path: Path, judge_server: JudgeServer) -> Workspace:
    """The suite, with its baseline in `again`."""
    return build(tmp_path, judge_server)


def texts(made: Workspace, results: str) -> dict[str, str]:
    """The files of a results folder that have to be the same to the byte."""
    return {name: (made.root / results / name).read_text() for name in SAME}


@pytest.mark.parametrize("of", [1, 2, 5, COUNT + 3])
@pytest.mark.parametrize("change", CHANGES, ids=lambda one: one.__name__)
def test_the_joined_decision_is_that_of_one_run(
    made: Workspace,
    judge_server: JudgeServer,
    change: Callable[[Workspace, JudgeServer], None],
    of: int,
) -> None:
    """Verdict, findings, slices, cases, comment: all but how long it took."""
    given = {"baseline": "again", "base": "eval/base.yaml"}
    made.write("eval/base.yaml", (made.root / "eval/rubric.yaml").read_text())
    change(made, judge_server)
    alone = made.gate("alone", **given)
    shards(made, of, **given)
    joined = merged(made, **given)
    assert joined == alone
    assert made.summary("merged") == made.summary("alone")
    assert texts(made, "merged") == texts(made, "alone")
    replies = [
        {record["key"]: record for record in made.records("grades.jsonl", results)}
        for results in ("alone", "merged")
    ]
    assert replies[0] == replies[1] != {}


def test_the_changes_are_of_all_kinds(made: Workspace, judge_server: JudgeServer) -> None:
    """What the comparison above is worth: the verdicts and findings that it goes through."""
    made.write("eval/base.yaml", (made.root / "eval/rubric.yaml").read_text())
    verdicts, kinds = [], set()
    for change in CHANGES:
        made.rubric(RUBRIC)
        made.cases(*suite())
        change(made, judge_server)
        report = made.gate("alone", baseline="again", base="eval/base.yaml")
        verdicts.append(report.decision.verdict)
        kinds |= {finding.kind for finding in report.decision.findings}
    assert verdicts == ["pass", "fail", "fail", "fail", "error"]
    assert kinds >= {
        *("missing", "ungraded", "hard-gate", "regression", "threshold", "drop"),
        *("freshness", "bar-lowered", "case-removed", "latency"),
    }


def test_each_case_is_run_once(made: Workspace, judge_server: JudgeServer) -> None:
    """The shards share the work, evenly and in the order of the cases."""
    judge_server.requests.clear()
    reports = shards(made, 5)
    assert [report.cases for report in reports] == [5, 5, 5, 5, 4]
    assert len(judge_server.requests) == 2 * COUNT
    held = [[one["id"] for one in made.records("cases.jsonl", f"shards/{n}")] for n in range(1, 6)]
    assert held[1] == ["c1", "c6", "c11", "c16", "c21"]
    assert {one for each in held for one in each} == {f"c{number}" for number in range(COUNT)}


def test_a_shards_folder_holds_no_verdict(made: Workspace) -> None:
    """It says that it is a shard, what it was made of, and what it cost; nothing else is told."""
    report = shard(made, 2, 5)
    assert {path.name for path in (made.root / "shards/2").iterdir()} == {
        *("summary.json", "cases.jsonl", "sessions.jsonl", "grades.jsonl")
    }
    summary = made.summary("shards/2")
    assert list(summary) == [
        *("schema", "shard", "cases", "stopped", "spend", "judge", "judge_model", "outputs"),
        *("warnings", "run"),
    ]
    assert summary["schema"] == "rubric-shard/1"
    assert summary["shard"] == {"index": 2, "of": 5}
    assert (summary["cases"]["count"], summary["cases"]["of"]) == (5, COUNT)
    assert summary["spend"]["judge_calls"] == 10
    told = list(lines(report))
    assert told[0] == "shard 2 of 5: 5 cases graded, 0 failed; merge decides"
    assert shard_exit_code(report) == 0


@pytest.mark.parametrize("use", ["baseline", "zip"])
def test_a_shard_is_no_baseline(made: Workspace, tmp_path: Path, use: str) -> None:
    """Neither its folder nor a zip of it."""
    shard(made, 1, 2)
    name = "shards/1"
    if use == "zip":
        (tmp_path / "one.zip").write_bytes(packed(members(made.root / name)))
        name = "one.zip"
    with pytest.raises(BaselineUnreadable, match=r"one shard, which decide nothing.*merge"):
        made.gate("alone", baseline=name)


def test_failing_cases_are_the_merges_business(made: Workspace) -> None:
    """A shard that did its part exits 0, whatever came out."""
    made.sessions(*(session(n, "Here is my api_key.") for n in range(COUNT)))
    report = shard(made, 1, 3)
    assert (report.failed, shard_exit_code(report)) == (0, 0)
    assert report.undecided == 8
    assert next(lines(report)) == "shard 1 of 3: 0 cases of 8 graded, 0 failed; merge decides"


def test_the_shards_own_day_does_not_count(made: Workspace, judge_server: JudgeServer) -> None:
    """A text that grows too old between shard and merge is too old, as in one run at that time."""
    told = answers()
    told[0]["context"] = [{"text": "Old.", "source": "old.md", "updated_at": "2026-10-24"}]
    made.sessions(*told)
    shards(made, 3, created_at="2026-11-23T23:59:00Z")
    alone = made.gate("alone", created_at="2026-11-24T00:01:00Z")
    joined = merged(made, created_at="2026-11-24T00:01:00Z")
    assert joined == alone
    assert [finding.kind for finding in joined.decision.findings] == ["freshness"]
    assert judge_server.requests


def test_history_is_of_the_merges_baseline(made: Workspace) -> None:
    """Whatever the shards were given, a case's past is that of the baseline given to the merge."""
    shard(made, 1, 2)
    shard(made, 2, 2, baseline="before")
    alone = made.gate("alone", baseline="again")
    assert merged(made, baseline="again") == replace(alone, spend=ANY)
    assert texts(made, "merged") == texts(made, "alone")
    assert made.records("cases.jsonl", "merged")[5]["history"]["runs"] == [[1, 2], [2, 2], [2, 2]]


def test_replies_of_the_baseline_are_not_paid_for_again(
    made: Workspace, judge_server: JudgeServer
) -> None:
    """A shard looks up what is known, and hands it on to the next baseline."""
    judge_server.requests.clear()
    shards(made, 2, baseline="again")
    report = merged(made, baseline="again")
    assert judge_server.requests == []
    assert (report.spend.judge_calls, report.spend.judge_cached) == (0, 2 * COUNT)
    made.gate("next", baseline="merged")
    assert judge_server.requests == []


def test_a_limit_is_shared(made: Workspace, judge_server: JudgeServer) -> None:
    """Each of n shards may spend an n-th and stops there; the whole has no verdict then."""
    price = {"prices": {"input": 1000, "output": 1000}}
    made.rubric(RUBRIC, judge={**RUBRIC["judge"], **price, "concurrency": 1})
    whole = made.gate("alone").spend.judge_cost_usd
    assert whole is not None
    reports = shards(made, 2, max_judge_cost=whole / 2)
    for number, report in enumerate(reports, start=1):
        assert 0 < (report.spend.judge_cost_usd or 0) < whole * 0.4
        assert shard_exit_code(report) == 3
        assert next(lines(report)).startswith(f"shard {number} of 2 was cut short, ")
    judge_server.requests.clear()
    joined = merged(made)
    assert joined.decision.verdict == "error"
    assert joined.decision.headline.startswith("No verdict: Shard 1 of 2: ")
    assert joined.spend.judge_cost_usd == sum(one.spend.judge_cost_usd or 0 for one in reports)
    assert judge_server.requests == []


def test_a_judge_that_refuses(made: Workspace, judge_server: JudgeServer) -> None:
    """The joined verdict is an error, and says which shard, why, and what to do."""
    judge_server.when(lambda prompt: "answer 1." in prompt, faults.status(401))
    reports = shards(made, 4)
    assert [shard_exit_code(report) for report in reports] == [0, 3, 0, 0]
    decision = merged(made).decision
    assert decision.verdict == "error"
    assert decision.headline.startswith("No verdict: Shard 2 of 4: The judge")
    assert decision.next_step


def test_another_model_is_told(made: Workspace) -> None:
    """What the workflow said over the rubric's judge in the shards holds for the whole."""
    alone = made.gate("alone", judge_model="large")
    shards(made, 2, judge_model="large")
    joined = merged(made)
    assert joined == alone
    assert joined.judge is not None
    assert joined.judge.model == "large"


def test_no_secret_in_a_shard(made: Workspace) -> None:
    """What a shard writes passes the redactor."""
    made.environ = {"SERVICE_TOKEN": "sk_live_123456"}
    made.sessions(*(session(n, "It is sk_live_123456.", trial=t) for n in range(4) for t in (1, 2)))
    made.cases(*suite()[:4])
    shards(made, 2)
    written = "".join(path.read_text() for path in (made.root / "shards").rglob("*.json*"))
    assert "sk_live" not in written
    assert "[redacted]" in written
