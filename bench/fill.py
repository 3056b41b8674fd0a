"""Writes `grades.jsonl` for a workspace, as a run of the gate would have: no judge is asked.

Each request is built and named by the gate's own functions, so a run that finds every reply shows
that the keys are right.
"""

import argparse
import asyncio
from pathlib import Path

from rubric_action.agent.model import Session
from rubric_action.agent.open import open_agent
from rubric_action.cases.load import load_cases
from rubric_action.grading.answers import TokenUsage
from rubric_action.grading.cache import Reply, ReplyJournal
from rubric_action.grading.framing import Framing
from rubric_action.grading.model import Scored
from rubric_action.grading.preflight import judge_endpoint
from rubric_action.grading.prompt import build_prompt
from rubric_action.rubric.load import load_rubric

REASON = "The answer keeps to what it was given, and leaves one part of the question open."


async def fill(folder: Path, path: Path) -> None:
    """Keep a reply for every case."""
    rubric = load_rubric((folder / "rubric.yaml").read_text(), "rubric.yaml")
    judge, cases = rubric.judge, load_cases(rubric, folder)
    assert judge  # noqa: S101 (`workload.py` names one)
    address = judge_endpoint(rubric, judge, None).base_url
    framing = Framing(judge.models[0], address, judge.temperature)
    axes = list(rubric.axes.values())
    grades = {axis.name: Scored(0.8, REASON) for axis in axes}
    reply = Reply(grades, judge.models[0].model, TokenUsage(900, 200))
    with ReplyJournal(path) as journal:
        async with open_agent(rubric.agent, cases, folder, {}) as agent:
            for case in cases:
                session = await agent.answer(case, 1)
                assert isinstance(session, Session)  # noqa: S101 (`workload.py` wrote one)
                body = framing.body(build_prompt(judge.prompt, axes, case, session))
                journal.put(framing.key(body), reply)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("grades", type=Path)
    given = parser.parse_args()
    asyncio.run(fill(given.folder, given.grades))
