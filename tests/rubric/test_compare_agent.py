from typing import Any

import pytest

from tests.rubric.bars import changes, put, sample


@pytest.mark.parametrize("asked", [{"command": "./a"}, {"http": {"url": "http://a"}}])
@pytest.mark.parametrize(
    ("unconfirmed", "back", "lowered"),
    [("warn", {"outputs": "a"}, True), ("fail", {"outputs": "a"}, False),
     ("warn", {"python": "a:b"}, False)],
)  # fmt: skip
def test_an_agent_that_can_no_longer_be_asked_again(
    asked: dict[str, Any], unconfirmed: str, back: dict[str, Any], lowered: bool
) -> None:
    """A file of outputs in its place lowers the bar where an unconfirmed break only warns."""
    value = put(sample(""), "regression.unconfirmed", unconfirmed)
    [change] = changes(put(value, "agent", asked), put(value, "agent", back))
    assert (change.key, change.lowered) == ("agent", lowered)
    assert change.sentence.endswith("lets a break only warn") is lowered


def test_a_break_made_to_warn_with_a_file_of_outputs_is_two_changes() -> None:
    """What counts is how the head weighs it: both changes lower the bar."""
    base = put(put(sample(""), "regression.unconfirmed", "fail"), "agent", {"command": "./a"})
    head = put(put(base, "regression.unconfirmed", "warn"), "agent", {"outputs": "a"})
    assert [(c.key, c.lowered) for c in changes(base, head)] == [
        ("agent", True),
        ("regression.unconfirmed", True),
    ]
