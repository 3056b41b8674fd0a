import json

from rubric_action.agent.model import ToolCall
from rubric_action.cases.model import ContextItem
from rubric_action.cases.plain import plain


def test_fields_come_by_name_and_in_order() -> None:
    """A flat value becomes a record with all its fields, unset ones among them."""
    item = ContextItem("Refunds take 5 days.", source="policy-1")
    assert list(plain(item).items()) == [
        ("text", "Refunds take 5 days."),
        ("source", "policy-1"),
        ("updated_at", None),
    ]


def test_values_are_not_copied() -> None:
    """What a field holds is handed on as it is, ready for JSON."""
    arguments = {"order": {"id": 7}}
    record = plain(ToolCall("refund", arguments))
    assert record["arguments"] is arguments
    assert json.loads(json.dumps(record)) == {"name": "refund", "arguments": arguments}
