from dataclasses import replace

import pytest

from rubric_action.github.event import PullRequestEvent, WorkflowRunEvent
from rubric_action.github.fork import find_pull
from rubric_action.github.mode import Nothing
from tests.github.forks import Fork, fork, nothing

__all__ = ["fork"]
pytestmark = pytest.mark.usefixtures("described")


def pull_of(fork: Fork, event: WorkflowRunEvent | None = None) -> PullRequestEvent | Nothing:
    """Whose head the triggering run was for."""
    return find_pull(fork.scene.api, event or fork.event(fork.run()))


def test_the_forks_pull_request_is_found_by_its_head(fork: Fork) -> None:
    """It comes with all that a payload of its own would have told."""
    found = pull_of(fork)
    assert isinstance(found, PullRequestEvent)
    assert (found.name, found.number) == ("pull_request", fork.pull.number)
    assert (found.head_sha, found.base_sha) == (fork.pull.head_sha, fork.pull.base_sha)
    assert (found.base_ref, found.head_repository_id) == ("main", fork.repo.id)
    assert found.fork


def test_the_repositorys_own_pull_request_is_found_as_well(fork: Fork) -> None:
    """Dependabot's branches are here, and have no secrets either."""
    fork.scene.repo.push("change", {"agent.py": "3"})
    own = fork.scene.repo.pull("change")
    run = fork.run(repo=fork.scene.repo, sha=own.head_sha)
    found = pull_of(fork, fork.event(run))
    assert isinstance(found, PullRequestEvent)
    assert (found.number, found.fork) == (own.number, False)


def test_a_head_that_moved_on_is_nobodys(fork: Fork) -> None:
    """A run that ends late is not judged for the newer head."""
    event = fork.event(fork.run())
    fork.repo.push("change", {"agent.py": "3"})
    reason = nothing(pull_of(fork, event))
    assert reason == f"no open pull request from stranger:change is at commit {event.head_sha[:7]}"


def test_a_closed_pull_request_is_left_alone(fork: Fork) -> None:
    """There is nothing to decide about it."""
    fork.pull.close()
    assert "no open pull request" in nothing(pull_of(fork))


def test_another_repository_of_the_same_owner_is_not_the_fork(fork: Fork) -> None:
    """The owner and the branch may be the same; the repository's number is not."""
    event = replace(fork.event(fork.run()), head_repository_id=fork.repo.id + 1)
    assert "no open pull request" in nothing(pull_of(fork, event))


@pytest.mark.parametrize(
    "changes", [{"head_repository_id": None}, {"head_owner": None}, {"head_branch": None}]
)
def test_a_fork_that_is_gone_has_no_pull_request(fork: Fork, changes: dict[str, None]) -> None:
    """What the payload does not tell is not guessed, and nothing is asked."""
    event = replace(fork.event(fork.run()), **changes)  # type: ignore[arg-type]
    assert "is gone" in nothing(pull_of(fork, event))
    assert fork.scene.github.requests == []


def test_a_deleted_fork_is_not_taken_for_one_that_is_unknown(fork: Fork) -> None:
    """A pull request without a head repository is nobody's."""
    event = fork.event(fork.run())
    fork.pull.head_repo = None
    assert "no open pull request" in nothing(pull_of(fork, event))


def test_of_several_the_one_onto_the_default_branch_counts(fork: Fork) -> None:
    """The same head may be asked to be merged into several branches."""
    repo = fork.scene.repo
    repo.push("release", {"x": "1"})
    fork.pull.close()
    repo.pull("change", "release", head_repo=fork.repo)
    onto_main = repo.pull("change", "main", head_repo=fork.repo)
    repo.pull("change", "main", head_repo=fork.repo)
    found = pull_of(fork)
    assert isinstance(found, PullRequestEvent)
    assert (found.number, found.base_ref) == (onto_main.number, "main")


def test_of_several_others_the_oldest_counts(fork: Fork) -> None:
    """Without one onto the default branch there is still one answer."""
    repo = fork.scene.repo
    repo.push("release", {"x": "1"})
    repo.push("older", {"x": "1"})
    fork.pull.close()
    first = repo.pull("change", "release", head_repo=fork.repo)
    repo.pull("change", "older", head_repo=fork.repo)
    found = pull_of(fork)
    assert isinstance(found, PullRequestEvent)
    assert found.number == first.number


def test_every_page_of_pull_requests_counts(fork: Fork) -> None:
    """The one that is meant may be listed last."""
    for _ in range(120):
        fork.scene.repo.pull("change", head_repo=fork.repo)
    found = pull_of(fork)
    assert isinstance(found, PullRequestEvent)
    assert found.number == fork.pull.number
