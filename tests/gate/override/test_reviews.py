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
        ("override", ""),
        ("", ""),
    ],
)
def test_the_reason_stands_on_a_line_of_its_own(body: str, reason: str) -> None:
    """Behind its key in any case; what is quoted, or has nothing behind it, is none."""
    assert reason_of(body) == reason
