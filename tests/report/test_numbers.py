import pytest

from rubric_action.report import numbers


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (None, "–"),  # noqa: RUF001 (the dash that stands for no value)
        (0, "0.00"),
        (0.925, "0.93"),
        (0.994, "0.99"),
        (0.996, "0.996"),
        (0.9996, "0.999"),
        (0.99999, "0.999"),
        (1, "1.00"),
    ],
)
def test_score(value: float | None, shown: str) -> None:
    """Two decimals, more where two would call it perfect, and 1.00 only for 1."""
    assert numbers.score(value) == shown


@pytest.mark.parametrize(
    ("value", "shown"), [(0, "0"), (0.5, ".5"), (0.925, ".925"), (1, "1"), (0.05, ".05")]
)
def test_bound(value: float, shown: str) -> None:
    """A threshold as short as it was written."""
    assert numbers.bound(value) == shown


@pytest.mark.parametrize(
    ("delta", "shown"),
    [
        (None, ""),
        (0, ""),
        (0.004, ""),
        (-0.004, ""),
        (0.01, "▲.01"),
        (-0.12, "▼.12"),
        (-1, "▼1.00"),
    ],
)
def test_change(delta: float | None, shown: str) -> None:
    """A change that rounds to nothing isn't shown as one."""
    assert numbers.change(delta) == shown


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (None, "unknown"),
        (0, "0 ms"),
        (0.004, "4 ms"),
        (0.0996, "100 ms"),
        (0.5, "0.5 s"),
        (3.14, "3.1 s"),
        (12.4, "12 s"),
        (119.7, "120 s"),
        (150, "2 min"),
        (3600, "60 min"),
    ],
)
def test_seconds(value: float | None, shown: str) -> None:
    """A duration in the unit that people would use, and never in powers of ten."""
    assert numbers.seconds(value) == shown


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (None, "unknown cost"),
        (0, "$0"),
        (0.0000012, "$0.0000012"),
        (0.004, "$0.004"),
        (0.0123456, "$0.0123"),
        (0.08, "$0.08"),
        (0.41, "$0.41"),
        (1234.5, "$1,234.50"),
    ],
)
def test_dollars(value: float | None, shown: str) -> None:
    """Small amounts keep their digits; what is unknown is never $0."""
    assert numbers.dollars(value) == shown


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (None, "of unknown age"),
        (0.2, "less than a day old"),
        (1.0, "1 day old"),
        (1.6, "2 days old"),
        (40, "40 days old"),
    ],
)
def test_days(value: float | None, shown: str) -> None:
    """An age."""
    assert numbers.days(value) == shown


@pytest.mark.parametrize(
    ("number", "shown"), [(0, "0 cases"), (1, "1 case"), (12_000, "12,000 cases")]
)
def test_count(number: int, shown: str) -> None:
    """A number with its noun."""
    assert numbers.count(number, "case") == shown


def test_irregular_plural() -> None:
    """A noun may bring its own plural."""
    assert numbers.count(2, "change of the rubric", "changes of the rubric") == (
        "2 changes of the rubric"
    )


@pytest.mark.parametrize(
    ("delta", "interval", "shown"),
    [
        (-0.12, (-0.2, -0.04), "±.08"),
        (-0.9, (-1.0, -0.5), "±.40"),
        (0.5, (-1.0, 1.0), "±1.00"),
        (-0.12, (-0.124, -0.116), ""),
        (None, (-0.2, 0.0), ""),
        (-0.12, None, ""),
    ],
)
def test_margin(delta: float | None, interval: tuple[float, float] | None, shown: str) -> None:
    """The wider side of a change's interval; nothing where it is unknown or rounds to nothing."""
    assert numbers.margin(delta, interval) == shown


@pytest.mark.parametrize(
    ("value", "shown"), [(0.2634, ".26"), (0.0341, ".034"), (0.00412, ".0041"), (1.0, "1")]
)
def test_effect(value: float, shown: str) -> None:
    """Two digits that count."""
    assert numbers.effect(value) == shown


def test_interval() -> None:
    """In brackets, or nothing."""
    assert numbers.interval((0.5, 1.0)) == "[0.50, 1.00]"
    assert numbers.interval(None) == ""
