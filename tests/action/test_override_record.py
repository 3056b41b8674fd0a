"""What stays of an override: the audit, the ledger, and how often a quarter saw one."""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from tests.action.overriding import (
    KEEPS_LEDGER,
    SIGNED,
    WEAK,
    Scene,
    Setting,
    approve,
    dismiss,
    label,
    opened,
    role,
    signable,
)
from tests.action.stage import Stage, Step
from tests.fakes.github import GithubServer, Pull

LEDGER = "rubric-ledger"
KEPT = Setting(signable(ledger=LEDGER))
ONE_A_QUARTER = signable(max_per_quarter="1")
REWRITE = "and the rubric allows for 1: it needs a rewrite rather than another signature"


def records(step: Step) -> list[dict[str, Any]]:
    """The audit in a results folder, without the line that names its schema."""
    return parsed((step.results / "audit.jsonl").read_text())


def parsed(text: str) -> list[dict[str, Any]]:
    """The decisions of an audit."""
    head, *lines = map(json.loads, text.splitlines())
    assert head == {"schema": "rubric-audit/1"}
    return lines


def ledger(scene: Scene) -> str:
    """The ledger's file."""
    repo = scene.stage.repo
    return repo.network.commits[repo.branches[LEDGER]].files["audit.jsonl"].decode()


def decide(scene: Scene, action: str = "submitted") -> Step:
    """Decide again, with a token that may write to the ledger."""
    return scene.again(action, token=scene.stage.github.world.token(KEEPS_LEDGER))


def test_one_line_a_decision(github_server: GithubServer, tmp_path: Path) -> None:
    """It holds all that the decision was made from."""
    scene = opened(github_server, tmp_path)
    scene.happen(role("kim", "read"), label(), approve("kim"))
    (refused,) = records(scene.again("submitted"))
    assert (refused["counts"], refused["state"], refused["review"]) == (False, "refused", None)
    scene.happen(approve())
    before, line = records(scene.again("submitted"))
    assert before == refused

    pull, repo = scene.pull, scene.stage.repo
    event = next(one for one in pull.events if one.event == "labeled")
    signature, run = pull.reviews[-1], max(repo.runs)
    assert line["at"].endswith("Z")
    assert (line["pull"], line["counts"], line["state"]) == (1, True, "granted")
    assert line["verdict"] == {"measured": "fail", "final": "overridden"}
    assert (line["head"], line["base"]) == (pull.head_sha, pull.base_sha)
    assert line["rubric"]["head"] == line["rubric"]["base"] is not None
    assert line["run"]["id"] == run
    assert line["run"]["attempt"] == 1
    assert line["run"]["url"].endswith(f"/runs/{run}/attempts/1")
    assert line["run"]["graded_by"] == min(repo.runs)
    told = line["label"]
    assert (told["event_id"], told["by"]) == (event.id, "dana")
    assert told["by_id"] == github_server.world.account("dana").id
    assert told["at"] == event.created_at.isoformat().replace("+00:00", "Z")
    given = line["review"]
    assert (given["id"], given["by"], given["role"]) == (signature.id, "mona", "write")
    assert given["by_id"] == github_server.world.account("mona").id
    assert given["url"].endswith(f"#pullrequestreview-{signature.id}")
    assert given["reason"] == "the parser is fixed in #12"
    assert given["results_at"] < given["at"]
    assert line["floor"]["what"] == "the first workflow run of the head commit"
    (covered,) = line["covered"]
    assert (covered["kind"], covered["slice"]) == ("threshold", "head")
    assert (covered["required"], covered["observed"], covered["observed_then"]) == (0.9, 0.8, 0.8)
    (rejected,) = line["rejected"]
    assert rejected["who"] == "kim"
    assert "the rubric does not name them" in rejected["reason"]
    assert rejected["review"]["id"] == pull.reviews[0].id


def test_a_later_decision_keeps_the_records_of_earlier_ones(
    github_server: GithubServer, tmp_path: Path
) -> None:
    """A signature that was taken back stays on record, below the new decision."""
    scene = opened(github_server, tmp_path)
    scene.happen(*SIGNED)
    granted = records(scene.again("submitted"))
    scene.happen(dismiss())
    step = scene.again("submitted")
    assert step.exit_code == 1, step.log
    refused = records(step)
    assert refused[:-1] == granted
    scene.happen(approve())
    assert records(scene.again("submitted"))[:-1] == refused


def nameless(stage: Stage) -> Pull:
    """A commit whose author has no account."""
    stage.repo.push("change", {"note.txt": "x"}, author=None)
    return stage.change(WEAK)


def test_an_author_without_an_account_is_noted(github_server: GithubServer, tmp_path: Path) -> None:
    """It rules nobody out, and the audit tells of it."""
    scene = opened(github_server, tmp_path, Setting(opens=nameless))
    scene.happen(*SIGNED)
    (line,) = records(scene.again("submitted"))
    assert "1 commit with an author who has no account" in line["notes"][0]


def test_the_ledger_keeps_every_decision(github_server: GithubServer, tmp_path: Path) -> None:
    """The branch is made at need, and lines are only ever added."""
    scene = opened(github_server, tmp_path, KEPT)
    assert LEDGER not in scene.stage.repo.branches
    scene.happen(label())
    refused = decide(scene, "labeled")
    before = ledger(scene)
    assert parsed(before) == records(refused)
    scene.happen(approve())
    signed = decide(scene)
    assert signed.exit_code == 0, signed.log
    assert ledger(scene).startswith(before)
    assert parsed(ledger(scene))[-1] == records(signed)[-1]
    assert [one["counts"] for one in parsed(ledger(scene))] == [False, True]
    decide(scene)
    assert len(parsed(ledger(scene))) == 2, "the same decision once more is no news"


def test_a_conflict_at_the_ledger_is_retried(github_server: GithubServer, tmp_path: Path) -> None:
    """Another run was faster: its line stays, and ours comes after it."""
    scene = opened(github_server, tmp_path, KEPT)
    line = json.dumps({"pull": 7, "at": "2020-01-01T00:00:00Z", "counts": True})
    header = json.dumps({"schema": "rubric-audit/1"})
    repo = scene.stage.repo
    repo.push(LEDGER, {"audit.jsonl": f"{header}\n"}, parents=())
    scene.stage.github.fault(
        "PUT",
        "/contents/audit.jsonl",
        before=lambda: repo.push(LEDGER, {"audit.jsonl": f"{header}\n{line}\n"}),
    )
    scene.happen(*SIGNED)
    step = decide(scene)
    assert step.exit_code == 0, step.log
    assert not any("ledger" in one for one in step.annotations("warning"))
    assert [one["pull"] for one in parsed(ledger(scene))] == [7, 1]
    assert len(scene.stage.asked("PUT")) == 2


def test_a_ledger_that_cannot_be_written_is_told(
    github_server: GithubServer, tmp_path: Path
) -> None:
    """The verdict stands, and the log names the permission that is missing."""
    scene = opened(github_server, tmp_path, KEPT)
    scene.happen(*SIGNED)
    step = scene.again("submitted")
    assert step.outputs["verdict"] == "overridden", step.log
    (warning,) = (one for one in step.annotations("warning") if "ledger" in one)
    assert "`contents: write`" in warning
    assert "audit.jsonl" in warning
    assert [one["counts"] for one in records(step)] == [True]


def after_one_override(stage: Stage) -> Pull:
    """Another pull request was signed for and merged; the baseline carries its record."""
    first = Scene(stage, stage.change(WEAK, "first"))
    assert stage.gate(first.pull).exit_code == 1
    first.happen(*SIGNED)
    assert first.again("submitted").exit_code == 0
    stage.push(WEAK)
    first.pull.close(merged=True)
    (line,) = records(stage.main_run())
    assert (line["pull"], line["counts"]) == (first.pull.number, True)
    return stage.change({**WEAK, "note.txt": "x"})


def after_two_runs(stage: Stage) -> Pull:
    """The same with one more baseline since, which carries the record forward."""
    after_one_override(stage)
    (line,) = records(stage.main_run())
    assert line["counts"]
    return stage.repo.pulls[2]


def after_a_ledger(stage: Stage) -> Pull:
    """The ledger tells of another pull request's override in this quarter."""
    now = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    lines = [{"schema": "rubric-audit/1"}, {"pull": 99, "at": now, "counts": True}]
    stage.repo.push(LEDGER, {"audit.jsonl": "".join(f"{json.dumps(one)}\n" for one in lines)})
    return stage.change(WEAK)


@pytest.mark.parametrize(
    "setting",
    [
        Setting(ONE_A_QUARTER, after_two_runs),
        Setting(f"{ONE_A_QUARTER}  ledger: {LEDGER}\n", after_a_ledger),
    ],
    ids=["baseline", "ledger"],
)
def test_max_per_quarter_reached(
    github_server: GithubServer, tmp_path: Path, setting: Setting
) -> None:
    """It still counts; comment, summary and audit warn that the rubric needs a rewrite."""
    scene = opened(github_server, tmp_path, setting)
    scene.happen(*SIGNED)
    step = decide(scene)
    assert (step.exit_code, step.outputs["verdict"]) == (0, "overridden"), step.log
    assert REWRITE in scene.comment, scene.comment
    line = records(step)[-1]
    assert REWRITE in line["warnings"][0]
    summary = json.loads((step.results / "summary.json").read_text())
    assert REWRITE in summary["override_decision"]["warnings"][0]
    assert "it needs a rewrite rather than another signature" in step.summary


def test_max_per_quarter_not_reached(github_server: GithubServer, tmp_path: Path) -> None:
    """Nobody is warned."""
    scene = opened(github_server, tmp_path, Setting(ONE_A_QUARTER))
    scene.happen(*SIGNED)
    step = scene.again("submitted")
    assert records(step)[-1]["warnings"] == []
    assert "rewrite" not in scene.comment


PROMISES = {45: test_max_per_quarter_reached}
"""What of the table of promises is kept here, by its numbers."""
