"""Rules that were removed or changed. Pure."""

import json
import re
from collections.abc import Iterator
from dataclasses import asdict, replace

from rubric_action.rubric.bar_change import BarChange, change
from rubric_action.rubric.model import Rubric
from rubric_action.rubric.rules import Rule


def compare_rules(base: Rubric, head: Rubric) -> Iterator[BarChange]:
    """A rule that says the same under another id is kept; any other difference is a change."""
    kept = {_content(rule) for rule in base.rules} & {_content(rule) for rule in head.rules}
    heads = {rule.id: rule for rule in head.rules if _content(rule) not in kept}
    for rule in base.rules:
        if _content(rule) not in kept:
            after = heads.pop(rule.id, None)
            yield change(
                f"rules.{rule.id}",
                _content(rule),
                _content(after) if after else "",
                True,
                axis=rule.axis,
            )
    for rule in heads.values():
        yield _added(base, rule)


def _added(base: Rubric, rule: Rule) -> BarChange:
    """One more rule is stricter, unless it takes an axis away from the judge."""
    judged = rule.axis in base.axes and all(each.axis != rule.axis for each in base.rules)
    added = change(f"rules.{rule.id}", "", _content(rule), judged, axis=rule.axis)
    if not judged:
        return added
    return replace(added, sentence=f"`rules.{rule.id}` takes the axis `{rule.axis}` from the judge")


def _content(rule: Rule) -> str:
    """What a rule says, without its id, as one would write it."""
    kind = re.sub(r"(?<=[a-z])(?=[A-Z])", "_", type(rule.check).__name__).lower()
    values = asdict(rule.check)
    said = next(iter(values.values())) if len(values) == 1 else values or True
    written = {kind: said, "turn": rule.turn, "axis": rule.axis}
    given = {key: value for key, value in written.items() if value is not None}
    return json.dumps(given, ensure_ascii=False, sort_keys=True)
