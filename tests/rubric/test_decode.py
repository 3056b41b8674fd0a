import time
from typing import Any

import pytest

from rubric_action.errors import InputError, Place
from rubric_action.rubric.decode import (
    Anything,
    Choice,
    Decoder,
    Flag,
    Number,
    Only,
    Text,
    Whole,
    decode,
)
from rubric_action.rubric.problems import Found, Path, dotted, nearest, quoted, suggestion
from rubric_action.rubric.record import AtLeastOne, ExactlyOne, Key, OnlyWith, Record
from rubric_action.rubric.shapes import Either, ListOf, MapOf, Named, Parsed, Refused


def here(path: Path) -> Place:
    """One place for everything, as for a line of JSON."""
    return Place("f.jsonl", 3)


def said(decoder: Decoder[Any], value: object) -> list[str]:
    """Key, what and mend of every mistake."""
    found = Found(here)
    decoder.read(value, (), found)
    return [f"{problem.key}: {problem.what}. {problem.mend}" for problem in found.problems]


def as_dict(**fields: Any) -> dict[str, Any]:
    """A builder that keeps the decoded keys."""
    return fields


def double(text: str) -> str:
    """A parser that refuses one word."""
    if text == "no":
        raise Refused("not this", "Another.")
    return text * 2


PERSON = Record(
    as_dict,
    (
        Key("name", Text(), "a name", required=True),
        Key("age", Whole(0, 150), "in years", default=30, field="years"),
        Key("tags", ListOf(Text(), "a list of tags"), "words"),
    ),
)


@pytest.mark.parametrize(
    ("decoder", "value", "read"),
    [
        (Anything(), {"a": [1]}, {"a": [1]}),
        (Flag(), False, False),
        (Only(value=True, mend=""), True, True),
        (Text(), "x", "x"),
        (Text(blank=True), "", ""),
        (Text(pattern="a+"), "aa", "aa"),
        (Choice("fail", "off"), "fail", "fail"),
        (Choice("fail", "off"), False, "off"),
        (Number(0, 1), 1, 1.0),
        (Number(above=0, below=1), 0.5, 0.5),
        (Whole(1), 3, 3),
        (ListOf(Whole(0), "a list"), [1, 2], (1, 2)),
        (ListOf(Text(), "a list", single=True), "x", ("x",)),
        (MapOf(Whole(0), "a mapping"), {"a": 1}, {"a": 1}),
        (Either(Text(), MapOf(Text(), "a mapping")), "x", "x"),
        (Either(Text(), MapOf(Text(), "a mapping")), {"a": "x"}, {"a": "x"}),
        (Parsed(Text(), double, "a word"), "x", "xx"),
        (Named("word", "a word", Text), "x", "x"),
        (PERSON, {"name": "x"}, {"name": "x", "years": 30}),
        (PERSON, {"name": "x", "age": 4, "tags": ["a"]}, {"name": "x", "years": 4, "tags": ("a",)}),
    ],
)
def test_good_values(decoder: Decoder[Any], value: object, read: object) -> None:
    """A good value is read into its typed form."""
    assert decode(decoder, value, here) == read
    assert said(decoder, value) == []


@pytest.mark.parametrize(
    ("decoder", "value", "mistakes"),
    [
        (
            Flag(),
            "yes",
            ["None: expected true or false, found the text `yes`. Write true or false."],
        ),
        (
            Only(value=1, mend="Use 1."),
            True,
            ["None: expected `1`, found the boolean `true`. Use 1."],
        ),
        (Text(), None, ["None: expected a text, found nothing. Write a text."]),
        (Text(), ["a"], ["None: expected a text, found a list. Write a text."]),
        (Text(), " \n", ["None: expected a text, found a blank text. Write a text."]),
        (Text(longest=2), "abc", ["None: expected at most 2 characters, found 3. Shorten it."]),
        (
            Text("a word", pattern="a+", mend="Write a's."),
            "ab",
            ["None: expected a word, found the text `ab`. Write a's."],
        ),
        (
            Choice("majority", "mean"),
            "major",
            [
                (
                    "None: expected `majority` or `mean`, found the text `major`. "
                    "Did you mean `majority`? Known values: `majority`, `mean`."
                ),
            ],
        ),
        (
            Choice("a", "b"),
            False,
            ["None: expected `a` or `b`, found the boolean `false`. Write `a` or `b`."],
        ),
        (
            Number(0, 1),
            1.5,
            [
                (
                    "None: expected a number from 0 to 1, found the number `1.5`. "
                    "Write a number from 0 to 1."
                ),
            ],
        ),
        (
            Number(above=0),
            True,
            ["None: expected a number above 0, found the boolean `true`. Write a number above 0."],
        ),
        (
            Number(),
            10**400,
            [f"None: expected a number, found the number `1{'0' * 56}...`. Write a number."],
        ),
        (
            Whole(1),
            2.0,
            [
                (
                    "None: expected a whole number from 1, found the number `2.0`. "
                    "Write a whole number from 1."
                ),
            ],
        ),
        (
            ListOf(Text(), "a list of tags"),
            "head",
            ["None: expected a list of tags, found the text `head`. Write a list: `[head]`."],
        ),
        (
            ListOf(Text(), "a list", at_least=1),
            [],
            ["None: expected a list with at least 1, found 0. Add to it, or leave the key out."],
        ),
        (
            ListOf(Whole(0), "a list"),
            [1, "x", 2, None],
            [
                (
                    "[1]: expected a whole number from 0, found the text `x`. "
                    "Write a whole number from 0."
                ),
                "[3]: expected a whole number from 0, found nothing. Write a whole number from 0.",
            ],
        ),
        (
            MapOf(Text(), "a mapping", names="[a-z]+", names_are="small letters"),
            {"A": "x", "b": "y"},
            ["A: `A` does not fit here as a name. A name is small letters."],
        ),
        (
            MapOf(Text(), "a mapping", known=("tone", "policy")),
            {"tune": "x"},
            ["tune: unknown key. Did you mean `tone`? Known keys here: `tone`, `policy`."],
        ),
        (Parsed(Text(), double, "a word"), "no", ["None: not this. Another."]),
        (
            Parsed(Text(), double, "a word"),
            3,
            ["None: expected a text, found the number `3`. Write a text."],
        ),
        (
            PERSON,
            [],
            ["None: expected a mapping, found a list. Keys here: `name`, `age`, `tags`."],
        ),
        (PERSON, {"age": 3}, ["None: `name` is missing. Add it: a text."]),
        (
            PERSON,
            {"nam": "x", "colour": 1},
            [
                "nam: unknown key. Did you mean `name`? Known keys here: `name`, `age`, `tags`.",
                "colour: unknown key. Known keys here: `name`, `age`, `tags`.",
            ],
        ),
    ],
)
def test_bad_values(decoder: Decoder[Any], value: object, mistakes: list[str]) -> None:
    """A bad value is refused with what was expected, what was found and the mend."""
    assert said(decoder, value) == mistakes


def test_every_mistake_is_raised_at_once() -> None:
    """One error holds all mistakes, each with its dotted key and place."""
    people = ListOf(PERSON, "a list of people")
    value = [{"name": 1, "tags": ["a", False]}, {"name": "x", "age": -1}]
    with pytest.raises(InputError) as caught:
        decode(people, value, here, at=("people",))
    keys = [problem.key for problem in caught.value.problems]
    assert keys == ["people[0].name", "people[0].tags[1]", "people[1].age"]
    assert {str(problem.place) for problem in caught.value.problems} == {"f.jsonl:3"}


def test_unquoted_words_are_repeated_as_written() -> None:
    """Where the source text is known, the message shows it and how to quote it."""
    with pytest.raises(InputError, match=r'found the boolean `no`\. Put it in quotes: "no"\.'):
        decode(Text(), False, here, written={(): "no"})


@pytest.mark.parametrize(
    ("constraint", "value", "what"),
    [
        (ExactlyOne("a", "b"), {}, "expected exactly one of `a`, `b`, found none"),
        (
            ExactlyOne("a", "b"),
            {"a": 1, "b": 1},
            "expected exactly one of `a`, `b`, found `a` as well",
        ),
        (ExactlyOne("a", "b"), {"b": 1}, None),
        (AtLeastOne("a", "b"), {"c": 1}, "expected at least one of `a`, `b`, found none"),
        (AtLeastOne("a", "b"), {"a": 1, "b": 1}, None),
        (OnlyWith("a", "b"), {"b": 1}, "means nothing without `a`"),
        (OnlyWith("a", "b"), {"a": 1, "b": 1}, None),
    ],
)
def test_constraints(constraint: Any, value: dict[str, Any], what: str | None) -> None:
    """A constraint between keys says what does not hold."""
    found = Found(here)
    constraint.check(value, (), found)
    assert [problem.what for problem in found.problems] == ([what] if what else [])


def test_a_misspelt_key_is_one_mistake() -> None:
    """The key that was meant is not reported as missing too."""
    record = Record(
        as_dict, (Key("select", Text(), "", required=True),), constraints=(ExactlyOne("select"),)
    )
    assert len(said(record, {"selct": "x"})) == 1


def test_hostile_names_do_not_reach_a_message_raw() -> None:
    """A key or text of the file is cut and made printable before it is repeated."""
    assert quoted("a\n::error::\x1b") == "a\\n::error::\\x1b"
    assert len(quoted("x" * 1000)) == 60
    assert dotted(("a", 0, "b\rc")) == "a[0].b\\rc"
    assert nearest("x" * 1_000_000, ["min"]) is None


def test_a_long_list_of_known_names_is_cut() -> None:
    """A message lists a hundred names at most, and says that there are more."""
    told = suggestion("n7", (f"n{n}" for n in range(1000)), "axes")
    assert told.startswith("Did you mean `n7`? ")
    assert told.endswith("`n99` and more.")


def test_a_hundred_thousand_cases_decode_quickly() -> None:
    """An object of five keys takes far less than 40 microseconds."""
    record = Record(
        as_dict,
        (
            *(Key(name, Text(), "") for name in ("id", "input", "expected")),
            Key("tags", ListOf(Text(), "a list"), ""),
            Key("weight", Number(0), ""),
        ),
    )
    value = {"id": "a", "input": "b", "expected": "c", "tags": ["x", "y"], "weight": 1}
    start = time.process_time()
    for _ in range(10_000):
        decode(record, value, here)
    assert time.process_time() - start < 0.4
