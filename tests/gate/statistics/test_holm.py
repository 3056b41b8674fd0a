"""Many tests at once, against statsmodels."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from statsmodels.stats.multitest import multipletests

from rubric_action.gate.statistics.holm import holm


@given(st.lists(st.floats(0, 1), min_size=1, max_size=30))
def test_holm_is_that_of_statsmodels(chances: list[float]) -> None:
    """The adjusted chances in the order of the tests, ties among them."""
    assert holm(chances) == pytest.approx(multipletests(chances, method="holm")[1], abs=1e-12)


def test_one_test_counts_as_it_is_and_none_is_none() -> None:
    """Nothing is corrected where there is nothing beside it."""
    assert holm([0.03]) == (0.03,)
    assert holm([]) == ()
