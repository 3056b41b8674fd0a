"""Which results of a head count: those of a run of ours about it, borne out by its status."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from rubric_action.errors import GitHubFailed, ResultsUnreadable
from rubric_action.github.faults import PermissionMissing
from rubric_action.github.records import Author
from rubric_action.github.results import PublishedResults, published
from rubric_action.github.sticky import ACTIONS_BOT
from tests.fakes.github import FOREVER
from tests.github.conftest import Scene
from tests.github.published import DOCS, NAME, Desk, asked, finding, mark, page, why

pytestmark = pytest.mark.usefixtures("described")


@pytest.fixture
def desk(scene: Scene) -> Desk:
    """The head of a pull request from this repository's own branch."""
    return Desk(scene, scene.repo.push("change", {"agent.py": "2"}))


def test_nothing_is_asked_before_somebody_wants_to_know(desk: Desk) -> None:
    """A run that needs no results costs no request."""
    desk.publish(desk.run())
    desk.results()
    assert desk.scene.github.requests == []


def test_the_newest_one_counts(desk: Desk) -> None:
    """By when GitHub stored it, whichever run was started first; the others are not fetched."""
    early, late = desk.run(), desk.run()
    desk.publish(late, "fail")
    desk.publish(early, "pass")
    results = desk.results()
    assert mark(results.newest()) == "pass"
    assert why(results) == []
    assert asked(desk, "/zip") == 1


def test_without_any_there_are_none(desk: Desk) -> None:
    """Absent is an answer, and costs one request."""
    results = desk.results()
    assert results.newest() is None
    assert results.before([datetime.now(UTC)]) == ()
    assert why(results) == []
    assert len(desk.scene.github.requests) == 1


def test_those_of_another_head_are_none_of_ours(desk: Desk, scene: Scene) -> None:
    """They are not even turned down."""
    other = Desk(scene, scene.repo.push("other"))
    other.publish(other.run(branch="other"))
    results = desk.results()
    assert results.newest() is None
    assert why(results) == []


@pytest.mark.parametrize(
    "event", ["pull_request", "pull_request_review", "push", "workflow_dispatch", "merge_group"]
)
def test_every_event_that_gates_a_head_counts(desk: Desk, event: str) -> None:
    """They share the head's status, so they share its results."""
    desk.publish(desk.run(event))
    assert mark(desk.results().newest()) == "fail"


@pytest.mark.parametrize("verdict", ["pass", "fail", "error", "overridden"])
def test_every_verdict_is_borne_out_by_its_own_state(desk: Desk, verdict: str) -> None:
    """A failure, and also an error, is a result like any other."""
    desk.publish(desk.run(), verdict)
    assert mark(desk.results().newest()) == verdict


def test_a_run_that_is_not_over_may_have_stored_results(desk: Desk) -> None:
    """So may an earlier attempt of this very run."""
    run = desk.run(status="in_progress", conclusion=None)
    desk.publish(run)
    assert mark(desk.results(own_run=run.id).newest()) == "fail"


def by_a_fork(desk: Desk) -> None:
    """A fork's run about the same commit."""
    fork = desk.scene.repo.fork("stranger")
    desk.publish(desk.run(head_repo=fork))


def by_another_workflow(desk: Desk) -> None:
    """Another workflow that happens to use the name."""
    desk.publish(desk.run(workflow=DOCS), vouched=False)


def by_a_comment(desk: Desk) -> None:
    """An event that anybody can cause, under the default branch's workflow."""
    desk.publish(desk.run("issue_comment"))


def by_pull_request_target(desk: Desk) -> None:
    """An event on which the gate does not run."""
    desk.publish(desk.run("pull_request_target"))


def expired(desk: Desk) -> None:
    """Past its days."""
    artifact = desk.publish(desk.run())
    assert artifact is not None
    artifact.expired = True


def of_another_run(desk: Desk) -> None:
    """Copied from a run that passed."""
    desk.publish(desk.run(), run_id=5)


def of_another_commit(desk: Desk) -> None:
    """Graded for a commit of the past."""
    desk.publish(desk.run(), sha="0" * 40)


def of_a_baseline(desk: Desk) -> None:
    """A baseline run exits green whatever it found."""
    desk.publish(desk.run(), mode="baseline")


def with_the_page_of_another(desk: Desk) -> None:
    """They claim the status of another run."""
    desk.publish(desk.run(), url=page(desk.run()))


def of_another_attempt(desk: Desk) -> None:
    """They claim an attempt that set no status."""
    run = desk.run()
    told = page(run).replace("attempts/1", "attempts/2")
    desk.publish(run, attempt=2, url=told)


def without_a_verdict(desk: Desk) -> None:
    """A word that is no verdict."""
    desk.publish(desk.run(), "splendid")


def without_a_status(desk: Desk) -> None:
    """Stored by a job that may not write statuses."""
    desk.publish(desk.run(), status=False)


def with_the_status_of_a_person(desk: Desk) -> None:
    """Anybody who may push may set a status by hand."""
    desk.publish(desk.run(), by="mona")


def with_the_status_of_another_gate(desk: Desk) -> None:
    """A second gate of the same run vouches for its own results only."""
    desk.publish(desk.run(), context="rubric/other")


def that_claim_to_pass(desk: Desk) -> None:
    """The run's status is red."""
    desk.publish(desk.run(), "pass", state="failure")


def before_the_verdict(desk: Desk) -> None:
    """The run has only said that it is running."""
    desk.publish(desk.run(), state="pending")


@pytest.mark.parametrize(
    ("forge", "reason"),
    [
        (by_a_fork, "its run was started from a fork"),
        (by_another_workflow, "another workflow uploaded it"),
        (by_a_comment, "its run was started by issue_comment"),
        (by_pull_request_target, "its run was started by pull_request_target"),
        (expired, "it has expired"),
        (of_another_run, "its results are of another run"),
        (of_another_commit, "its results are of another commit"),
        (of_a_baseline, "its results are no gate's"),
        (with_the_page_of_another, "its results name the page of another run"),
        (of_another_attempt, "its run's attempt has set no status"),
        (without_a_verdict, "its results hold no verdict"),
        (without_a_status, "its run has set no status `rubric/gate`"),
        (with_the_status_of_a_person, "its run has set no status `rubric/gate`"),
        (with_the_status_of_another_gate, "its run has set no status `rubric/gate`"),
        (that_claim_to_pass, "its verdict is `pass`, its run's status failure"),
        (before_the_verdict, "its run's attempt has set no status"),
    ],
)
def test_newer_ones_that_are_not_to_be_trusted_are_passed_over(
    desk: Desk, forge: Callable[[Desk], None], reason: str
) -> None:
    """The next older trusted ones are taken, and the others stay visible with the reason."""
    desk.publish(desk.run(), content={"findings": [finding()]})
    forge(desk)
    results = desk.results()
    (held,) = results.trusted()
    assert len(held.findings) == 1
    assert why(results) == [reason]


def test_what_no_status_speaks_for_is_not_fetched(desk: Desk) -> None:
    """A pile of forgeries costs a question each, and no download."""
    for _ in range(5):
        without_a_status(desk)
    assert desk.results().newest() is None
    assert asked(desk, "/zip") == 0


def test_where_no_statuses_are_written_none_is_asked_for(desk: Desk) -> None:
    """With `status: off` the run and what it stored have to do."""
    without_a_status(desk)
    assert mark(desk.results(statuses=False).newest()) == "fail"
    assert asked(desk, "/statuses") == 0
    of_another_run(desk)
    assert why(desk.results(statuses=False)) == []


@pytest.mark.parametrize(
    ("members", "reason"),
    [
        ({}, "it has no summary.json"),
        ({"summary.json": "{"}, "is not JSON"),
        ({"summary.json": '{"schema": "rubric-results/2"}'}, "reads rubric-results/1"),
        ({"summary.json": '{"schema": "rubric-results/1"}'}, "there is no `findings`"),
    ],
)
def test_what_cannot_be_read_is_turned_down(
    desk: Desk, members: dict[str, str], reason: str
) -> None:
    """Results can be made again by grading, so they are no error; nothing else is read instead."""
    desk.publish(desk.run(), members=members)
    results = desk.results()
    assert results.newest() is None
    (told,) = why(results)
    assert told.startswith("the results artifact of run ")
    assert reason in told


def test_a_cut_zip_is_turned_down(desk: Desk) -> None:
    """Half an upload is none."""
    artifact = desk.publish(desk.run())
    assert artifact is not None
    artifact.run.artifact(NAME, artifact.data[: len(artifact.data) // 2])
    artifact.run.artifacts.remove(artifact)
    results = desk.results()
    assert results.newest() is None
    assert "it is not a zip" in why(results)[0]


def test_bytes_other_than_announced_are_an_error(desk: Desk) -> None:
    """Somebody has been at them."""
    artifact = desk.publish(desk.run())
    assert artifact is not None
    artifact.digest = f"sha256:{'0' * 64}"
    with pytest.raises(ResultsUnreadable, match="digest differs"):
        desk.results().newest()


def test_those_that_expire_while_we_look_are_passed_over(desk: Desk) -> None:
    """What was listed and is gone when asked for counts as expired."""
    desk.publish(desk.run())
    desk.scene.github.fault("GET", "/zip", status=410, body={"message": "Artifact has expired"})
    results = desk.results()
    assert results.newest() is None
    assert why(results) == ["it has expired"]


def test_an_artifact_that_says_no_time_is_turned_down(desk: Desk) -> None:
    """Nothing could be said of what came before or after it."""
    desk.publish(desk.run())
    listed = [replace(one, created_at="") for one in desk.scene.api.artifacts(NAME)]
    results = PublishedResults(desk.trust(), lambda: listed, desk.head)
    assert results.newest() is None
    assert why(results) == ["it does not say when it came"]


@pytest.mark.parametrize(
    ("fault", "complaint"),
    [
        ("/actions/artifacts", "list the results published"),
        ("/statuses", "read the commit's statuses"),
        ("/zip", "download the results published"),
    ],
)
def test_github_that_cannot_be_asked_is_an_error(desk: Desk, fault: str, complaint: str) -> None:
    """Not to know what was published is not the same as nothing."""
    desk.publish(desk.run())
    desk.scene.github.fault("GET", fault, times=FOREVER, status=500)
    with pytest.raises(GitHubFailed, match=complaint):
        desk.results().newest()


def test_a_missing_permission_is_named(desk: Desk) -> None:
    """The line to add is in the error."""
    desk.scene.api = desk.scene.api_for(desk.scene.github.world.token({}).value)
    with pytest.raises(PermissionMissing, match="`actions: read`"):
        desk.results().newest()


@pytest.mark.parametrize(("context", "times"), [("ci/other", 0), ("rubric/gate", 1)])
def test_whose_token_this_is_is_asked_once_and_only_at_need(
    desk: Desk, context: str, times: int
) -> None:
    """Without a status of the context nobody has to be known."""
    desk.publish(desk.run(), context=context)
    desk.publish(desk.run(), context=context)
    calls: list[str] = []

    def author() -> Author:
        calls.append("asked")
        return ACTIONS_BOT

    trust = desk.trust()
    assert trust.witness is not None
    trust = replace(trust, witness=replace(trust.witness, author=author))
    assert len(list(published(trust, NAME, desk.head).trusted())) == 2 * times
    assert len(calls) == times


def test_a_download_that_is_refused_is_an_error(desk: Desk) -> None:
    """Not to be let at it is not the same as its being gone."""
    desk.publish(desk.run())
    desk.scene.github.fault("GET", "/zip", status=403, body={"message": "Resource not accessible"})
    with pytest.raises(PermissionMissing, match="`actions: read`"):
        desk.results().newest()


@pytest.mark.parametrize("state", ["in_progress", "completed"])
def test_another_run_that_measures_is_told_of(desk: Desk, state: str) -> None:
    """By its page, as long as it is not over; our own run is none."""
    run = desk.run(status=state)
    desk.publish(run, state="pending", upload=False, vouched=False)
    assert desk.results().measured_by() == (page(run) if state == "in_progress" else None)
    assert desk.results(own_run=run.id).measured_by() is None
    assert desk.results(statuses=False).measured_by() is None
