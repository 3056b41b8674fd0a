"""What the page on the bar claims."""

import re
from datetime import UTC, datetime
from typing import get_args

from rubric_action.gate.override import usage
from rubric_action.gate.statistics.intervals import cases_to_prove
from rubric_action.gate.suggestion.limits import CEILING_ROOM, LEAST_LATENCY_S
from rubric_action.gate.suggestion.minimum import SOME_PROOF
from rubric_action.gate.suggestion.model import Change
from rubric_action.gate.suggestion.observed import proved_by
from rubric_action.gate.suggestion.rounding import share_down
from rubric_action.gate.suggestion.suggest import MOST_FALSE
from rubric_action.report import blame, suggestion
from rubric_action.rubric.history import Commit, Direction, Version
from tests.docs.pages import ROOT, between, read, rows

PAGE = ROOT / "docs" / "bar.md"
RUN = suggestion.Source("runs/1", "2026-11-23T10:00:00Z", None, 40)
COMMIT = Commit("a" * 40, datetime(2026, 11, 23, tzinfo=UTC), ("mona",))


def fields(mark: str) -> list[str]:
    """The names in the first column of a marked table."""
    return [row[0].strip("`") for row in rows(between(PAGE, mark, "end of fields"))]


def test_the_fields_of_suggestions() -> None:
    """Each field of the JSON has its row, in its order, and every change is named."""
    told = suggestion.Suggested("r", (RUN,), (), "")
    assert fields("fields of a suggestion") == list(suggestion.as_json(told))
    named = set(re.findall(r"`(\w+)`", between(PAGE, "fields of a suggestion", "end of fields")))
    assert set(get_args(Change)) <= named


def test_the_fields_of_blame() -> None:
    """Likewise, with every direction and every pattern."""
    told = blame.Blame("r", (Version(COMMIT, None),), ())
    assert fields("fields of blame") == list(blame.as_json(told))
    named = set(re.findall(r"`(\w+)`", between(PAGE, "fields of blame", "end of fields")))
    assert {*get_args(Direction), *get_args(usage.Pattern)} <= named


def test_the_numbers() -> None:
    """What the code goes by is what the page says."""
    text = " ".join(read(PAGE).split())
    assert f"missed in at most one run of {1 / MOST_FALSE:.0f}" in text
    assert (
        f"{share_down(proved_by(40)):g} for 40 cases, {share_down(proved_by(10)):g} for 10" in text
    )
    assert f"Under {cases_to_prove(SOME_PROOF)} cases, which cannot even prove {SOME_PROOF}" in text
    assert f"{CEILING_ROOM:g} times the highest run" in text
    assert f"no latency below {LEAST_LATENCY_S * 1000:g} ms" in text
    words = {2: "two", 4: "four"}
    assert (
        f"{words[usage.MANY_A_WEEK]} pull requests or more in {words[usage.OPEN_WEEKS]} of the "
        f"last {words[usage.WEEKS]} weeks"
    ) in text
    assert f"up to {usage.FEW_A_QUARTER} if the rubric sets no number" in text
    assert f"in the last {usage.RECENT.days // 7} weeks" in text
