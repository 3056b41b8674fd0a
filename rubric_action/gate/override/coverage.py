"""What a signature covers: findings that the signer could have read, and no worse than then."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from rubric_action.gate.model import Finding
from rubric_action.gate.override.facts import Published
from rubric_action.gate.override.wording import moment
from rubric_action.gate.wording import apart, named
from rubric_action.rubric.model import OverridePolicy

LOWER_IS_BETTER: Final = ("latency", "cost")

Known = dict[object, list[Finding]]


@dataclass(frozen=True, slots=True)
class Gap:
    """A failing finding that a signature does not cover, and why."""

    finding: Finding
    why: str


def failing(findings: Sequence[Finding]) -> tuple[Finding, ...]:
    """What fails the gate, signed for or not."""
    return tuple(finding for finding in findings if finding.severity == "fail")


def not_allowed(findings: Sequence[Finding], policy: OverridePolicy) -> tuple[Finding, ...]:
    """What fails the gate and nobody may sign for."""
    return tuple(one for one in failing(findings) if one.kind not in policy.allow)


def seen_at(published: Sequence[Published], at: datetime) -> Published | None:
    """The newest results stored before a time: what a reviewer could have read by then."""
    earlier = (one for one in published if one.at < at)
    return max(earlier, key=lambda one: (one.at, one.artifact_id), default=None)


def gaps(
    findings: Sequence[Finding],
    policy: OverridePolicy,
    published: Sequence[Published],
    at: datetime,
) -> tuple[Gap, ...]:
    """What fails today and an approval of this time does not cover; empty if it covers all."""
    seen = seen_at(published, at)
    known: Known = {}
    for old in failing(seen.findings) if seen else ():
        known.setdefault(_key(old), []).append(old)
    found = ((one, _why_not(one, policy, seen, known)) for one in failing(findings))
    return tuple(Gap(one, why) for one, why in found if why)


def covers(old: Finding, new: Finding) -> bool:
    """Whether who read of the old finding knew of the new one, at its worst."""
    return old.severity == "fail" and _key(old) == _key(new) and _as_bad(old, new)


def _key(finding: Finding) -> object:
    """What makes it the same finding in other results.

    Several changes of a rubric share an identity; keys and sentences, with their values, tell them
    apart.
    """
    if finding.kind == "bar-lowered":
        return finding.identity, finding.key, finding.sentence
    return finding.identity


def _why_not(finding: Finding, policy: OverridePolicy, seen: Published | None, known: Known) -> str:
    if finding.kind not in policy.allow:
        return f"the rubric lets nobody sign for {named(finding.kind)}"
    if seen is None:
        return "no results of this commit were published before the approval"
    then = known.get(_key(finding), [])
    if not then:
        return f"it was not in the results that had been published before, {moment(seen.at)}"
    if any(covers(old, finding) for old in then):
        return ""
    return _worse(then[0], finding)


def _as_bad(old: Finding, new: Finding) -> bool:
    """Whether the old value was no better than today's; unknown is only like unknown."""
    if old.observed is None or new.observed is None:
        return old.observed is new.observed
    if new.kind in LOWER_IS_BETTER:
        return old.observed >= new.observed
    return old.observed <= new.observed


def _worse(old: Finding, new: Finding) -> str:
    if old.observed is None or new.observed is None:
        return "what was measured then and today cannot be compared"
    then, today = apart(old.observed, new.observed), apart(new.observed, old.observed)
    return f"it got worse since: {today}, it was {then}"
