"""Whether more can be signed away, by more people, with less said. Pure."""

from collections.abc import Iterator
from typing import Final

from rubric_action.rubric.bar_change import (
    BarChange,
    Leaf,
    change,
    compare_leaves,
    larger,
    never,
)
from rubric_action.rubric.model import Approver, Approvers, OverridePolicy, Permission
from rubric_action.rubric.show import show_count, show_flag, show_list, show_text


def _fewer_words(before: bool, after: bool) -> bool:
    return before and not after


def _more_people(before: bool, after: bool) -> bool:
    return after and not before


def _show_reason(required: bool) -> str:
    return "required" if required else "optional"


_POLICY: Final = (
    Leaf("label", "label", never, show_text),
    Leaf("reason", "reason_required", _fewer_words, _show_reason),
    Leaf("contributors", "contributors", _more_people, show_flag),
    Leaf("max_per_quarter", "max_per_quarter", larger, show_count),
    Leaf("ledger", "ledger", never, show_text),
)

_RANK: Final[dict[Permission | None, int]] = {"write": 1, "maintain": 2, "admin": 3, None: 4}


def compare_override(
    base: OverridePolicy | None, head: OverridePolicy | None
) -> Iterator[BarChange]:
    """A policy where there was none is wider; then whatever it lets more people sign."""
    if base and head:
        yield from compare_leaves("override", _POLICY, base, head)
        yield from _compare_sets("override.allow", set(base.allow), set(head.allow))
        yield from _compare_approvers(base.approvers, head.approvers)
    elif base or head:
        yield change("override", _show_policy(base), _show_policy(head), lowered=base is None)


def _show_policy(policy: OverridePolicy | None) -> str:
    if policy is None:
        return ""
    return f"a policy that allows {show_list(policy.allow) or 'nothing'}"


def _compare_approvers(base: Approvers, head: Approvers) -> Iterator[BarChange]:
    key = "override.approvers"
    yield from _compare_users(f"{key}.users", base.users, head.users)
    teams = {team.lower() for team in base.teams}, {team.lower() for team in head.teams}
    yield from _compare_sets(f"{key}.teams", *teams)
    if base.permission != head.permission:
        lowered = _RANK[head.permission] < _RANK[base.permission]
        yield change(f"{key}.permission", base.permission or "", head.permission or "", lowered)


def _compare_sets(key: str, base: set[str], head: set[str]) -> Iterator[BarChange]:
    """Each item apart: one more is wider, one fewer is not."""
    for item in sorted(head - base):
        yield change(key, "", item, lowered=True)
    for item in sorted(base - head):
        yield change(key, item, "", lowered=False)


def _compare_users(
    key: str, base: tuple[Approver, ...], head: tuple[Approver, ...]
) -> Iterator[BarChange]:
    for user in head:
        if not any(_same_login(old, user) and old.id == user.id for old in base):
            yield change(key, "", _show_user(user), not any(_admits(old, user) for old in base))
    for user in base:
        if not any(_same_login(user, new) and user.id == new.id for new in head):
            yield change(key, _show_user(user), "", lowered=False)


def _same_login(one: Approver, other: Approver) -> bool:
    return one.login.lower() == other.login.lower()


def _admits(old: Approver, new: Approver) -> bool:
    """Whether everybody whom `new` names was named by `old` already."""
    return _same_login(old, new) and old.id in {None, new.id}


def _show_user(user: Approver) -> str:
    return user.login if user.id is None else f"{{login: {user.login}, id: {user.id}}}"
