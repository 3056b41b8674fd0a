"""What a person is to the repository today: their role, and the teams that they are in."""

from typing import Any, Final, cast
from urllib.parse import quote

from rubric_action.errors import GitHubFailed
from rubric_action.gate.override.facts import Membership, Person, Role, Standing
from rubric_action.gate.override.people import LEVELS, approval
from rubric_action.github.api import Api
from rubric_action.github.faults import NotFound, Operation, Refused
from rubric_action.github.fields import part, pick, pick_or_none
from rubric_action.rubric.model import OverridePolicy

GRANTS: Final[tuple[tuple[str, Role], ...]] = (
    ("admin", "admin"),
    ("maintain", "maintain"),
    ("push", "write"),
    ("triage", "triage"),
    ("pull", "read"),
)
"""What a role allows, from the most to the least; a role that an organization made up has no
other way to be compared."""


def read_standing(api: Api, person: Person, policy: OverridePolicy) -> Standing:
    """A person's role, and their teams where neither name nor role qualifies them already."""
    alone = Standing(read_role(api, person))
    if alone.role == "none" or approval(person, alone, policy).may:
        return alone
    teams = {team: read_membership(api, team, person) for team in policy.approvers.teams}
    return Standing(alone.role, teams)


def read_role(api: Api, person: Person) -> Role:
    """What somebody may do in the repository; `none` where the login is another's by now."""
    path = api.path(f"/collaborators/{quote(person.login, safe='')}/permission")
    try:
        data = api.client.get(Operation.READ_PERMISSION, path)
    except NotFound:
        return "none"
    if pick_or_none(data, "user.id", int) != person.id:
        return "none"
    return role_of(data)


def role_of(data: Any) -> Role:
    """Read the schema `repository-collaborator-permission`."""
    name = pick_or_none(data, "role_name", str)
    if name in LEVELS:
        return name
    grants = part(data, "user.permissions")
    if isinstance(grants, dict):
        return next((role for grant, role in GRANTS if grants.get(grant) is True), "none")
    level = pick(data, "permission", str)
    if level not in LEVELS:
        raise GitHubFailed(f"A reviewer has a permission that the gate does not know, `{level}`.")
    return level


def read_membership(api: Api, team: str, person: Person) -> Membership:
    """Whether somebody is in the team `org/slug`; absent and unreadable are two answers."""
    path = _team_path(team)
    login = quote(person.login, safe="")
    try:
        data = api.client.get(Operation.READ_TEAM, f"{path}/memberships/{login}")
    except NotFound:
        return "absent" if _readable(api, path) else "unreadable"
    except Refused as error:
        if error.status == 403:
            return "unreadable"
        raise
    state = pick(data, "state", str)
    if state not in ("active", "pending"):
        raise GitHubFailed(f"A team membership is in an unknown state, `{state}`.")
    return cast("Membership", state)


def _readable(api: Api, path: str) -> bool:
    """Whether the token may see the team at all; only then is a 404 somebody's absence."""
    try:
        api.client.get(Operation.READ_TEAM, path)
    except Refused as error:
        if error.status in (403, 404):
            return False
        raise
    return True


def _team_path(team: str) -> str:
    org, _, slug = team.partition("/")
    return f"/orgs/{quote(org, safe='')}/teams/{quote(slug, safe='')}"
