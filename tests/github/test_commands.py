import io
from collections.abc import Callable

import pytest

from rubric_action.errors import Place
from rubric_action.github.commands import (
    LONGEST_MESSAGE,
    MOST_ANNOTATIONS,
    Annotation,
    Level,
    Log,
    annotation,
    command,
    neutral,
)
from rubric_action.report.redact import redactor
from tests.github.runner import obeyed
from tests.report.hostile import HOSTILE

COMMANDS = [
    "::error::owned",
    "  ::error::owned",
    "\t\v\f::set-output name=x::y",
    "fine\r::stop-commands::token",
    "fine\n::add-mask::e",
    "fine\r\n::debug::x",
    "fine\x85::error::x",
    "fine\u2028::error::x",
    "\u2029::error::x",
    "\x1c::error::x",
    "\ufeff::error::x",
    "\u200b::error::x",
    "\u00a0::error::x",
    "\u3000::error::x",
    ":::error::x",
    "::::",
    "in the middle ##[error]owned",
    "###[group]owned",
    "##[##[command]x",
    "\x1b[31m::error::red",
    "::error file=a,line=1::x",
    "##vso[task.setvariable variable=x]y",
]
TEXTS = [*COMMANDS, *HOSTILE.values()]


@pytest.mark.parametrize("text", TEXTS)
def test_no_foreign_text_is_a_command(text: str) -> None:
    """Whatever an agent, a case or a judge wrote, the runner finds nothing to obey."""
    out = io.StringIO()
    Log(out).line(text)
    assert obeyed(out.getvalue()) == []


@pytest.mark.parametrize("text", TEXTS)
@pytest.mark.parametrize("split", [1, 2, 3])
def test_no_stream_of_pieces_is_a_command(text: str, split: int) -> None:
    """A command is not put together from pieces either."""
    out = io.StringIO()
    log = Log(out)
    for start in range(0, len(text), split):
        log.write(text[start : start + split])
    log.flush()
    assert obeyed(out.getvalue()) == []


@pytest.mark.parametrize("text", TEXTS)
def test_a_command_made_of_foreign_text_is_one_command(text: str) -> None:
    """Foreign text in an annotation or a group's title stays inside of it."""
    out = io.StringIO()
    log = Log(out)
    with log.group(text):
        log.annotate([Annotation("error", text, text, Place(text, 1, 1))])
    assert obeyed(out.getvalue()) == ["group", "error", "endgroup"]


@pytest.mark.parametrize("text", ["ready: 5 of 5", "a:b", "C# and #1", "tests/x.py:3:1", "ü 🙂"])
def test_ordinary_text_is_left_alone(text: str) -> None:
    """What is no command is printed as it is."""
    assert neutral(text) == text


def test_invisible_characters_are_shown() -> None:
    """What a terminal would act upon, or hide, is written by its number."""
    assert neutral("a\x1b[31mb\u202ec\x00\U000e0041") == "a⟨U+001B⟩[31mb⟨U+202E⟩c⟨U+0000⟩⟨U+E0041⟩"


def test_an_annotation_shows_what_is_invisible() -> None:
    """GitHub prints its message in the page, where a reader can't see what hides in it."""
    out = io.StringIO()
    Log(out).annotate([Annotation("error", "a\u202eb", "c\U000e0041d\ne")])
    assert out.getvalue() == "::error title=a⟨U+202E⟩b::c⟨U+E0041⟩d%0Ae\n"


def test_a_file_whose_name_is_no_text() -> None:
    """Bytes that are no UTF-8 don't break the log."""
    out = io.BytesIO()
    stream = io.TextIOWrapper(out, encoding="utf-8")
    Log(stream).annotate([Annotation("error", "t", "m", Place("a\udcff.jsonl", 1))])
    assert out.getvalue() == b"::error file=a\\udcff.jsonl,line=1,title=t::m\n"


def test_values_are_escaped_as_the_runner_reads_them() -> None:
    """Data keeps its colons and commas; a property must not."""
    made = command("error", "50 %\r\nof a:b,c", file="a:b,c%.py", line=3, col=None)
    assert made == "::error file=a%3Ab%2Cc%25.py,line=3::50 %25%0D%0Aof a:b,c"


def test_a_place_without_a_line_is_no_file() -> None:
    """A word for where to look would be shown as a file that does not exist."""
    assert annotation("error", "what", Place("the step")) == "::error::what\n"
    assert annotation("error", "what", None) == "::error::what\n"
    assert annotation("error", "what", Place("a.yaml", 3)) == "::error file=a.yaml,line=3::what\n"


def test_a_secret_of_several_lines_is_masked_line_by_line() -> None:
    """The runner hides lines, so each is given for itself."""
    out = io.StringIO()
    Log(out).mask("first\r\n\nsecond%")
    assert out.getvalue() == "::add-mask::first\n::add-mask::second%25\n"


@pytest.mark.parametrize(
    "write",
    [
        lambda log: log.line("the key is sk-secret"),
        lambda log: log.write("the key is sk-secret\n"),
        lambda log: log.annotate([Annotation("error", "sk-secret", "sk-secret")]),
    ],
)
def test_secrets_are_taken_out(write: Callable[[Log], object]) -> None:
    """Lines and annotations pass the redactor."""
    out = io.StringIO()
    write(Log(out, redactor(["sk-secret"])))
    assert "sk-secret" not in out.getvalue()
    assert "[redacted]" in out.getvalue()


def _fail_inside(log: Log) -> None:
    with log.group("Grading"):
        log.write("half a line")
        raise ValueError("inside")


def test_a_group_ends_when_what_is_inside_fails() -> None:
    """An error does not leave the rest of the log folded away."""
    out = io.StringIO()
    log = Log(out)
    with pytest.raises(ValueError, match="inside"):
        _fail_inside(log)
    assert out.getvalue() == "::group::Grading\nhalf a line\n::endgroup::\n"


@pytest.mark.parametrize(
    ("count", "shown", "last"),
    [
        (0, 0, None),
        (1, 1, "Finding 0"),
        (10, 10, "Finding 9"),
        (11, 10, "2 more"),
        (500, 10, "491"),
    ],
)
def test_annotations_stay_within_githubs_limit(count: int, shown: int, last: str | None) -> None:
    """Ten of a level are shown by GitHub; the last of them says how many are left."""
    out = io.StringIO()
    Log(out).annotate([Annotation("error", "t", f"Finding {n}") for n in range(count)])
    lines = out.getvalue().splitlines()
    assert len(lines) == shown <= MOST_ANNOTATIONS
    assert last is None or last in lines[-1]


def test_each_level_has_its_own_limit() -> None:
    """Many warnings do not crowd out an error, and errors stand first."""
    many: list[Level] = ["warning"] * 30
    levels: list[Level] = [*many, "error"]
    out = io.StringIO()
    Log(out).annotate([Annotation(level, "t", "m") for level in levels])
    kinds = [line.split(" ")[0] for line in out.getvalue().splitlines()]
    assert kinds == ["::error", *["::warning"] * MOST_ANNOTATIONS]


def test_a_long_message_is_cut() -> None:
    """One annotation does not fill the log."""
    out = io.StringIO()
    Log(out).annotate([Annotation("error", "t", "x" * 100_000)])
    assert len(out.getvalue()) < LONGEST_MESSAGE + 100
