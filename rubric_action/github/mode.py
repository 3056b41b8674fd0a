"""Which job an event calls for: a pure table.

event                                   auto       gate     again    baseline   sessions    merge
pull_request, head or base is new [1]   gate       gate     again    -          sessions    gate
pull_request, closed                    nothing    nothing  nothing  -          nothing     nothing
pull_request, whatever else [2]         again      gate     again    -          nothing [3] again
pull_request_review                     again      gate     again    -          nothing [3] again
push, schedule, workflow_dispatch,
    on the default branch               baseline   gate     -        baseline   -           baseline
    on another branch or a tag          gate       gate     -        -          -           gate
merge_group, checks_requested           gate       gate     -        -          -           gate
merge_group, whatever else              nothing    nothing  -        -          -           nothing
workflow_run [4], completed             gate [5]   gate     again    -          -           -
workflow_run [4], not run or not yet    nothing    nothing  nothing  -          -           -
workflow_run of any other event         -          -        -        -          -           -
pull_request_target, anything else      -          -        -        -          -           -

`-` is refused. 1: opened, reopened, synchronize, ready_for_review, and edited with a change of the
base branch. 2: labeled, unlabeled, edited, assigned and so on. 3: the head's sessions were made
when it was pushed. 4: of a pull request. 5: whether there is anything new to judge, the caller
finds out from what the fork's run left.

`merge` decides on what shards have graded, where `auto` would grade. One shard, by the input
`shard`, has the jobs of `auto`, `gate` and `baseline`, and nothing to do where that is `again`.
"""

from dataclasses import dataclass
from typing import Final, Literal

from rubric_action.errors import InputError, Place, Problem
from rubric_action.github.event import (
    BranchEvent,
    Event,
    MergeGroupEvent,
    PullRequestEvent,
    WorkflowRunEvent,
)

Mode = Literal["gate", "again", "baseline", "sessions"]
"""`gate`: run, grade, decide. `again`: decide anew from the results that the head already has.
`baseline`: like `gate`, recording instead of refusing. `sessions`: run the agent, and no more.
"""
_Single = Literal["auto", "gate", "again", "baseline", "sessions"]
Requested = Literal["auto", "gate", "again", "baseline", "sessions", "merge"]

SUPPORTED: Final = (
    "`pull_request`, `pull_request_review`, `push`, `schedule`, `workflow_dispatch`, `merge_group` "
    "and `workflow_run`"
)
RUNS_ANEW: Final = ("opened", "reopened", "synchronize", "ready_for_review")
NEVER_RAN: Final = ("skipped", "action_required")
_TARGET: Final = (
    "`pull_request_target` runs with secrets and a token that writes, "
    "so the code of the pull request is not run under it"
)
_USE_INSTEAD: Final = (
    "Use `on: pull_request`; for forks, the two workflows of docs/forks.md with `on: workflow_run`."
)
_NO_BASELINE: Final = "a pull request cannot become the baseline that it is compared with"
_NO_SESSIONS: Final = "`mode: sessions` is the half that runs for a pull request, without secrets"
_ONE_JOB: Final = "a fork's sessions are judged in one job, without shards"
_NO_PULL: Final = "`mode: again` decides anew about a pull request"


@dataclass(frozen=True, slots=True)
class Job:
    """What to do."""

    mode: Mode


@dataclass(frozen=True, slots=True)
class Nothing:
    """Nothing is to be done, nothing written, and the exit code is 0; `reason` is for the log."""

    reason: str


def choose_job(event: Event, requested: Requested) -> Job | Nothing:
    """Look the event up in the table; InputError, and so never green, for what is refused."""
    if requested == "merge":
        if isinstance(event, WorkflowRunEvent):
            raise _refusal(_ONE_JOB, "Leave `mode` out.")
        return choose_job(event, "auto")
    if isinstance(event, PullRequestEvent) and event.name != "pull_request_target":
        return _of_pull_request(event, requested)
    if isinstance(event, BranchEvent):
        return _of_branch(event, requested)
    if isinstance(event, MergeGroupEvent):
        return _of_merge_group(event, requested)
    if isinstance(event, WorkflowRunEvent):
        return _of_workflow_run(event, requested)
    if event.name == "pull_request_target":
        raise _refusal(_TARGET, _USE_INSTEAD, "on")
    raise _refusal(f"the gate does not know the event `{event.name}`", f"Use {SUPPORTED}.", "on")


def choose_part(event: Event, requested: Requested) -> Job | Nothing:
    """The same for one shard; its job is to run and grade its part of the cases, and no more."""
    if requested in {"again", "sessions", "merge"}:
        what = f"`mode: {requested}` is not done in parts"
        raise _refusal(what, "Leave `shard` or `mode` out.", "shard")
    if isinstance(event, WorkflowRunEvent):
        raise _refusal(_ONE_JOB, "Leave `shard` out.", "shard")
    job = choose_job(event, requested)
    if isinstance(job, Job) and job.mode == "again":
        return Nothing("a label or a review changes no answer: `mode: merge` decides again")
    return job


def _of_pull_request(event: PullRequestEvent, requested: _Single) -> Job | Nothing:
    if requested == "baseline":
        mend = "Leave `mode` out, or run `baseline` on the default branch."
        raise _refusal(_NO_BASELINE, mend)
    if event.name == "pull_request" and event.action == "closed":
        return Nothing("the pull request is closed")
    anew = _runs_anew(event)
    if requested == "sessions" and not anew:
        what = f"`{event.action}`" if event.name == "pull_request" else "a review"
        return Nothing(f"{what} changes no answer: the sessions of this commit are made once")
    if requested == "auto":
        return Job("gate" if anew else "again")
    return Job(requested)


def _runs_anew(event: PullRequestEvent) -> bool:
    """Whether there is something to measure that was not there before."""
    if event.name == "pull_request_review":
        return False
    # A payload without an action is none of GitHub's: measure, then nothing is left out.
    return event.action in {*RUNS_ANEW, ""} or (event.action == "edited" and event.base_changed)


def _of_branch(event: BranchEvent, requested: Requested) -> Job:
    if requested in {"again", "sessions"}:
        raise _only_for_pulls(requested, event.name)
    if requested == "baseline" and not event.on_default_branch:
        what = f"`{event.ref}` is not the default branch, so its results are never a baseline"
        raise _refusal(what, f"Run `mode: baseline` on `{event.home.default_branch}`.")
    if requested == "gate" or not event.on_default_branch:
        return Job("gate")
    return Job("baseline")


def _of_merge_group(event: MergeGroupEvent, requested: Requested) -> Job | Nothing:
    if requested == "baseline":
        raise _refusal(_NO_BASELINE, "Leave `mode` out for `merge_group`.")
    if requested in {"again", "sessions"}:
        raise _only_for_pulls(requested, event.name)
    if event.action != "checks_requested":
        return Nothing(f"the merge group asks for no check: `{event.action}`")
    return Job("gate")


def _of_workflow_run(event: WorkflowRunEvent, requested: Requested) -> Job | Nothing:
    if requested in {"baseline", "sessions"}:
        what = _NO_BASELINE if requested == "baseline" else _NO_SESSIONS
        raise _refusal(what, "Leave `mode` out for `workflow_run`, which judges a fork's sessions.")
    if event.event not in {"pull_request", "pull_request_review"}:
        what = f"the workflow that started this one ran for `{event.event}`"
        mend = "Name the workflow that makes the sessions of pull requests: docs/forks.md."
        raise _refusal(what, mend, "on.workflow_run")
    if event.action != "completed":
        return Nothing(f"the run that started this one is not complete: `{event.action}`")
    if event.conclusion in NEVER_RAN:
        return Nothing(f"the run that started this one did not run: `{event.conclusion}`")
    return Job("again" if requested == "again" else "gate")


def _only_for_pulls(requested: Requested, name: str) -> InputError:
    what = _NO_SESSIONS if requested == "sessions" else _NO_PULL
    return _refusal(f"{what}, and this is `{name}`", "Leave `mode` out.")


def _refusal(what: str, mend: str, key: str = "mode") -> InputError:
    return InputError(Problem(Place("the workflow"), what, mend, key))
