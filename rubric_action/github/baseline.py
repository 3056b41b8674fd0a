"""Which stored results a run is compared with. Anybody can upload an artifact of the right name.

A candidate has to come from a completed run of this workflow, on this repository's own default
branch, by an event that no pull request can cause, and what it holds has to be of that very run.
Who is turned down stays visible, with why.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from rubric_action.errors import BaselineUnreadable
from rubric_action.gate.model import NoBaseline
from rubric_action.github.api import Api
from rubric_action.github.artifacts import download
from rubric_action.github.event import BRANCH_EVENTS
from rubric_action.github.faults import NotFound, Refused
from rubric_action.github.records import Artifact, WorkflowRun
from rubric_action.report.baseline import NO_BASELINE_YET
from rubric_action.report.stored import Stored, open_zip

MOST_OPENED: Final = 10
"""Baselines that ended in `error` are passed over, but by a pull request not without end."""


@dataclass(frozen=True, slots=True)
class Workflow:
    """The workflow that asks: its id, or where that cannot be had the path of its file."""

    id: int | None
    path: str | None

    def ran(self, run: WorkflowRun) -> bool:
        """Whether a run is one of this workflow's."""
        if self.id is not None:
            return run.workflow_id == self.id
        return self.path is not None and run.path == self.path


@dataclass(frozen=True, slots=True)
class Origin:
    """What a trusted candidate comes from; `run_id` is this very run, which is no candidate."""

    repository_id: int
    default_branch: str
    run_id: int


@dataclass(frozen=True, slots=True)
class Rejected:
    """A candidate that was turned down, and why."""

    artifact: Artifact
    reason: str


@dataclass(frozen=True, slots=True)
class Choice:
    """The baseline, or why there is none, with everything that was turned down on the way."""

    baseline: Stored | NoBaseline
    rejected: tuple[Rejected, ...] = ()


def distrust_artifact(artifact: Artifact, origin: Origin) -> str | None:
    """Why an artifact is no candidate, from what its own listing says; None to look further."""
    main, home = origin.default_branch, origin.repository_id
    return _first(
        (artifact.expired, "it has expired"),
        (artifact.run_id is None, "its run is unknown"),
        (artifact.run_id == origin.run_id, "it belongs to this very run"),
        (artifact.repository_id != home, "it belongs to another repository"),
        (artifact.head_repository_id != home, "its run was started from a fork"),
        (artifact.head_branch != main, f"its run was not on {main}"),
    )


def distrust_run(run: WorkflowRun, origin: Origin, workflow: Workflow) -> str | None:
    """Why a run is not to be trusted with the baseline; None to trust it."""
    main, home = origin.default_branch, origin.repository_id
    return _first(
        (run.repository_id != home, "its run belongs to another repository"),
        (run.head_repository_id != home, "its run was started from a fork"),
        (run.head_branch != main, f"its run was not on {main}"),
        (run.event not in BRANCH_EVENTS, f"its run was started by {run.event}"),
        (not workflow.ran(run), "another workflow uploaded it"),
        (run.status != "completed", "its run is not complete"),
    )


def distrust_content(stored: Stored, artifact: Artifact) -> str | None:
    """Why what an artifact holds is not what its run decided; None to compare with it."""
    run = stored.summary.get("run")
    told = run if isinstance(run, dict) else {}
    return _first(
        (told.get("run_id") != artifact.run_id, "its results are of another run"),
        (told.get("sha") != artifact.head_sha, "its results are of another commit"),
        (stored.verdict == "error", "its own verdict is `error`"),
    )


def _first(*doubts: tuple[bool, str]) -> str | None:
    """The reason of the first doubt that holds."""
    return next((reason for holds, reason in doubts if holds), None)


def find_baseline(
    api: Api,
    name: str,
    origin: Origin,
    own_workflow: Callable[[], Workflow],
    most_opened: int | None = MOST_OPENED,
) -> Choice:
    """The newest trusted baseline of that artifact name whose own verdict is not `error`.

    Raises GitHubFailed when GitHub cannot be asked, BaselineUnreadable for one that is corrupt,
    and when `most_opened` were of no use and others are left. None goes through all of them.
    """
    rejected: list[Rejected] = []
    hopeful = _listed(api.artifacts(name), origin, rejected)
    workflow = own_workflow() if hopeful else Workflow(None, None)
    opened = 0
    for artifact in hopeful:
        if opened == most_opened:
            raise _too_many(opened, rejected[-1])
        reason = _distrust(api, artifact, origin, workflow)
        stored = None if reason else _open(api, artifact)
        if stored is not None:
            opened += 1
            reason = distrust_content(stored, artifact)
            if reason is None:
                return Choice(stored, tuple(rejected))
        rejected.append(Rejected(artifact, reason or "it has expired"))
    return Choice(NoBaseline(_why_none(name, rejected)), tuple(rejected))


def own_workflow(api: Api, run_id: int, path: str | None) -> Workflow:
    """The workflow of this run."""
    try:
        return Workflow(api.run(run_id).workflow_id, path)
    except NotFound:
        if path is None:
            raise
        return Workflow(None, path)


def _listed(
    artifacts: Iterable[Artifact], origin: Origin, rejected: list[Rejected]
) -> list[Artifact]:
    """The artifacts worth asking about, newest first; the others go to `rejected`."""
    hopeful = []
    for artifact in sorted(artifacts, key=lambda one: (one.created_at, one.id), reverse=True):
        reason = distrust_artifact(artifact, origin)
        if reason is None:
            hopeful.append(artifact)
        else:
            rejected.append(Rejected(artifact, reason))
    return hopeful


def _distrust(api: Api, artifact: Artifact, origin: Origin, workflow: Workflow) -> str | None:
    """Why an artifact is not opened; None to open it."""
    reason = distrust_run(api.run(artifact.run_id or 0), origin, workflow)
    if reason is not None:
        return reason
    # A tag that is called like the branch looks like it so far.
    main = origin.default_branch
    on_main = artifact.head_sha is not None and api.on_branch(artifact.head_sha, main)
    return None if on_main else f"its commit is not on {main}"


def _open(api: Api, artifact: Artifact) -> Stored | None:
    """The stored results; None for an artifact that expired after it was listed."""
    try:
        data = download(api.client, api.repository, artifact)
    except Refused as error:
        if error.status == 410:
            return None
        raise
    return open_zip(data, f"the baseline artifact of run {artifact.run_id}")


def _too_many(opened: int, last: Rejected) -> BaselineUnreadable:
    cause = (
        f"No baseline was found: the newest {opened} that were opened are of no use "
        f"(the last one: {last.reason}), and older ones are left."
    )
    mend = "Mend what fails on the default branch and run the gate there, or delete the artifacts."
    return BaselineUnreadable(cause, mend)


def _why_none(name: str, rejected: Sequence[Rejected]) -> str:
    if not rejected:
        return NO_BASELINE_YET
    count = "the one artifact" if len(rejected) == 1 else f"none of {len(rejected)} artifacts"
    can = "cannot" if len(rejected) == 1 else "can"
    return f"no baseline: {count} `{name}` {can} be used, {rejected[0].reason}"
