"""Who is who: the token's owner, users, teams, permissions, and the rate limit."""

from tests.fakes.github.bodies import accounts as bodies
from tests.fakes.github.call import ApiError, Call, not_found, ok
from tests.fakes.github.records import Account
from tests.fakes.github.router import router
from tests.fakes.wire import Response

RATE_LIMIT = 5_000


@router.route("GET", "/user", "metadata:read")
def get_authenticated(call: Call) -> Response:
    """The token's owner; a job's token speaks for an app, and an app is no user."""
    if call.token.account.type == "Bot":
        raise ApiError(403, "Resource not accessible by integration")
    return ok(bodies.public_user(call.api, call.token.account, call.world))


@router.route("GET", "/users/{username}", "metadata:read")
def get_user(call: Call) -> Response:
    """A user's profile."""
    return ok(bodies.public_user(call.api, _known(call), call.world))


@router.route("GET", "/repos/{owner}/{repo}/collaborators/{username}/permission", "metadata:read")
def get_permission(call: Call) -> Response:
    """What a user may do in a repository today."""
    return ok(bodies.permission(call.api, call.repo, _known(call)))


@router.route("GET", "/orgs/{org}/teams/{slug}/memberships/{username}", "members:read")
def get_membership(call: Call) -> Response:
    """A team membership, active or pending; 404 for people who have neither."""
    team, login = f"{call.params['org']}/{call.params['slug']}", call.params["username"]
    state = (call.world.visible_team(team) or {}).get(login.lower())
    if state is None:
        raise not_found()
    return ok(bodies.membership(call.api, team, login, state))


@router.route("GET", "/orgs/{org}/teams/{slug}", "members:read")
def get_team(call: Call) -> Response:
    """A team, for who may know of it."""
    team = f"{call.params['org']}/{call.params['slug']}"
    if call.world.visible_team(team) is None:
        raise not_found()
    return ok(bodies.team(call.api, team))


@router.route("GET", "/rate_limit", "metadata:read")
def get_rate_limit(_call: Call) -> Response:
    """The token's budget, which this server never runs out of by itself."""
    budget = {"limit": RATE_LIMIT, "remaining": RATE_LIMIT, "reset": 1_900_000_000, "used": 0}
    return ok({"resources": {"core": budget, "search": budget}, "rate": budget})


def _known(call: Call) -> Account:
    account = call.world.accounts.get(call.params["username"].lower())
    if account is None:
        raise not_found()
    return account
