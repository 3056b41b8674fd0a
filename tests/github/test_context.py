from pathlib import Path

import pytest

from rubric_action.errors import InputError
from rubric_action.github.context import REQUIRED, read_context

ENVIRON = {
    "GITHUB_REPOSITORY": "acme/support",
    "GITHUB_EVENT_NAME": "push",
    "GITHUB_EVENT_PATH": "/github/workflow/event.json",
    "GITHUB_SHA": "a" * 40,
    "GITHUB_REF": "refs/heads/main",
    "GITHUB_RUN_ID": "17",
    "GITHUB_RUN_ATTEMPT": "2",
    "GITHUB_WORKSPACE": "/github/workspace",
    "GITHUB_WORKFLOW_REF": "acme/support/.github/workflows/rubric.yml@refs/heads/main",
    "GITHUB_OUTPUT": "/github/file_commands/output",
    "GITHUB_ACTOR": "dana",
}


def test_the_runners_variables_become_one_value() -> None:
    """Paths, numbers and the address of the run's page come out typed."""
    context = read_context(ENVIRON)
    assert (context.run_id, context.attempt) == (17, 2)
    assert context.run_url == "https://github.com/acme/support/actions/runs/17/attempts/2"
    assert context.workflow_path == ".github/workflows/rubric.yml"
    assert context.output == Path("/github/file_commands/output")
    assert context.summary is None


def test_an_enterprise_server_is_taken_from_the_environment() -> None:
    """API and pages are where the runner says, without a trailing slash."""
    urls = {"GITHUB_API_URL": "https://git.acme/api/v3/", "GITHUB_SERVER_URL": "https://git.acme"}
    context = read_context(ENVIRON | urls)
    assert context.api_url == "https://git.acme/api/v3"
    assert context.run_url.startswith("https://git.acme/acme/support/")


@pytest.mark.parametrize("missing", REQUIRED)
def test_each_missing_variable_is_named(missing: str) -> None:
    """Outside of a workflow the error says which variable is missing and what to use instead."""
    environ = {name: value for name, value in ENVIRON.items() if name != missing}
    with pytest.raises(InputError, match=f"{missing}.*rubric-action gate"):
        read_context(environ)


def test_all_missing_variables_are_named_at_once() -> None:
    """On a laptop every variable is missing, and one error says so."""
    with pytest.raises(InputError) as caught:
        read_context({})
    assert [problem.key for problem in caught.value.problems] == list(REQUIRED)


@pytest.mark.parametrize("name", ["GITHUB_RUN_ID", "GITHUB_RUN_ATTEMPT"])
def test_a_number_that_is_none_is_refused(name: str) -> None:
    """A run is known by numbers."""
    with pytest.raises(InputError, match=name):
        read_context(ENVIRON | {name: "latest"})


@pytest.mark.parametrize(
    ("event", "actor", "expected"),
    [
        ("push", "dependabot[bot]", True),
        ("pull_request", "dependabot[bot]", True),
        ("pull_request_review", "dependabot[bot]", True),
        ("workflow_run", "dependabot[bot]", False),
        ("merge_group", "dependabot[bot]", False),
        ("push", "dana", False),
    ],
)
def test_dependabots_runs_are_known(event: str, actor: str, expected: bool) -> None:
    """GitHub gives them no secrets on the events on which it gives a fork none."""
    environ = ENVIRON | {"GITHUB_ACTOR": actor, "GITHUB_EVENT_NAME": event}
    assert read_context(environ).by_dependabot is expected
