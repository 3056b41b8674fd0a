"""The small decoders that the declaration is made of: names, paths, durations, selectors."""

from typing import Any, Final

from rubric_action.rubric.addresses import parse_base_url, parse_url
from rubric_action.rubric.decode import Choice, Decoder, Number, Only, Text, Whole
from rubric_action.rubric.model import Selector
from rubric_action.rubric.problems import Found, Path
from rubric_action.rubric.record import Key, Record
from rubric_action.rubric.shapes import Either, ListOf, Named, Parsed
from rubric_action.rubric.units import DURATION_PATTERN, parse_duration, seconds_to_days

NAME_PATTERN: Final = "[A-Za-z0-9_][A-Za-z0-9_-]{0,63}"
NAMES_ARE: Final = "up to 64 letters, digits, `-` and `_`"

TEXT: Final = Text()
TEXTS: Final = ListOf(TEXT, "a list of texts", at_least=1)
FRACTION: Final = Number(0, 1)
COUNT: Final = Whole(1)
USD: Final = Number(0, unit=", in USD")
OWNER: Final = Key("owner", TEXT, "who answers for it: a person or a team")

_DURATION_TEXT = Text(
    "a duration such as `800ms`, `4s`, `2m`, `1h` or `90d`",
    pattern=DURATION_PATTERN,
    mend="Write a number and its unit: `800ms`, `4s`, `2m`, `1h` or `90d`.",
)


def _seconds(text: str) -> float:
    return parse_duration(text) or 0.0


def _days(text: str) -> float:
    return seconds_to_days(_seconds(text))


DURATION: Final = Parsed(_DURATION_TEXT, _seconds, _DURATION_TEXT.expected)
AGE: Final = Parsed(_DURATION_TEXT, _days, _DURATION_TEXT.expected)


_INSIDE = r"(?![/~\\]|[A-Za-z]:)(?!(.*[/\\])?\.\.([/\\]|$)).*\S.*"
PATH: Final = Text(
    "a path relative to the repository's root",
    pattern=_INSIDE,
    mend="Write it relative to the repository's root, without `..`.",
)

BASE_URL: Final = Parsed(
    TEXT,
    parse_base_url,
    "an https address, or http on loopback",
    {"pattern": r"^(https://|http://(localhost|127\.|\[::1\]))[^@#\s]*$"},
)
URL: Final = Parsed(
    TEXT, parse_url, "an http or https address", {"pattern": r"^https?://[^@#\s]+$"}
)

SELECTOR_KEYS: Final = (
    Key("tags", TEXTS, "any of these tags"),
    Key("all_tags", TEXTS, "all of these tags"),
    Key("stakes", Choice("high", "normal"), "the case's stakes"),
    Key("source", Choice("handwritten", "synthetic", "trace"), "where the case came from"),
    Key("ids", TEXTS, "one of these case ids"),
    Key("min_turns", COUNT, "at least so many user turns"),
    Key("max_turns", COUNT, "at most so many user turns"),
    Key("min_context_tokens", COUNT, "at least so many tokens of context, estimated"),
    Key(
        "not",
        Named("selector", "a selector", lambda: SELECTOR_RECORD),
        "none that this picks",
        field="negated",
    ),
)


class _TurnsInOrder:
    """`min_turns` is at most `max_turns`."""

    def check(self, value: dict[str, Any], at: Path, found: Found) -> None:
        """Note turns that no case can have."""
        low, high = value.get("min_turns"), value.get("max_turns")
        if isinstance(low, int) and isinstance(high, int) and low > high:
            what = f"`min_turns` {low} is more than `max_turns` {high}, so that nothing is picked"
            found.refuse(at, what, "Exchange them.")

    def schema(self) -> dict[str, Any]:
        """Not in JSON Schema's reach."""
        return {}


SELECTOR_RECORD: Final[Record[Selector]] = Record(
    Selector,
    SELECTOR_KEYS,
    expected="a selector such as `{tags: [head]}`",
    constraints=(_TurnsInOrder(),),
)


class _All(Only):
    """`all`, the selector of every case."""

    def __init__(self) -> None:
        super().__init__("all", "Write `all`, or a selector such as `{tags: [head]}`.")

    def read(self, value: Any, at: Path, found: Found) -> Selector:
        """The empty selector."""
        super().read(value, at, found)
        return Selector()


SELECTOR: Final[Decoder[Selector]] = Either(
    _All(), Named("selector", "a selector such as `{tags: [head]}`", lambda: SELECTOR_RECORD)
)
