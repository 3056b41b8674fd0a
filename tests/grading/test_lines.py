import json
from dataclasses import replace
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from rubric_action.agent.model import AgentTurn, Exchange
from rubric_action.cases.model import SimulatedUser
from rubric_action.grading.lines import (
    MOST_HEARD_CHARS,
    MOST_SAID_CHARS,
    line_prompt,
    parse_line,
)
from rubric_action.grading.model import Line
from rubric_action.grading.reply import BadReply

USER = SimulatedUser("A hurried traveller.", "Move the flight.", "It is moved.", seed=7)
SO_FAR = [
    Exchange("Hello", AgentTurn("Hi, how can I help?")),
    Exchange("My flight.", AgentTurn("?")),
]


def parts(text: str) -> list[tuple[str, str]]:
    """The headings of a request with the text under each."""
    marker = text.split("\n")[1].split(" who ", maxsplit=1)[0]
    blocks = text.split(f"\n{marker} ")[1:]
    return [(heading, rest) for heading, _, rest in (block.partition("\n") for block in blocks)]


def test_the_request_tells_the_role_and_what_was_said() -> None:
    """Who the user is comes first, then the conversation as a user sees it."""
    prompt = line_prompt(USER, 2, SO_FAR)
    assert parts(prompt.user) == [
        ("who you are", "A hurried traveller."),
        ("what you want", "Move the flight."),
        ("when you are done", "It is moved."),
        ("seed", "7, trial 2"),
        ("turn 1 you said", "Hello"),
        ("turn 1 the agent said", "Hi, how can I help?"),
        ("turn 2 you said", "My flight."),
        ("turn 2 the agent said", "?"),
        ("end", "That was all. Reply with your next message."),
    ]


def test_a_user_sees_words_only() -> None:
    """Tool calls and retrieved texts are the agent's own."""
    turn = AgentTurn("Hi, how can I help?", latency_s=3, cost_usd=1)
    bare = line_prompt(USER, 1, SO_FAR)
    assert line_prompt(USER, 1, [replace(SO_FAR[0], answer=turn), SO_FAR[1]]) == bare


def test_what_is_not_answered_yet_is_shown_without_an_answer() -> None:
    """Whoever asks in the middle of a turn sees no empty answer."""
    text = line_prompt(USER, 1, [Exchange("Hello")]).user
    assert [heading for heading, _ in parts(text)][-2:] == ["turn 1 you said", "end"]


def test_the_instructions_know_no_case() -> None:
    """One long prefix is shared by all conversations, for the provider's cache."""
    other = SimulatedUser("A manager.", "Cancel.", "Now.", 2, 1)
    assert line_prompt(USER, 1, SO_FAR).system == line_prompt(other, 3, []).system


@pytest.mark.parametrize(
    ("user", "trial", "same"),
    [
        (USER, 1, True),
        (USER, 2, False),
        (replace(USER, seed=8), 1, False),
        (replace(USER, persona="A manager."), 1, False),
        (replace(USER, goal="Cancel."), 1, False),
        (replace(USER, stop="Now."), 1, False),
        (replace(USER, max_turns=9), 1, True),
    ],
)
def test_what_makes_another_conversation(user: SimulatedUser, trial: int, same: bool) -> None:
    """Seed and trial are a part of what is asked; a longer conversation begins as a shorter one."""
    assert (line_prompt(user, trial, SO_FAR) == line_prompt(USER, 1, SO_FAR)) is same


def test_an_answer_without_an_end_is_cut() -> None:
    """An agent cannot make the conversation dearer than a person would read."""
    long = "x" * (MOST_HEARD_CHARS + 5)
    text = line_prompt(USER, 1, [Exchange("Hello", AgentTurn(long))]).user
    assert ("turn 1 the agent said", "x" * MOST_HEARD_CHARS + "\n[5 more characters]") in parts(
        text
    )


def test_the_schema_is_strict() -> None:
    """Both keys, and no other."""
    schema = line_prompt(USER, 1, []).schema
    Draft202012Validator.check_schema(schema)
    assert schema["required"] == ["message", "done"]
    assert schema["additionalProperties"] is False


@pytest.mark.parametrize(
    ("reply", "line"),
    [
        ({"message": " Move it. \n", "done": False}, Line("Move it.")),
        ({"message": "", "done": True}, Line("", done=True)),
        ({"message": "Bye!", "done": True}, Line("", done=True)),
        ({"message": "<|im_end|> \u200b", "done": False}, Line("<|im_end|> \u200b")),
        ({"message": "x" * MOST_SAID_CHARS, "done": False}, Line("x" * MOST_SAID_CHARS)),
        ({"message": "my SECRET", "done": False}, Line("my ***")),
    ],
)
def test_a_line_is_read(reply: dict[str, Any], line: Line) -> None:
    """Words are taken as they are, secrets aside; beside `done` there are none."""
    text = json.dumps(reply)
    assert parse_line(text, begun=True, clean=lambda one: one.replace("SECRET", "***")) == line


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("", "the reply is not one JSON object"),
        ("Move my flight, please.", "the reply is not one JSON object"),
        ('{"message": "a", "done": false} {}', "the reply is not one JSON object"),
        ("[]", "the reply is not an object"),
        ('{"done": false}', "`message` is missing in the reply"),
        ('{"message": "a"}', "`done` is missing in the reply"),
        ('{"message": "a", "done": false, "score": 1}', "has a key that was not asked for"),
        ('{"message": "a", "done": 0}', "`done` is not true or false"),
        ('{"message": "a", "done": "false"}', "`done` is not true or false"),
        ('{"message": null, "done": false}', "`message` is not a text"),
        ('{"message": null, "done": true}', "`message` is not a text"),
        ('{"message": "\\ud83d", "done": false}', "`message` is not a text"),
        ('{"message": " \\n", "done": false}', "`message` is blank and `done` is false"),
        (
            json.dumps({"message": "x" * (MOST_SAID_CHARS + 1), "done": False}),
            "`message` is longer than 4000 characters",
        ),
    ],
)
def test_what_is_no_line_is_refused(text: str, problem: str) -> None:
    """Each way to be useless is told apart, in words that hold nothing of the reply."""
    found = parse_line(text, begun=True)
    assert isinstance(found, BadReply)
    assert problem in found.problem


def test_nobody_is_done_before_anything_was_said() -> None:
    """A conversation without a turn would be no session."""
    found = parse_line('{"message": "", "done": true}', begun=False)
    assert found == BadReply("`done` is true before anything was said")
