"""What speaks against results that call themselves a commit's: pure, but for what is handed in."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, cast

from rubric_action.gate.model import Verdict
from rubric_action.github.fields import part, pick_or_none
from rubric_action.github.provenance import Origin, Workflow, first_doubt
from rubric_action.github.records import Artifact, Author, Status, WorkflowRun
from rubric_action.github.status import STATES
from rubric_action.github.words import GREEN, PENDING, Seal, mark_of, word_of
from rubric_action.report.recall import findings_of
from rubric_action.report.stored import Stored

EVENTS: Final = ("pull_request", "pull_request_review", "push", "workflow_dispatch", "merge_group")
"""What a gate runs on that decides about the commit that its run is listed under."""
FORK_EVENTS: Final = ("workflow_run",)
"""What it runs on for a fork's commit; then the run is listed under the default branch's."""


@dataclass(frozen=True, slots=True)
class Witness:
    """The statuses that vouch for results: those of this context that our own account wrote."""

    context: str
    author: Callable[[], Author]

    def told(self, statuses: Iterable[Status]) -> tuple[Status, ...]:
        """Those of a commit's statuses that are believed, in their order."""
        found = [one for one in statuses if one.context == self.context]
        author = self.author() if found else None
        return tuple(one for one in found if one.creator == author)


def distrust_artifact(artifact: Artifact, origin: Origin, *, for_fork: bool) -> str | None:
    """Why an artifact is no candidate, from what its own listing says; None to look further."""
    main, home = origin.default_branch, origin.repository_id
    return first_doubt(
        (artifact.expired, "it has expired"),
        (artifact.run_id is None, "its run is unknown"),
        (artifact.repository_id != home, "it belongs to another repository"),
        (artifact.head_repository_id != home, "its run was started from a fork"),
        (for_fork and artifact.head_branch != main, f"its run was not on {main}"),
    )


def distrust_run(
    run: WorkflowRun, origin: Origin, workflow: Workflow, *, for_fork: bool
) -> str | None:
    """Why a run is not to be trusted with results; it need not be complete to have stored them."""
    main, home = origin.default_branch, origin.repository_id
    return first_doubt(
        (run.repository_id != home, "its run belongs to another repository"),
        (run.head_repository_id != home, "its run was started from a fork"),
        (for_fork and run.head_branch != main, f"its run was not on {main}"),
        _started_by(run.event, for_fork=for_fork),
        (not workflow.ran(run), "another workflow uploaded it"),
    )


def distrust_content(stored: Stored, run_id: int, head: str, *, for_fork: bool) -> str | None:
    """Why what an artifact holds is not what its run decided about a commit."""
    run = stored.summary.get("run")
    told: Mapping[str, Any] = run if isinstance(run, dict) else {}
    page = f"{page_of(run_id)}{told.get('attempt')}"
    return first_doubt(
        (told.get("run_id") != run_id, "its results are of another run"),
        (told.get("sha") != head, "its results are of another commit"),
        (told.get("mode") != "gate", "its results are no gate's"),
        _started_by(told.get("event"), for_fork=for_fork),
        (not url_of(stored).endswith(page), "its results name the page of another run"),
        (stored.verdict not in STATES, "its results hold no verdict"),
    )


def distrust_word(stored: Stored, told: Sequence[Status]) -> str | None:
    """Why the statuses do not bear out what results say of themselves."""
    url = url_of(stored)
    said_so = [one for one in told if one.target_url.partition("#")[0] == url]
    states = {one.state for one in said_so if vouches(one, stored)} - {PENDING}
    others = {one.state for one in said_so} - {PENDING, *states}
    wanted = STATES[cast("Verdict", stored.verdict)]
    said = " and ".join(sorted(states))
    return first_doubt(
        (not states and bool(others), "they are not what its run's status vouches for"),
        (not states, "its run's attempt has set no status"),
        (wanted not in states, f"its verdict is `{stored.verdict}`, its run's status {said}"),
    )


def contradicts(later: Status, stored: Stored) -> bool:
    """Whether a later status of the commit tells of another measurement, and of a worse one.

    A decision made anew measures nothing, and an error without results has measured nothing that
    a failure would have to give way to.
    """
    word = word_of(later)
    if word.again or later.state in {GREEN, PENDING}:
        return False
    verdict = part(part(stored.summary, "measured") or stored.summary, "verdict")
    if verdict == "fail" and (later.state == STATES["fail"] or word.results is not None):
        return word.findings != mark_of(findings_of(stored))
    return bool(verdict == "pass")


def seal_of(stored: Stored) -> Seal:
    """What a status has to carry to vouch for results; raises where they cannot be read."""
    return Seal(stored.digest or "", mark_of(findings_of(stored)))


def vouches(status: Status, stored: Stored) -> bool:
    """Whether a status was set for these very results, by the seal that its address carries."""
    word = word_of(status)
    if status.target_url.partition("#")[0] != url_of(stored) or word.results != stored.digest:
        return False
    return word.findings == mark_of(findings_of(stored))


def is_of(status: Status, run_id: int) -> bool:
    """Whether a status leads to an attempt of a run."""
    return page_of(run_id) in status.target_url


def names_results(status: Status, run_id: int) -> bool:
    """Whether a status of a run carries the digest of results, whichever they are."""
    return is_of(status, run_id) and word_of(status).results is not None


def page_of(run_id: int) -> str:
    """How the address of a run's attempt ends, before the attempt's number."""
    return f"/actions/runs/{run_id}/attempts/"


def url_of(stored: Stored) -> str:
    """The page of the run's attempt that results say they are of; empty where they do not say."""
    return pick_or_none(stored.summary, "run.url", str) or ""


def _started_by(event: object, *, for_fork: bool) -> tuple[bool, str]:
    """Whether an event is none on which such a commit is gated."""
    return event not in (FORK_EVENTS if for_fork else EVENTS), f"its run was started by {event}"
