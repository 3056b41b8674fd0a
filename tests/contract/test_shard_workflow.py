"""The workflow that splits a suite: which job runs when, and that the jobs find each other."""

from collections.abc import Mapping
from typing import Any, Final

import pytest

from rubric_action.cases.shard import read_shard
from rubric_action.github.event import Event
from rubric_action.github.inputs import Inputs
from rubric_action.github.mode import Job, choose_job, choose_part
from rubric_action.sources import RESULTS, SHARD
from tests.contract.expressions import evaluated, filled
from tests.contract.ready import ACTION, BRANCH, FOLDER, GROUP, SHARDED, about_pull, ready
from tests.contract.test_workflow_events import ACTIVITIES, told
from tests.docs.pages import read
from tests.github.events import branch_event, group_event

JOBS: Final = ready(SHARDED)["jobs"]


def step(job: str, action: str) -> Mapping[str, Any]:
    """The inputs of a job's step with an action."""
    (found,) = [one for one in JOBS[job]["steps"] if one["uses"].partition("@")[0] == action]
    given: Mapping[str, Any] = found["with"]
    return given


@pytest.mark.parametrize(("name", "action", "moved"), ACTIVITIES)
def test_shards_run_when_there_is_something_to_grade(name: str, action: str, moved: bool) -> None:
    """A label costs nothing, a new head never goes without, and the merge decides either way."""
    github = about_pull(name, action, moved=moved)
    event = told(github, fork=False, moved=moved)
    runs = bool(evaluated(JOBS["shard"]["if"], github))
    assert runs is isinstance(choose_part(event, "auto"), Job)
    assert choose_job(event, "merge") == Job("gate" if runs else "again")


@pytest.mark.parametrize(
    ("github", "event", "expected"),
    [(BRANCH, branch_event(), Job("baseline")), (GROUP, group_event(), Job("gate"))],
    ids=["push", "group"],
)
def test_shards_run_for_branches_and_groups(
    github: Mapping[str, Any], event: Event, expected: Job
) -> None:
    """Both are graded, and the merge decides on them."""
    assert evaluated(JOBS["shard"]["if"], github)
    assert choose_part(event, "auto") == choose_job(event, "merge") == expected


def test_the_merge_waits_for_all_and_is_never_left_out() -> None:
    """A shard that died, or that a label left out, does not skip the verdict."""
    assert JOBS["merge"]["needs"] == "shard"
    assert JOBS["merge"]["if"] == "always()"
    assert JOBS["shard"]["strategy"]["fail-fast"] is False


def test_the_shards_are_all_of_them() -> None:
    """Each job of the matrix is one part of as many as there are jobs."""
    numbers = JOBS["shard"]["strategy"]["matrix"]["shard"]
    written = step("shard", ACTION)["shard"]
    assert written == "${{ matrix.shard }}/${{ strategy.job-total }}"
    shards = [read_shard(f"{number}/{len(numbers)}") for number in numbers]
    assert [shard.index for shard in shards] == list(range(1, shards[0].of + 1))


def test_the_jobs_find_each_other() -> None:
    """What a shard stores is what the merge fetches, into the folder that it joins."""
    stored, fetched = (
        step("shard", "actions/upload-artifact"),
        step("merge", "actions/download-artifact"),
    )
    assert stored["name"] == f"{SHARD}-${{{{ matrix.shard }}}}"
    assert stored["path"] == Inputs.model_fields["results"].default
    assert fetched["pattern"] == f"{SHARD}-*"
    assert step("merge", ACTION) == {"mode": "merge", "outputs": fetched["path"]}


@pytest.mark.parametrize(
    ("github", "expected"),
    [
        (BRANCH, Inputs.model_fields["baseline_artifact"].default),
        (GROUP, RESULTS),
        (about_pull("pull_request", "opened"), RESULTS),
    ],
    ids=str,
)
def test_the_whole_is_stored_as_later_runs_look_for_it(
    github: Mapping[str, Any], expected: str
) -> None:
    """As the baseline on the default branch, else as results."""
    assert filled(step("merge", "actions/upload-artifact")["name"], github) == expected


def test_only_the_shards_have_the_key() -> None:
    """The job that decides asks no judge."""
    text = read(FOLDER / SHARDED)
    assert "secrets." in text
    assert "secrets." not in text.partition("  merge:")[2]
