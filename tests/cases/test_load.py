import os
from pathlib import Path

import pytest

from rubric_action.cases.load import load_cases
from rubric_action.cases.model import Case, ContextItem, UserTurn
from rubric_action.errors import InputError, Place
from rubric_action.rubric.model import Axis, Selector, Slice
from rubric_action.rubric.rules import Contains, Matches, NumbersFromContext, Rule
from tests.cases.samples import load, refused, rubric, write_lines

HELLO = {"id": "a", "input": "Hello"}


def test_every_field_is_read(tmp_path: Path) -> None:
    """A case with all its keys becomes a value with all its fields."""
    written = {
        "id": "refund-014",
        "turns": [{"user": "Hi", "rules": [{"contains": "hello"}]}, {"user": "Refund?"}],
        "tags": ["head"],
        "stakes": "high",
        "source": "trace",
        "expected": "No.",
        "facts": ["30 days"],
        "context": ["plain", {"text": "dated", "source": "doc", "updated_at": "2026-01-01"}],
        "rules": [
            {"matches": "no", "turn": 1, "axis": "tone"},
            {"id": "n", "numbers_from_context": True},
        ],
        "weight": 2,
        "as_of": "2026-03-31T10:00:00Z",
        "metadata": {"plan": {"name": "free"}},
        "origin": {
            "trace": "t-1",
            "promoted_at": "2026-01-02",
            "promoted_by": "mona",
            "reason": "r",
        },
        "notes": "for people",
    }
    case = load(tmp_path, written).get("refund-014")
    assert case == Case(
        "refund-014",
        (UserTurn("Hi", (Rule("turn-1-contains-1", Contains("hello"), 1),)), UserTurn("Refund?")),
        ("head",),
        "high",
        "trace",
        "No.",
        ("30 days",),
        (ContextItem("plain"), ContextItem("dated", "doc", "2026-01-01")),
        (Rule("case-matches-1", Matches("no"), 1, "tone"), Rule("n", NumbersFromContext())),
        2.0,
        "2026-03-31T10:00:00Z",
        {"plan": {"name": "free"}},
        {"trace": "t-1", "promoted_at": "2026-01-02", "promoted_by": "mona", "reason": "r"},
        "for people",
        Place("cases.jsonl", 1),
    )


def test_a_case_of_one_turn_has_defaults(tmp_path: Path) -> None:
    """`input` is one turn; what is left out has the documented default."""
    assert load(tmp_path, HELLO).get("a") == Case(
        "a", (UserTurn("Hello"),), place=Place("cases.jsonl", 1)
    )


@pytest.mark.parametrize(
    ("case", "what"),
    [
        ({"id": "a", "input": "x", "tag": ["head"]}, "tag: unknown key"),
        ({"input": "x"}, "None: `id` is missing"),
        ({"id": "a"}, "None: expected exactly one of `input`, `turns`, found none"),
        ({"id": "a", "input": "x", "turns": [{"user": "y"}]}, "turns: expected exactly one of"),
        ({"id": "a", "turns": []}, "turns: expected a list of turns with at least 1, found 0"),
        ({"id": "a", "turns": [{"usr": "x"}]}, "turns[0].usr: unknown key"),
        ({"id": "a", "turns": ["x"]}, "turns[0]: expected a mapping, found the text `x`"),
        ({"id": "", "input": "x"}, "id: expected an id"),
        ({"id": 7, "input": "x"}, "id: expected an id"),
        ({"id": "a\nb", "input": "x"}, "id: expected an id"),
        ({"id": "a" * 201, "input": "x"}, "id: expected at most 200 characters, found 201"),
        ({"id": "a", "input": None}, "input: expected a text, found nothing"),
        ({"id": "a", "input": "x", "stakes": "hi"}, "stakes: expected `high` or `normal`"),
        ({"id": "a", "input": "x", "source": "web"}, "source: expected `handwritten`"),
        ({"id": "a", "input": "x", "tags": "head"}, "tags: expected a list of tags"),
        ({"id": "a", "input": "x", "weight": 0}, "weight: expected a number from 0.01 to 100"),
        ({"id": "a", "input": "x", "weight": 5e-324}, "weight: expected a number from 0.01 to 100"),
        ({"id": "a", "input": "x", "weight": 100.1}, "weight: expected a number from 0.01 to 100"),
        ({"id": "a", "input": "x", "weight": True}, "weight: expected a number"),
        ({"id": "a", "input": "x", "as_of": "soon"}, "as_of: `soon` is no ISO 8601 date"),
        ({"id": "a", "input": "x", "as_of": "2026-02-30"}, "as_of: `2026-02-30` is no"),
        (
            {"id": "a", "input": "x", "context": [{"text": "t", "updated_at": "1/2/26"}]},
            "context[0].updated_at: `1/2/26` is no ISO 8601 date",
        ),
        ({"id": "a", "input": "x", "context": [7]}, "context[0]: expected a text"),
        ({"id": "a", "input": "x", "context": [{"source": "s"}]}, "context[0]: `text` is missing"),
        ({"id": "a", "input": "x", "metadata": []}, "metadata: expected an object, found a list"),
        ({"id": "a", "input": "x", "origin": {"by": "me"}}, "origin.by: unknown key"),
        ({"id": "a", "input": "x", "rules": [{"contain": "x"}]}, "rules[0].contain: unknown key"),
        ({"id": "a", "input": "x", "rules": [{"matches": "("}]}, "rules[0].matches: not a regular"),
        (
            {"id": "a", "input": "x", "rules": [{"contains": "x", "turn": 2}]},
            "rules[0].turn: the rule looks at turn 2, but the case has 1",
        ),
        (
            {"id": "a", "input": "x", "rules": [{"contains": "x", "axis": "tome"}]},
            "rules[0].axis: there is no axis `tome`",
        ),
        (
            {"id": "a", "turns": [{"user": "x", "rules": [{"contains": "x", "axis": "tome"}]}]},
            "turns[0].rules[0].axis: there is no axis `tome`",
        ),
        (
            {
                "id": "a",
                "turns": [{"user": "x", "rules": [{"contains": "x", "id": "r"}]}],
                "rules": [{"contains": "y", "id": "r"}],
            },
            "turns[0].rules[0]: the id `r` is taken by another rule of the case",
        ),
    ],
)
def test_a_bad_case_is_refused_with_its_place(tmp_path: Path, case: object, what: str) -> None:
    """Each mistake names file, line and key, and does not hide the other cases' mistakes."""
    first, second = refused(tmp_path, case, {"id": "other"})
    assert first.startswith(f"cases.jsonl:1: {what}")
    assert second.startswith("cases.jsonl:2: None: expected exactly one of")


def test_the_nearest_key_is_suggested(tmp_path: Path) -> None:
    """An unknown key and an unknown axis come with what was probably meant."""
    with pytest.raises(InputError, match=r"Did you mean `stakes`\?"):
        load(tmp_path, {**HELLO, "stake": "high"})
    with pytest.raises(InputError, match=r"Did you mean `tone`\?"):
        load(tmp_path, {**HELLO, "rules": [{"contains": "x", "axis": "tome"}]})


def test_a_duplicate_id_names_both_places(tmp_path: Path) -> None:
    """Ids are unique over all files."""
    write_lines(tmp_path / "b/more.jsonl", {"id": "b", "input": ""}, HELLO)
    [problem] = refused(tmp_path, HELLO, cases=("**/*.jsonl",))
    assert problem == "cases.jsonl:1: id: the id `a` stands at b/more.jsonl:2 already"


def test_the_mistakes_of_all_files_come_at_once(tmp_path: Path) -> None:
    """A broken line, a broken case and a useless glob in different files are one error."""
    write_lines(tmp_path / "b/one.jsonl", "[1]", {"id": "x"})
    write_lines(tmp_path / "b/two.yaml", "- id: y")
    problems = refused(tmp_path, HELLO, cases=("b/**/*", "none/*.jsonl", "*.jsonl"))
    assert [problem.split(": ")[0] for problem in problems] == [
        "eval/rubric.yaml:3",
        "b/one.jsonl:1",
        "b/one.jsonl:2",
        "b/two.yaml:1:3",
    ]


def test_files_come_in_a_fixed_order_and_once(tmp_path: Path) -> None:
    """Globs in the rubric's order, paths sorted, lines as they stand; `**` goes any depth."""
    for name in ("z.jsonl", "a/y.jsonl", "a/b/x.jsonl"):
        write_lines(tmp_path / name, {"id": f"{name}-2", "input": ""}, {"id": name, "input": ""})
    cases = load_cases(rubric(cases=("**/y.jsonl", "**/*.jsonl")), tmp_path)
    names = ["a/y.jsonl", "a/b/x.jsonl", "z.jsonl"]
    assert list(cases.ids) == [id_ for name in names for id_ in (f"{name}-2", name)]
    assert [case.id for case in cases] == list(cases.ids)
    assert len(cases) == 6


@pytest.mark.parametrize(
    ("glob", "what"),
    [
        ("none/*.jsonl", "the glob `none/*.jsonl` matches no file"),
        ("*.txt", "a file that ends in `.txt` is not read"),
        ("../*.jsonl", "the glob `../*.jsonl` leaves the repository"),
        ("/etc/*", "the glob `/etc/*` leaves the repository"),
        ("", "the glob `` does not work"),
        ("link.jsonl", "`link.jsonl` is a link that leaves the repository"),
        ("folder/*.jsonl", "`folder/secret.jsonl` is a link that leaves the repository"),
        ("dang*.jsonl", "there is no such file"),
        ("pipe.jsonl", "this is not a regular file"),
    ],
)
def test_a_glob_stays_in_the_repository(tmp_path: Path, glob: str, what: str) -> None:
    """No match, no regular file, and any way out of the repository are refused."""
    outside = tmp_path / "outside"
    root = tmp_path / "root"
    write_lines(outside / "secret.jsonl", HELLO)
    write_lines(root / "notes.txt", HELLO)
    (root / "link.jsonl").symlink_to(outside / "secret.jsonl")
    (root / "folder").symlink_to(outside)
    (root / "dangling.jsonl").symlink_to(root / "absent.jsonl")
    os.mkfifo(root / "pipe.jsonl")
    with pytest.raises(InputError) as caught:
        load_cases(rubric(cases=(glob,)), root)
    [problem] = caught.value.problems
    assert problem.what.startswith(what)


def test_a_link_within_the_repository_is_followed(tmp_path: Path) -> None:
    """Teams may link their own files."""
    write_lines(tmp_path / "data/a.txt", HELLO)
    (tmp_path / "a.jsonl").symlink_to(tmp_path / "data/a.txt")
    assert list(load_cases(rubric(), tmp_path).ids) == ["a"]


def test_a_yaml_list_is_read_with_places(tmp_path: Path) -> None:
    """A YAML file is a list of cases; its mistakes have line and column."""
    path = tmp_path / "cases.yaml"
    path.write_text("- id: a\n  input: Hi\n  as_of: 2026-03-31\n- {id: b, input: Ho}\n")
    cases = load_cases(rubric(cases=("*.yaml",)), tmp_path)
    assert [(case.id, case.as_of) for case in cases] == [("a", "2026-03-31"), ("b", None)]
    assert cases.place("b").line == 4

    path.write_text("- id: a\n  input: Hi\n- id: b\n  inptu: Hi\n  expected: 42\n")
    with pytest.raises(InputError) as caught:
        load_cases(rubric(cases=("*.yaml",)), tmp_path)
    lines = [problem.place.line for problem in caught.value.problems]
    assert lines == [4, 5]


@pytest.mark.parametrize(
    "text", ["id: a\ninput: b\n", "", "- [\n", "- &x {id: a, input: b}\n- *x\n"]
)
def test_yaml_that_is_no_list_of_cases_is_refused(tmp_path: Path, text: str) -> None:
    """A mapping, nothing, broken syntax and aliases are input errors of the file."""
    (tmp_path / "cases.yaml").write_text(text)
    with pytest.raises(InputError, match=r"cases\.yaml"):
        load_cases(rubric(cases=("*.yaml",)), tmp_path)


def test_no_case_at_all_is_an_error(tmp_path: Path) -> None:
    """Files without a case would make an empty gate."""
    assert refused(tmp_path, b"") == ["eval/rubric.yaml:1: cases: the files hold no case"]


def test_a_case_that_nothing_grades_is_an_error(tmp_path: Path) -> None:
    """A case without rules and axes would pass whatever the agent says."""
    axes = {"tone": Axis("tone", "?", applies_to=Selector(tags=("head",)))}
    graded = [
        {**HELLO, "id": "by-axis", "tags": ["head"]},
        {**HELLO, "id": "by-rule", "rules": [{"contains": "x"}]},
        {"id": "by-turn-rule", "turns": [{"user": "x", "rules": [{"contains": "x"}]}]},
    ]
    assert len(load(tmp_path, *graded, axes=axes)) == 3
    assert refused(tmp_path, *graded, HELLO, axes=axes) == [
        "cases.jsonl:4: id: nothing grades the case `a`"
    ]
    assert len(load(tmp_path, HELLO, axes=axes, rules=(Rule("r", Contains("x")),))) == 1


def test_a_slice_that_picks_nothing_is_an_error(tmp_path: Path) -> None:
    """An empty slice would never fail."""
    slices = {"all": Slice("all", Selector(tags=("tial",)), hard=True)}
    assert refused(tmp_path, HELLO, slices=slices) == [
        "eval/rubric.yaml:4: slices.all.select: the slice picks no case"
    ]


def test_a_minimum_that_no_case_can_meet_is_an_error(tmp_path: Path) -> None:
    """A threshold over no score would never fail."""
    axes = {
        "tone": Axis("tone", "?", applies_to=Selector(tags=("chat",))),
        "help": Axis("help", "?"),
    }
    slices = {
        "all": Slice("all", Selector(tags=("head",)), {"tone": 0.8, "help": 0.8}),
        "chat": Slice("chat", Selector(tags=("chat",)), {"tone": 0.8}),
    }
    chat = {**HELLO, "id": "b", "tags": ["chat"]}
    assert refused(tmp_path, {**HELLO, "tags": ["head"]}, chat, axes=axes, slices=slices) == [
        "eval/rubric.yaml:5: slices.all.min.tone: the axis `tone` applies to no case of the slice"
    ]


def test_a_rule_for_all_cases_fits_all_cases(tmp_path: Path) -> None:
    """A rule of the rubric that looks at a turn that some case lacks is refused, once."""
    rules = (Rule("r", Contains("x")), Rule("second", Contains("x"), turn=2))
    two = {"id": "two", "turns": [{"user": "x"}, {"user": "y"}]}
    assert len(load(tmp_path, two, rules=rules)) == 1
    [problem] = refused(tmp_path, two, HELLO, {**HELLO, "id": "b"}, rules=rules)
    assert problem.endswith(
        "rules[1].turn: the rule looks at turn 2 of every case, but case `a` has 1"
    )


def test_cases_without_a_bar_are_a_warning(tmp_path: Path) -> None:
    """Cases that can't block anything, and selected ids that don't exist, are said aloud."""
    slices = {
        "few": Slice("few", Selector(ids=("c0", "gone")), hard=True),
        "seen": Slice("seen", Selector(), {"tone": 0.5}, informational=True),
    }
    cases = [{**HELLO, "id": f"c{n}"} for n in range(14)]
    assert load(tmp_path, *cases, slices=slices).warnings == (
        "13 cases are in no slice with a bar: c1, c2, c3, c4, c5, c6, c7, c8, c9, c10 and 3 more",
        "slices select ids that no case has: gone",
    )
    assert load(tmp_path, HELLO).warnings == ()


def test_slices_and_places_are_known_by_id(tmp_path: Path) -> None:
    """What the index keeps is there without reading the case."""
    slices = {
        "all": Slice("all", Selector(), hard=True),
        "b": Slice("b", Selector(ids=("b",)), hard=True),
    }
    cases = load(tmp_path, HELLO, "", {**HELLO, "id": "b"}, slices=slices)
    assert (cases.slices_of("a"), cases.slices_of("b")) == (("all",), ("all", "b"))
    assert str(cases.place("b")) == "cases.jsonl:3"
    assert "b" in cases
    assert "c" not in cases
    with pytest.raises(KeyError):
        cases.get("c")


def test_an_agent_that_rewrites_the_cases_changes_nothing(tmp_path: Path) -> None:
    """Cases are read before the agent runs; what happens to the files later is not seen."""
    cases = load(tmp_path, {**HELLO, "expected": "No."})
    write_lines(tmp_path / "cases.jsonl", {**HELLO, "expected": "Yes."})
    assert cases.get("a").expected == "No."
    assert [case.expected for case in cases] == ["No."]


def test_cases_with_rules_of_their_own_are_found(tmp_path: Path) -> None:
    """A rule of the case or of one of its turns counts; the other cases are not decoded."""
    ruled = {"id": "b", "input": "Hi", "rules": [{"contains": "hello"}]}
    by_turn = {"id": "c", "turns": [{"user": "Hi", "rules": [{"contains": "hello"}]}]}
    cases = load(tmp_path, HELLO, ruled, by_turn)
    assert [case.id for case in cases.with_rules()] == ["b", "c"]


def test_dates_of_any_iso_form_are_kept_with_their_day_first(tmp_path: Path) -> None:
    """A week date is written anew, in the case as in its context."""
    week = "2026W13T10:00:00"
    case = load(
        tmp_path, {**HELLO, "as_of": week, "context": [{"text": "t", "updated_at": week}]}
    ).get("a")
    assert (case.as_of, case.context[0].updated_at) == ("2026-03-23T10:00:00",) * 2
