from dataclasses import replace
from datetime import datetime

import pytest

from rubric_action.gate.model import Verdict
from rubric_action.github.api import Api
from rubric_action.github.faults import PermissionMissing
from rubric_action.github.records import Author, Status
from rubric_action.github.status import LONGEST, describe, status_of, write_status
from rubric_action.github.sticky import ACTIONS_BOT
from rubric_action.github.words import NEWER, address
from tests.fakes.github import FOREVER, WorkflowRun
from tests.github.conftest import Scene

RUNS = "https://github.com/acme/support/actions/runs"


def status(run: str, state: str = "success") -> Status:
    """The status that a run would set."""
    return Status("rubric/gate", state, f"by {run}", f"{RUNS}/{run}")


def write(api: Api, sha: str, wanted: Status) -> str | None:
    """Set a status as a job's own token does."""
    return write_status(api, sha, wanted, lambda: ACTIONS_BOT)


@pytest.mark.parametrize(
    ("verdict", "state"),
    [("pass", "success"), ("overridden", "success"), ("fail", "failure"), ("error", "error")],
)
def test_only_a_verdict_that_ships_is_green(verdict: Verdict, state: str) -> None:
    """An error has a state of its own and is never a success."""
    assert status_of(verdict, "headline", "rubric/gate", RUNS).state == state


@pytest.mark.parametrize(
    ("headline", "description"),
    [
        ("Ready to ship", "Ready to ship"),
        ("`refund-014` fails in\nthe hard slice", "refund-014 fails in the hard slice"),
        ("a\u202eb", "a⟨U+202E⟩b"),
        ("x" * 140, "x" * 140),
        ("x" * 141, "x" * 139 + "…"),
        ("🙂" * 200, "🙂" * 139 + "…"),
        ("word " * 60, "word " * 27 + "word…"),
    ],
)
def test_a_description_is_one_line_within_the_limit(headline: str, description: str) -> None:
    """Nothing hides in it, and what is cut shows that it is."""
    assert describe(headline) == description
    assert len(describe(headline)) <= LONGEST


@pytest.mark.parametrize(
    ("there", "ours", "written"),
    [
        ("7", "7", True),
        ("6", "7", True),
        ("8", "7", False),
        ("7/attempts/1", "7/attempts/2", True),
        ("7/attempts/3", "7/attempts/2", False),
        ("99", "100/attempts/1", True),
        ("7", "7/attempts/1", True),
        ("?something-else", "7/attempts/1", True),
    ],
)
def test_a_newer_run_or_attempt_stays(scene: Scene, there: str, ours: str, written: bool) -> None:
    """An older run that finishes late does not replace what a newer one has said."""
    sha = scene.repo.branches["main"]
    scene.repo.status(sha, "rubric/gate", "failure", "there", target_url=f"{RUNS}/{there}")
    told = write(scene.api, sha, status(ours))
    current = scene.repo.current_status(sha, "rubric/gate")
    assert current is not None
    assert (current.state == "success") is written
    assert (told is None) is written


def test_what_may_not_be_read_may_still_be_written(scene: Scene) -> None:
    """The look at a newer run's status is a courtesy, and the status itself is the gate."""
    sha = scene.repo.branches["main"]
    body = {"message": "Resource not accessible by integration"}
    scene.github.fault("GET", "/status", times=FOREVER, status=403, body=body)
    assert write(scene.api, sha, status("7")) is None
    assert scene.repo.current_status(sha, "rubric/gate") is not None


def test_a_token_that_may_do_neither_is_told_what_to_add(scene: Scene) -> None:
    """The permission to write is the one that is named."""
    api = scene.api_for(scene.github.world.token({}).value)
    with pytest.raises(PermissionMissing, match="`statuses: write`"):
        write(api, scene.repo.branches["main"], status("7"))


def test_another_context_is_not_ours(scene: Scene) -> None:
    """Two gates on one commit don't see each other."""
    sha = scene.repo.branches["main"]
    scene.repo.status(sha, "rubric/other", "failure", target_url=f"{RUNS}/900")
    assert write(scene.api, sha, status("7")) is None
    assert scene.repo.current_status(sha, "rubric/gate") is not None


def test_our_context_is_found_on_a_later_page(scene: Scene) -> None:
    """A commit with two hundred contexts still shows the newer run's status."""
    sha = scene.repo.branches["main"]
    scene.repo.status(sha, "rubric/gate", "failure", target_url=f"{RUNS}/900")
    for number in range(200):
        scene.repo.status(sha, f"ci/{number}", "success")
    assert write(scene.api, sha, status("7")) is not None


def test_a_write_that_came_through_is_not_made_twice(scene: Scene) -> None:
    """After a 502 the status that is there already counts."""
    sha = scene.repo.branches["main"]
    scene.github.fault("POST", "/statuses/", times=FOREVER, status=502, after_effect=True)
    assert write(scene.api, sha, status("7")) is None
    assert len(scene.repo.statuses) == 1


@pytest.mark.parametrize("state", ["success", "failure"])
def test_anybody_elses_claim_to_be_newer_is_not_believed(scene: Scene, state: str) -> None:
    """A green status with a larger run number does not keep our red one out."""
    sha = scene.repo.branches["main"]
    url = f"{RUNS}/99999999999999"
    scene.repo.status(sha, "rubric/gate", state, "fine", target_url=url, by="mallory")
    assert write(scene.api, sha, status("7", "failure")) is None
    current = scene.repo.current_status(sha, "rubric/gate")
    assert current is not None
    assert (current.state, current.description) == ("failure", "by 7")


def test_who_writes_is_asked_once_and_only_where_it_matters(scene: Scene) -> None:
    """A first status costs no question more, and many are of one account."""
    asked: list[str] = []

    def author() -> Author:
        asked.append("who")
        return ACTIONS_BOT

    sha = scene.repo.branches["main"]
    scene.repo.status(sha, "ci/other", "success", target_url=f"{RUNS}/9")
    for run in ("7", "8", "9"):
        assert write_status(scene.api, sha, status(run), author) is None
    assert len(asked) == 2


def test_a_strangers_status_hides_no_newer_run(scene: Scene) -> None:
    """Whoever sets one of an old run on top does not get a later failure replaced."""
    sha = scene.repo.branches["main"]
    scene.repo.status(sha, "rubric/gate", "failure", target_url=f"{RUNS}/8")
    scene.repo.status(sha, "rubric/gate", "pending", target_url=f"{RUNS}/7", by="mallory")
    assert write(scene.api, sha, status("7")) == NEWER
    assert len(scene.repo.statuses) == 2


def decided_again(run: WorkflowRun) -> Status:
    """The status of a run that has only decided anew."""
    url = address(f"{RUNS}/{run.id}/attempts/1", again=True)
    return Status("rubric/gate", "success", "signed", url)


@pytest.mark.parametrize(("state", "written"), [("in_progress", False), ("completed", True)])
def test_a_run_that_measures_is_waited_for_until_it_is_over(
    scene: Scene, state: str, *, written: bool
) -> None:
    """GitHub says whether it is; one whose runner was lost holds nobody up."""
    sha = scene.repo.branches["main"]
    measures, again = (scene.repo.run(sha, status=one) for one in (state, "in_progress"))
    there = f"{RUNS}/{measures.id}/attempts/1"
    scene.repo.status(sha, "rubric/gate", "pending", target_url=there)
    told = write(scene.api, sha, decided_again(again))
    assert told == (
        None if written else f"the verdict follows from the run that measures now, {there}"
    )


def test_a_run_that_nobody_knows_holds_nobody_up(scene: Scene) -> None:
    """It was deleted, or never was."""
    sha = scene.repo.branches["main"]
    scene.repo.status(sha, "rubric/gate", "pending", target_url=f"{RUNS}/1/attempts/1")
    assert write(scene.api, sha, decided_again(scene.repo.run(sha))) is None


def test_when_an_attempt_began_is_asked_once(scene: Scene) -> None:
    """However many statuses it is held against."""
    sha = scene.repo.branches["main"]
    for run in (13, 12):
        url = address(f"{RUNS}/{run}/attempts/1", again=True)
        scene.repo.status(sha, "rubric/gate", "failure", target_url=url)
    asked: list[str] = []

    def began() -> datetime:
        asked.append("when")
        return scene.github.world.tick()

    wanted = replace(status("9/attempts/2"), target_url=f"{RUNS}/9/attempts/2#again")
    assert write_status(scene.api, sha, wanted, lambda: ACTIONS_BOT, began) is None
    assert asked == ["when"]
