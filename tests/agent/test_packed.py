import pytest

from rubric_action.agent.model import AgentTurn, ToolCall, Usage
from rubric_action.agent.packed import packed, unpacked
from rubric_action.agent.sessions import SessionLine
from rubric_action.cases.model import ContextItem

FULL = AgentTurn(
    "Within 30 days \u2764",
    1.5,
    (ContextItem("Refunds."), ContextItem("Unopened.", "doc-1", "2026-01-01")),
    (ToolCall("refund", {"order": {"id": 7, "lines": [1, None]}}), ToolCall("close")),
    Usage("gpt-4o", 100, 20),
    0.001,
    "Refund me",
)


@pytest.mark.parametrize(
    "line",
    [
        SessionLine("refund-1", 3, (FULL, AgentTurn(""))),
        SessionLine("refund-1", 1, (), "out of memory"),
    ],
)
def test_a_line_comes_back_as_it_was(line: SessionLine) -> None:
    """All that an agent wrote into a line survives; what it left out is still unknown."""
    assert unpacked(packed(line)) == line
