"""Two rubrics that differ in one key, and what the comparison says of them."""

import copy
from typing import Any

from rubric_action.rubric.bar_change import BarChange
from rubric_action.rubric.compare import compare_bars
from tests.rubric.samples import FULL, load_plain, plain

NONE = object()
"""A key that is not there."""


def sample(path: str) -> Any:
    """The full sample as plain values, with a panel of judges where the path asks for one."""
    value = plain(FULL)
    value["rules"] = [{"contains": "sorry"}]
    value["slices"]["tail"] = {"select": "all", "gate": "hard"}
    if path.startswith(("judge.judges", "judge.vote")):
        panel = [{"provider": "openai", "model": "a"}, {"provider": "openai", "model": "b"}]
        for key in ("provider", "model", "base_url", "prices"):
            del value["judge"][key]
        value["judge"]["judges"] = panel
    return value


def put(value: Any, path: str, new: Any) -> Any:
    """A copy of plain values with one key set, or taken out."""
    result = copy.deepcopy(value)
    *way, last = path.split(".")
    inner = result
    for step in way:
        inner = inner[int(step) if step.isdigit() else step]
    if new is NONE:
        inner.pop(last, None)
    else:
        inner[last] = new
    return result


def changes(before: Any, after: Any) -> tuple[BarChange, ...]:
    """What changed between two rubrics as plain values."""
    return compare_bars(load_plain(before), load_plain(after))
