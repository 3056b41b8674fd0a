"""Which stored results a run is compared with: those of the commit that the change started from.

That is where it left the default branch, or the nearest commit before that with results. They have
to come from a completed run of this workflow on this repository's own default branch, by an event
that no pull request can cause, and have to be of that very run.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from typing import Final

from rubric_action.errors import BaselineUnreadable
from rubric_action.gate.model import NoBaseline
from rubric_action.github.api import Api
from rubric_action.github.artifacts import BASELINE, download
from rubric_action.github.event import BRANCH_EVENTS
from rubric_action.github.faults import Refused
from rubric_action.github.history import ancestors, merge_base
from rubric_action.github.provenance import Origin, Rejected, Workflow, first_doubt
from rubric_action.github.records import Artifact, WorkflowRun
from rubric_action.report.baseline import NO_BASELINE_YET
from rubric_action.report.stored import Stored, open_zip

MOST_COMMITS: Final = 1_000
"""Commits that are gone back in search of one with a baseline."""
MOST_OPENED: Final = 10
"""Baselines that ended in `error` are passed over, but by a pull request not without end."""
MOST_REASONS: Final = 3
"""Kinds of reasons that the report gives for having no baseline; the log names candidates."""


@dataclass(frozen=True, slots=True)
class Choice:
    """The baseline, or why there is none, with everything that was turned down on the way."""

    baseline: Stored | NoBaseline
    rejected: tuple[Rejected, ...] = ()


def distrust_artifact(artifact: Artifact, origin: Origin) -> str | None:
    """Why an artifact is no candidate, from what its own listing says; None to look further."""
    main, home = origin.default_branch, origin.repository_id
    return first_doubt(
        (artifact.expired, "it has expired"),
        (artifact.run_id is None, "its run is unknown"),
        (artifact.run_id == origin.run_id, "it belongs to this very run"),
        (artifact.repository_id != home, "it belongs to another repository"),
        (artifact.head_repository_id != home, "its run was started from a fork"),
        (artifact.head_branch != main, f"its run was not on {main}"),
        (artifact.head_sha is None, "its commit is unknown"),
    )


def distrust_run(run: WorkflowRun, origin: Origin, workflow: Workflow) -> str | None:
    """Why a run is not to be trusted with the baseline; None to trust it."""
    main, home = origin.default_branch, origin.repository_id
    return first_doubt(
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
    return first_doubt(
        (told.get("run_id") != artifact.run_id, "its results are of another run"),
        (told.get("sha") != artifact.head_sha, "its results are of another commit"),
        (stored.verdict == "error", "its own verdict is `error`"),
    )


def find_baseline(
    api: Api,
    name: str,
    origin: Origin,
    own_workflow: Callable[[], Workflow],
    sha: str,
    *,
    makes_baseline: bool,
) -> Choice:
    """The nearest trusted baseline of that artifact name that a commit builds on.

    A run that `makes_baseline` itself is on the default branch, and looks through all candidates.
    Any other starts where its commit left that branch, and gives up after `MOST_OPENED` of no use.
    Of one commit's the newest counts; one whose own verdict is `error` does not.

    Raises GitHubFailed when GitHub cannot be asked, BaselineUnreadable for a baseline that is
    corrupt, and for giving up while others are left.
    """
    rejected: list[Rejected] = []
    hopeful = _by_commit(api.artifacts(name), origin, rejected)
    if not hopeful:
        return Choice(NoBaseline(_why_none(name, rejected)), tuple(rejected))
    start = sha if makes_baseline else merge_base(api, origin.default_branch, sha)
    if start is None:
        return _unrelated(sha, origin, hopeful, rejected)
    most_opened = None if makes_baseline else MOST_OPENED
    trial = _Trial(api, origin, own_workflow(), most_opened, rejected)
    seen = -1
    for seen, commit in enumerate(ancestors(api, start, MOST_COMMITS)):
        for artifact in hopeful.pop(commit, ()):
            stored = trial.open(artifact)
            if stored is not None:
                found = replace(stored, stored_at=artifact.created_at, distance=seen)
                return Choice(found, tuple(rejected))
        if not hopeful:
            break
    return _none_near(name, start, hopeful, rejected, cut_short=seen + 1 == MOST_COMMITS)


@dataclass(slots=True)
class _Trial:
    """Opens candidates one after the other; those that are of no use go to `rejected`."""

    api: Api
    origin: Origin
    workflow: Workflow
    most_opened: int | None
    rejected: list[Rejected]
    _opened: int = field(default=0, init=False)

    def open(self, artifact: Artifact) -> Stored | None:
        """The baseline that an artifact holds; None when it is not to be trusted."""
        if self._opened == self.most_opened:
            raise _too_many(self._opened, self.rejected[-1])
        run = self.api.run(artifact.run_id or 0)
        reason = distrust_run(run, self.origin, self.workflow)
        stored = None if reason else self._fetch(artifact)
        if stored is not None:
            self._opened += 1
            reason = distrust_content(stored, artifact)
            if reason is None:
                return stored
        self.rejected.append(Rejected(artifact, reason or "it has expired"))
        return None

    def _fetch(self, artifact: Artifact) -> Stored | None:
        """What is stored; None for an artifact that expired after it was listed."""
        try:
            data = download(self.api, artifact, BASELINE)
        except Refused as error:
            if error.status == 410:
                return None
            raise
        return open_zip(data, f"the baseline artifact of run {artifact.run_id}")


def _by_commit(
    artifacts: Iterable[Artifact], origin: Origin, rejected: list[Rejected]
) -> dict[str, list[Artifact]]:
    """The artifacts worth asking about by commit, newest first; the others go to `rejected`."""
    hopeful: dict[str, list[Artifact]] = {}
    for artifact in sorted(artifacts, key=lambda one: (one.created_at, one.id), reverse=True):
        reason = distrust_artifact(artifact, origin)
        if reason is None:
            hopeful.setdefault(artifact.head_sha or "", []).append(artifact)
        else:
            rejected.append(Rejected(artifact, reason))
    return hopeful


def _unrelated(
    sha: str, origin: Origin, hopeful: dict[str, list[Artifact]], rejected: Sequence[Rejected]
) -> Choice:
    why = f"{sha[:7]} has no commit in common with {origin.default_branch}"
    return Choice(NoBaseline(f"no baseline: {why}"), (*rejected, *_left(hopeful, why)))


def _none_near(
    name: str,
    start: str,
    hopeful: dict[str, list[Artifact]],
    rejected: Sequence[Rejected],
    *,
    cut_short: bool,
) -> Choice:
    """No candidate was met on the way back from a commit, or none of use."""
    if cut_short:
        why = f"its commit is not among the last {MOST_COMMITS:,} in the history of {start[:7]}"
    else:
        why = f"its commit is not in the history of {start[:7]}"
    everyone = (*rejected, *_left(hopeful, why))
    return Choice(NoBaseline(_why_none(name, everyone)), everyone)


def _left(hopeful: dict[str, list[Artifact]], reason: str) -> Iterable[Rejected]:
    return (Rejected(one, reason) for artifacts in hopeful.values() for one in artifacts)


def _too_many(opened: int, last: Rejected) -> BaselineUnreadable:
    cause = (
        f"No baseline was found: the nearest {opened} that were opened are of no use "
        f"(the last one: {last.reason}), and older ones are left."
    )
    mend = "Mend what fails on the default branch and run the gate there, or delete the artifacts."
    return BaselineUnreadable(cause, mend)


def _why_none(name: str, rejected: Sequence[Rejected]) -> str:
    if not rejected:
        return NO_BASELINE_YET
    count = "the one artifact" if len(rejected) == 1 else f"none of {len(rejected)} artifacts"
    can = "cannot" if len(rejected) == 1 else "can"
    reasons = list(dict.fromkeys(one.reason for one in rejected))
    return f"no baseline: {count} `{name}` {can} be used, {'; '.join(reasons[:MOST_REASONS])}"
