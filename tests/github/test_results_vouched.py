"""Where a status of ours names the results, nothing more is asked about their run."""

import json

import pytest

from rubric_action.errors import GitHubFailed
from tests.fakes.github import FOREVER
from tests.github.conftest import Scene
from tests.github.published import DOCS, NAME, Desk, asked, mark, summary, why

pytestmark = pytest.mark.usefixtures("described")


@pytest.fixture
def desk(scene: Scene) -> Desk:
    """The head of a pull request from this repository's own branch."""
    return Desk(scene, scene.repo.push("change", {"agent.py": "2"}))


def test_the_run_is_not_asked_about(desk: Desk) -> None:
    """Whichever workflow it is of: who can set that status can set it green by itself."""
    desk.publish(desk.run(workflow=DOCS), "pass")
    results = desk.results()
    assert mark(results.newest()) == "pass"
    assert asked(desk, "/actions/runs/") == 0
    assert asked(desk, "/statuses") == 1
    assert len(results.statuses) == 1
    assert asked(desk, "/statuses") == 1


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
