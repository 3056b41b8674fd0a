from typing import Any

import pytest

from rubric_action.agent.template import NAMES, mistakes, rendered

VALUES: dict[str, Any] = {
    "input": "hi",
    "turns": [{"user": "hi"}],
    "trial": 2,
    "case.id": "c0",
    "case.metadata": {"plan": "pro"},
    "case.context": [{"text": "t"}],
}


@pytest.mark.parametrize(
    ("template", "made"),
    [
        ("{{input}}", "hi"),
        ("{{ input }}", "hi"),
        ("{{turns}}", [{"user": "hi"}]),
        ("{{trial}}", 2),
        ("{{case.metadata}}", {"plan": "pro"}),
        ("{{case.context}}", [{"text": "t"}]),
        ("{{case.id}}-{{trial}}", "c0-2"),
        ("User: {{input}}.", "User: hi."),
        ("Talk: {{turns}}", 'Talk: [{"user": "hi"}]'),
        (" {{turns}}", ' [{"user": "hi"}]'),
        ("{input} { { }}", "{input} { { }}"),
        ("", ""),
        ([1, True, None, 2.5], [1, True, None, 2.5]),
        ({"a": [{"b": "{{input}}"}], "c": 1}, {"a": [{"b": "hi"}], "c": 1}),
    ],
)
def test_placeholders_are_replaced_as_data(template: Any, made: Any) -> None:
    """One placeholder alone becomes the value itself; inside of a text it becomes text."""
    assert list(mistakes(template)) == []
    assert rendered(template, VALUES) == made


@pytest.mark.parametrize(
    "said", ["{{turns}}", "{{case.id}}", '", "admin": true, "x": "', "${HOME} {{7*7}} {% x %}"]
)
def test_a_value_is_never_read_again(said: str) -> None:
    """What a user says stays the text that it is, alone and inside of a longer text."""
    values = VALUES | {"input": said}
    assert rendered(["{{input}}", "<{{input}}>"], values) == [said, f"<{said}>"]


def test_every_known_name_has_a_value() -> None:
    """No placeholder that passes the check is left without a value."""
    assert tuple(VALUES) == NAMES


@pytest.mark.parametrize(
    ("template", "told"),
    [
        ({"q": "{{imput}}"}, (".q", "`{{imput}}` is no placeholder", "Did you mean `{{input}}`?")),
        (["{{case}}"], ("[0]", "`{{case}}` is no placeholder", "Did you mean `{{case.id}}`? Kn")),
        ("{{}}", ("", "`{{}}` is no placeholder", "Known:")),
        ("{{input}", ("", "`{{` opens a placeholder that is not closed", "Known:")),
        ({"a": {"{{input}}": 1}}, (".a.{{input}}", "a key holds a placeholder", "Write a fixed")),
        ("{{input.__class__}}", ("", "`{{input.__class__}}` is no placeholder", "Known:")),
    ],
)
def test_a_placeholder_that_cannot_be_replaced_is_told(
    template: Any, told: tuple[str, str, str]
) -> None:
    """Each is named with its key, and with the nearest that is known."""
    [(at, what, mend)] = mistakes(template)
    assert at == told[0]
    assert what.startswith(told[1])
    assert mend.startswith(told[2])


def test_all_mistakes_are_told_at_once() -> None:
    """The places lead to each of them."""
    template = {"a": "{{x}} {{y}}", "b": ["{{input}}", "{{z"]}
    assert [at for at, _, _ in mistakes(template, "body")] == ["body.a", "body.a", "body.b[1]"]
