"""How often the valve was used. More than the team agreed to means that the rubric is wrong."""

from collections.abc import Sequence
from datetime import UTC, datetime

from rubric_action.gate.model import Node
from rubric_action.gate.override.facts import Use
from rubric_action.gate.wording import counted
from rubric_action.rubric.model import OverridePolicy


def quarter(at: datetime) -> str:
    """The calendar quarter of a time, in UTC: `Q4 2026`."""
    utc = at.astimezone(UTC)
    return f"Q{(utc.month + 2) // 3} {utc.year}"


def used(uses: Sequence[Use], pull: int, now: datetime) -> int:
    """Pull requests that shipped by override in the quarter of `now`, this one not counted."""
    here = quarter(now)
    return len({use.pull for use in uses if quarter(use.at) == here and use.pull != pull})


def step(policy: OverridePolicy, uses: Sequence[Use], pull: int, now: datetime) -> Node | None:
    """Whether the rubric's number of overrides in a quarter is reached: then its status is `warn`.

    A signature counts all the same. None where the rubric sets no number.
    """
    most = policy.max_per_quarter
    if most is None:
        return None
    count = used(uses, pull, now)
    before = f"{counted(count, 'other pull request')} shipped by override in {quarter(now)}"
    told = f"{before}, and the rubric allows for {most}"
    if count < most:
        return Node("quarter", "pass", told)
    return Node("quarter", "warn", f"{told}: it needs a rewrite rather than another signature")
