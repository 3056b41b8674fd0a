import pytest

from rubric_action.gate.override.reviews import reason_of


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        ("override: known", "known"),
        ("OVERRIDE:known", "known"),
        ("  Override :  known  ", "known"),
        ("Looks good.\r\noverride: known\r\nThanks!", "known"),
        ("Looks good.\roverride: known\rThanks!", "known"),
        ("override: first\noverride: second", "first"),
        ("override:\noverride: second", "second"),
        ("override: a: b", "a: b"),
        ("override: `code` <b>& @you</b> 🚢", "`code` <b>& @you</b> 🚢"),
        ("override:", ""),
        ("override:   \t ", ""),
        ("override:\nknown", ""),
        ("> override: quoted", ""),
        (">override: quoted", ""),
        ("> override: quoted\noverride: my own", "my own"),
        ("no override: known", ""),
        ("overrides: known", ""),
        ("override known", ""),
        ("<!-- override: hidden -->", ""),
        ("<!--\noverride: hidden\n-->", ""),
        ("Fine.\n<!-- a\nb\noverride: hidden", ""),
        ("<!-- a --> <!-- b\noverride: hidden\n--> override: shown", "shown"),
        ("override: <!-- hidden -->", ""),
        ("override: shown <!-- hidden\n-->", "shown"),
        ("<!-- ```\n-->\noverride: shown", "shown"),
        ("```\noverride: code\n```", ""),
        ("```yaml\noverride: code\n```\noverride: said", "said"),
        ("~~~\n```\noverride: code\n~~~\noverride: said", "said"),
        ("````\n```\noverride: code\n````  \noverride: said", "said"),
        ("```\n``` no end\noverride: code", ""),
        ("  ```\noverride: code", ""),
        ("```\n<!--\n```\noverride: said", "said"),
        ("```override: code```\noverride: said", "said"),
        ("override: <why>", ""),
        ("override: `<WHY>`.", ""),
        ("override: <why>\noverride: my own", "my own"),
        ("override: <why> it is known", "<why> it is known"),
        ("override", ""),
        ("", ""),
    ],
)
def test_the_reason_stands_on_a_line_of_its_own(body: str, reason: str) -> None:
    """Behind its key in any case; what is quoted, code, hidden or left standing is none."""
    assert reason_of(body) == reason
