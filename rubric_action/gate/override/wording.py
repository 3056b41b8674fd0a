"""How an override is told: times, findings, who may sign and what they have to do."""

from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, datetime
from typing import Final

from rubric_action.gate.model import Finding
from rubric_action.gate.wording import SHORTER_NAMES, clip, named
from rubric_action.rubric.model import OverridePolicy

MOST_NAMED: Final = 3
LONGEST_NAME: Final = 40
LONGEST_WHY: Final = 160
"""Characters of somebody's reason in a sentence; it is kept whole beside it."""
LONGEST_HOW: Final = 280

NO_ERROR: Final = "An error can't be overridden."


def moment(at: datetime) -> str:
    """A time to the second, in UTC."""
    return f"{at.astimezone(UTC):%Y-%m-%d %H:%M:%S} UTC"


def day(at: datetime) -> str:
    """The date of a time, in UTC."""
    return f"{at.astimezone(UTC):%Y-%m-%d}"


def commit(sha: str) -> str:
    """A commit as people write it."""
    return named(sha[:7])


def listed(names: Iterable[str], last: str = "and") -> str:
    """`a, b and c`; of many the first few, and how many more."""
    given = list(names)
    if len(given) > MOST_NAMED:
        given = [*given[:MOST_NAMED], f"{len(given) - MOST_NAMED} more"]
    return f" {last} ".join(part for part in (", ".join(given[:-1]), given[-1]) if part)


def finding_name(finding: Finding) -> str:
    """A finding by what tells it from others: `threshold` (`tone` of `head`)."""
    where = [finding.case, finding.axis, finding.slice]
    if finding.kind == "bar-lowered" and finding.case is None:
        where = [finding.key]
    told = " of ".join(named(name, LONGEST_NAME) for name in where if name)
    return f"{named(finding.kind)} ({told})" if told else named(finding.kind)


def finding_names(findings: Sequence[Finding]) -> str:
    """The first few by name; of one or more."""
    return listed(finding_name(finding) for finding in findings)


def allowed(policy: OverridePolicy) -> str:
    """The kinds that may be signed for."""
    return ", ".join(named(kind) for kind in policy.allow) or "nothing"


def nobody_may(findings: Sequence[Finding]) -> str:
    """That these kinds are beyond any signature; of one or more findings."""
    kinds = sorted({finding.kind for finding in findings})
    return f"Nobody may override {listed(map(named, kinds))}."


def because(reason: str) -> str:
    """Somebody's own words, cut, to end a sentence; nothing where they gave none."""
    return f": {clip(reason, LONGEST_WHY)}" if reason else ""


def how_to_ask(policy: OverridePolicy) -> str:
    """What would have to happen where nobody asked yet."""
    return _fitting(
        lambda most: (
            f"To ship it all the same: set the label {named(policy.label, most)}, "
            f"and {_sign(policy, most)}."
        )
    )


def how_to_ask_again(policy: OverridePolicy) -> str:
    """What would have to happen where the label is on and counts for nothing."""
    return _fitting(
        lambda most: (
            f"To ship it all the same: take the label {named(policy.label, most)} off, "
            f"let a person set it again, and {_sign(policy, most)}."
        )
    )


def how_to_sign(policy: OverridePolicy, *, sure_of_label: bool = True) -> str:
    """What would have to happen where somebody asked and no approval counts."""
    again = "" if sure_of_label else ", and first set the label again if this commit came after it"
    return _fitting(lambda most: f"To ship it all the same: {_sign(policy, most)}{again}.")


def _sign(policy: OverridePolicy, most: int) -> str:
    line = " with a line `override: <why>`" if policy.reason_required else ""
    return f"have {_approvers(policy, most)} approve this very commit in a review{line}"


def _approvers(policy: OverridePolicy, most: int) -> str:
    who = policy.approvers
    people = [named(one.login, most) for one in who.users]
    teams = [f"a member of {named(team, most)}" for team in who.teams]
    level = [f"anybody with {named(who.permission)}"] if who.permission else []
    return listed([*people, *teams, *level], "or")


def _fitting(say: Callable[[int], str]) -> str:
    """The sentence with its names as long as they may be."""
    said = [say(most) for most in SHORTER_NAMES]
    return next((text for text in said if len(text) <= LONGEST_HOW), clip(said[-1], LONGEST_HOW))
