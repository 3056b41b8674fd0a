"""The floor: the last thing that happened to the pull request which makes older signs stale."""

from collections.abc import Iterable
from datetime import datetime

from rubric_action.gate.override.facts import Moment
from rubric_action.gate.override.wording import moment


def latest(moments: Iterable[Moment]) -> Moment | None:
    """The last of them; None of none."""
    return max(moments, key=lambda one: one.at, default=None)


def stale(at: datetime, floor: Moment | None) -> str:
    """Why a time is too early, empty where it is not; the same second does not come after."""
    if floor is None or at > floor.at:
        return ""
    return f"stale, since it did not come after {floor.what} ({moment(floor.at)})"
