from datetime import UTC, datetime, timedelta

import pytest

from rubric_action.errors import GitHubFailed
from rubric_action.gate.override.facts import Moment
from rubric_action.github.arrival import FIRST_RUN, FIRST_STATUS, arrived, read_runs
from rubric_action.github.records import Status
from tests.fakes.github import FOREVER
from tests.github.conftest import Scene

pytestmark = pytest.mark.usefixtures("described")

NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)


def after(minutes: int) -> datetime:
    """So many minutes after noon."""
    return NOON + timedelta(minutes=minutes)


@pytest.mark.parametrize(
    ("runs", "statuses", "sign"),
    [
        ([], [], None),
        ([3, 1, 2], [], Moment(after(1), FIRST_RUN)),
        ([], [3, 2], Moment(after(2), FIRST_STATUS)),
        ([3], [1], Moment(after(1), FIRST_STATUS)),
        ([1], [1], Moment(after(1), FIRST_RUN)),
    ],
)
def test_the_earliest_sign_counts(
    scene: Scene, runs: list[int], statuses: list[int], sign: Moment | None
) -> None:
    """A run or a status, whichever GitHub saw first; the commit's own date is no sign."""
    sha = scene.repo.push("faster")
    scene.repo.run(scene.repo.branches["main"], at=after(-5))
    for minutes in runs:
        scene.repo.run(sha, event="pull_request", branch="faster", at=after(minutes))
    for minutes in statuses:
        scene.repo.status(sha, "ci", "success", at=after(minutes))
    assert arrived(read_runs(scene.api, sha), scene.api.statuses(sha)) == sign


def test_the_first_of_many_is_on_the_last_page(scene: Scene) -> None:
    """GitHub lists the newest first, so all pages are read."""
    sha = scene.repo.push("faster")
    for minutes in range(101):
        scene.repo.run(sha, at=after(minutes))
    assert arrived(read_runs(scene.api, sha), ()) == Moment(after(0), FIRST_RUN)


def test_a_status_without_a_time_says_nothing(scene: Scene) -> None:
    """The earliest of the others counts."""
    sha = scene.repo.push("faster")
    told = [Status("ci", "success", "", "", created_at=at) for at in (after(2), None, after(1))]
    assert arrived(read_runs(scene.api, sha), told) == Moment(after(1), FIRST_STATUS)


@pytest.mark.parametrize("path", ["/actions/runs", "/statuses"])
def test_what_cannot_be_read_is_no_absence(scene: Scene, path: str) -> None:
    """Without one half the earliest is not known."""
    scene.github.fault("GET", path, times=FOREVER, status=500)
    sha = scene.repo.branches["main"]
    with pytest.raises(GitHubFailed, match="GitHub answered 500"):
        arrived(read_runs(scene.api, sha), scene.api.statuses(sha))
