import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from rubric_action.report import escape
from tests.report.hostile import HOSTILE
from tests.report.rendered import UNSEEN, Shown, readable, render

INLINE = {"code": escape.code, "plain": escape.plain, "prose": escape.prose}
WHERE = {
    "heading": "## {}\n\nafter",
    "item": "- **kind** {} and more\n- next",
    "item of its own": "- {}\n- next",
    "warning": "**first**\\\nsecond\n\n🟡 {}\n\nafter",
    "cell": "| a | b |\n|:--|:--|\n| x | {} |\n\nafter",
    "folded": "<details><summary><b>1 case</b></summary>\n\n#### {}\n\n</details>\n\nafter",
    "line": "**Bar** {} · **Override** none\\\nafter",
}
LIMIT = 100_000


def shown_as(text: str) -> str:
    """What a reader should see of a text: invisible characters by number, white space folded."""
    return readable(escape.visible(text.replace("\u200b", "")))


def harmless(shape: list[object]) -> list[object]:
    """The shape without the code that `prose` makes of backticks, and the spans of dollars."""
    ours = {(f"{end}{tag}", ()) for tag in ("code", "span") for end in ("", "/")}
    return [part for part in shape if part not in ours]


def check(shown: Shown, usual: Shown, text: str) -> None:
    """The page is built as for a harmless text, nothing is live, and the text can be read."""
    assert harmless([*shown.shape]) == harmless([*usual.shape])
    assert shown.found() == {}
    assert not UNSEEN.search(shown.text)
    assert shown_as(text) in readable(shown.text).replace("⟨U+200B⟩", "")


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE.keys())
@pytest.mark.parametrize("name", ["code", "plain"])
def test_inline(text: str, name: str) -> None:
    """A hostile text stays a text, wherever the comment prints it inline."""
    for template in WHERE.values():
        shown = render(template.format(INLINE[name](text, LIMIT)))
        check(shown, render(template.format(INLINE[name]("harmless", LIMIT))), text)


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE.keys())
def test_in_a_sentence(text: str) -> None:
    """A sentence that quotes a hostile text, as a name or bare, is one sentence."""
    for template in WHERE.values():
        for sentence in (f"`{text}` fails: {text}", f"{text}: `{text}`", f"it said `{text}"):
            shown = render(template.format(escape.prose(sentence, LIMIT)))
            usual = render(template.format(escape.prose("harmless", LIMIT)))
            assert harmless([*shown.shape]) == harmless([*usual.shape])
            assert shown.found() == {}
            assert not UNSEEN.search(shown.text)


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE.keys())
def test_block(text: str) -> None:
    """An answer in a block shows its lines, and nothing after the block is touched."""
    template = "<details><summary>x</summary>\n\nAsked\n\n{}\n\nAnswers\n\n</details>\n\n**after**"
    shown = render(template.format(escape.block(text, LIMIT)))
    usual = render(template.format(escape.block("harmless", LIMIT)))
    assert shown.shape == usual.shape
    assert shown.found() == {}
    assert not UNSEEN.search(shown.text)
    words = "".join(shown_as(text).split())
    assert words in "".join(shown.text.split()).replace("⟨U+200B⟩", "")


@settings(max_examples=150, deadline=None)
@given(st.text(alphabet=st.sampled_from("ab@#`*_~<>[]()!|\\&:/.-=+\n\r\t {}$1f\u202e\u200b")))
@example("--")
@example("==")
@example("- -=")
def test_any_text_is_inert(text: str) -> None:
    """No combination of marks gets out of any of the functions."""
    for template in WHERE.values():
        for function in INLINE.values():
            shown = render(template.format(function(text, LIMIT)))
            usual = render(template.format(function("harmless", LIMIT)))
            assert harmless([*shown.shape]) == harmless([*usual.shape])
            assert shown.found() == {}
    block = render(f"{escape.block(text, LIMIT)}\n\nafter")
    assert block.shape == render("<pre>x</pre>\n\nafter").shape


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("plain words", "plain words"),
        ("line\nline", "line line"),
        ("\x1b[31m", "⟨U+001B⟩[31m"),
        ("\u202e", "⟨U+202E⟩"),
        ("\u3164", "⟨U+3164⟩"),
        ("⚠\ufe0f über 日本 👍🏽", "⚠\ufe0f über 日本 👍🏽"),
        ("\ud800", "⟨U+D800⟩"),
    ],
)
def test_visible(text: str, expected: str) -> None:
    """What can't be seen is shown by its number; every script and emoji stays as it is."""
    assert escape.visible(text) == expected


def test_lines_are_kept_on_demand() -> None:
    """Only line feeds part lines; a bare carriage return is a blank."""
    assert escape.visible("a\nb\rc\td", keep_lines=True) == "a\nb c d"


@pytest.mark.parametrize("function", [*INLINE.values(), escape.block])
def test_long_texts_are_cut(function: object) -> None:
    """A text over the limit says how much is left out, and the limit bounds what is printed."""
    assert callable(function)
    printed = function("x" * 5000, 100)
    assert "4900 characters more" in printed
    assert len(printed) < 400


def test_clip() -> None:
    """At the limit a text is whole."""
    assert escape.clip("abc", 3) == "abc"
    assert escape.clip("abcd", 3) == "abc… (1 characters more)"


def test_empty_texts_are_said() -> None:
    """An empty answer is not an empty line."""
    assert escape.code(" \n") == "<code>(empty)</code>"
    assert escape.block("\n\n") == "<pre>(empty)</pre>"


def test_names_in_a_sentence() -> None:
    """Names in backticks become code, and blanks around them stay."""
    assert escape.prose("slice `head` fell on `tone`") == (
        "slice <code>head</code> fell on <code>tone</code>"
    )
