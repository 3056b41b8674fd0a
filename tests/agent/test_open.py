import os

import pytest

from rubric_action.agent.open import open_agent
from rubric_action.errors import AgentUnavailable, InputError, Place
from rubric_action.rubric.model import Agent, AgentSource, Command, Http
from tests.agent.scripts import World


@pytest.mark.parametrize(
    ("source", "what"),
    [
        (Command("python 'agent.py"), "`agent.command`: the command cannot be split into words"),
        (Command("  "), "`agent.command`: the command is empty"),
        (Http("http://0.0.0.0:1/chat"), "`agent.http.url`: nobody is asked at the address 0.0.0.0"),
        (Http("http://x", output=".."), "`agent.http.output`: `..` is no path"),
    ],
)
def test_an_agent_that_cannot_be_made_is_an_input_error(
    world: World, source: AgentSource, what: str
) -> None:
    """The error stands at the rubric's line and says what to write instead."""
    place = Place("eval/rubric.yaml", 4)
    with pytest.raises(InputError) as caught:
        open_agent(Agent(source), world.cases, world.root, {}, place=place)
    assert str(caught.value).startswith(f"eval/rubric.yaml:4: {what}")


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can run the agent as another user")
def test_an_unknown_user_stops_the_run(world: World) -> None:
    """Where the agent's user is missing, the agent does not run as root instead."""
    with pytest.raises(AgentUnavailable, match="no such user"):
        open_agent(world.agent(""), world.cases, world.root, {}, user="no-such-user")
