"""Whether one selector surely picks every case that another picks, by structure alone.

A selector is a conjunction, so `new` covers `old` when each thing that `new` asks follows from what
`old` asks. What cannot be proved counts as not covered. Pure.
"""

from rubric_action.rubric.model import Selector


def covers(new: Selector, old: Selector) -> bool:
    """Whether every case that `old` picks is provably picked by `new`."""
    return (
        _tags_follow(new, old)
        and (new.stakes is None or new.stakes == old.stakes)
        and (new.source is None or new.source == old.source)
        and (not new.ids or (bool(old.ids) and set(old.ids) <= set(new.ids)))
        and (new.min_turns or 1) <= (old.min_turns or 1)
        and (new.max_turns is None or _at_most(old.max_turns, new.max_turns))
        and (new.min_context_tokens or 0) <= (old.min_context_tokens or 0)
        and (new.negated is None or _excludes(old, new.negated))
    )


def _tags_follow(new: Selector, old: Selector) -> bool:
    """`tags` asks for any of its tags, `all_tags` for each."""
    certain = {*old.all_tags, *(old.tags if len(old.tags) == 1 else ())}
    any_follows = (
        not new.tags
        or not certain.isdisjoint(new.tags)
        or (bool(old.tags) and set(old.tags) <= set(new.tags))
    )
    return any_follows and set(new.all_tags) <= certain


def _at_most(bound: int | None, limit: int) -> bool:
    return bound is not None and bound <= limit


def _excludes(selector: Selector, other: Selector) -> bool:
    """Whether no case is picked by both."""
    negated = selector.negated
    return (
        (negated is not None and covers(negated, other))
        or (other.negated is not None and covers(other.negated, selector))
        or _differ(selector.stakes, other.stakes)
        or _differ(selector.source, other.source)
        or (bool(selector.ids and other.ids) and set(selector.ids).isdisjoint(other.ids))
        or _turns_apart(selector, other)
        or _turns_apart(other, selector)
    )


def _differ(one: str | None, other: str | None) -> bool:
    return one is not None and other is not None and one != other


def _turns_apart(low: Selector, high: Selector) -> bool:
    return low.max_turns is not None and low.max_turns < (high.min_turns or 1)
