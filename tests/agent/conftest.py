import textwrap
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from rubric_action.rubric.model import Agent, PythonFunction
from tests.agent.scripts import World

Written = Callable[..., Agent]


@pytest.fixture
def world(tmp_path: Path) -> World:
    """Twelve cases of one turn, and room for an agent."""
    return World(tmp_path)


@pytest.fixture
def written(world: World) -> Written:
    """Writes a module `support/agent.py` and gives the rubric's `agent` for a function of it."""

    def write(body: str, name: str = "answer", **fields: Any) -> Agent:
        file = world.root / "support" / "agent.py"
        file.parent.mkdir(exist_ok=True)
        file.write_text(textwrap.dedent(body))
        function = PythonFunction(f"support.agent:{name}")
        return Agent(function, **{"timeout_s": 10.0, "concurrency": 1, **fields})

    return write
