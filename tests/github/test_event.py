from pathlib import Path
from typing import Any

import pytest

from rubric_action.errors import InputError
from rubric_action.github.event import (
    BranchEvent,
    MergeGroupEvent,
    OtherEvent,
    PullRequestEvent,
    WorkflowRunEvent,
    read_event,
)
from tests.github.events import context_of, group_payload, pull_payload, run_payload


def test_a_pull_request_is_about_its_head(tmp_path: Path) -> None:
    """The verdict is about the head commit, not about the merge commit that is checked out."""
    event = read_event(context_of(tmp_path, "pull_request", pull_payload()))
    assert isinstance(event, PullRequestEvent)
    assert (event.number, event.sha, event.base_sha) == (5, "b" * 40, "a" * 40)


@pytest.mark.parametrize(
    ("repository", "fork"),
    [({"id": 7}, False), ({"id": 8}, True), (None, True), ({"id": "7"}, True), ({}, True)],
)
def test_a_fork_is_whatever_is_not_this_repository(
    tmp_path: Path, repository: Any, fork: bool
) -> None:
    """A deleted or unreadable head repository counts as a stranger's."""
    head = {"sha": "b" * 40, "repo": repository}
    event = read_event(context_of(tmp_path, "pull_request", pull_payload(head=head)))
    assert isinstance(event, PullRequestEvent)
    assert event.fork is fork


@pytest.mark.parametrize(
    ("ref", "expected"),
    [
        ("refs/heads/main", True),
        ("refs/heads/feature", False),
        ("refs/heads/feature/main", False),
        ("refs/tags/main", False),
        ("main", False),
    ],
)
@pytest.mark.parametrize("name", ["push", "schedule", "workflow_dispatch"])
def test_a_branch_is_the_default_one_by_its_whole_name(
    tmp_path: Path, name: str, ref: str, expected: bool
) -> None:
    """A tag or a longer name that ends alike is not the default branch."""
    payload = {"repository": {"id": 7, "default_branch": "main"}}
    event = read_event(context_of(tmp_path, name, payload, ref))
    assert isinstance(event, BranchEvent)
    assert event.on_default_branch is expected


def test_an_unknown_default_branch_is_no_branch(tmp_path: Path) -> None:
    """A payload without the repository makes no branch the default one."""
    event = read_event(context_of(tmp_path, "schedule", {}, "refs/heads/None"))
    assert isinstance(event, BranchEvent)
    assert event.home.default_branch is None


@pytest.mark.parametrize(
    ("more", "action", "base_changed"),
    [
        ({}, "", False),
        ({"action": "labeled"}, "labeled", False),
        ({"action": 7}, "", False),
        ({"action": "edited", "changes": {"title": {"from": "x"}}}, "edited", False),
        ({"action": "edited", "changes": {"base": {"ref": {"from": "x"}}}}, "edited", True),
        ({"action": "edited", "changes": None}, "edited", False),
    ],
)
@pytest.mark.parametrize("name", ["pull_request", "pull_request_target", "pull_request_review"])
def test_what_was_done_to_a_pull_request(
    tmp_path: Path, name: str, more: dict[str, Any], action: str, base_changed: bool
) -> None:
    """The activity is told, and an edit that moved it onto another branch is told apart."""
    event = read_event(context_of(tmp_path, name, pull_payload() | more))
    assert isinstance(event, PullRequestEvent)
    assert (event.name, event.action, event.base_changed) == (name, action, base_changed)


@pytest.mark.parametrize(
    ("ref", "number"),
    [
        (f"refs/heads/gh-readonly-queue/main/pr-104-{'a' * 40}", 104),
        (f"refs/heads/gh-readonly-queue/release/v1/pr-7-{'a' * 40}", 7),
        (f"refs/heads/gh-readonly-queue/pr-1-x/pr-2-{'a' * 40}", 2),
        (f"refs/heads/gh-readonly-queue/main/pr--1-{'a' * 40}", None),
        (f"refs/heads/gh-readonly-queue/main/pr-{'9' * 30}-{'a' * 40}", None),
        ("refs/heads/main", None),
    ],
)
def test_a_merge_group_ends_with_a_pull_request(
    tmp_path: Path, ref: str, number: int | None
) -> None:
    """The group's branch names the number; one of another form names none."""
    event = read_event(context_of(tmp_path, "merge_group", group_payload(head_ref=ref)))
    assert isinstance(event, MergeGroupEvent)
    assert event.number == number
    assert (event.sha, event.base_sha) == ("b" * 40, "a" * 40)
    assert (event.base_ref, event.action) == ("refs/heads/main", "checks_requested")


def test_a_run_that_started_this_one_tells_whose_head_it_was_for(tmp_path: Path) -> None:
    """The verdict is about its head, not about the default branch that this run is on."""
    payload = run_payload(path=".github/workflows/sessions.yml@refs/pull/5/merge")
    event = read_event(context_of(tmp_path, "workflow_run", payload))
    assert isinstance(event, WorkflowRunEvent)
    assert (event.action, event.run_id, event.workflow_id) == ("completed", 18, 3)
    assert (event.workflow_path, event.event) == (".github/workflows/sessions.yml", "pull_request")
    assert (event.sha, event.head_branch, event.conclusion) == ("b" * 40, "change", "success")
    assert (event.head_repository_id, event.head_owner) == (8, "stranger")
    assert event.home.default_branch == "main"


def test_a_run_may_lack_what_is_gone(tmp_path: Path) -> None:
    """A deleted fork has neither id nor owner, and a run that is not complete no conclusion."""
    payload = run_payload(head_repository=None, head_branch=None, conclusion=None, path=None)
    event = read_event(context_of(tmp_path, "workflow_run", payload))
    assert isinstance(event, WorkflowRunEvent)
    assert (event.head_repository_id, event.head_owner, event.head_branch) == (None, None, None)
    assert (event.conclusion, event.workflow_path) == (None, None)


@pytest.mark.parametrize(
    ("name", "payload", "missing"),
    [
        ("merge_group", {}, "merge_group.head_ref, action, merge_group.head_sha, "),
        ("merge_group", group_payload(base_ref=""), "merge_group.base_ref"),
        ("workflow_run", {}, "action, workflow_run.id, workflow_run.workflow_id, "),
        ("workflow_run", run_payload(id="18"), "workflow_run.id"),
        ("pull_request_review", {}, "pull_request.head.sha, "),
    ],
)
def test_each_event_names_all_that_its_payload_lacks(
    tmp_path: Path, name: str, payload: dict[str, Any], missing: str
) -> None:
    """Nothing is guessed, and one error tells everything."""
    with pytest.raises(InputError, match=f"it does not hold {missing}"):
        read_event(context_of(tmp_path, name, payload))


def test_other_events_keep_their_name(tmp_path: Path) -> None:
    """What the gate does not know is passed on, to be refused by name."""
    event = read_event(context_of(tmp_path, "issue_comment", {}))
    assert isinstance(event, OtherEvent)
    assert event.name == "issue_comment"


@pytest.mark.parametrize(
    ("payload", "word"),
    [
        ("", "cannot be read"),
        ("{", "cannot be read"),
        ("[" * 100_000, "cannot be read"),
        ("[]", "pull_request.number"),
        (pull_payload(number="5"), "pull_request.number"),
        (pull_payload(head=None), "pull_request.head.sha"),
        (pull_payload(base={"sha": "", "ref": "main"}), "pull_request.base.sha"),
    ],
)
def test_a_payload_that_github_did_not_write_is_an_input_error(
    tmp_path: Path, payload: object, word: str
) -> None:
    """A broken payload names what is missing, and nothing is guessed."""
    with pytest.raises(InputError, match=word):
        read_event(context_of(tmp_path, "pull_request", payload))


def test_a_payload_that_is_not_there_is_an_input_error(tmp_path: Path) -> None:
    """The error says where the payload was expected."""
    context = context_of(tmp_path, "pull_request", {})
    context.event_path.unlink()
    with pytest.raises(InputError, match=r"event\.json"):
        read_event(context)
