from collections.abc import Mapping
from typing import Any

import pytest

from rubric_action.errors import GitHubFailed
from rubric_action.gate.override.facts import Person, Role, Standing
from rubric_action.github.api import Api
from rubric_action.github.standing import read_membership, read_role, read_standing, role_of
from rubric_action.rubric.model import Approver, Approvers, OverridePolicy, Permission
from tests.fakes.github import FOREVER
from tests.github.conftest import Scene

pytestmark = pytest.mark.usefixtures("described")

TEAMS = ("acme/leads", "acme/safety")
PERMISSION = "/repos/acme/support/collaborators/mona/permission"


@pytest.fixture
def mona(scene: Scene) -> Person:
    """An account that may write, and no more is known of it."""
    scene.repo.permit("mona", "write")
    return Person(scene.github.world.account("mona").id, "mona")


@pytest.fixture
def api(scene: Scene) -> Api:
    """The API with a token that may read members."""
    token = scene.github.world.token({"members": "read"}, login="checker[bot]")
    return scene.api_for(token.value)


def policy(
    *users: str, teams: tuple[str, ...] = (), permission: Permission | None = None
) -> OverridePolicy:
    """A policy by which these may sign."""
    approvers = Approvers(tuple(Approver(login) for login in users), teams, permission)
    return OverridePolicy("ship-it", approvers, ("threshold",))


@pytest.mark.parametrize("role", ["none", "read", "triage", "write", "maintain", "admin"])
def test_roles_are_told_by_their_names(scene: Scene, mona: Person, role: Role) -> None:
    """The older field would take maintain for write, and triage for read."""
    scene.repo.permit("mona", role)
    assert read_role(scene.api, mona) == role


@pytest.mark.parametrize("basis", ["read", "triage", "write", "maintain", "admin"])
def test_a_role_that_was_made_up_is_what_it_allows(scene: Scene, mona: Person, basis: Role) -> None:
    """Its name says nothing."""
    scene.repo.permit("mona", "release-lead", basis=basis)
    assert read_role(scene.api, mona) == basis


@pytest.mark.parametrize(
    ("told", "role"),
    [
        ({"role_name": "", "user": {"permissions": {}}, "permission": "admin"}, "none"),
        ({"role_name": "x", "user": {"permissions": {"admin": "yes"}}}, "none"),
        ({"role_name": "x", "user": {"permissions": {"admin": False, "push": True}}}, "write"),
        ({"role_name": "Admin", "user": {"permissions": {"pull": True}}}, "read"),
        ({"permission": "write"}, "write"),
        ({"permission": "none", "user": None}, "none"),
    ],
)
def test_a_role_is_never_more_than_was_told(told: Mapping[str, Any], role: Role) -> None:
    """An older server tells the level alone."""
    assert role_of(told) == role


@pytest.mark.parametrize("told", [{}, {"permission": None}, {"permission": "owner"}])
def test_a_role_that_nobody_knows_is_an_error(told: Mapping[str, Any]) -> None:
    """It is neither everything nor nothing."""
    with pytest.raises(GitHubFailed):
        role_of(told)


def test_a_login_is_found_in_any_case(scene: Scene, mona: Person) -> None:
    """GitHub does not tell them apart either."""
    assert read_role(scene.api, Person(mona.id, "MONA")) == "write"


def test_an_account_that_is_gone_has_no_role(scene: Scene) -> None:
    """Nobody is there to be asked about."""
    assert read_role(scene.api, Person(7, "nobody")) == "none"


def test_a_login_that_somebody_else_took_has_no_role(scene: Scene, mona: Person) -> None:
    """Whoever has the name now did not write the review."""
    del scene.github.world.accounts["mona"]
    scene.repo.permit("mona", "admin")
    assert read_role(scene.api, mona) == "none"


@pytest.mark.parametrize("login", ["helper[bot]", "x?y"])
def test_a_login_stays_one_part_of_the_path(scene: Scene, login: str) -> None:
    """Whatever it holds, no other question is asked."""
    assert read_role(scene.api, Person(7, login)) == "none"
    (request,) = scene.github.requests
    assert request.path == f"/repos/acme/support/collaborators/{login}/permission"


@pytest.mark.parametrize(
    ("who", "role"),
    [
        (policy("Mona", teams=TEAMS), "write"),
        (policy("lisa", teams=TEAMS, permission="write"), "write"),
        (policy("lisa", teams=TEAMS), "none"),
        (policy("mona", teams=TEAMS), "none"),
        (policy("lisa"), "write"),
    ],
)
def test_teams_are_asked_only_where_they_decide(
    scene: Scene, api: Api, mona: Person, who: OverridePolicy, role: Role
) -> None:
    """Not for who is named, has the level, or has no access whatever they are."""
    scene.repo.permit("mona", role)
    assert read_standing(api, mona, who) == Standing(role)
    assert [request.path for request in scene.github.requests] == [PERMISSION]


def test_teams_decide_where_neither_name_nor_role_does(
    scene: Scene, api: Api, mona: Person
) -> None:
    """Each team is told with what GitHub says of it."""
    world = scene.github.world
    world.team("acme/leads", {"mona": "active"})
    world.team("acme/safety", {"mona": "pending"})
    found = read_standing(api, mona, policy("lisa", teams=TEAMS, permission="admin"))
    assert found == Standing("write", {"acme/leads": "active", "acme/safety": "pending"})


@pytest.mark.parametrize(
    ("team", "permission", "membership"),
    [
        ("acme/leads", "read", "active"),
        ("Acme/Leads", "read", "active"),
        ("acme/safety", "read", "pending"),
        ("acme/others", "read", "absent"),
        ("acme/hidden", "read", "unreadable"),
        ("acme/nowhere", "read", "unreadable"),
        ("acme/leads", None, "unreadable"),
    ],
)
def test_absent_and_unreadable_are_two_answers(
    scene: Scene, mona: Person, team: str, permission: str | None, membership: str
) -> None:
    """A 404 is an absence only where the team itself can be read."""
    world = scene.github.world
    world.team("acme/leads", {"mona": "active"})
    world.team("acme/safety", {"mona": "pending"})
    world.team("acme/others", {"lisa": "active"})
    world.team("acme/hidden", {"mona": "active"}, secret=True)
    token = world.token({"members": permission} if permission else {}, login="checker[bot]")
    assert read_membership(scene.api_for(token.value), team, mona) == membership


@pytest.mark.parametrize("status", [403, 404])
def test_a_team_that_hides_itself_is_unreadable(
    scene: Scene, api: Api, mona: Person, status: int
) -> None:
    """However GitHub says no, nobody was seen to be absent."""
    scene.github.world.team("acme/leads", {})
    scene.github.fault("GET", "/teams/leads$", status=status, body={"message": "No"})
    assert read_membership(api, "acme/leads", mona) == "unreadable"


@pytest.mark.parametrize(
    ("path", "status"),
    [("/memberships/", 500), ("/memberships/", 410), ("/leads$", 500), ("/leads$", 410)],
)
def test_trouble_with_a_team_is_an_error(
    scene: Scene, api: Api, mona: Person, path: str, status: int
) -> None:
    """A server that fails has not said that the token may not know."""
    scene.github.world.team("acme/leads", {})
    scene.github.fault("GET", path, times=FOREVER, status=status, body={"message": "No"})
    with pytest.raises(GitHubFailed, match="Could not read who is in a team"):
        read_membership(api, "acme/leads", mona)


def test_a_membership_that_nobody_knows_is_an_error(scene: Scene, api: Api, mona: Person) -> None:
    """It is neither in nor out."""
    scene.github.fault("GET", "/memberships/", status=200, body={"state": "invited"})
    with pytest.raises(GitHubFailed, match="invited"):
        read_membership(api, "acme/leads", mona)


def test_a_role_that_cannot_be_read_is_an_error(scene: Scene, mona: Person) -> None:
    """Who may not be asked about has not been found without access."""
    body = {"message": "Must have push access to view collaborator permission."}
    scene.github.fault("GET", "/permission", status=403, body=body)
    with pytest.raises(GitHubFailed, match="what a reviewer may do"):
        read_role(scene.api, mona)
