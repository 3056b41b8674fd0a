from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rubric_action.agent.model import AgentTurn, Missing, Session, ToolCall, Usage
from rubric_action.agent.sessions import SessionLine, one_turn, read_session, settle
from rubric_action.cases.model import Case, ContextItem, SimulatedUser, UserTurn
from rubric_action.errors import InputError, Place

PLACE = Place("outputs.jsonl", 3)
FULL = {
    "output": "No.",
    "latency_s": 1,
    "context": ["plain", {"text": "t", "source": "doc", "updated_at": "2026-01-01"}],
    "tool_calls": [{"name": "find", "arguments": {"id": 7}}, {"name": "stop"}],
    "usage": {"model": "gpt-5-mini", "input_tokens": 10, "output_tokens": 0},
    "cost_usd": 0.004,
    "user": "Well?",
}
TURN = AgentTurn(
    "No.",
    1.0,
    (ContextItem("plain"), ContextItem("t", "doc", "2026-01-01")),
    (ToolCall("find", {"id": 7}), ToolCall("stop")),
    Usage("gpt-5-mini", 10, 0),
    0.004,
    "Well?",
)


@pytest.mark.parametrize(
    ("written", "line"),
    [
        ({"output": ""}, SessionLine("a", 1, (AgentTurn(""),))),
        ({**FULL, "trial": 2}, SessionLine("a", 2, (TURN,))),
        ({"turns": [FULL, {"output": "x"}]}, SessionLine("a", 1, (TURN, AgentTurn("x")))),
        ({"turns": []}, SessionLine("a", 1, ())),
        ({"error": "down"}, SessionLine("a", 1, (), "down")),
        ({"output": "x", "error": "down"}, SessionLine("a", 1, (AgentTurn("x"),), "down")),
        ({"output": "x", "metadata": {"any": ["thing"]}}, SessionLine("a", 1, (AgentTurn("x"),))),
        (
            {"output": "x", "error": None, "latency_s": None, "cost_usd": None, "usage": None}
            | {"user": None},
            SessionLine("a", 1, (AgentTurn("x"),)),
        ),
    ],
)
def test_a_session_line_is_read(written: dict[str, Any], line: SessionLine) -> None:
    """One turn or several, with all that a turn may tell; null is unknown, never 0."""
    assert read_session({"case": "a", **written}, PLACE) == line


@pytest.mark.parametrize(
    ("written", "what"),
    [
        ({}, "the session holds no answer"),
        ({"error": None}, "the session holds no answer"),
        ({"output": None}, "`output`: expected a text, found nothing"),
        ({"output": ["x"]}, "`output`: expected a text, found a list"),
        ({"output": "x", "turns": []}, "`output`: stands beside `turns`"),
        ({"turns": [{"output": "x"}], "latency_s": 1}, "`latency_s`: stands beside `turns`"),
        ({"turns": [{}]}, "`turns[0]`: `output` is missing"),
        ({"turns": ["x"]}, "`turns[0]`: expected a turn, found the text `x`"),
        ({"output": "x", "latency": 1}, "`latency`: unknown key. Did you mean `latency_s`?"),
        ({"output": "x", "latency_s": -1}, "`latency_s`: expected a number"),
        ({"output": "x", "cost_usd": "0.1"}, "`cost_usd`: expected a number"),
        ({"output": "x", "cost_usd": True}, "`cost_usd`: expected a number"),
        ({"output": "x", "trial": 0}, "`trial`: expected a whole number"),
        ({"output": "x", "trial": 1.5}, "`trial`: expected a whole number"),
        ({"output": "x", "tool_calls": [{"arguments": {}}]}, "`tool_calls[0]`: `name` is missing"),
        (
            {"output": "x", "tool_calls": [{"name": "f", "arguments": "{}"}]},
            "`tool_calls[0].arguments`: expected an object",
        ),
        ({"output": "x", "usage": {"model": "m"}}, "`usage`: `input_tokens` is missing"),
        (
            {"output": "x", "usage": {"model": "m", "input_tokens": -1, "output_tokens": 0}},
            "`usage.input_tokens`: expected a whole number",
        ),
        ({"output": "x", "user": 1}, "`user`: expected a text"),
        ({"turns": [{"output": "x"}], "user": "y"}, "`user`: stands beside `turns`"),
        ({"output": "x", "context": [{"text": 1}]}, "`context[0].text`: expected a text"),
    ],
)
def test_a_bad_session_is_refused_with_its_place(written: dict[str, Any], what: str) -> None:
    """Each mistake names file, line and key."""
    with pytest.raises(InputError) as caught:
        read_session({"case": "a", **written}, PLACE)
    assert str(caught.value).startswith(f"outputs.jsonl:3: {what}")


def test_a_session_belongs_to_a_case() -> None:
    """Without `case` nobody knows what was answered."""
    with pytest.raises(InputError, match="`case` is missing"):
        read_session({"output": "x"}, PLACE)


TWO_TURNS = Case("a", (UserTurn("1"), UserTurn("2")))


@pytest.mark.parametrize(
    ("line", "cause"),
    [
        (
            SessionLine("a", 2, (AgentTurn("x"),)),
            "the session has 1 turn, the case 2 turns",
        ),
        (SessionLine("a", 2, (AgentTurn("x"),) * 3), "the session has 3 turns, the case 2 turns"),
        (SessionLine("a", 2, ()), "the session has 0 turns, the case 2 turns"),
        (
            SessionLine("a", 2, (AgentTurn("x"),) * 2, "down"),
            "the agent reported an error: down",
        ),
        (
            SessionLine("a", 2, (), "x" * 1000),
            "the agent reported an error: " + "x" * 500,
        ),
    ],
)
def test_a_line_that_does_not_answer_the_case_is_missing(line: SessionLine, cause: str) -> None:
    """Too few or too many turns, and the agent's own error, are Missing with the cause."""
    assert settle(line, TWO_TURNS) == Missing("a", 2, cause)


def test_a_line_with_all_turns_is_the_session() -> None:
    """As many answers as user turns make a session."""
    turns = (AgentTurn("x"), AgentTurn("y"))
    assert settle(SessionLine("a", 2, turns), TWO_TURNS) == Session("a", 2, turns)


def said(*texts: str | None) -> tuple[AgentTurn, ...]:
    """Turns of a session with these words of the user."""
    return tuple(AgentTurn("x", user=text) for text in texts)


def test_words_of_a_script_may_be_repeated() -> None:
    """A session that repeats what the case says is the same as one that does not."""
    line = SessionLine("a", 1, said("1", None))
    assert settle(line, TWO_TURNS) == Session("a", 1, said(None, None))


def test_words_of_a_script_cannot_be_changed() -> None:
    """An agent cannot make up an easier question for itself."""
    cause = "turn 2 of the session has a `user` who says what the case does not"
    assert settle(SessionLine("a", 1, said("1", "3")), TWO_TURNS) == Missing("a", 1, cause)


SIMULATED = Case("a", (), user=SimulatedUser("A traveller.", "Move it.", max_turns=3))
BEGUN = replace(SIMULATED, turns=(UserTurn("Hi"),))


@pytest.mark.parametrize(
    ("case", "words"),
    [
        (SIMULATED, ["a"]),
        (SIMULATED, ["a", "", "c"]),
        (BEGUN, ["Hi"]),
        (BEGUN, ["Hi", "b"]),
    ],
)
def test_a_conversation_has_any_number_of_turns(case: Case, words: list[str]) -> None:
    """From one to the most that the user takes, each with what it said."""
    assert settle(SessionLine("a", 1, said(*words)), case) == Session("a", 1, said(*words))


@pytest.mark.parametrize(
    ("case", "words", "cause"),
    [
        (SIMULATED, [], "the session has 0 turns, its user takes 1 to 3"),
        (SIMULATED, ["a"] * 4, "the session has 4 turns, its user takes 1 to 3"),
        (
            SIMULATED,
            ["a", None],
            "turn 2 of the session lacks `user`: what the simulated user said",
        ),
        (BEGUN, ["Ho", "b"], "the session begins with other words than the case's `input`"),
    ],
)
def test_what_is_no_conversation_is_missing(
    case: Case, words: list[str | None], cause: str
) -> None:
    """Sessions of a file have to say what the simulated user said, and begin as the case does."""
    assert settle(SessionLine("a", 1, said(*words)), case) == Missing("a", 1, cause)


@pytest.mark.parametrize(
    ("line", "cause"),
    [
        (SessionLine("a", 2, (), "down"), "the agent reported an error: down"),
        (SessionLine("a", 2, ()), "the agent answered with 0 turns where one was asked for"),
        (
            SessionLine("a", 2, (AgentTurn("x"),) * 2),
            "the agent answered with 2 turns where one was asked for",
        ),
    ],
)
def test_a_line_that_is_not_one_answer_is_missing(line: SessionLine, cause: str) -> None:
    """An agent that is asked for the next turn gives that one."""
    assert one_turn(line) == Missing("a", 2, cause)


def test_a_line_with_one_answer_is_the_turn() -> None:
    """It is taken as it is."""
    assert one_turn(SessionLine("a", 2, (TURN,))) == TURN


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)
KEYS = st.sampled_from(["case", "trial", "output", "turns", "error", "usage", "cost_usd"])


def line_or_error(value: dict[str, Any]) -> SessionLine | InputError:
    """Read a line, and give the error where it is refused."""
    try:
        return read_session(value, PLACE)
    except InputError as error:
        return error


@settings(max_examples=200, deadline=None)
@given(st.dictionaries(KEYS | st.text(), JSON, max_size=6))
def test_any_object_is_a_session_or_an_input_error(value: dict[str, Any]) -> None:
    """Whatever JSON an agent prints is read whole, or refused with its place."""
    read = line_or_error(value)
    if isinstance(read, InputError):
        assert {problem.place for problem in read.problems} == {PLACE}
    else:
        assert read.case == value["case"]
        assert read.trial == value.get("trial", 1)


def test_a_date_is_kept_with_its_day_first() -> None:
    """A week date that an agent wrote is one that the age of its context can be told from."""
    context = [{"text": "t", "updated_at": "2026W13T10:00:00"}]
    line = read_session({"case": "a", "output": "x", "context": context}, PLACE)
    assert line.turns[0].context[0].updated_at == "2026-03-23T10:00:00"
