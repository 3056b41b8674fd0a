"""Which job of which ready workflow runs when, and what the action makes of it."""

from collections.abc import Mapping
from typing import Any, Final

import pytest

from rubric_action.github.event import Event, PullRequestEvent
from rubric_action.github.inputs import Inputs
from rubric_action.github.mode import Job, Nothing, choose_job
from rubric_action.sources import RESULTS
from tests.contract.expressions import evaluated, filled
from tests.contract.ready import (
    ACTION,
    ALL,
    BRANCH,
    FILES,
    FORKS_RUN,
    GROUP,
    PULLS,
    UNTRUSTED,
    Workflow,
    about_pull,
    ready,
    shown,
    steps,
)
from tests.docs.pages import README
from tests.github.events import branch_event, group_event, pull_event, run_event

ACTIVITIES: Final = [
    (name, action, moved)
    for name, settings in PULLS.items()
    for action in settings["types"]
    for moved in (False, True)
    if not moved or (name, action) == ("pull_request", "edited")
]


WITH_AGENT: Final = {
    **{name: ready(name) for name in ("rubric.yml", "rubric-judge.yml")},
    "README.md": next(shown(README)),
}
"""The workflows whose job `gate` has a step that runs the agent."""


def told(github: Mapping[str, Any], *, fork: bool, moved: bool) -> PullRequestEvent:
    """The same event as the gate reads it."""
    return pull_event(
        github["event_name"],
        8 if fork else 7,
        github["event"]["action"],
        base_changed=moved,
    )


def agent_runs(workflow: Workflow, job: str, github: Mapping[str, Any]) -> bool:
    """Whether the step with the user's own agent runs."""
    (step,) = [each for each in workflow["jobs"][job]["steps"] if "run" in each]
    return bool(evaluated(step["if"], github))


def measures(event: Event, mode: Any = "auto") -> bool:
    """Whether the action wants sessions for this event."""
    job = choose_job(event, mode)
    return isinstance(job, Job) and job.mode != "again"


@pytest.mark.parametrize(("name", "action", "moved"), ACTIVITIES)
@pytest.mark.parametrize("workflow", WITH_AGENT.values(), ids=WITH_AGENT)
def test_the_agent_runs_when_its_sessions_are_graded(
    workflow: Workflow, name: str, action: str, moved: bool
) -> None:
    """A label costs no run of the agent, and a new head never goes without."""
    github = about_pull(name, action, moved=moved)
    event = told(github, fork=False, moved=moved)
    assert agent_runs(workflow, "gate", github) is measures(event)


@pytest.mark.parametrize(("name", "action", "moved"), ACTIVITIES)
def test_the_forks_agent_runs_when_its_sessions_are_kept(
    name: str, action: str, moved: bool
) -> None:
    """The step and `mode: sessions` agree on when there is something to do."""
    github = about_pull(name, action, fork=True, moved=moved)
    event = told(github, fork=True, moved=moved)
    assert agent_runs(ready(UNTRUSTED), "sessions", github) is measures(event, "sessions")


@pytest.mark.parametrize(
    ("github", "event"), [(BRANCH, branch_event()), (GROUP, group_event())], ids=["push", "group"]
)
@pytest.mark.parametrize("workflow", WITH_AGENT.values(), ids=WITH_AGENT)
def test_the_agent_runs_for_branches_and_groups(
    workflow: Workflow, github: Mapping[str, Any], event: Event
) -> None:
    """Both are graded from sessions of their own."""
    assert agent_runs(workflow, "gate", github) is measures(event) is True


def jobs_of(file: str, github: Mapping[str, Any]) -> list[str]:
    """The jobs of a file that run for an event."""
    jobs = ready(file)["jobs"]
    return [name for name, job in jobs.items() if evaluated(job.get("if", "'x'"), github)]


@pytest.mark.parametrize(
    ("github", "expected"),
    [
        (about_pull("pull_request", "opened"), ["gate"]),
        (about_pull("pull_request_review", "submitted"), ["gate"]),
        (about_pull("pull_request", "opened", fork=True), ["sessions"]),
        (about_pull("pull_request", "labeled", fork=True), ["sessions"]),
        (about_pull("pull_request_review", "submitted", fork=True), ["sessions"]),
        (about_pull("pull_request", "opened", dependabot=True), ["sessions"]),
        (BRANCH, ["gate"]),
        (GROUP, ["gate"]),
        (FORKS_RUN, ["fork"]),
    ],
    ids=str,
)
def test_each_event_has_one_job_in_the_two_files(
    github: Mapping[str, Any], expected: list[str]
) -> None:
    """Nothing is measured twice, and nothing goes unmeasured, with both files in place."""
    files = ["rubric-judge.yml"]
    files += [UNTRUSTED] if github["event_name"] in ready(UNTRUSTED)["on"] else []
    assert [job for file in files for job in jobs_of(file, github)] == expected


def test_a_run_that_was_skipped_is_not_judged() -> None:
    """The sessions' workflow ends so for pull requests of the repository itself."""
    run = {"conclusion": "skipped", "head_sha": "b" * 40}
    github = {"event_name": "workflow_run", "event": {"workflow_run": run}}
    assert jobs_of("rubric-judge.yml", github) == []
    assert isinstance(choose_job(run_event(conclusion="skipped"), "auto"), Nothing)


@pytest.mark.parametrize("name", ["rubric.yml", "rubric-judge.yml"])
@pytest.mark.parametrize(
    ("github", "expected"),
    [
        (BRANCH, Inputs.model_fields["baseline_artifact"].default),
        (GROUP, RESULTS),
        (about_pull("pull_request", "opened"), RESULTS),
        (about_pull("pull_request_review", "submitted"), RESULTS),
    ],
    ids=str,
)
def test_results_are_called_as_later_runs_look_for_them(
    name: str, github: Mapping[str, Any], expected: str
) -> None:
    """The default branch makes the baseline, everything else results of its own."""
    upload = ready(name)["jobs"]["gate"]["steps"][-1]
    assert filled(upload["with"]["name"], github) == expected
    assert upload["with"]["path"] == Inputs.model_fields["results"].default


@pytest.mark.parametrize(("name", "workflow"), ALL[: len(FILES)], ids=FILES)
def test_no_event_of_a_ready_file_is_refused(name: str, workflow: Workflow) -> None:
    """Whatever starts it has a job, or nothing to do."""
    events: dict[str, list[Event]] = {
        "push": [branch_event()],
        "merge_group": [group_event()],
        "workflow_run": [run_event()],
        "pull_request": [pull_event(action=one) for one in PULLS["pull_request"]["types"]],
        "pull_request_review": [pull_event("pull_request_review", action="submitted")],
    }
    for step in steps(workflow, ACTION):
        mode = step.get("with", {}).get("mode", "auto")
        for event in (one for started in workflow["on"] for one in events[started]):
            assert isinstance(choose_job(event, mode), Job | Nothing), name
