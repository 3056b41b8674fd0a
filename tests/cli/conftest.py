from pathlib import Path

import pytest

from tests.pipeline.workspace import RULED, Workspace, case, session


@pytest.fixture
def ruled(tmp_path: Path) -> Workspace:
    """Five cases that rules settle, all of them passing."""
    made = Workspace(tmp_path)
    made.rubric(RULED)
    made.cases(*(case(n) for n in range(5)))
    made.sessions(*(session(n) for n in range(5)))
    return made
