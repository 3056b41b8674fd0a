"""The half of the gate that needs no secret: run the agent, keep its sessions, grade nothing.

A fork's pull request runs it under GitHub's read-only token; the other half grades what it leaves.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from rubric_action.agent.conversation import ConversationAgent
from rubric_action.agent.model import AgentContext, Missing, Session
from rubric_action.agent.open import open_agent
from rubric_action.cases.case_set import CaseSet
from rubric_action.cases.load import load_cases
from rubric_action.cases.model import Case
from rubric_action.errors import CannotDecide, Place
from rubric_action.grading.model import Graded, TrialOutcome
from rubric_action.report.folder import ResultsFolder
from rubric_action.report.keep import Aside
from rubric_action.report.records import session_record
from rubric_action.report.redact import redactor, secrets_of
from rubric_action.report.stored import SESSIONS
from rubric_action.rubric.model import Rubric
from rubric_action.running import Progress, Runner


@dataclass(frozen=True, slots=True)
class SessionsRequest:
    """What such a run is given. The fields from `outputs` on are as those of `pipeline.Request`."""

    root: Path
    rubric: Rubric
    results: Path
    environ: Mapping[str, str]
    progress: Progress
    outputs: str | None = None
    concurrency: int | None = None
    agent_user: str | None = None
    runner: str | None = None


@dataclass(frozen=True, slots=True)
class Ran:
    """How many sessions there are now, and how many are missing."""

    sessions: int
    missing: int


async def run_sessions(request: SessionsRequest) -> Ran:
    """Run every trial of every case and write `sessions.jsonl` into the results folder.

    A session that is missing is kept with its error, so that it is missing for whoever grades.
    Raises InputError before anything runs. An agent that cannot go on ends in its own error, after
    the file was written.
    """
    cases = load_cases(request.rubric, request.root)
    opening = _agent(request, cases)
    redact = redactor(secrets_of(request.environ))
    folder = ResultsFolder(request.results, redact, resume=False)
    keeper = _Keeper(len(cases))
    async with opening as alone:
        own = request.rubric.agent
        # Nobody plays a user here: that takes the judge's key.
        agent = ConversationAgent(
            alone, None, timeout_s=own.timeout_s, concurrency=_workers(request)
        )
        runner = Runner(agent, _NoGrader(), request.progress, keeper.keep)
        request.progress.start(len(cases))
        await runner.run(enumerate(cases), _workers(request))
    folder.write_lines(SESSIONS, keeper.records.lines())
    if runner.stopped:
        raise runner.stopped
    return Ran(runner.sessions, keeper.missing)


def _agent(request: SessionsRequest, cases: CaseSet) -> AgentContext:
    rubric = request.rubric
    return open_agent(
        replace(rubric.agent, concurrency=_workers(request)),
        cases,
        request.root,
        request.environ,
        outputs=request.outputs,
        user=request.agent_user,
        runner=request.runner,
        place=rubric.places.get("agent", Place("the rubric")),
    )


def _workers(request: SessionsRequest) -> int:
    return request.concurrency or request.rubric.agent.concurrency


class _NoGrader:
    """Takes every session as it is."""

    async def grade(self, _case: Case, session: Session, _sample: str = "") -> Graded:
        """No rule is run, and nobody is asked."""
        return Graded(session, (), {})

    def stop(self, _error: CannotDecide) -> None:
        """There is nothing to stop."""


class _Keeper:
    """Keeps each case's sessions, and the errors of those that are missing."""

    def __init__(self, total: int) -> None:
        self.records = Aside(total)
        self.missing = 0

    def keep(self, position: int, _case: Case, outcomes: Sequence[TrialOutcome]) -> None:
        """The runner's `Keep`."""
        self.missing += sum(isinstance(one, Missing) for one in outcomes)
        self.records.put(position, map(_record, outcomes))


def _record(outcome: TrialOutcome) -> Mapping[str, object]:
    """A line of `sessions.jsonl`, as `agent.outputs` reads it."""
    if isinstance(outcome, Missing):
        return {"case": outcome.case, "trial": outcome.trial, "error": outcome.cause}
    return session_record(outcome.session)
