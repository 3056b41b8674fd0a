import stat
from dataclasses import replace
from pathlib import Path

import pytest

from rubric_action.errors import CannotDecide, GitHubFailed
from rubric_action.github.faults import PermissionMissing
from rubric_action.github.fork import as_file, fetch_sessions, find_pull, find_sessions
from rubric_action.github.mode import Nothing
from rubric_action.github.records import Artifact
from tests.fakes.github import zip_of
from tests.github.forks import NAME, Fork, fork, nothing

__all__ = ["fork"]
LINE = '{"case": "refund", "output": "No."}\n'

pytestmark = pytest.mark.usefixtures("described")


def test_the_triggering_runs_own_sessions_are_judged(fork: Fork) -> None:
    """One request finds them."""
    assert fork.found(fork.run(leaves=LINE)) == LINE
    assert len(fork.scene.github.requests) == 2


def test_a_labels_run_leaves_none_and_finds_those_of_the_push(fork: Fork) -> None:
    """A run for a label, or for a review, judges what was made for this head before."""
    fork.run(leaves="old")
    fork.run(leaves="new")
    assert fork.found(fork.run()) == "new"
    assert fork.found(fork.run(event="pull_request_review")) == "new"


def test_of_one_run_the_newest_attempts_sessions_count(fork: Fork) -> None:
    """A run that was run again keeps what its first attempt left."""
    run = fork.run(leaves="first")
    run.artifact(NAME, {"sessions.jsonl": "second"})
    assert fork.found(run) == "second"


def test_expired_sessions_are_passed_over(fork: Fork) -> None:
    """An older run's may still be there."""
    fork.run(leaves="kept")
    fork.run().artifact(NAME, {"sessions.jsonl": "gone"}, expired=True)
    assert fork.found(fork.run()) == "kept"


def test_when_all_have_expired_it_is_said(fork: Fork) -> None:
    """There is a mend: run the workflow again."""
    run = fork.run()
    run.artifact(NAME, {"sessions.jsonl": LINE}, expired=True)
    with pytest.raises(CannotDecide, match=r"have expired\. Run the workflow"):
        find_sessions(fork.scene.api, fork.event(run))


@pytest.mark.parametrize("status", ["queued", "in_progress", "waiting"])
def test_sessions_that_are_being_made_are_waited_for(fork: Fork, status: str) -> None:
    """A label may be set while the agent runs: the end of that run starts this workflow again."""
    fork.run(status=status)
    assert "are still being made" in nothing(find_sessions(fork.scene.api, fork.event(fork.run())))


def test_what_a_run_left_halfway_is_not_read(fork: Fork) -> None:
    """Sessions count once their run is complete."""
    fork.run(leaves=LINE, status="in_progress")
    assert isinstance(find_sessions(fork.scene.api, fork.event(fork.run())), Nothing)


def test_without_sessions_the_missing_half_is_named(fork: Fork) -> None:
    """It is an error, and so never green."""
    run = fork.run()
    run.artifact("something-else", {"sessions.jsonl": LINE})
    with pytest.raises(CannotDecide) as caught:
        find_sessions(fork.scene.api, fork.event(run))
    assert "rubric-sessions.yml" in caught.value.cause
    assert "The half that runs the agent is missing, or failed" in caught.value.cause
    assert "docs/forks.md" in caught.value.mend


def test_a_workflow_without_a_path_is_told_in_words(fork: Fork) -> None:
    """GitHub may leave the path out."""
    event = replace(fork.event(fork.run()), workflow_path=None)
    with pytest.raises(CannotDecide, match="no run of the workflow that started this one"):
        find_sessions(fork.scene.api, event)


def test_strangers_sessions_are_none_of_this_heads(fork: Fork) -> None:
    """Another fork, commit, workflow or event may have left an artifact of this name."""
    other = fork.scene.repo.fork("mallory")
    earlier = fork.pull.base_sha
    fork.run(leaves="another fork's", repo=other)
    fork.run(leaves="another commit's", sha=earlier)
    fork.run(leaves="another workflow's", workflow=(4, ".github/workflows/other.yml"))
    fork.run(leaves="another event's", event="pull_request_target")
    with pytest.raises(CannotDecide, match="no run of"):
        find_sessions(fork.scene.api, fork.event(fork.run()))


def test_a_triggering_run_of_another_head_leaves_nothing_for_this_one(fork: Fork) -> None:
    """Whatever the payload says, the artifact's own listing has to agree."""
    run = fork.run(leaves=LINE)
    event = replace(fork.event(run), head_repository_id=fork.repo.id + 1)
    with pytest.raises(CannotDecide, match="no run of"):
        find_sessions(fork.scene.api, event)


def test_a_missing_permission_is_named(fork: Fork) -> None:
    """Each question says which line is missing."""
    event = fork.event(fork.run(leaves=LINE))
    fork.scene.api = fork.scene.api_for(fork.scene.github.world.token({}).value)
    with pytest.raises(PermissionMissing, match="`pull-requests: read`"):
        find_pull(fork.scene.api, event)
    with pytest.raises(PermissionMissing, match="`actions: read`"):
        find_sessions(fork.scene.api, event)


def test_github_that_fails_is_an_error(fork: Fork) -> None:
    """An unreadable list is not an empty one."""
    event = fork.event(fork.run())
    fork.scene.github.fault("GET", "/workflows/", times=99, status=502)
    with pytest.raises(GitHubFailed, match="list the sessions of the fork's run"):
        find_sessions(fork.scene.api, event)


def fetched(fork: Fork, content: bytes | dict[str, str], outputs: str | None = None) -> bytes:
    """What is read of an artifact with this content."""
    run = fork.run()
    run.artifact(NAME, content)
    artifact = find_sessions(fork.scene.api, fork.event(run))
    assert isinstance(artifact, Artifact)
    return fetch_sessions(fork.scene.api, artifact, outputs)


@pytest.mark.parametrize(
    ("members", "outputs", "expected"),
    [
        ({"sessions.jsonl": "a"}, None, b"a"),
        ({"sessions.jsonl": "a"}, "eval/outputs.jsonl", b"a"),
        ({"outputs.jsonl": "b", "sessions.jsonl": "a"}, "eval/outputs.jsonl", b"b"),
        ({"outputs.jsonl": "b", "sessions.jsonl": "a"}, None, b"a"),
        ({"summary.json": "{}", "sessions.jsonl": "a"}, None, b"a"),
        ({"sessions.jsonl": "a"}, "sessions.jsonl", b"a"),
        ({"sessions.jsonl": "a"}, "eval/", b"a"),
    ],
)
def test_one_known_member_is_read(
    fork: Fork, members: dict[str, str], outputs: str | None, expected: bytes
) -> None:
    """It is called as the rubric calls its file, or as `mode: sessions` does."""
    assert fetched(fork, members, outputs) == expected


@pytest.mark.parametrize(
    ("content", "outputs", "words"),
    [
        ({}, None, "it holds no sessions.jsonl"),
        ({"../sessions.jsonl": "a"}, None, "it holds no sessions.jsonl"),
        (
            {"eval/outputs.jsonl": "a"},
            "eval/outputs.jsonl",
            "no outputs.jsonl and no sessions.jsonl",
        ),
        ({"sessions.jsonl": "0" * (4 << 20)}, None, "it inflates from"),
        (b"not a zip", None, "it is not a zip"),
        (zip_of({"sessions.jsonl": "a" * 100})[:-30], None, "it is not a zip"),
    ],
)
def test_an_artifact_that_is_no_use_is_an_error(
    fork: Fork, content: bytes | dict[str, str], outputs: str | None, words: str
) -> None:
    """It says what is wrong and whose run to repeat; nothing is extracted."""
    with pytest.raises(CannotDecide, match=words) as caught:
        fetched(fork, content, outputs)
    assert "the sessions artifact of run" in caught.value.cause
    assert "Run the pull request's workflow again" in caught.value.mend


def test_the_file_is_private_and_gone_afterwards(tmp_path: Path) -> None:
    """It lies outside of the checkout, and nobody else may read it."""
    with as_file(LINE.encode()) as path:
        assert path.read_text() == LINE
        assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
        assert not path.is_relative_to(Path.cwd())
    assert not path.parent.exists()
