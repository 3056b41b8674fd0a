"""Two graders on the same answers, against statsmodels and scikit-learn."""

import math

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from sklearn.metrics import cohen_kappa_score
from statsmodels.stats.inter_rater import cohens_kappa

from rubric_action.gate.statistics.agreement import (
    Table,
    bias,
    corrected_rate,
    kappa,
    share_interval,
)
from rubric_action.gate.statistics.intervals import wilson

COUNTS = st.integers(0, 60)
TABLES = st.builds(Table, COUNTS, COUNTS, COUNTS, COUNTS)
SHARE = st.floats(0, 1)


def of_one_mind(table: Table) -> bool:
    """Whether both graders said the same one thing of every answer, or there is none."""
    return table.n in (table.both, table.neither)


@settings(deadline=None, max_examples=300)
@given(TABLES)
def test_kappa_is_that_of_statsmodels(table: Table) -> None:
    """The value and its interval, cut to -1 and 1."""
    assume(not of_one_mind(table))
    counts = [[table.both, table.only_judge], [table.only_person, table.neither]]
    with np.errstate(all="ignore"):  # it divides by a variance of 0
        theirs = cohens_kappa(counts)
    ours = kappa(table)
    assert ours is not None
    assert ours.value == pytest.approx(theirs.kappa, abs=1e-9)
    if theirs.var_kappa > 1e-12:
        low, high = max(-1.0, theirs.kappa_low), min(1.0, theirs.kappa_upp)
        assert ours.interval == pytest.approx((low, high), abs=1e-6)


@settings(deadline=None)
@given(st.lists(st.tuples(st.booleans(), st.booleans()), min_size=1, max_size=60))
def test_kappa_is_that_of_scikit_learn(pairs: list[tuple[bool, bool]]) -> None:
    """From the answers one by one."""
    table = Table.of(pairs)
    assume(not of_one_mind(table))
    found = kappa(table)
    assert found is not None
    judge, person = zip(*pairs, strict=True)
    assert found.value == pytest.approx(cohen_kappa_score(judge, person), abs=1e-12)


@pytest.mark.parametrize("table", [Table(), Table(both=9), Table(neither=9)])
def test_kappa_of_graders_of_one_mind_is_not_defined(table: Table) -> None:
    """Who passes everything agrees with anybody who does; that shows nothing."""
    assert of_one_mind(table)
    assert kappa(table) is None


def test_raw_agreement_misleads() -> None:
    """Of 100 answers 90 alike, and kappa is .29, since both pass nearly all of them."""
    table = Table(both=87, only_judge=8, only_person=2, neither=3)
    found = kappa(table)
    assert table.agreement == 0.9
    assert found is not None
    assert found.value == pytest.approx(0.33, abs=0.05)


def test_a_table_counts_pairs() -> None:
    """Of judge and person, in this order."""
    told = [(True, True)] * 4 + [(True, False)] * 3 + [(False, True)] * 2 + [(False, False)]
    table = Table.of(told)
    assert table == Table(4, 3, 2, 1)
    assert (table.n, table.agreement) == (10, 0.5)
    assert (table.sensitivity, table.specificity) == (4 / 6, 1 / 4)


def test_nothing_has_no_share() -> None:
    """No answer, no agreement; nothing that a person passes, no sensitivity."""
    assert Table().agreement is None
    assert Table(only_judge=1).sensitivity is None
    assert Table(both=1).specificity is None
    assert share_interval(0, 0) is None
    assert share_interval(3, 1) == wilson(0.75, 4)


def test_bias_is_signed() -> None:
    """A judge that gives more than a person is too kind, by so much, give or take."""
    found = bias([(0.9, 0.5), (0.7, 0.5), (0.8, 0.5), (0.4, 0.5)])
    assert found is not None
    mean, interval = found
    assert mean == pytest.approx(0.2)
    assert interval is not None
    deviations = [0.2, 0.0, 0.1, -0.3]
    half = 3.1824463 * math.sqrt(sum(d * d for d in deviations) / 3 / 4)
    assert interval == pytest.approx((0.2 - half, 0.2 + half), abs=1e-6)
    assert bias([]) is None


@pytest.mark.parametrize(("judge", "person"), [(0.5, 0.5), (0.75, 0.5), (1.0, 0.0), (0.0, 1.0)])
def test_a_bias_without_variance_is_not_sure(judge: float, person: float) -> None:
    """Forty answers of one difference leave room for some with another, from -1 to 1."""
    hidden = wilson(0.0, 40)
    found = bias([(judge, person)] * 40)
    assert hidden is not None
    assert found is not None
    mean, interval = found
    assert mean == judge - person
    assert interval is not None
    share = hidden[1]
    assert interval == pytest.approx((mean - share * (mean + 1), mean + share * (1 - mean)))


@pytest.mark.parametrize(
    ("table", "interval"),
    [
        (Table(both=6, neither=6), (0.515, 1.0)),
        (Table(both=6, only_judge=6), (-0.493, 0.493)),
        (Table(only_judge=6, only_person=6), (-1.0, -0.515)),
    ],
)
def test_kappa_without_variance_is_not_sure(table: Table, interval: tuple[float, float]) -> None:
    """Perfect agreement on a dozen answers is no proof, though its standard error is 0."""
    found = kappa(table)
    assert found is not None
    assert found.interval == pytest.approx(interval, abs=0.001)


@given(SHARE, st.floats(0.51, 1), st.floats(0.51, 1))
def test_the_corrected_rate_undoes_the_judges_errors(
    true: float, sensitivity: float, specificity: float
) -> None:
    """What a judge with known errors would find, turned back, is the true rate."""
    found = true * sensitivity + (1 - true) * (1 - specificity)
    assert corrected_rate(found, sensitivity, specificity) == pytest.approx(true, abs=1e-9)


def test_a_useless_judge_corrects_nothing() -> None:
    """A coin's word cannot be turned into a rate; what falls outside is cut."""
    assert corrected_rate(0.5, 0.5, 0.5) is None
    assert corrected_rate(1.0, 0.9, 0.9) == 1.0
    assert corrected_rate(0.0, 0.9, 0.9) == 0.0
