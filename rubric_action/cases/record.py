"""A case as it is written in a file, made into a `Case`."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, Final

from rubric_action.cases.dates import iso_date
from rubric_action.cases.model import Case, ContextItem, SimulatedUser, UserTurn
from rubric_action.errors import Place
from rubric_action.rubric.decode import Anything, Choice, Decoder, Number, Text, Whole
from rubric_action.rubric.problems import Found, Path
from rubric_action.rubric.record import ExactlyOne, Key, Record
from rubric_action.rubric.rule_record import RULES, TURN_RULES
from rubric_action.rubric.rules import Rule
from rubric_action.rubric.shapes import Either, ListOf, MapOf, Parsed, Refused

Written = Sequence[Mapping[str, Any]]

LONGEST_ID: Final = 200
MOST_TURNS: Final = 50
"""The most turns that a simulated user may take."""
ID: Final = Text(
    "an id (printable, up to 200 characters)",
    pattern=r"[^\x00-\x1f\x7f-\x9f\u2028\u2029]+",
    longest=LONGEST_ID,
)
OBJECT: Final = MapOf(Anything(), "an object")
SAID: Final = Text(blank=True)


def _iso(text: str) -> str:
    try:
        return iso_date(text)
    except ValueError as error:
        what = f"`{text[:40]}` is no ISO 8601 date"
        raise Refused(what, "Write `2026-03-31` or `2026-03-31T10:00:00Z`.") from error


DATE: Final = Parsed(Text("an ISO 8601 date"), _iso, "an ISO 8601 date")


class _Plain(Decoder[ContextItem]):
    """A context item without source and age."""

    expected = "a text"

    def read(self, value: Any, at: Path, found: Found) -> ContextItem:
        """The item."""
        return ContextItem(SAID.read(value, at, found))

    def schema(self, definitions: dict[str, dict[str, Any]]) -> dict[str, Any]:
        """A string."""
        return SAID.schema(definitions)


CONTEXT: Final[ListOf[ContextItem]] = ListOf(
    Either(
        _Plain(),
        Record(
            ContextItem,
            (
                Key("text", SAID, "what it says", required=True),
                Key("source", Text(), "its id, which an answer may cite"),
                Key("updated_at", DATE, "when it was last right"),
            ),
        ),
    ),
    "a list of texts or of {text, source, updated_at}",
)
_TAGS: Final = ListOf(Text("a tag"), "a list of tags")
_TURN: Final = Record(
    UserTurn,
    (
        Key("user", SAID, "what the user says", required=True),
        Key("rules", TURN_RULES, "checks of the answer to it"),
    ),
)
_USER: Final = Record(
    SimulatedUser,
    (
        Key("persona", Text("who the user is"), "who the user is", required=True),
        Key("goal", Text("what the user wants"), "what the user wants", required=True),
        Key("stop", Text("when the user is done"), "when the user is done"),
        Key("max_turns", Whole(1, MOST_TURNS), "the most that it says"),
        Key("seed", Whole(0), "tells one course of the conversation from another"),
    ),
    expected="a simulated user (an object)",
)
_ORIGIN: Final[Record[dict[str, Any]]] = Record(
    dict,
    (
        Key("trace", Text(), "the trace that it came from"),
        Key("promoted_at", DATE, "when it was made a case"),
        Key("promoted_by", Text(), "by whom"),
        Key("reason", Text(), "why"),
    ),
)


class _Asked(ExactlyOne):
    """Words of the user stand in `input` or in `turns`; a simulated one may begin with `input`."""

    def check(self, value: dict[str, Any], at: Path, found: Found) -> None:
        """Note that there are none, or that they are in two places."""
        if "user" not in value:
            super().check(value, at, found)
        elif "turns" in value:
            mend = "Give a simulated user its first words as `input`; it finds the others itself."
            found.refuse_key((*at, "turns"), "stands beside `user`", mend)

    def schema(self) -> dict[str, Any]:
        """One of the three, or `user` with `input`."""
        without_turns = {"required": ["user"], "not": {"required": ["turns"]}}
        scripted = {**super().schema(), "not": {"required": ["user"]}}
        return {"anyOf": [without_turns, scripted]}


CASE: Final[Record[dict[str, Any]]] = Record(
    dict,
    (
        Key("id", ID, "its name, unique over all files", required=True),
        Key("input", SAID, "what the user says, in a case of one turn"),
        Key("turns", ListOf(_TURN, "a list of turns", at_least=1), "what the user says, by turn"),
        Key("user", _USER, "a user that a model plays"),
        Key("tags", _TAGS, "words that selectors pick by"),
        Key("stakes", Choice("high", "normal"), "what a wrong answer costs"),
        Key("source", Choice("handwritten", "synthetic", "trace"), "where it came from"),
        Key("expected", SAID, "the answer that a person would give"),
        Key("facts", ListOf(Text(), "a list of facts"), "what the answer has to say"),
        Key("context", CONTEXT, "what the agent may lean on"),
        Key("rules", RULES, "checks of the answers"),
        Key("weight", Number(0.01, 100), "its share in means"),
        Key("as_of", DATE, "the day on which its expectation was last known true"),
        Key("metadata", OBJECT, "passed to the agent"),
        Key("origin", _ORIGIN, "the trace that it was promoted from"),
        Key("notes", SAID, "for people"),
    ),
    expected="a case (an object)",
    constraints=(_Asked("input", "turns"),),
)


def read_case(value: Mapping[str, Any], found: Found, place: Place) -> Case | None:
    """Read one case; None when mistakes were noted in `found`.

    Rules without an id of their own are named apart from the rubric's: `case-contains-1` and, in
    the second turn, `turn-2-contains-1`. Rules of a turn come out aimed at it.
    """
    before = len(found.problems)
    fields = CASE.read(value, (), found)
    if len(found.problems) > before:
        return None
    fields["turns"] = _turns(fields, value)
    fields["rules"] = _named(fields.get("rules", ()), "case", value.get("rules", ()))
    case = Case(**fields, place=place)
    _check_rules(case, found)
    return case if len(found.problems) == before else None


def _turns(fields: dict[str, Any], value: Mapping[str, Any]) -> tuple[UserTurn, ...]:
    """The words of the user, each turn's rules aimed at it; `input` is a turn without rules."""
    said = fields.pop("input", None)
    if said is not None:
        return (UserTurn(said),)
    return tuple(
        replace(turn, rules=_aimed(turn.rules, n, value["turns"][n - 1]["rules"]))
        if turn.rules
        else turn
        for n, turn in enumerate(fields.get("turns", ()), start=1)
    )


def _aimed(rules: tuple[Rule, ...], turn: int, written: Written) -> tuple[Rule, ...]:
    named = _named(rules, f"turn-{turn}", written)
    return tuple(replace(rule, turn=turn) for rule in named)


def _named(rules: tuple[Rule, ...], prefix: str, written: Written) -> tuple[Rule, ...]:
    return tuple(
        rule if "id" in each else replace(rule, id=f"{prefix}-{rule.id}")
        for rule, each in zip(rules, written, strict=True)
    )


def _check_rules(case: Case, found: Found) -> None:
    for n, rule in enumerate(case.rules):
        if rule.turn is not None and rule.turn > case.most_turns:
            what = f"the rule looks at turn {rule.turn}, but the case has {case.most_turns}"
            found.refuse(("rules", n, "turn"), what, "Turns count from 1.")
    ids = {rule.id for rule in case.rules}
    for n, turn in enumerate(case.turns):
        for at, rule in enumerate(turn.rules):
            if rule.id in ids:
                what = f"the id `{rule.id}` is taken by another rule of the case"
                found.refuse(("turns", n, "rules", at), what, "Give each rule its own `id`.")
            ids.add(rule.id)
