"""The endpoints, grouped as GitHub's documentation groups them; importing a module registers it."""

from tests.fakes.github.routes import accounts, actions, checks, contents, git, issues, pulls, repos

__all__ = ["accounts", "actions", "checks", "contents", "git", "issues", "pulls", "repos"]
