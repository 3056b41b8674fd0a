import time

import pytest

from rubric_action.rubric.problems import MOST_SHOWN, dotted
from tests.rubric.mistakes import ONE_MISTAKE, edited
from tests.rubric.samples import FILE, FULL, SMALL, problems_of


@pytest.mark.parametrize(("text", "place", "key", "words"), ONE_MISTAKE)
def test_one_mistake(text: str, place: str, key: str | None, words: str) -> None:
    """One mistake is one problem, with its place, its key and its mend, in well under a second."""
    start = time.perf_counter()
    problems = problems_of(text)
    assert time.perf_counter() - start < 1
    assert [problem.key for problem in problems] == [key], problems
    said = str(problems[0])
    assert said.startswith(f"{FILE}:{place}: ")
    assert words in said


def test_all_mistakes_at_once_by_line() -> None:
    """Mistakes of every section come together, in the order of the file."""
    text = FULL
    for old, new in (
        ("trials: 3", "trials: 0"),
        ("min_agreement: 0.8", "min_agreement: 8"),
        ("policy: 1}", "polcy: 1}"),
        ("confirm: 7", "confirm: seven"),
        ("users: [mona,", "users: [off,"),
    ):
        text = edited(old, new, text)
    assert [(problem.key, problem.place.line) for problem in problems_of(text)] == [
        ("agent.trials", 11),
        ("judge.min_agreement", 26),
        ("slices.head.min.polcy", 48),
        ("regression.confirm", 57),
        ("override.approvers.users[0]", 64),
    ]


def test_nothing_to_grade_by_and_nothing_that_can_fail() -> None:
    """A rubric without axis or rule, or whose slices all only inform, is refused."""
    text = (
        "version: 1\ncases: c\nagent: {outputs: o}\nrules: []\n"
        "slices: {a: {select: all, informational: true}}\n"
    )
    whats = [problem.what for problem in problems_of(text)]
    assert whats == [
        "a rubric without an axis or a rule grades nothing",
        "every slice is informational, so that nothing can fail",
    ]


def test_what_is_missing_is_listed() -> None:
    """An empty mapping lacks every required key, and says so key by key."""
    problems = problems_of("{}")
    missing = [problem.what for problem in problems if "is missing" in problem.what]
    assert missing == [f"`{key}` is missing" for key in ("version", "cases", "agent", "slices")]


def test_a_broken_axis_is_still_known() -> None:
    """A slice that names an axis with a mistake in it is not wrong too."""
    problems = problems_of(edited("pass: 0.8", "pass: high"))
    assert [problem.key for problem in problems] == ["axes.faithfulness.pass"]


def test_hostile_text_is_made_harmless_in_messages() -> None:
    """Neither a key nor a value puts a line or a control character into a message."""
    text = SMALL + '"a\\n::error::x": 1\n'
    [problem] = problems_of(text)
    assert "\n" not in str(problem)
    assert problem.key == dotted(("a\n::error::x",)) == "a\\n::error::x"


@pytest.mark.parametrize(
    "text",
    [
        "\n".join(f"key{n}: 1" for n in range(20_000)),
        SMALL + "rules: []\n" * 30_000,
        SMALL.replace("{tone: 0.8}", "{" + ", ".join(f"t{n}: 1" for n in range(20_000)) + "}"),
        SMALL + "rules: [" + "{}, " * 20_000 + "]",
        SMALL + "override: {label: x, approvers: {users: [" + "1, " * 30_000 + "]}}",
    ],
    ids=["keys", "twice", "axes", "rules", "users"],
)
def test_a_flood_of_mistakes_is_cut(text: str) -> None:
    """The first hundred mistakes are told, the rest is counted, and no search is spent on it."""
    start = time.process_time()
    problems = problems_of(text)
    assert time.process_time() - start < 2
    assert MOST_SHOWN <= len(problems) <= MOST_SHOWN + 1


def test_mistakes_of_the_yaml_hide_no_others() -> None:
    """An anchor, a `.nan` and a key given twice come with the misspelt keys, each once, by line."""
    text = FULL
    for old, new in (
        ("trials: 3", "trials: &n 3"),
        ("min_agreement: 0.8", "min_agreement: .nan"),
        ("gate: hard", "gate: hart"),
        ("regression:\n", "regresion:\n"),
        ("  label: rubric-override\n", "  label: rubric-override\n  label: other\n"),
    ):
        text = edited(old, new, text)
    assert [problem.key for problem in problems_of(text)] == [
        "agent.trials",
        "judge.min_agreement",
        "slices.head.gate",
        "regresion",
        "override.label",
    ]
