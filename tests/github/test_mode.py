import pytest

from rubric_action.errors import InputError
from rubric_action.github.event import Event
from rubric_action.github.mode import choose_mode
from tests.github.events import branch_event, other_event, pull_event

FEATURE = "refs/heads/feature"
TAG = "refs/tags/v1"


@pytest.mark.parametrize(
    ("event", "requested", "mode"),
    [
        (pull_event(), "auto", "gate"),
        (pull_event(), "gate", "gate"),
        (pull_event(head_repository=8), "auto", "gate"),
        (branch_event("push"), "auto", "baseline"),
        (branch_event("schedule"), "auto", "baseline"),
        (branch_event("workflow_dispatch"), "auto", "baseline"),
        (branch_event("push"), "baseline", "baseline"),
        (branch_event("push"), "gate", "gate"),
        (branch_event("push", FEATURE), "auto", "gate"),
        (branch_event("push", TAG), "auto", "gate"),
        (branch_event("workflow_dispatch", FEATURE), "auto", "gate"),
    ],
)
def test_the_event_picks_the_mode(event: Event, requested: str, mode: str) -> None:
    """Pull requests are gated, the default branch makes the baseline."""
    assert choose_mode(event, requested) == mode


@pytest.mark.parametrize(
    ("event", "requested", "words"),
    [
        (pull_event("pull_request_target"), "auto", "on: pull_request"),
        (pull_event("pull_request_target"), "gate", "not run under it"),
        (pull_event(), "baseline", "cannot become the baseline"),
        (branch_event("push", FEATURE), "baseline", "never a baseline"),
        (branch_event("push", TAG), "baseline", "`main`"),
        (other_event("merge_group"), "auto", "`merge_group`.*`pull_request`, `push`"),
        (other_event("issue_comment"), "gate", "`issue_comment`"),
        (other_event("workflow_run"), "baseline", "`workflow_run`"),
    ],
)
def test_what_the_gate_does_not_do_is_refused(event: Event, requested: str, words: str) -> None:
    """The refusal names the event or branch, and what to use instead."""
    with pytest.raises(InputError, match=words):
        choose_mode(event, requested)
