from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from rubric_action.errors import BaselineUnreadable, GitHubFailed
from rubric_action.gate.model import NoBaseline
from rubric_action.github.baseline import MOST_OPENED, Choice, distrust_artifact, distrust_run
from rubric_action.github.faults import PermissionMissing
from rubric_action.github.provenance import Origin
from rubric_action.github.records import Artifact, WorkflowRun
from tests.fakes.github import FOREVER, Repo
from tests.github.baselines import NAME, OURS, choose, chosen, leave, summary, why
from tests.github.conftest import Scene

ORIGIN = Origin(repository_id=7, default_branch="main", run_id=99)
ARTIFACT = Artifact(1, NAME, 10, False, None, "2026-11-20T10:00:00Z", 50, 7, 7, "main", "a" * 40)
RUN = WorkflowRun(50, 161_335, ".github/workflows/rubric.yml", "push", "completed", "main", 7, 7)


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({}, None),
        ({"expired": True}, "it has expired"),
        ({"run_id": None}, "its run is unknown"),
        ({"run_id": 99}, "it belongs to this very run"),
        ({"repository_id": 8}, "it belongs to another repository"),
        ({"repository_id": None}, "it belongs to another repository"),
        ({"head_repository_id": 8}, "its run was started from a fork"),
        ({"head_repository_id": None}, "its run was started from a fork"),
        ({"head_branch": "feature"}, "its run was not on main"),
        ({"head_branch": None}, "its run was not on main"),
        ({"head_branch": "Main"}, "its run was not on main"),
        ({"head_sha": None}, "its commit is unknown"),
    ],
)
def test_what_a_listing_gives_away(changes: Mapping[str, object], reason: str | None) -> None:
    """Most of the untrusted are turned down without a further request, each by its reason."""
    assert distrust_artifact(replace(ARTIFACT, **changes), ORIGIN) == reason  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({}, None),
        ({"event": "schedule"}, None),
        ({"event": "workflow_dispatch"}, None),
        ({"event": "pull_request"}, "its run was started by pull_request"),
        ({"event": "pull_request_target"}, "its run was started by pull_request_target"),
        ({"event": "workflow_run"}, "its run was started by workflow_run"),
        ({"event": "issue_comment"}, "its run was started by issue_comment"),
        ({"repository_id": 8}, "its run belongs to another repository"),
        ({"repository_id": None}, "its run belongs to another repository"),
        ({"head_repository_id": 8}, "its run was started from a fork"),
        ({"head_repository_id": None}, "its run was started from a fork"),
        ({"head_branch": "feature"}, "its run was not on main"),
        ({"path": ".github/workflows/docs.yml"}, "another workflow uploaded it"),
        ({"path": None}, "another workflow uploaded it"),
        ({"status": "in_progress"}, "its run is not complete"),
        ({"status": None}, "its run is not complete"),
    ],
)
def test_what_a_run_gives_away(changes: Mapping[str, object], reason: str | None) -> None:
    """A run is trusted only when everything about it is as the default branch's own would be."""
    assert distrust_run(replace(RUN, **changes), ORIGIN, OURS) == reason  # type: ignore[arg-type]


def test_the_newest_of_a_commit_is_chosen(scene: Scene) -> None:
    """Age is by when GitHub stored the artifact, whatever order the list has."""
    main = scene.repo.branches["main"]
    now = datetime.fromisoformat("2026-11-20T10:00:00+00:00")
    for days, mark in ((3, "older"), (1, "newest"), (2, "old")):
        run = scene.repo.run(main)
        leave(run, mark, at=now - timedelta(days=days))
    choice = choose(scene)
    assert chosen(choice) == "newest"
    assert getattr(choice.baseline, "stored_at") == "2026-11-19T10:00:00Z"  # noqa: B009


def test_candidates_on_later_pages_count(scene: Scene) -> None:
    """A hundred forged artifacts do not hide the true one."""
    leave(scene.repo.run(scene.repo.branches["main"]), "true")
    forged = scene.repo.run(scene.repo.branches["main"], event="pull_request", branch="feature")
    for _ in range(120):
        forged.artifact(NAME, b"no zip")
    choice = choose(scene)
    assert chosen(choice) == "true"
    assert set(why(choice)) == {"its run was not on main"}


def forge_from_a_fork(repo: Repo) -> None:
    """A fork's pull request from its own branch `main`, whose run uploads our name."""
    fork = repo.fork("stranger")
    sha = fork.push("main", {"evil": "1"})
    run = repo.run(sha, event="pull_request", branch="main", head_repo=fork)
    leave(run, "forged")


def forge_by_another_workflow(repo: Repo) -> None:
    """A workflow that anybody may change uploads our name on main."""
    run = repo.run(repo.branches["main"], workflow=(2, ".github/workflows/docs.yml"))
    leave(run, "forged")


def forge_by_a_running_run(repo: Repo) -> None:
    """A run that may still fail has uploaded already."""
    run = repo.run(repo.branches["main"], status="in_progress", conclusion=None)
    leave(run, "forged")


def let_it_expire(repo: Repo) -> None:
    """The newest one is past its days."""
    leave(repo.run(repo.branches["main"]), "forged", expired=True)


def end_in_error(repo: Repo) -> None:
    """The newest one reached no verdict."""
    leave(repo.run(repo.branches["main"]), "forged", "error")


def commit_of_another_run(repo: Repo) -> None:
    """The results were made elsewhere, committed, and uploaded by a run that left none."""
    run = repo.run(repo.branches["main"])
    run.artifact(NAME, summary({"run_id": run.id - 1, "sha": run.head_sha}, "pass", "forged"))


def results_of_another_commit(repo: Repo) -> None:
    """The run may be guessed, and the commit that holds the forgery cannot name itself."""
    run = repo.run(repo.branches["main"])
    run.artifact(NAME, summary({"run_id": run.id, "sha": "0" * 40}, "pass", "forged"))


def results_of_nothing(repo: Repo) -> None:
    """A run on a laptop has no number."""
    repo.run(repo.branches["main"]).artifact(NAME, summary(None, "pass", "forged"))


@pytest.mark.parametrize(
    ("forge", "reason"),
    [
        (forge_from_a_fork, "its run was started from a fork"),
        (forge_by_another_workflow, "another workflow uploaded it"),
        (forge_by_a_running_run, "its run is not complete"),
        (let_it_expire, "it has expired"),
        (end_in_error, "its own verdict is `error`"),
        (commit_of_another_run, "its results are of another run"),
        (results_of_another_commit, "its results are of another commit"),
        (results_of_nothing, "its results are of another run"),
    ],
)
def test_a_newer_one_that_is_not_to_be_trusted_is_passed_over(
    scene: Scene, forge: object, reason: str
) -> None:
    """The next older trusted one is taken, and the other stays visible with the reason."""
    leave(scene.repo.run(scene.repo.branches["main"]), "true")
    assert callable(forge)
    forge(scene.repo)
    choice = choose(scene)
    assert chosen(choice) == "true"
    assert why(choice) == [reason]


def test_none_at_all_is_a_stated_absence(scene: Scene) -> None:
    """Nothing there is not an error, and costs one request."""
    choice = choose(scene)
    assert choice == Choice(NoBaseline("no baseline yet"))
    assert len(scene.github.requests) == 1


def test_nothing_trusted_says_how_many_and_why(scene: Scene) -> None:
    """The absence tells of those that were turned down."""
    forge_from_a_fork(scene.repo)
    forge_by_another_workflow(scene.repo)
    choice = choose(scene)
    assert isinstance(choice.baseline, NoBaseline)
    assert choice.baseline.reason == (
        "no baseline: none of 2 artifacts `rubric-baseline` can be used, "
        "its run was started from a fork; another workflow uploaded it"
    )


@pytest.mark.parametrize(
    "content",
    [b"", b"no zip", {"readme.txt": "hello"}, {"summary.json": "{"}, {"summary.json": "[]"}],
)
def test_a_corrupt_one_is_an_error(scene: Scene, content: bytes | Mapping[str, str]) -> None:
    """A trusted baseline that cannot be read is no absence."""
    scene.repo.run(scene.repo.branches["main"]).artifact(NAME, content)
    with pytest.raises(BaselineUnreadable, match="baseline artifact of run"):
        choose(scene)


def test_one_that_expires_while_we_look_is_passed_over(scene: Scene) -> None:
    """An artifact that was listed and is gone when asked for counts as expired."""
    leave(scene.repo.run(scene.repo.branches["main"]), "true")
    leave(scene.repo.run(scene.repo.branches["main"]), "gone")
    body = {"message": "Artifact has expired"}
    scene.github.fault("GET", "/zip", status=410, body=body)
    choice = choose(scene)
    assert chosen(choice) == "true"
    assert why(choice) == ["it has expired"]


def test_the_search_through_errors_ends(scene: Scene) -> None:
    """A long row of runs without a verdict is not gone through, and is not called an absence."""
    leave(scene.repo.run(scene.repo.branches["main"]), "true")
    for _ in range(MOST_OPENED):
        end_in_error(scene.repo)
    with pytest.raises(BaselineUnreadable, match=r"nearest 10 .* older ones are left"):
        choose(scene)
    assert len(scene.github.storage.requests) == MOST_OPENED


def test_a_row_of_errors_that_is_all_there_is_an_absence(scene: Scene) -> None:
    """Nothing is left untried."""
    for _ in range(MOST_OPENED):
        end_in_error(scene.repo)
    assert isinstance(choose(scene).baseline, NoBaseline)


def test_a_search_without_a_limit_comes_to_the_good_one(scene: Scene) -> None:
    """The run that ends the row of errors has to get past it."""
    leave(scene.repo.run(scene.repo.branches["main"]), "true")
    for _ in range(MOST_OPENED + 1):
        end_in_error(scene.repo)
    assert chosen(choose(scene, makes_baseline=True)) == "true"


def test_this_very_run_is_no_candidate(scene: Scene) -> None:
    """What an earlier attempt of this run left is not its own baseline."""
    run = scene.repo.run(scene.repo.branches["main"])
    leave(run, "own")
    assert why(choose(scene, run_id=run.id)) == ["it belongs to this very run"]


def test_github_that_cannot_be_asked_is_an_error(scene: Scene) -> None:
    """Not to know whether there is a baseline is not the same as having none."""
    scene.github.fault("GET", "/artifacts", times=FOREVER, status=500)
    with pytest.raises(GitHubFailed, match="list the baseline artifacts"):
        choose(scene)


def test_a_download_that_is_refused_is_an_error(scene: Scene) -> None:
    """Not to be let at it is not the same as its being gone."""
    leave(scene.repo.run(scene.repo.branches["main"]))
    scene.github.fault("GET", "/zip", status=403, body={"message": "Resource not accessible"})
    with pytest.raises(PermissionMissing, match="`actions: read`"):
        choose(scene)
