"""What keeps shards from being joined, and who is told."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from rubric_action.errors import InputError, ResultsUnreadable
from rubric_action.report.shard import lines as told_lines
from tests.pipeline.sharded import merged, shard, shards
from tests.pipeline.workspace import JUDGED, RULED, Workspace, case, lines, session
from tests.report.folders import edit_summary, members, packed

Spoil = Callable[[Workspace], object]
ANOTHER = "f" * 40


def told(made: Workspace, *folders: str) -> str:
    """What the merge complains about, all at once; it writes nothing."""
    with pytest.raises(InputError) as raised:
        merged(made, folders=folders or ("shards",))
    assert not (made.root / "merged").exists()
    return str(raised.value)


def of_commit(sha: str) -> Callable[[dict[str, Any]], None]:
    """Let a shard be of another commit."""
    return lambda summary: summary["run"].update(sha=sha)


def spoil(name: str, edit: Callable[[dict[str, Any]], object]) -> Spoil:
    """Change a shard's summary."""
    return lambda made: edit_summary(made.root / "shards" / name, edit)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        pytest.param(
            lambda made: shutil.rmtree(made.root / "shards/2"),
            "the shards: shard 2 of 3 left no results. Run this shard again",
            id="missing",
        ),
        pytest.param(
            lambda made: (made.root / "shards/2/summary.json").unlink(),
            "shards/2: the shard did not finish, it left no `summary.json`. Run this shard again",
            id="unfinished",
        ),
        pytest.param(
            lambda made: (made.root / "shards/2/summary.json").unlink(),
            "the shards: shard 2 of 3 left no results",
            id="unfinished is missing",
        ),
        pytest.param(
            lambda made: shutil.copytree(made.root / "shards/2", made.root / "shards/4"),
            "shards/4: shard 2 of 3 is there already, as ",
            id="twice",
        ),
        pytest.param(
            lambda made: shard(made, 4, 5, folder="shards/4"),
            "shards/4: it is shard 4 of 5, and ",
            id="another split",
        ),
        pytest.param(
            lambda made: made.rubric({**RULED, "regression": {"alpha": 0.02}}),
            "shards/1: shard 1 of 3 was graded under another rubric. Run all shards again",
            id="rubric",
        ),
        pytest.param(
            lambda made: made.cases(*(case(n, notes="new") for n in range(5))),
            "shards/3: shard 3 of 3 was graded with other cases",
            id="cases",
        ),
        pytest.param(
            lambda made: made.cases(*(case(n) for n in (1, 0, 2, 3, 4))),
            "shards/3: shard 3 of 3 was graded with other cases",
            id="order of cases",
        ),
        pytest.param(
            lambda made: [spoil(str(n), of_commit(ANOTHER))(made) for n in (1, 2, 3)],
            f"shards/1: shard 1 of 3 is of commit {ANOTHER}. Run all shards again",
            id="all of another commit",
        ),
        pytest.param(
            spoil("2", lambda summary: summary["run"].update(sha=None)),
            "shards/2: shard 2 of 3 is of commit None, ",
            id="one of an unknown commit",
        ),
        pytest.param(
            spoil("2", lambda summary: summary["cases"].update(count=1)),
            "shards/2: shard 2 of 3 does not hold its cases",
            id="count",
        ),
        pytest.param(
            lambda made: made.gate("shards/2"),
            "shards/2 holds the results of a whole run, and of no shard. Give the folders",
            id="whole run",
        ),
        pytest.param(
            spoil("2", lambda summary: summary.update(schema="rubric-shard/9")),
            "has the schema 'rubric-shard/9'; this version reads rubric-shard/1",
            id="newer",
        ),
        pytest.param(
            spoil("2", lambda summary: summary.update(shard={"index": 4, "of": 3})),
            "`shard`: 4 of 3 is no part",
            id="no part",
        ),
        pytest.param(
            lambda made: (made.root / "shards/2/sessions.jsonl").unlink(),
            "shards/2: there is no `sessions.jsonl` in it. Run this shard again",
            id="sessions are lost",
        ),
        pytest.param(
            lambda made: made.write("shards/2/summary.json", "{"),
            "shards/2 cannot be read: summary.json is not JSON",
            id="torn",
        ),
    ],
)
def test_shards_that_do_not_fit(ruled: Workspace, change: Spoil, words: str) -> None:
    """One error names the shard, what is wrong with it, and the mend; nothing is written."""
    shards(ruled, 3)
    change(ruled)
    assert words in told(ruled)


@pytest.mark.parametrize(
    ("folders", "words"),
    [
        (("nowhere",), "nowhere: there is no such folder or zip. Give the folders"),
        (("empty",), "empty: the shard did not finish"),
        (("empty",), "the shards: there are no results of a shard. Give the folders"),
        (("shards/1", "shards/1"), "shards/1: shard 1 of 12 is there already"),
        (("shards/1",), "shards 2, 3, 4, 5, 6, 7, 8, 9, 10, 11 and 1 more of 12 left no results"),
    ],
)
def test_folders_that_hold_no_suite(ruled: Workspace, folders: tuple[str, ...], words: str) -> None:
    """What is not there, or not enough, is named."""
    shard(ruled, 1, 12)
    (ruled.root / "empty").mkdir()
    assert words in told(ruled, *folders)


def test_another_judge_is_another_run(judged: Workspace) -> None:
    """Shards by two models cannot be joined."""
    shard(judged, 1, 2)
    shard(judged, 2, 2, judge_model="large")
    spoil("2", lambda summary: summary.update(judge_model=None))(judged)
    assert "shards/2: shard 2 of 2 was graded by another judge" in told(judged)


def test_results_in_a_shards_place(ruled: Workspace) -> None:
    """The folder of a shard is not written over while it is read."""
    shards(ruled, 2)
    with pytest.raises(InputError, match=r"would be written over it\. Give them another folder"):
        merged(ruled, results="shards/2")
    assert (ruled.root / "shards/2/summary.json").exists()


def test_zips_and_lone_folders(ruled: Workspace) -> None:
    """A shard may be an artifact as it was downloaded, packed or not, beside others or alone."""
    shards(ruled, 2)
    (ruled.root / "two.zip").write_bytes(packed(members(ruled.root / "shards/2")))
    assert merged(ruled, folders=("shards/1", "two.zip")).decision.verdict == "pass"
    shard(ruled, 1, 1, folder="lone")
    assert merged(ruled, folders=("lone",)).decision.verdict == "pass"


def test_commits_that_nobody_knows(ruled: Workspace) -> None:
    """Outside of a repository there is no commit to compare."""
    shards(ruled, 2)
    for number in (1, 2):
        spoil(str(number), lambda summary: summary["run"].update(sha=None))(ruled)
    assert merged(ruled).decision.verdict == "pass"


Edit = Callable[[list[Any]], object]


@pytest.mark.parametrize(
    ("name", "edit", "words"),
    [
        ("cases", lambda all_: all_.reverse(), "a record that is of `c4`, where `c0` is due"),
        ("cases", lambda all_: all_.append(all_[0]), "of `c0`, where nothing more is due"),
        ("cases", lambda all_: all_.pop(), "cases.jsonl has 2 cases, summary.json counts 3"),
        ("cases", lambda all_: all_[1].update(slices=["other"]), "puts `c2` under slices or axes"),
        ("cases", lambda all_: all_[1].update(slices=[]), "puts `c2` under slices or axes"),
        (
            "cases",
            lambda all_: all_[1].update(axes={"x": {"score": 1, "passed": True, "reason": ""}}),
            "puts `c2` under slices or axes",
        ),
        ("cases", lambda all_: all_[1]["trials"][0].update(scores={"x": 1}), "slices or axes"),
        ("cases", lambda all_: all_[2].update(passed=False), "contradicts itself about `c4`"),
        ("cases", lambda all_: all_[2].update(passed=None), "contradicts itself about `c4`"),
        ("cases", lambda all_: all_[2].update(passed=1), "cases.jsonl:4 is not a record"),
        ("cases", lambda all_: all_[2].pop("weight"), "cases.jsonl:4 is not a record"),
        ("sessions", lambda all_: all_.reverse(), "has a session of `c2` out of its place"),
        ("sessions", lambda all_: all_.append(session(9)), "sessions.jsonl:5 is not a record"),
        ("sessions", lambda all_: all_.append({**all_[0]}), "has a session of `c0` out of its"),
        ("grades", lambda all_: all_.append([]), "grades.jsonl:2 is not a record"),
    ],
)
def test_records_that_no_shard_wrote(ruled: Workspace, name: str, edit: Edit, words: str) -> None:
    """A shard's lines are another job's word: what they cannot say is refused."""
    shards(ruled, 2)
    path = ruled.root / "shards/1" / f"{name}.jsonl"
    header, *records = [json.loads(line) for line in path.read_text().splitlines()]
    edit(records)
    path.write_text(lines([header, *records]))
    with pytest.raises(ResultsUnreadable) as raised:
        merged(ruled)
    assert words in str(raised.value)
    assert str(path.parent) in str(raised.value)
    assert raised.value.mend.startswith("Run this shard again")
    assert not (ruled.root / "merged/summary.json").exists()


def test_cases_without_a_session(ruled: Workspace, tmp_path: Path) -> None:
    """They are missing in the whole, in whichever shard they are."""
    ruled.sessions(*(session(n) for n in (1, 2, 3)))
    shards(ruled, 2)
    report = merged(ruled)
    assert [finding.case for finding in report.decision.findings] == ["c0", "c4"]
    assert {finding.kind for finding in report.decision.findings} == {"missing"}
    assert (tmp_path / "merged/summary.json").exists()


def test_a_place_is_that_of_the_merges_checkout(ruled: Workspace) -> None:
    """Findings point at the line where the case stands, whatever a shard says."""
    ruled.rubric(RULED, slices={"all": {"select": "all", "gate": "hard"}})
    ruled.sessions(*(session(n, "api_key" if n == 2 else "") for n in range(5)))
    shards(ruled, 2)
    path = ruled.root / "shards/1/cases.jsonl"
    path.write_text(path.read_text().replace("eval/cases.jsonl", "eval/other.jsonl"))
    (finding,) = merged(ruled).decision.findings
    assert str(finding.place) == "eval/cases.jsonl:3"


def test_spend_that_one_shard_does_not_know(judged: Workspace) -> None:
    """A sum with an unknown part is unknown."""
    judged.rubric(JUDGED)
    shards(judged, 2)
    spoil("1", lambda summary: summary["spend"].update(judge_calls=7))(judged)
    report = merged(judged)
    assert report.spend.judge_cost_usd is None
    assert report.spend.judge_calls == 7 + 2


def test_what_only_a_shard_knows_to_warn_of(ruled: Workspace) -> None:
    """Warnings of shards are told once, behind the suite's own."""
    ruled.rubric(RULED, slices={"one": {"select": {"ids": ["c1"]}, "min_pass_rate": 0.5}})
    alone = ruled.gate("alone").warnings
    first, _ = shards(ruled, 2)
    assert [f"warning: {one}" for one in alone] == list(told_lines(first))[1:-1]
    for name in ("1", "2"):
        spoil(name, lambda summary: summary["warnings"].append("The agent coughed."))(ruled)
    assert len(alone) == 1
    assert merged(ruled).warnings == (*alone, "The agent coughed.")


def test_a_cause_without_end(ruled: Workspace) -> None:
    """Why a shard was cut short is told in a sentence, however long the shard's own is."""
    shards(ruled, 2)
    stopped = {"cause": "x" * 9000, "mend": "y" * 9000}
    spoil("1", lambda summary: summary.update(stopped=stopped))(ruled)
    (finding, *_) = merged(ruled).decision.findings
    assert (finding.kind, finding.severity) == ("ungraded", "error")
    assert len(finding.sentence) < 1100
