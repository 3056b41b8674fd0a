"""Where a status of ours names the results, nothing more is asked about their run."""

import json
from datetime import UTC, datetime

import pytest

from rubric_action.errors import GitHubFailed, ResultsUnreadable
from rubric_action.github.sticky import ACTIONS_BOT
from tests.fakes.github import FOREVER
from tests.github.conftest import Scene
from tests.github.published import DOCS, NAME, Desk, asked, mark, summary, why

pytestmark = pytest.mark.usefixtures("described")


@pytest.fixture
def desk(scene: Scene) -> Desk:
    """The head of a pull request from this repository's own branch."""
    return Desk(scene, scene.repo.push("change", {"agent.py": "2"}))


def known(desk: Desk) -> None:
    """GitHub has told whom we write as, in the reply to a status that this run wrote."""
    desk.scene.api.client.writes_as = ACTIONS_BOT


def test_the_run_is_not_asked_about(desk: Desk) -> None:
    """Whichever workflow it is of: who can set that status can set it green by itself."""
    known(desk)
    desk.publish(desk.run(workflow=DOCS), "pass")
    results = desk.results()
    assert mark(results.newest()) == "pass"
    assert asked(desk, "/actions/runs/") == 0
    assert asked(desk, "/statuses") == 1
    assert len(results.statuses) == 1
    assert asked(desk, "/statuses") == 1


def test_while_we_only_guess_who_we_are_a_green_one_has_to_be_of_this_workflow(desk: Desk) -> None:
    """The status may be another account's than ours, which another workflow may write as."""
    desk.publish(desk.run(), "pass")
    desk.publish(desk.run(workflow=DOCS), "pass")
    results = desk.results()
    assert mark(results.newest()) == "pass"
    assert why(results) == ["another workflow uploaded it"]
    assert asked(desk, "/actions/runs/") == 2


def test_while_we_only_guess_who_we_are_a_red_one_is_believed(desk: Desk) -> None:
    """Nothing becomes green by it, so that its run is not asked about."""
    desk.publish(desk.run(workflow=DOCS), "fail")
    assert mark(desk.results().newest()) == "fail"
    assert asked(desk, "/actions/runs") == 0


def test_before_a_red_one_is_signed_for_its_run_is_looked_at(desk: Desk) -> None:
    """By the list of the head's runs, which tells when the head came as well."""
    desk.publish(desk.run(), "fail")
    results = desk.results()
    assert mark(results.newest()) == "fail"
    assert results.before([]) == ()
    assert asked(desk, "/actions/runs") == 0
    assert len(results.before([datetime.now(UTC)])) == 1
    assert len(results.runs) == 1
    assert (asked(desk, "/actions/runs"), asked(desk, "/actions/runs/")) == (1, 0)


def test_results_of_another_workflow_are_not_signed_for(desk: Desk) -> None:
    """Neither as what is decided on, nor as what somebody could read before."""
    desk.publish(desk.run(), "fail")
    desk.publish(desk.run(workflow=DOCS), "fail")
    now = datetime.now(UTC)
    fresh = desk.results()
    assert len(fresh.before([now])) == 1
    assert why(fresh) == ["another workflow uploaded it"]
    decided = desk.results()
    assert mark(decided.newest()) == "fail"
    with pytest.raises(ResultsUnreadable, match="not to be decided on: another workflow"):
        decided.before([now])


def test_once_we_know_who_we_are_no_run_is_looked_at(desk: Desk) -> None:
    """A signature is weighed by results that our own status names."""
    known(desk)
    desk.publish(desk.run(workflow=DOCS), "fail")
    results = desk.results()
    assert mark(results.newest()) == "fail"
    assert len(results.before([datetime.now(UTC)])) == 1
    assert asked(desk, "/actions/runs") == 0


def test_of_a_fork_the_run_is_asked_about_by_itself(desk: Desk) -> None:
    """It is listed under the default branch's commit, and not under the head."""
    desk.publish_for_fork("fail")
    results = desk.results_for_fork()
    assert mark(results.newest()) == "fail"
    assert len(results.before([datetime.now(UTC)])) == 1
    assert asked(desk, "/actions/runs/") == 1


def test_other_bytes_of_that_run_are_turned_down(desk: Desk) -> None:
    """The digest is that of the very summary; it is compared with what was fetched."""
    run = desk.run()
    desk.publish(run, upload=False)
    forged = summary(run, desk.head, "fail", {"next_step": "Ship it."}, {})
    run.artifact(NAME, {"summary.json": json.dumps(forged)})
    results = desk.results()
    assert results.newest() is None
    assert why(results) == ["they are not what its run's status vouches for"]


def test_without_a_digest_the_run_is_looked_at_first(desk: Desk) -> None:
    """Another workflow's results are not even fetched."""
    desk.publish(desk.run(workflow=DOCS), vouched=False)
    results = desk.results()
    assert results.newest() is None
    assert why(results) == ["another workflow uploaded it"]
    assert (asked(desk, "/actions/runs/"), asked(desk, "/zip")) == (1, 0)


@pytest.mark.parametrize("statuses", [False, True])
def test_without_a_digest_it_has_to_be_this_workflow(desk: Desk, *, statuses: bool) -> None:
    """Where no statuses are written that is enough; where they are, old ones vouch for nothing."""
    desk.publish(desk.run(), vouched=False)
    assert mark(desk.results(statuses=statuses).newest()) == (None if statuses else "fail")
    assert asked(desk, "/actions/runs/") == 1


def test_a_run_that_cannot_be_read_is_an_error(desk: Desk) -> None:
    """Where nothing else tells whose results they are."""
    desk.publish(desk.run())
    desk.scene.github.fault("GET", "/actions/runs/", times=FOREVER, status=500)
    with pytest.raises(GitHubFailed, match="read the workflow run"):
        desk.results(statuses=False).newest()
