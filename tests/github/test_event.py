from pathlib import Path
from typing import Any

import pytest

from rubric_action.errors import InputError
from rubric_action.github.event import BranchEvent, OtherEvent, PullRequestEvent, read_event
from tests.github.events import context_of, pull_payload


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
