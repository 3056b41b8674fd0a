from pathlib import Path

import pytest

from tests.agent.scripts import World


@pytest.fixture
def world(tmp_path: Path) -> World:
    """Twelve cases of one turn, and room for an agent."""
    return World(tmp_path)
