from dataclasses import replace
from pathlib import Path

import pytest

from rubric_action.github.event import Event, Home
from rubric_action.github.trust import bar_ref, secretless
from tests.github.events import branch_event, context_of, group_event, pull_event, run_event

MAIN = "refs/heads/main"


@pytest.mark.parametrize(
    ("event", "ref"),
    [
        (pull_event(), "a" * 40),
        (pull_event(head_repository=8), "a" * 40),
        (pull_event("pull_request_review"), "a" * 40),
        (pull_event(base_ref="release"), MAIN),
        (pull_event(base_ref="refs/heads/main"), MAIN),
        (pull_event(base_ref="Main"), MAIN),
        (group_event(), MAIN),
        (replace(group_event(), base_ref="refs/heads/release"), MAIN),
        (branch_event("push", "refs/heads/feature"), MAIN),
        (branch_event("push", "refs/tags/v1"), MAIN),
        (replace(pull_event(base_ref="trunk"), home=Home(7, "trunk")), "a" * 40),
        (replace(group_event(), home=Home(7, "trunk")), "refs/heads/trunk"),
    ],
)
def test_where_the_bar_is_read(event: Event, ref: str) -> None:
    """At the base commit of a pull request onto the default branch, else at that branch's tip."""
    assert bar_ref(event) == ref


@pytest.mark.parametrize(
    ("name", "event", "actor", "expected"),
    [
        ("pull_request", pull_event(), "dana", False),
        ("pull_request", pull_event(head_repository=8), "dana", True),
        ("pull_request", pull_event(head_repository=None), "dana", True),
        ("pull_request_review", pull_event(head_repository=8), "dana", True),
        ("pull_request", pull_event(), "dependabot[bot]", True),
        ("workflow_run", pull_event(head_repository=8), "stranger", False),
        ("workflow_run", run_event(), "dependabot[bot]", False),
        ("merge_group", group_event(), "dana", False),
        ("push", branch_event(), "dependabot[bot]", True),
    ],
)
def test_who_has_no_secrets(
    tmp_path: Path, name: str, event: Event, actor: str, expected: bool
) -> None:
    """A fork and Dependabot have none on their own events, and the trusted half has them."""
    context = replace(context_of(tmp_path, name, {}), actor=actor)
    assert secretless(event, context) is expected
