"""One of the parts that a suite is split into."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from typing import Final

from rubric_action.cases.case_set import CaseSet
from rubric_action.cases.model import Case

MOST_SHARDS: Final = 1_000
EXPECTED: Final = f"one part of n as `i/n`, with i from 1 to n and n up to {MOST_SHARDS:,}"
_WRITTEN: Final = re.compile(r"([1-9][0-9]{0,3})/([1-9][0-9]{0,3})", re.ASCII)


@dataclass(frozen=True, slots=True)
class Shard:
    """Part `index` of `of`, from 1. Every n-th case is its, so that parts are of one size."""

    index: int
    of: int

    def __str__(self) -> str:
        return f"shard {self.index} of {self.of}"

    def positions(self, total: int) -> range:
        """Which of `total` cases, by their position in the order of the files, from 0."""
        return range(self.index - 1, total, self.of)

    def cases(self, suite: CaseSet) -> Iterator[tuple[int, Case]]:
        """Its cases with their positions; no other case is decoded."""
        positions = self.positions(len(suite))
        ids = islice(suite.ids, positions.start, None, positions.step)
        return ((at, suite.get(one)) for at, one in zip(positions, ids, strict=True))


WHOLE: Final = Shard(1, 1)


def read_shard(text: str) -> Shard:
    """The part that `3/8` names; ValueError for any other way to write it."""
    match = _WRITTEN.fullmatch(text)
    index, of = (int(match[1]), int(match[2])) if match else (0, 0)
    if not 1 <= index <= of <= MOST_SHARDS:
        raise ValueError(f"write {EXPECTED}, such as `3/8`")
    return Shard(index, of)
