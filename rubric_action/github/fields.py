"""Typed values out of GitHub's JSON. What is not there, or of another type, is never guessed."""

from datetime import UTC, datetime
from typing import Any, TypeVar

from rubric_action.errors import GitHubFailed

T = TypeVar("T", str, int, bool)


def pick(data: object, path: str, kind: type[T]) -> T:
    """The value at a dotted path, or GitHubFailed when GitHub's reply does not hold it."""
    value = pick_or_none(data, path, kind)
    if value is None:
        raise _missing(f"`{path}`")
    return value


def pick_or_none(data: object, path: str, kind: type[T]) -> T | None:
    """The value at a dotted path; None when it is absent, null or of another type."""
    value = part(data, path)
    return value if type(value) is kind else None


def pick_time(data: object, path: str) -> datetime:
    """The time at a dotted path, in UTC, or GitHubFailed when GitHub's reply does not hold one."""
    found = time_or_none(pick(data, path, str))
    if found is None:
        raise _missing(f"a time in `{path}`")
    return found


def time_or_none(text: str | None) -> datetime | None:
    """The time that a text in ISO 8601 tells, in UTC; None for what tells none, or no zone."""
    try:
        at = datetime.fromisoformat(text or "")
        return at.astimezone(UTC) if at.tzinfo else None
    except (ValueError, OverflowError):
        return None


def part(data: object, path: str) -> Any:
    """Whatever stands at a dotted path, or None."""
    value: Any = data
    for name in path.split("."):
        value = value.get(name) if isinstance(value, dict) else None
    return value


def _missing(what: str) -> GitHubFailed:
    return GitHubFailed(
        f"GitHub's reply does not hold {what}.",
        "Run the job again; if it happens again, see https://www.githubstatus.com.",
    )
