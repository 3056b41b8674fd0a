from typing import Any

import pytest

from rubric_action.errors import GitHubFailed
from rubric_action.gate.override.facts import Contribution, Person
from rubric_action.github.faults import Operation
from rubric_action.github.pulls import (
    FORCE_PUSH,
    RETARGETING,
    Happened,
    Pull,
    asked_of,
    happened,
    read_happened,
    read_pull,
    read_reviews,
    review,
)
from rubric_action.github.records import person
from tests.fakes.github import FOREVER
from tests.fakes.github import Pull as FakePull
from tests.github.conftest import Scene

pytestmark = pytest.mark.usefixtures("described")

MONA = {"login": "mona", "id": 7, "type": "User"}
AT = "2026-11-20T12:00:00Z"


@pytest.fixture
def pull(scene: Scene) -> FakePull:
    """A pull request with one commit by dana."""
    scene.repo.push("faster", {"agent.py": "new"})
    return scene.repo.pull("faster")


def id_of(scene: Scene, login: str) -> int:
    """The number of an account."""
    return scene.github.world.account(login).id


def test_a_pull_request_is_read_with_both_ends(scene: Scene, pull: FakePull) -> None:
    """What decides is what the API says now."""
    pull.label("Ship It", by="mona")
    assert read_pull(scene.api, pull.number) == Pull(
        number=1,
        state="open",
        merged=False,
        head_sha=pull.head_sha,
        head_ref="faster",
        head_repository_id=scene.repo.id,
        head_owner="acme",
        base_ref="main",
        base_sha=pull.base_sha,
        author=Person(id_of(scene, "dana"), "dana"),
        labels=("Ship It",),
        commits=1,
        url="https://github.com/acme/support/pull/1",
    )


def test_a_head_whose_repository_is_gone_has_no_owner(scene: Scene, pull: FakePull) -> None:
    """A fork that was deleted belongs to nobody, and is not taken for this repository."""
    pull.head_repo = None
    pull.close(merged=True)
    found = read_pull(scene.api, pull.number)
    assert (found.head_repository_id, found.head_owner) == (None, None)
    assert (found.state, found.merged) == ("closed", True)


@pytest.mark.parametrize("labels", [None, "x", [{"id": 1}]])
def test_labels_that_are_no_list_are_an_error(scene: Scene, pull: FakePull, labels: Any) -> None:
    """A reply without labels is not a pull request without labels."""
    path = scene.api.path(f"/pulls/{pull.number}")
    body = scene.api.client.get(Operation.READ_PULL_REQUEST, path)
    with pytest.raises(GitHubFailed, match="does not hold"):
        Pull.of(body | {"labels": labels})


@pytest.mark.parametrize(
    ("account", "known"),
    [
        (MONA, Person(7, "mona")),
        (MONA | {"login": "MONA"}, Person(7, "MONA")),
        (MONA | {"type": "Bot"}, Person(7, "mona", human=False)),
        (MONA | {"login": "helper[bot]"}, Person(7, "helper[bot]", human=False)),
        (MONA | {"type": "Mannequin"}, Person(7, "mona", human=False)),
        (MONA | {"type": "Organization"}, Person(7, "mona", human=False)),
        ({"login": "mona", "id": 7}, Person(7, "mona", human=False)),
        (MONA | {"login": "ghost"}, None),
        (None, None),
        ({}, None),
    ],
)
def test_accounts_are_known_by_number(account: object, known: Person | None) -> None:
    """Only what GitHub calls a user is a person; all deleted accounts are nobody."""
    assert person(account) == known


@pytest.mark.parametrize("account", [{"login": "mona"}, {"id": 7}, {"login": "mona", "id": "7"}])
def test_half_an_account_is_an_error(account: object) -> None:
    """Nobody is told apart by a name alone."""
    with pytest.raises(GitHubFailed):
        person(account)


def test_labels_come_with_who_set_them(scene: Scene, pull: FakePull) -> None:
    """Every setting and taking away counts, with its actor and the app that acted for them."""
    pull.label("ship-it", by="mona")
    pull.unlabel("ship-it", by="dana")
    pull.label("ship-it", by=None)
    pull.label("ship-it", by="mona", app="helper")
    pull.label("ship-it", by="robot[bot]")
    pull.record("closed", by="mona")
    found = read_happened(scene.api, pull.number)
    told = [(one.added, one.actor and one.actor.login, one.app) for one in found.labels]
    assert told == [
        (True, "mona", None),
        (False, "dana", None),
        (True, None, None),
        (True, "mona", "helper"),
        (True, "robot[bot]", "robot"),
    ]
    assert [one.at for one in found.labels] == [one.created_at for one in pull.events[:5]]
    assert [one.id for one in found.labels] == [one.id for one in pull.events[:5]]
    assert (found.floor, found.pushers) == ((), ())


def test_an_app_without_a_slug_is_still_an_app() -> None:
    """It is known by its name."""
    event = {"event": "labeled", "id": 1, "created_at": AT, "label": {"name": "x"}, "actor": MONA}
    app = {"performed_via_github_app": {"name": "Helper"}}
    assert happened([event | app]).labels[0].app == "Helper"
    with pytest.raises(GitHubFailed):
        happened([event | {"performed_via_github_app": {}}])


def test_the_floor_is_the_last_of_its_kind(scene: Scene, pull: FakePull) -> None:
    """Older force-pushes and changes of the base are over; who force-pushed is remembered."""
    scene.repo.push("next", {"a": "b"})
    for by in ("dana", "mona", "dana"):
        scene.repo.force_push("faster", pull.head_sha, by=by)
    pull.record("head_ref_force_pushed", by=None)
    pull.retarget("next", by="dana")
    pull.retarget("main", by="mona", automatic=True)
    found = read_happened(scene.api, pull.number)
    assert [(one.what, one.at) for one in found.floor] == [
        (FORCE_PUSH, pull.events[3].created_at),
        (RETARGETING, pull.events[5].created_at),
    ]
    assert found.pushers == tuple(
        Contribution(Person(id_of(scene, login), login), "force-pushed the branch")
        for login in ("dana", "mona")
    )


def test_reviews_are_read_as_they_stand(scene: Scene, pull: FakePull) -> None:
    """State, commit, time and text are told, and a dismissed one keeps its time."""
    gone = pull.review("APPROVED", by="lisa")
    pull.review("APPROVED", by="mona", body="override: known", sha=pull.base_sha)
    pull.review("COMMENTED", by=None)
    pull.dismiss(gone, by="dana")
    found = read_reviews(scene.api, pull.number)
    assert [(one.state, one.author and one.author.login, one.body) for one in found] == [
        ("DISMISSED", "lisa", ""),
        ("APPROVED", "mona", "override: known"),
        ("COMMENTED", None, ""),
    ]
    assert [one.commit for one in found] == [pull.head_sha, pull.base_sha, pull.head_sha]
    assert [one.at for one in found] == [one.submitted_at for one in pull.reviews]
    assert found[0].url.endswith(f"#pullrequestreview-{gone.id}")


def test_all_pages_count(scene: Scene, pull: FakePull) -> None:
    """Over a hundred reviews and events are over a hundred."""
    for number in range(101):
        pull.review("COMMENTED", by="mona", body=str(number))
        pull.label("ship-it", by="mona")
    assert len(read_reviews(scene.api, pull.number)) == 101
    assert len(read_happened(scene.api, pull.number).labels) == 101


@pytest.mark.parametrize(("path", "read"), [("events", read_happened), ("reviews", read_reviews)])
def test_half_a_list_is_none(scene: Scene, pull: FakePull, path: str, read: Any) -> None:
    """A second page that cannot be read fails the whole."""
    for _ in range(101):
        pull.review("COMMENTED", by="mona")
        pull.label("ship-it", by="mona")
    scene.github.fault("GET", f"{path}.*page=2", times=FOREVER, status=502)
    with pytest.raises(GitHubFailed, match="Could not read the pull request's"):
        read(scene.api, pull.number)


def test_a_review_that_is_being_written_is_none() -> None:
    """It has no time yet, and only its author sees it."""
    assert review({"id": 1, "state": "PENDING", "user": MONA}) is None


@pytest.mark.parametrize("state", ["GOLD", None])
def test_a_state_that_nobody_knows_is_an_error(state: object) -> None:
    """It could mean anything."""
    with pytest.raises(GitHubFailed):
        review({"id": 1, "state": state, "user": MONA, "submitted_at": AT})


def test_a_review_of_a_commit_that_is_gone_has_none() -> None:
    """So it is of no head, and what is missing of the rest is empty."""
    found = review({"id": 1, "state": "approved", "user": None, "submitted_at": AT, "body": None})
    assert found is not None
    assert (found.commit, found.body, found.url, found.author) == (None, "", "", None)


def test_what_was_asked_is_put_together(scene: Scene, pull: FakePull) -> None:
    """The pull request, its past and its reviews make one value."""
    pull.label("ship-it", by="mona")
    pull.review("APPROVED", by="mona")
    found, past = read_pull(scene.api, 1), read_happened(scene.api, 1)
    reviews = read_reviews(scene.api, 1)
    asked = asked_of(found, past, reviews)
    assert (asked.number, asked.head, asked.base) == (1, pull.head_sha, pull.base_sha)
    assert (asked.labels, asked.events, asked.reviews) == (("ship-it",), past.labels, reviews)
    assert asked_of(found, Happened((), (), ()), ()).reviews == ()
