"""The sections that make the bar, as they are written: axes, slices, regression, limits."""

from typing import Any, Final

from rubric_action.rubric.decode import Choice, Flag, Number, Only, Text, Whole
from rubric_action.rubric.kinds import SETTABLE
from rubric_action.rubric.model import Ceilings, Freshness, Regression
from rubric_action.rubric.problems import Found, Path
from rubric_action.rubric.record import Key, Record
from rubric_action.rubric.shapes import MapOf, Parsed, Refused
from rubric_action.rubric.words import (
    AGE,
    DURATION,
    FRACTION,
    NAME_PATTERN,
    NAMES_ARE,
    OWNER,
    PATH,
    SELECTOR,
    TEXT,
    USD,
)

Fields = dict[str, Any]


def _as_fields(**fields: Any) -> Fields:
    """The decoded keys themselves; the name that they stand under is still to come."""
    return fields


def _anchors(written: dict[str, str]) -> tuple[tuple[float, str], ...]:
    anchors = {}
    for score, text in written.items():
        number = float(score)
        if number in anchors:
            raise Refused(f"two anchors for the score {number:g}", "Keep one of them.")
        anchors[number] = text
    return tuple(sorted(anchors.items(), reverse=True))


ANCHORS: Final = Parsed(
    MapOf(
        TEXT,
        "a mapping from scores to texts",
        names=r"0|1|(0|1)\.0*|0?\.[0-9]{1,6}",
        names_are="a score from 0 to 1",
        at_least=1,
    ),
    _anchors,
    "a mapping from scores to texts",
)

AXIS_KEYS: Final = (
    Key("ask", Text("a question", longest=20_000), "what the judge is asked", required=True),
    Key("anchors", ANCHORS, "what some scores from 0 to 1 mean"),
    Key(
        "pass", FRACTION, "a case passes the axis at or above this", default=0.5, field="pass_mark"
    ),
    Key("isolate", Flag(), "graded in a call of its own", default=False),
    Key(
        "per",
        Choice("conversation", "turn"),
        "one score for the whole, or one a turn, of which the lowest counts",
        default="conversation",
    ),
    Key("applies_to", SELECTOR, "the cases that it is graded on", otherwise="all"),
    OWNER,
    Key("lexical", TEXT, "the method of the `lexical` judge", otherwise="by the axis' name"),
)

AXES: Final = MapOf(
    Record(_as_fields, AXIS_KEYS, expected="a mapping with `ask`"),
    "a mapping from names to axes",
    names=NAME_PATTERN,
    names_are=NAMES_ARE,
    at_least=1,
)

SLICE_KEYS: Final = (
    Key("select", SELECTOR, "the cases that it picks", required=True),
    Key(
        "min",
        MapOf(FRACTION, "a mapping from axes to numbers from 0 to 1", at_least=1),
        "the least mean score, an axis each",
        field="minimums",
    ),
    Key("min_pass_rate", FRACTION, "the least share of passing trials"),
    Key(
        "gate",
        Only("hard", "Write `gate: hard`, or leave it out."),
        "`hard`: any failing trial of any case fails the gate",
        field="hard",
    ),
    Key(
        "max_drop",
        FRACTION,
        "the most that an axis' mean may fall against the baseline",
        otherwise="`regression.max_drop`",
    ),
    Key("latency_p95", DURATION, "the 95th percentile of latency, at most", field="latency_p95_s"),
    Key("cost_per_session", USD, "the mean cost in USD, at most", field="cost_per_session_usd"),
    Key("informational", Flag(), "shown, and never failing", default=False),
    OWNER,
)


class HasABar:
    """A slice promises something, or says that it only informs."""

    _BARS: Final = ("min", "min_pass_rate", "gate")

    def check(self, value: dict[str, Any], at: Path, found: Found) -> None:
        """Note a slice that could never fail and does not say so."""
        if not any(bar in value for bar in self._BARS) and not value.get("informational"):
            what = "a slice without a bar can never fail"
            mend = "Add `min`, `min_pass_rate` or `gate: hard`, or say `informational: true`."
            found.refuse(at, what, mend)

    def schema(self) -> dict[str, Any]:
        """One of the bars, or the word."""
        informs = {"properties": {"informational": {"const": True}}, "required": ["informational"]}
        return {"anyOf": [*({"required": [bar]} for bar in self._BARS), informs]}


def _slice_fields(**fields: Any) -> Fields:
    return {**fields, "hard": "hard" in fields}


SLICES: Final = MapOf(
    Record(
        _slice_fields,
        SLICE_KEYS,
        expected="a mapping with `select` and a bar",
        constraints=(HasABar(),),
    ),
    "a mapping from names to slices",
    names=NAME_PATTERN,
    names_are=NAMES_ARE,
    at_least=1,
)

REGRESSION_KEYS: Final = (
    Key("max_drop", FRACTION, "the most that any slice's axis may fall against the baseline"),
    Key("confirm", Whole(0, 100), "re-runs of a committed case that fails", default=5),
    Key(
        "alpha",
        Number(above=0, below=1),
        "a case is convicted when chance explains its failures no better than this",
        default=0.01,
    ),
    Key(
        "confidence",
        Number(0, below=1),
        "how sure a fall has to be; 0 goes by the point estimate alone",
        default=0.95,
    ),
    Key(
        "unconfirmed",
        Choice("fail", "warn"),
        "what a flip is where the agent cannot be run again",
        default="fail",
    ),
    Key("commit", FRACTION, "the pass rate that commits a case with both outcomes", default=0.75),
)

REGRESSION: Final = Record(Regression, REGRESSION_KEYS)

CEILINGS_KEYS: Final = (
    Key("latency_p95", DURATION, "the 95th percentile of latency, at most", field="latency_p95_s"),
    Key("cost_per_session", USD, "the mean cost in USD, at most", field="cost_per_session_usd"),
)

CEILINGS: Final = Record(Ceilings, CEILINGS_KEYS)

FRESHNESS_KEYS: Final = (
    Key(
        "max_context_age",
        AGE,
        "the oldest that a context which an answer leans on may be",
        field="max_context_age_days",
    ),
    Key("corpus", PATH, "a JSONL manifest of `{source, updated_at}`"),
)

FRESHNESS: Final = Record(Freshness, FRESHNESS_KEYS)

FINDINGS: Final = MapOf(
    Choice("fail", "warn", "off"), "a mapping from kinds of findings to severities", known=SETTABLE
)
