import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rubric_action.grading.similarity import NoVector, cosine, shown, vector

NUMBERS = st.floats(-1e6, 1e6, allow_nan=False, width=32)


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        ([1, 0], [1, 0], 1.0),
        ([1, 0], [5, 0], 1.0),
        ([1, 0], [0, 3], 0.0),
        ([1, 0], [-2, 0], -1.0),
        ([1, 1], [1, 0], 0.707107),
        ([3e38, 3e38], [3e38, 3e38], 1.0),
        ([1e-44, 0], [1e-44, 0], 1.0),
        ([0.1, 0.2, 0.3], [0.1, 0.2, 0.3], 1.0),
    ],
)
def test_cosine(one: list[float], other: list[float], expected: float) -> None:
    """Only the angle counts, whatever the lengths; it is told to six decimals."""
    assert cosine(vector(one), vector(other)) == expected
    assert cosine(vector(other), vector(one)) == expected


@given(st.lists(NUMBERS, min_size=1, max_size=40), st.randoms())
def test_cosine_has_its_bounds(numbers: list[float], chance: object) -> None:
    """It lies from -1 to 1, a vector is alike to itself, and no number breaks it."""
    try:
        found = vector(numbers)
    except NoVector:
        assert not any(numbers)
        return
    assert cosine(found, found) == 1.0
    assert cosine(found, vector([-number for number in numbers])) == -1.0
    assert -1.0 <= cosine(found, vector([1.0] * len(numbers))) <= 1.0


@pytest.mark.parametrize(
    ("numbers", "problem"),
    [
        ([], "length of 0"),
        ([0, 0.0, -0.0], "length of 0"),
        ([1e-60], "length of 0"),
        ([1, math.nan], "not finite"),
        ([1, math.inf], "not finite"),
        ([math.inf, math.nan], "not finite"),
        ([1e300], "not finite"),
    ],
)
def test_no_vector(numbers: list[float], problem: str) -> None:
    """What no angle can be measured with is none, also where 32 bits make it so."""
    with pytest.raises(NoVector, match=problem):
        vector(numbers)


def test_two_spaces() -> None:
    """Vectors of two models have no angle between them."""
    with pytest.raises(NoVector, match="has 2 numbers, and that of the text 3"):
        cosine(vector([1, 2]), vector([1, 2, 3]))


@pytest.mark.parametrize(
    ("similarity", "least", "told"),
    [
        (0.8312, 0.9, "0.83"),
        (0.9, 0.9, "0.90"),
        (0.8999, 0.9, "0.8999"),
        (0.899999, 0.9, "0.899999"),
        (0.90001, 0.9, "0.90"),
        (0.999999, 1.0, "0.999999"),
        (1.0, 1.0, "1.00"),
        (-0.5, 0.0, "-0.50"),
        (-0.001, 0.0, "-0.001"),
        (0.9, 0.9000001, "0.90"),
        (0.900001, 0.9000009, "0.900001"),
        (0.834, 0.834, "0.834"),
    ],
)
def test_shown(similarity: float, least: float, told: str) -> None:
    """Two decimals do, unless they would tell the other side of the least."""
    assert shown(similarity, least) == told
