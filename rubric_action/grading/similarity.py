"""Vectors of texts, and how alike two of them are. Pure."""

import math
import operator
from array import array
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Final

DIGITS: Final = 6
"""Decimals of a similarity: as many as numbers of 32 bits bear."""


class NoVector(ValueError):
    """What should be an embedding is none: `str()` says why, as the rest of a sentence."""


@dataclass(frozen=True, slots=True)
class Vector:
    """An embedding: finite numbers of 32 bits each, and the length of the arrow, above 0."""

    numbers: "array[float]" = field(repr=False)
    norm: float

    def __len__(self) -> int:
        """How many numbers it has."""
        return len(self.numbers)


def vector(numbers: Iterable[float]) -> Vector:
    """The numbers as a vector; `NoVector` where no angle can be measured with it."""
    found = array("f", numbers)
    norm = math.hypot(*found)
    if not math.isfinite(norm):
        raise NoVector("holds a number that is not finite")
    if norm == 0:
        raise NoVector("has a length of 0")
    return Vector(found, norm)


def cosine(one: Vector, other: Vector) -> float:
    """The cosine of the angle between two vectors, from -1 to 1, to `DIGITS` decimals.

    Raises `NoVector` for two that do not lie in the same space.
    """
    if len(one) != len(other):
        raise NoVector(f"has {len(one)} numbers, and that of the text {len(other)}")
    product = math.fsum(map(operator.mul, one.numbers, other.numbers))
    found = product / (one.norm * other.norm)
    return round(min(1.0, max(-1.0, found)), DIGITS)


def shown(similarity: float, least: float) -> str:
    """The similarity with as few decimals, from 2, as still tell on which side of `least` it is."""
    written = (f"{similarity:.{digits}f}" for digits in range(2, DIGITS))
    told = (one for one in written if (float(one) >= least) == (similarity >= least))
    return next(told, f"{similarity:.{DIGITS}f}")
