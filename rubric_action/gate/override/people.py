"""Who a person is to a pull request: an approver or not, a contributor or not."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Final

from rubric_action.gate.override.facts import (
    Asked,
    Backing,
    CoAuthor,
    Contribution,
    Membership,
    Person,
    Role,
    Sibling,
    Standing,
)
from rubric_action.gate.override.wording import commit, listed
from rubric_action.gate.wording import named
from rubric_action.rubric.model import Approver, OverridePolicy

LEVELS: Final[tuple[Role, ...]] = ("none", "read", "triage", "write", "maintain", "admin")
NOREPLY: Final = "users.noreply.github.com"


@dataclass(frozen=True, slots=True)
class Approval:
    """Whether a person may sign and why; `sure` is off where that could not be determined."""

    may: bool
    why: str
    sure: bool = True


def approval(person: Person, standing: Standing | None, policy: OverridePolicy) -> Approval:
    """Whether a person may sign by the policy: named, by level, or as a member of a team.

    `standing` is None where nobody looked it up. No access to the repository outweighs all else.
    """
    if standing is None:
        return Approval(may=False, why="cannot determine who they are here", sure=False)
    if standing.role == "none":
        return Approval(may=False, why="they have no access to the repository")
    if any(_names(user, person) for user in policy.approvers.users):
        return Approval(may=True, why="named in the rubric")
    level = policy.approvers.permission
    if level is not None and LEVELS.index(standing.role) >= LEVELS.index(level):
        return Approval(may=True, why=f"permission {named(standing.role)}")
    return _by_team(person, standing, policy)


def _names(user: Approver, person: Person) -> bool:
    return _same(user.login, person.login) and user.id in (None, person.id)


def _same(one: str, other: str) -> bool:
    return one.casefold() == other.casefold()


def _by_team(person: Person, standing: Standing, policy: OverridePolicy) -> Approval:
    active = _teams("active", standing, policy)
    if active:
        return Approval(may=True, why=f"member of {active[0]}")
    unreadable = _teams("unreadable", standing, policy)
    if unreadable:
        why = (
            f"cannot determine whether they are in {listed(unreadable)}: "
            "the token lacks the organization's permission `members: read`"
        )
        return Approval(may=False, why=why, sure=False)
    return Approval(may=False, why="; ".join(_why_not(person, standing, policy)))


def _teams(wanted: Membership, standing: Standing, policy: OverridePolicy) -> list[str]:
    """The policy's teams in which the person's membership is this."""
    found = {team.casefold(): membership for team, membership in standing.teams.items()}
    teams = policy.approvers.teams
    # A team that nobody asked about is as good as one that could not be read.
    return [named(team) for team in teams if found.get(team.casefold(), "unreadable") == wanted]


def _why_not(person: Person, standing: Standing, policy: OverridePolicy) -> Iterator[str]:
    yield _not_named(person, policy)
    level = policy.approvers.permission
    if level is not None:
        yield f"their permission is {named(standing.role)}, and it takes {named(level)}"
    pending = _teams("pending", standing, policy)
    if pending:
        yield f"their membership in {listed(pending)} is pending"
    elif policy.approvers.teams:
        yield "they are in none of the rubric's teams"


def _not_named(person: Person, policy: OverridePolicy) -> str:
    for user in policy.approvers.users:
        if _same(user.login, person.login):
            return f"the rubric means another account of that name, {user.id}, not {person.id}"
        if user.id == person.id:
            return f"the rubric knows this account by another name, {named(user.login)}"
    return "the rubric does not name them"


def contribution(person: Person, asked: Asked, backing: Backing | None) -> str:
    """What a person did for the pull request, or for a sibling, which it then names.

    As far as that is known; empty for nothing.
    """
    if backing is None:
        return _done(person, asked.pushers, ())
    own = _done(person, (*asked.pushers, *backing.contributions), backing.co_authors)
    return own or next(filter(None, _done_elsewhere(person, backing.siblings)), "")


def _done_elsewhere(person: Person, siblings: Iterable[Sibling]) -> Iterator[str]:
    for one in siblings:
        done = _done(person, (*one.pushers, *one.contributions), one.co_authors)
        yield f"{done} in #{one.number}" if done else ""


def _done(person: Person, done: Iterable[Contribution], trailers: Iterable[CoAuthor]) -> str:
    own = next((one.how for one in done if one.person.id == person.id), "")
    also = next((one for one in trailers if is_co_author(person, one)), None)
    return own or (f"co-authored {commit(also.commit)}" if also else "")


def is_co_author(person: Person, trailer: CoAuthor) -> bool:
    """Whether a trailer may mean this person.

    A wrong yes only asks for another signature and says why; a wrong no would let somebody sign
    for their own work.
    """
    login, email = person.login.casefold(), trailer.email.strip().casefold()
    local, _, host = email.rpartition("@")
    number, plus, _ = local.partition("+")
    if host == NOREPLY and plus and number == str(person.id):
        return True
    return login in (local, trailer.name.strip().casefold())
