"""The whole state of the fake: accounts, tokens, teams, repositories, and one clock."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from tests.fakes.github.records import GITHUB_ACTIONS_BOT, JOB_PERMISSIONS, Account, Token
from tests.fakes.github.repo import Repo

# Ids of this size are what GitHub gives out today: past 32 bits.
FIRST_ID = 5_000_000_001
GITHUB_ACTIONS_BOT_ID = 41_898_282


def _an_hour_ago() -> datetime:
    return datetime.now(UTC).replace(microsecond=0) - timedelta(hours=1)


@dataclass(slots=True)
class World:
    """Everything GitHub knows. Its clock starts an hour ago and ticks a second a happening."""

    now: datetime = field(default_factory=_an_hour_ago)
    accounts: dict[str, Account] = field(default_factory=dict)
    tokens: dict[str, Token] = field(default_factory=dict)
    repos: dict[str, Repo] = field(default_factory=dict)
    teams: dict[str, dict[str, str]] = field(default_factory=dict)
    secret_teams: set[str] = field(default_factory=set)
    _last_id: int = FIRST_ID

    def tick(self) -> datetime:
        """Let a second pass, and tell the time."""
        self.now += timedelta(seconds=1)
        return self.now

    def next_id(self) -> int:
        """An id that nothing else has."""
        self._last_id += 1
        return self._last_id

    def account(self, login: str, *, id: int | None = None, type: str | None = None) -> Account:  # noqa: A002
        """The account of this login, made when it is new; a login ending in `[bot]` is a bot's."""
        known = self.accounts.get(login.lower())
        if known is not None:
            return known
        kind = type or ("Bot" if login.endswith("[bot]") else "User")
        bot_id = GITHUB_ACTIONS_BOT_ID if login == GITHUB_ACTIONS_BOT else None
        made = Account(login, id or bot_id or self.next_id(), kind)
        self.accounts[login.lower()] = made
        return made

    def token(
        self,
        permissions: Mapping[str, str] = JOB_PERMISSIONS,
        *,
        login: str = GITHUB_ACTIONS_BOT,
        value: str | None = None,
    ) -> Token:
        """Issue a token; by default the job's own, which speaks for github-actions[bot]."""
        made = Token(value or f"ghs_fake{self.next_id()}", self.account(login), permissions)
        self.tokens[made.value] = made
        return made

    def repo(self, full_name: str, *, default_branch: str = "main", private: bool = False) -> Repo:
        """Create a repository with no commit yet."""
        owner, name = full_name.split("/")
        account = self.account(owner, type="Organization")
        made = Repo(self, account, name, self.next_id(), default_branch, private)
        return self.add_repo(made)

    def add_repo(self, repo: Repo) -> Repo:
        """Make a repository known by its name."""
        self.repos[repo.full_name.lower()] = repo
        return repo

    def find_repo(self, full_name: str) -> Repo | None:
        """The repository of this name, in any case."""
        return self.repos.get(full_name.lower())

    def team(self, path: str, members: Mapping[str, str], *, secret: bool = False) -> None:
        """Create the team `org/slug`; `members` maps a login to `active` or `pending`.

        Of a `secret` one no token that is issued here may know.
        """
        self.account(path.split("/", maxsplit=1)[0], type="Organization")
        self.teams[path.lower()] = {login.lower(): state for login, state in members.items()}
        if secret:
            self.secret_teams.add(path.lower())

    def visible_team(self, path: str) -> dict[str, str] | None:
        """The members of the team `org/slug`; None where a token may not know of it."""
        return None if path.lower() in self.secret_teams else self.teams.get(path.lower())
