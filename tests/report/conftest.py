from pathlib import Path

import pytest

from tests.pipeline.workspace import RULED, Workspace, case, session


@pytest.fixture
def finished(tmp_path: Path) -> Path:
    """The results folder of a finished run of three cases."""
    workspace = Workspace(tmp_path / "repo")
    workspace.rubric(RULED)
    workspace.cases(*(case(n) for n in range(3)))
    workspace.sessions(*(session(n, latency_s=1.5) for n in range(3)))
    workspace.gate("rubric-results")
    return tmp_path / "repo/rubric-results"
