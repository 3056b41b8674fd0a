"""The trusted half for a fork: whose run started this one, and what sessions it left.

The fork's run had no secrets and ran the fork's code. Of what it leaves, one file of sessions is
read, as data. Whose head it was GitHub is asked, live: the payload tells no pull request of a fork.
"""

import posixpath
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

from rubric_action.errors import CannotDecide
from rubric_action.github.api import Api
from rubric_action.github.artifacts import SESSIONS, download
from rubric_action.github.event import PullRequestEvent, WorkflowRunEvent
from rubric_action.github.faults import Operation
from rubric_action.github.fields import pick, pick_or_none
from rubric_action.github.mode import Nothing
from rubric_action.github.records import Artifact, WorkflowRun
from rubric_action.report import stored
from rubric_action.report.stored import Source, zip_opener

ARTIFACT: Final = "rubric-sessions"
MEMBER: Final = stored.SESSIONS
"""What `mode: sessions` writes; a step of the user's own may call its file as the rubric does."""
_SEE: Final = "See the runs of that workflow, and docs/forks.md."


def find_pull(api: Api, event: WorkflowRunEvent) -> PullRequestEvent | Nothing:
    """The open pull request whose head the triggering run was for, as it is now.

    Of several with this head the one onto the default branch counts, else the oldest. GitHubFailed
    when GitHub cannot be asked.
    """
    if event.head_repository_id is None or not event.head_owner or not event.head_branch:
        return Nothing("the repository that the pull request came from is gone")
    head = f"{event.head_owner}:{event.head_branch}"
    listed = api.client.pages(
        Operation.FIND_PULL_REQUEST, api.path("/pulls"), state="open", head=head
    )
    found = [one for one in (_pull(data, event) for data in listed) if _is_head(one, event)]
    main = event.home.default_branch
    if not found:
        return Nothing(f"no open pull request from {head} is at commit {event.head_sha[:7]}")
    return min(found, key=lambda one: (one.base_ref != main, one.number))


def find_sessions(api: Api, event: WorkflowRunEvent) -> Artifact | Nothing:
    """The newest sessions that the triggering workflow left for this head.

    The triggering run's own come first. A label or a review starts a run that leaves none: then
    those of the other runs for this head count, and one still under way is waited for, as its end
    starts this workflow again. Raises CannotDecide where there are none, and none will come.
    """
    own = _left_by(api, event.run_id, event)
    if own:
        return _newest(own, event)
    runs = [run for run in _runs(api, event) if run.id != event.run_id]
    left = [one for run in runs if _is_of(run, event) for one in _left_by(api, run.id, event)]
    if left:
        return _newest(left, event)
    if any(run.status != "completed" for run in runs):
        return Nothing(f"the sessions of commit {event.head_sha[:7]} are still being made")
    path = event.workflow_path or "the workflow that started this one"
    raise CannotDecide(
        f"There are no sessions to judge: no run of {path} for commit {event.head_sha[:7]} left "
        f"the artifact `{ARTIFACT}`. The half that runs the agent is missing, or failed.",
        _SEE,
    )


def fetch_sessions(api: Api, artifact: Artifact, outputs: str | None = None) -> bytes:
    """The one file of sessions in the artifact: called like `outputs`, or `sessions.jsonl`.

    `outputs` is the path of the file of sessions, where the rubric or the workflow names one.
    Raises GitHubFailed when it cannot be had, CannotDecide for an artifact that is no use.
    """
    source = Source(f"the sessions artifact of run {artifact.run_id}", SESSIONS.purpose)
    opener = zip_opener(download(api, artifact, SESSIONS), source)
    names = [posixpath.basename(outputs)] if outputs else []
    wanted = dict.fromkeys((*names, MEMBER))
    for name in wanted:
        file = opener(name)
        if file is not None:
            with file:
                return file.read()
    raise source.unreadable(f"it holds no {' and no '.join(wanted)}")


@contextmanager
def as_file(sessions: bytes) -> Iterator[Path]:
    """The sessions as a file that nobody else can read, out of the workspace, for a while."""
    with TemporaryDirectory(prefix="rubric-sessions-") as folder:
        path = Path(folder) / MEMBER
        path.write_bytes(sessions)
        yield path


def _pull(data: Any, event: WorkflowRunEvent) -> PullRequestEvent:
    """Read the schema `pull-request-simple`."""
    return PullRequestEvent(
        name="pull_request",
        number=pick(data, "number", int),
        head_sha=pick(data, "head.sha", str),
        base_sha=pick(data, "base.sha", str),
        base_ref=pick(data, "base.ref", str),
        head_repository_id=pick_or_none(data, "head.repo.id", int),
        home=event.home,
    )


def _is_head(pull: PullRequestEvent, event: WorkflowRunEvent) -> bool:
    same_repository = pull.head_repository_id == event.head_repository_id
    return same_repository and pull.head_sha == event.head_sha


def _runs(api: Api, event: WorkflowRunEvent) -> Iterator[WorkflowRun]:
    """The triggering workflow's runs for this head."""
    path = api.path(f"/actions/workflows/{event.workflow_id}/runs")
    found = api.client.pages(
        Operation.LIST_SESSIONS, path, "workflow_runs", head_sha=event.head_sha
    )
    return map(WorkflowRun.of, found)


def _is_of(run: WorkflowRun, event: WorkflowRunEvent) -> bool:
    return (
        run.head_repository_id == event.head_repository_id
        and run.event in {"pull_request", "pull_request_review"}
        and run.status == "completed"
    )


def _left_by(api: Api, run_id: int, event: WorkflowRunEvent) -> list[Artifact]:
    """The sessions of one run; another commit's or repository's are none of this head's."""
    path = api.path(f"/actions/runs/{run_id}/artifacts")
    listed = api.client.pages(Operation.LIST_SESSIONS, path, "artifacts", name=ARTIFACT)
    found = map(Artifact.of, listed)
    return [one for one in found if one.name == ARTIFACT and _is_heads(one, event)]


def _is_heads(artifact: Artifact, event: WorkflowRunEvent) -> bool:
    same_repository = artifact.head_repository_id == event.head_repository_id
    return same_repository and artifact.head_sha == event.head_sha


def _newest(found: Iterable[Artifact], event: WorkflowRunEvent) -> Artifact:
    usable = [one for one in found if not one.expired]
    if not usable:
        cause = f"The sessions of commit {event.head_sha[:7]} have expired."
        raise CannotDecide(cause, "Run the workflow that makes them again.")
    return max(usable, key=lambda one: (one.created_at, one.id))
