"""Which answers that people graded a run grades afresh, to see whether its judge is sound."""

from collections.abc import Iterator, Mapping, Sequence
from random import Random
from typing import Final

from rubric_action.grading.calibration import Item
from rubric_action.rubric.model import Axis

SAMPLE: Final = "canary"
"""The name under which canaries are graded: no reply of another run is taken for theirs."""

_Sides = tuple[tuple[str, bool], ...]


def in_turn(items: Sequence[Item], axes: Mapping[str, Axis], seed: str) -> Iterator[Item]:
    """The items that people graded on these axes, in the order in which they serve as canaries.

    What comes next is what was rarest so far: an answer that people passed, or failed, on the axes
    where that was seen least. So both outcomes of each axis come up early, as far as there are any.
    Chance decides between equals; the same `seed` gives the same order.
    """
    shuffled = list(items)
    Random(f"canaries\0{seed}").shuffle(shuffled)  # noqa: S311 (a fair order, no secret)
    waiting: dict[_Sides, list[Item]] = {}
    for item in shuffled:
        if sides := _sides(item, axes):
            waiting.setdefault(sides, []).append(item)
    seen: dict[tuple[str, bool], int] = {}
    while waiting:
        rarest = max(waiting, key=lambda sides: sum(1 / (1 + seen.get(one, 0)) for one in sides))
        yield waiting[rarest].pop()
        if not waiting[rarest]:
            del waiting[rarest]
        for one in rarest:
            seen[one] = seen.get(one, 0) + 1


def _sides(item: Item, axes: Mapping[str, Axis]) -> _Sides:
    """On which axes people passed the answer, and on which they failed it."""
    return tuple(
        (name, grade >= axes[name].pass_mark)
        for name, grade in sorted(item.grades.items())
        if name in axes
    )
