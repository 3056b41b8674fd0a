from pathlib import Path

import pytest

from tests.fakes.judge import JudgeServer
from tests.pipeline.talking import Talk, desk, simulated
from tests.pipeline.workspace import JUDGED, RULED, Workspace, case, session


@pytest.fixture
def ruled(tmp_path: Path) -> Workspace:
    """Five cases that rules settle, all of them passing."""
    made = Workspace(tmp_path)
    made.rubric(RULED)
    made.cases(*(case(n) for n in range(5)))
    made.sessions(*(session(n) for n in range(5)))
    return made


@pytest.fixture
def judged(tmp_path: Path, judge_server: JudgeServer) -> Workspace:
    """Five cases of two axes that a judge grades, all of them passing."""
    made = Workspace(tmp_path, judge_server.base_url)
    made.rubric(JUDGED)
    made.cases(*(case(n) for n in range(5)))
    made.sessions(*(session(n) for n in range(5)))
    return made


@pytest.fixture
def talking(tmp_path: Path, judge_server: JudgeServer) -> Workspace:
    """Two simulated cases and a script, an agent that converses, and a judge that plays."""
    judge_server.score = Talk()
    made = Workspace(tmp_path, judge_server.base_url)
    slices = {**JUDGED["slices"], "deep": {"select": {"min_turns": 4}, "gate": "hard"}}
    made.rubric(JUDGED, agent=desk(made), slices=slices)
    made.cases(simulated(0), simulated(1, input="First words."), case(2))
    return made
