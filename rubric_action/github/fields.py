"""Typed values out of GitHub's JSON. What is not there, or of another type, is never guessed."""

from typing import Any, TypeVar

from rubric_action.errors import GitHubFailed

T = TypeVar("T", str, int, bool)


def pick(data: object, path: str, kind: type[T]) -> T:
    """The value at a dotted path, or GitHubFailed when GitHub's reply does not hold it."""
    value = pick_or_none(data, path, kind)
    if value is None:
        raise GitHubFailed(
            f"GitHub's reply does not hold `{path}`.",
            "Run the job again; if it happens again, see https://www.githubstatus.com.",
        )
    return value


def pick_or_none(data: object, path: str, kind: type[T]) -> T | None:
    """The value at a dotted path; None when it is absent, null or of another type."""
    value = part(data, path)
    return value if type(value) is kind else None


def part(data: object, path: str) -> Any:
    """Whatever stands at a dotted path, or None."""
    value: Any = data
    for name in path.split("."):
        value = value.get(name) if isinstance(value, dict) else None
    return value
