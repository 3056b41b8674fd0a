import json
from collections.abc import Callable
from dataclasses import replace

import pytest

from rubric_action.grading.framing import Framing, framings
from rubric_action.grading.prompt import Prompt, build_prompt
from rubric_action.grading.reply import reply_schema
from rubric_action.rubric.model import Axis, Judge, JudgeModel
from tests.grading.samples import POLICY, TONE, a_case, a_session

BY_TURN = Axis("style", "Short?", per="turn")
MODELS = [JudgeModel("openai", "gpt-4o"), JudgeModel("anthropic", "claude-haiku-4-5")]
PROMPT = build_prompt("Be strict.", [TONE, POLICY], a_case("Größe? \ud800 \x00"), a_session('"\\'))


def framing(model: JudgeModel, **more: int) -> Framing:
    """The requests to a model at some address."""
    return Framing(model, "https://judge.example/v1", 0.0, **more)


@pytest.mark.parametrize("model", MODELS)
@pytest.mark.parametrize("repair", [None, "the reply is not an object"])
def test_the_request_is_the_providers(model: JudgeModel, repair: str | None) -> None:
    """What is put together from parts is what the provider would have written as one."""
    prompt = replace(PROMPT, repair=repair)
    made = framing(model)
    whole = made.provider.body(model.model, 0.0, prompt)
    assert made.body(prompt) == json.dumps(whole, separators=(",", ":")).encode()


@pytest.mark.parametrize("model", MODELS)
def test_the_same_prompt_gives_the_same_bytes(model: JudgeModel) -> None:
    """In whatever order prompts come, and in another run."""
    prompts = [
        PROMPT,
        replace(PROMPT, user="another"),
        replace(PROMPT, name="another"),
        replace(PROMPT, schema=reply_schema([TONE], 1)),
        replace(PROMPT, system="another"),
    ]
    one, other = framing(model), framing(model)
    forward = [one.body(prompt) for prompt in prompts]
    backward = [other.body(prompt) for prompt in reversed(prompts)]
    assert forward == backward[::-1]
    assert len(set(forward)) == len(prompts)


def test_turns_change_the_schema() -> None:
    """Cases with another number of turns share the system message and not the schema."""
    made = framing(MODELS[0])
    bodies = [
        json.loads(made.body(build_prompt("", [BY_TURN], a_case(*turns), a_session(*turns))))
        for turns in (["a"], ["a", "b"], ["c"])
    ]
    schemas = [body["response_format"] for body in bodies]
    assert schemas[0] == schemas[2] != schemas[1]
    assert len({body["messages"][0]["content"] for body in bodies}) == 1


CHANGES: dict[str, Callable[[], str]] = {
    "itself": lambda: framing(MODELS[0]).key(b"x"),
    "body": lambda: framing(MODELS[0]).key(b"y"),
    "provider": lambda: framing(JudgeModel("azure", "gpt-4o")).key(b"x"),
    "address": lambda: Framing(MODELS[0], "https://other.example/v1", 0.0).key(b"x"),
    "seat": lambda: framing(MODELS[0], seat=2).key(b"x"),
}


def test_what_a_reply_is_kept_by() -> None:
    """Provider, address, request and seat; prices, for one, are no part of it."""
    keys = [make() for make in CHANGES.values()]
    assert len(set(keys)) == len(keys)
    assert framing(MODELS[0]).key(b"x") == keys[0]


def test_seats() -> None:
    """Judges of a panel that are the same are told apart; `lexical` asks nothing."""
    same = JudgeModel("openai", "gpt-4o")
    models = (same, JudgeModel("lexical"), JudgeModel("openai", "o3"), same)
    base_urls = ["https://x/v1", None, "https://x/v1", "https://x/v1"]
    found = framings(Judge(models), base_urls)
    keys = [made.key(b"x") if made else None for made in found]
    assert keys[1] is None
    assert keys[0] == keys[2] != keys[3]
    prompt = Prompt("s", "u", {})
    assert all(made is None or b"temperature" in made.body(prompt) for made in found[:1])


def test_an_empty_schema_fits_itself() -> None:
    """Any prompt can be asked, whatever it is for."""
    made = framing(MODELS[0])
    prompt = Prompt("s", "u", {"type": "object"}, name="next_message")
    assert made.body(prompt) == made.body(prompt)
    assert b'"name":"next_message"' in made.body(prompt)
