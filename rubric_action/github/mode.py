"""Which job an event calls for: a pure table."""

from rubric_action.errors import InputError, Place, Problem
from rubric_action.github.event import BranchEvent, Event, PullRequestEvent
from rubric_action.report.model import RunMode

SUPPORTED = "`pull_request`, `push`, `schedule` and `workflow_dispatch`"
_TARGET = (
    "`pull_request_target` runs with secrets and a token that writes, "
    "so the code of the pull request is not run under it"
)


def choose_mode(event: Event, requested: str) -> RunMode:
    """`gate` or `baseline`; InputError, and so never green, for what the gate does not do.

    event             auto                                    forced
    pull_request      gate                                    gate
    push, schedule,   baseline on the default branch,         gate anywhere, baseline on the
    workflow_dispatch gate on any other                       default branch only
    """
    if isinstance(event, PullRequestEvent):
        return _of_pull_request(event, requested)
    if isinstance(event, BranchEvent):
        return _of_branch(event, requested)
    raise _refusal(f"the gate does not know the event `{event.name}`", f"Use {SUPPORTED}.")


def _of_pull_request(event: PullRequestEvent, requested: str) -> RunMode:
    if event.name == "pull_request_target":
        raise _refusal(_TARGET, "Use `on: pull_request`.")
    if requested == "baseline":
        what = "a pull request cannot become the baseline that it is compared with"
        raise _refusal(what, "Leave `mode` out, or run `baseline` on the default branch.")
    return "gate"


def _of_branch(event: BranchEvent, requested: str) -> RunMode:
    if requested == "baseline" and not event.on_default_branch:
        what = f"`{event.ref}` is not the default branch, so its results are never a baseline"
        raise _refusal(what, f"Run `mode: baseline` on `{event.home.default_branch}`.")
    if requested == "gate" or not event.on_default_branch:
        return "gate"
    return "baseline"


def _refusal(what: str, mend: str) -> InputError:
    return InputError(Problem(Place("the workflow"), what, mend, "on"))
