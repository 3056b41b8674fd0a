import pytest

from rubric_action.grading.allowance import Allowance, allowances

EPOCH = 1795428000.0
DATE = "Mon, 23 Nov 2026 10:00:00 GMT"  # EPOCH as an HTTP date


def openai(remaining: str, limit: str | None, reset: str | None) -> dict[str, str]:
    """The headers about requests, as OpenAI names them."""
    named = {"remaining": remaining, "limit": limit, "reset": reset}
    return {f"x-ratelimit-{what}-requests": said for what, said in named.items() if said}


@pytest.mark.parametrize(
    ("reset", "seconds"),
    [
        ("1s", 1.0),
        ("20ms", 0.02),
        ("6m0s", 360.0),
        ("1h2m3.5s", 3723.5),
        ("8.64s", 8.64),
        ("59", 59.0),
        ("0", 0.0),
        ("2026-11-23T10:00:30Z", 30.0),
        ("2026-11-23T12:00:30+02:00", 30.0),
        ("2026-11-23T10:00:30", 30.0),
        ("2026-11-23T09:00:00Z", 0.0),
        ("-1", None),
        ("soon", None),
        ("1 s", None),
        ("10s later", None),
        ("nan", None),
        ("2d", None),
        ("1795428060", None),
        ("9999h", None),
        ("", None),
        (None, None),
    ],
)
def test_when_all_is_there_again(reset: str | None, seconds: float | None) -> None:
    """Durations, seconds and dates are understood; nonsense and endless waits are left out."""
    assert allowances(openai("3", "50", reset), EPOCH) == [Allowance("requests", 3, 50, seconds)]


def test_a_date_is_measured_by_the_judges_own_clock() -> None:
    """A clock that is an hour off changes nothing, where the judge tells its time."""
    headers = openai("3", "50", "2026-11-23T10:00:30Z") | {"date": DATE}
    assert allowances(headers, EPOCH + 3600) == [Allowance("requests", 3, 50, 30.0)]


@pytest.mark.parametrize("remaining", ["-1", "", "many", "nan", "inf"])
def test_nonsense_is_no_allowance(remaining: str) -> None:
    """What is not told in numbers, or below zero, limits nothing."""
    assert allowances(openai(remaining, "50", "1s"), EPOCH) == []


def test_every_dialect_and_kind() -> None:
    """OpenAI's and Anthropic's names are read, for requests and for each kind of tokens."""
    headers = {
        "x-ratelimit-remaining-requests": "1",
        "x-ratelimit-remaining-tokens": "2",
        "anthropic-ratelimit-requests-remaining": "3",
        "anthropic-ratelimit-tokens-remaining": "4",
        "anthropic-ratelimit-input-tokens-remaining": "5",
        "anthropic-ratelimit-output-tokens-remaining": "6",
        "anthropic-ratelimit-output-tokens-limit": "100",
        "anthropic-ratelimit-output-tokens-reset": "2026-11-23T10:00:47Z",
    }
    assert allowances(headers, EPOCH) == [
        Allowance("requests", 1),
        Allowance("tokens", 2),
        Allowance("requests", 3),
        Allowance("tokens", 4),
        Allowance("input-tokens", 5),
        Allowance("output-tokens", 6, 100, 47.0),
    ]


def test_no_headers_no_allowance() -> None:
    """Most judges that one runs oneself tell nothing."""
    assert allowances({"content-type": "application/json"}, EPOCH) == []


@pytest.mark.parametrize(
    ("remaining", "limit", "reset_s", "refill"),
    [
        (10, 60, 25.0, 2.0),
        (60, 60, 0.0, 0.0),
        (60, 60, 5.0, 0.0),
        (70, 60, 5.0, 0.0),
        (0, None, 5.0, 0.0),
        (0, 60, None, 0.0),
        (0, 60, 0.0, 0.0),
    ],
)
def test_how_fast_it_fills(
    remaining: float, limit: float | None, reset_s: float | None, refill: float
) -> None:
    """What lacks comes back by the reset; where something is not told, nothing is made up."""
    assert Allowance("requests", remaining, limit, reset_s).refill == refill
