import re
from typing import get_args

import pytest

from rubric_action.errors import InputError
from rubric_action.github import mode as module
from rubric_action.github.event import Event
from rubric_action.github.mode import Job, Mode, Nothing, Requested, choose_job, choose_part
from tests.github.events import branch_event, group_event, other_event, pull_event, run_event

FEATURE = "refs/heads/feature"
TAG = "refs/tags/v1"
REQUESTS: tuple[Requested, ...] = get_args(Requested)

NEW = ("opened", "reopened", "synchronize", "ready_for_review", "")
OTHER = (
    "labeled",
    "unlabeled",
    "edited",
    "assigned",
    "converted_to_draft",
    "auto_merge_enabled",
    "enqueued",
)
REVIEWED = ("submitted", "edited", "dismissed")

# What `auto`, `gate`, `again`, `baseline`, `sessions` and `merge` come to; `-` is refused.
TABLE: list[tuple[Event, str]] = [
    *((pull_event(action=action), "gate gate again - sessions gate") for action in NEW),
    (pull_event(action="edited", base_changed=True), "gate gate again - sessions gate"),
    (pull_event(head_repository=8), "gate gate again - sessions gate"),
    (pull_event(head_repository=None), "gate gate again - sessions gate"),
    (pull_event(action="closed"), "nothing nothing nothing - nothing nothing"),
    *((pull_event(action=action), "again gate again - nothing again") for action in OTHER),
    (pull_event(action="labeled", base_changed=True), "again gate again - nothing again"),
    (pull_event(action="labeled", head_repository=8), "again gate again - nothing again"),
    *(
        (pull_event("pull_request_review", action=action), "again gate again - nothing again")
        for action in (*REVIEWED, "")
    ),
    *(
        (pull_event("pull_request_target", action=action), "- - - - - -")
        for action in (*NEW, "closed", "labeled")
    ),
    *(
        (branch_event(name), "baseline gate - baseline - baseline")
        for name in ("push", "schedule", "workflow_dispatch")
    ),
    *(
        (branch_event(name, ref), "gate gate - - - gate")
        for name in ("push", "schedule", "workflow_dispatch")
        for ref in (FEATURE, TAG)
    ),
    (group_event(), "gate gate - - - gate"),
    (group_event("destroyed"), "nothing nothing - - - nothing"),
    *(
        (run_event(event, "completed", conclusion), "gate gate again - - -")
        for event in ("pull_request", "pull_request_review")
        for conclusion in ("success", "failure", "cancelled", "timed_out", None)
    ),
    (run_event(conclusion="skipped"), "nothing nothing nothing - - -"),
    (run_event(conclusion="action_required"), "nothing nothing nothing - - -"),
    (run_event(action="requested", conclusion=None), "nothing nothing nothing - - -"),
    (run_event(action="in_progress", conclusion=None), "nothing nothing nothing - - -"),
    *(
        (run_event(name), "- - - - - -")
        for name in ("pull_request_target", "push", "schedule", "issue_comment")
    ),
    *(
        (other_event(name), "- - - - - -")
        for name in ("issue_comment", "pull_request_review_comment", "release", "")
    ),
]


def outcome(event: Event, requested: Requested) -> str:
    """What the table says, in a word."""
    try:
        job = choose_job(event, requested)
    except InputError:
        return "-"
    return "nothing" if isinstance(job, Nothing) else job.mode


@pytest.mark.parametrize(("event", "row"), TABLE, ids=str)
def test_the_table(event: Event, row: str) -> None:
    """Every event under every input `mode` has one answer."""
    assert [outcome(event, requested) for requested in REQUESTS] == row.split()


def test_the_documented_table_is_this_one() -> None:
    """The module's docstring has the same rows, with a column for every value of the input."""
    head, *lines = (module.__doc__ or "").split("\n\n")[1].splitlines()
    assert head.split() == ["event", *REQUESTS]
    cells = [re.sub(r"\[\d\]", "", line[head.index("auto") :]).split() for line in lines]
    assert {" ".join(row) for row in cells if row} == {row for _, row in TABLE}


@pytest.mark.parametrize(
    ("event", "requested", "words"),
    [
        (pull_event("pull_request_target"), "auto", "with secrets.*Use `on: pull_request`"),
        (pull_event("pull_request_target"), "sessions", "not run under it.*docs/forks.md"),
        (pull_event(), "baseline", "cannot become the baseline"),
        (run_event(), "baseline", "cannot become the baseline"),
        (group_event(), "baseline", "cannot become the baseline"),
        (run_event(), "sessions", "without secrets"),
        (branch_event("push"), "sessions", "runs for a pull request.*`push`"),
        (branch_event("push"), "again", "decides anew about a pull request.*`push`"),
        (group_event(), "again", "this is `merge_group`"),
        (run_event(), "merge", "judged in one job, without shards"),
        (branch_event("push", FEATURE), "baseline", "never a baseline"),
        (branch_event("push", TAG), "baseline", "Run `mode: baseline` on `main`"),
        (run_event("push"), "auto", "ran for `push`.*docs/forks.md"),
        (other_event("issue_comment"), "auto", "`issue_comment`.*`pull_request`, `pull_request_r"),
        (other_event("release"), "gate", "does not know the event `release`"),
    ],
)
def test_what_the_gate_does_not_do_is_refused(
    event: Event, requested: Requested, words: str
) -> None:
    """The refusal names the event or branch, and what to use instead."""
    with pytest.raises(InputError, match=words):
        choose_job(event, requested)


@pytest.mark.parametrize(
    ("event", "requested", "words"),
    [
        (pull_event(action="closed"), "auto", "the pull request is closed"),
        (pull_event(action="labeled"), "sessions", "`labeled` changes no answer"),
        (pull_event("pull_request_review"), "sessions", "a review changes no answer"),
        (group_event("destroyed"), "auto", "asks for no check: `destroyed`"),
        (run_event(conclusion="skipped"), "auto", "did not run: `skipped`"),
        (run_event(action="requested"), "auto", "is not complete: `requested`"),
    ],
)
def test_nothing_to_do_says_why(event: Event, requested: Requested, words: str) -> None:
    """The log tells why a run did nothing."""
    job = choose_job(event, requested)
    assert isinstance(job, Nothing)
    assert words in job.reason


def test_a_job_is_a_value() -> None:
    """Two runs for like events have like jobs."""
    assert choose_job(pull_event(), "auto") == Job("gate")


@pytest.mark.parametrize(
    ("event", "requested", "expected"),
    [
        (pull_event(), "auto", "gate"),
        (pull_event(), "gate", "gate"),
        (pull_event(action="labeled"), "gate", "gate"),
        (branch_event(), "auto", "baseline"),
        (branch_event(), "gate", "gate"),
        (branch_event(), "baseline", "baseline"),
        (group_event(), "auto", "gate"),
    ],
)
def test_a_shard_measures(event: Event, requested: Requested, expected: Mode) -> None:
    """It has the job that the whole would have."""
    assert choose_part(event, requested) == Job(expected)


@pytest.mark.parametrize(
    ("event", "words"),
    [
        (pull_event(action="labeled"), "changes no answer: `mode: merge` decides again"),
        (pull_event("pull_request_review"), "changes no answer: `mode: merge` decides again"),
        (pull_event(action="closed"), "the pull request is closed"),
        (group_event("destroyed"), "asks for no check"),
    ],
)
def test_a_shard_without_work(event: Event, words: str) -> None:
    """Where nothing is to be measured, it does nothing."""
    job = choose_part(event, "auto")
    assert isinstance(job, Nothing)
    assert words in job.reason


@pytest.mark.parametrize(
    ("event", "requested", "words"),
    [
        (pull_event(), "again", "`shard`: `mode: again` is not done in parts"),
        (pull_event(), "sessions", "`shard`: `mode: sessions` is not done in parts"),
        (pull_event(), "merge", "`shard`: `mode: merge` is not done in parts"),
        (run_event(), "auto", "`shard`: a fork's sessions are judged in one job"),
        (run_event(), "gate", "`shard`: a fork's sessions are judged in one job"),
        (pull_event(), "baseline", "cannot become the baseline"),
        (pull_event("pull_request_target"), "auto", "with secrets"),
    ],
)
def test_what_no_shard_does(event: Event, requested: Requested, words: str) -> None:
    """The refusal says which input to leave out."""
    with pytest.raises(InputError, match=words):
        choose_part(event, requested)
