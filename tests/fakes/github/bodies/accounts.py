"""Accounts, apps, teams' memberships and permission levels."""

from tests.fakes.github.records import Account, timestamp
from tests.fakes.github.repo import Repo
from tests.fakes.github.world import World

HTML = "https://github.com"
_USER_LINKS = {
    "followers_url": "/followers",
    "following_url": "/following{/other_user}",
    "gists_url": "/gists{/gist_id}",
    "starred_url": "/starred{/owner}{/repo}",
    "subscriptions_url": "/subscriptions",
    "organizations_url": "/orgs",
    "repos_url": "/repos",
    "events_url": "/events{/privacy}",
    "received_events_url": "/received_events",
}
_LEVELS = ("pull", "triage", "push", "maintain", "admin")
_ROLE_LEVEL = {"none": 0, "read": 1, "triage": 2, "write": 3, "maintain": 4, "admin": 5}
# The older of the two fields knows four levels only.
_LEGACY = {"triage": "read", "maintain": "write"}


def node_id(kind: str, number: int) -> str:
    """An opaque id, as the GraphQL API would use it."""
    return f"{kind}_{number:x}"


def user(api: str, account: Account) -> dict[str, object]:
    """Schema `simple-user`."""
    url = f"{api}/users/{account.login}"
    return {
        "login": account.login,
        "id": account.id,
        "node_id": node_id("U", account.id),
        "avatar_url": f"https://avatars.example/u/{account.id}",
        "gravatar_id": "",
        "url": url,
        "html_url": f"{HTML}/{account.login}",
        **{name: url + path for name, path in _USER_LINKS.items()},
        "type": account.type,
        "user_view_type": "public",
        "site_admin": False,
    }


def user_or_none(api: str, account: Account | None) -> dict[str, object] | None:
    """Schema `nullable-simple-user`: null once the account is deleted."""
    return None if account is None else user(api, account)


def public_user(api: str, account: Account, world: World) -> dict[str, object]:
    """Schema `public-user`."""
    profile = dict.fromkeys(
        ("name", "company", "blog", "location", "email", "hireable", "bio", "twitter_username")
    )
    counts = dict.fromkeys(("public_repos", "public_gists", "followers", "following"), 0)
    dates = {"created_at": timestamp(world.now), "updated_at": timestamp(world.now)}
    return user(api, account) | profile | counts | dates


def app(api: str, account: Account | None) -> dict[str, object] | None:
    """Schema `nullable-integration`: the app that a bot account acts for, null for people."""
    if account is None or account.type != "Bot":
        return None
    return app_of(api, account.login.removesuffix("[bot]"))


def app_of(api: str, slug: str) -> dict[str, object]:
    """Schema `integration`."""
    return {
        "id": 15_368,
        "slug": slug,
        "client_id": "Iv1.fake",
        "node_id": node_id("A", 15_368),
        "owner": user(api, Account("github", 9_919, "Organization")),
        "name": slug.replace("-", " ").title(),
        "description": None,
        "external_url": f"https://{slug}.example",
        "html_url": f"{HTML}/apps/{slug}",
        "created_at": "2018-07-30T09:30:17Z",
        "updated_at": "2024-04-10T20:33:16Z",
        "permissions": {"contents": "read", "statuses": "write"},
        "events": [],
    }


def permission(api: str, repo: Repo, account: Account) -> dict[str, object]:
    """Schema `repository-collaborator-permission`; a stranger reads what is public."""
    role = repo.permissions.get(account.login, "none" if repo.private else "read")
    basis = repo.custom_roles.get(role, role)
    level = _ROLE_LEVEL[basis]
    grants = {name: level >= needed for needed, name in enumerate(_LEVELS, start=1)}
    collaborator = user(api, account) | {"role_name": role, "permissions": grants}
    return {"permission": _LEGACY.get(basis, basis), "role_name": role, "user": collaborator}


def team(api: str, path: str) -> dict[str, object]:
    """Schema `team-full`, as far as it is of use; `path` is `org/slug`."""
    org, slug = path.split("/")
    url = f"{api}/orgs/{org}/teams/{slug}"
    return {
        "id": 1,
        "node_id": node_id("T", 1),
        "url": url,
        "html_url": f"{HTML}/orgs/{org}/teams/{slug}",
        "name": slug,
        "slug": slug,
        "description": None,
        "privacy": "closed",
        "permission": "pull",
        "members_url": f"{url}/members{{/member}}",
        "repositories_url": f"{url}/repos",
        "parent": None,
    }


def membership(api: str, team: str, login: str, state: str) -> dict[str, object]:
    """Schema `team-membership`; `team` is `org/slug`."""
    org, slug = team.split("/")
    url = f"{api}/orgs/{org}/teams/{slug}/memberships/{login}"
    return {"url": url, "role": "member", "state": state}
