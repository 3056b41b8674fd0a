"""The workflows that a user copies, read; and events as such a workflow sees them."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final

import yaml

from tests.docs.pages import README, ROOT, fences, read

ACTION: Final = "org/rubric-action"
FOLDER: Final = ROOT / "examples" / "workflows"
PAGES: Final = (README, ROOT / "docs" / "action.md", ROOT / "docs" / "forks.md")

Workflow = Mapping[str, Any]
Step = Mapping[str, Any]


def ready(name: str) -> Workflow:
    """One ready file."""
    return parsed(read(FOLDER / name))


def parsed(text: str) -> Workflow:
    """A workflow, whose key `on` YAML 1.1 takes for true."""
    loaded = yaml.safe_load(text)
    return {"on" if key is True else key: value for key, value in loaded.items()}


def shown(page: Path) -> Iterator[Workflow]:
    """The workflows that a page shows."""
    found = (fence.text for fence in fences(page) if fence.language == "yaml")
    return (parsed(text) for text in found if "\njobs:" in text)


FILES: Final = tuple(sorted(path.name for path in FOLDER.glob("*.yml")))
UNTRUSTED: Final = "rubric-sessions.yml"
SHARDED: Final = "rubric-shards.yml"
ALL: Final = [(name, ready(name)) for name in FILES] + [
    (page.name, workflow) for page in PAGES for workflow in shown(page)
]
PULLS: Final = {
    "pull_request": {
        "types": "opened reopened synchronize ready_for_review edited labeled unlabeled".split()
    },
    "pull_request_review": {"types": ["submitted", "edited", "dismissed"]},
}


def steps(workflow: Workflow, action: str) -> list[Step]:
    """The steps that use an action, of all jobs."""
    return [
        step
        for job in workflow["jobs"].values()
        for step in job["steps"]
        if step.get("uses", "").partition("@")[0] == action
    ]


def about_pull(
    name: str, action: str, *, fork: bool = False, dependabot: bool = False, moved: bool = False
) -> Mapping[str, Any]:
    """The context `github` of an event about a pull request."""
    changes = {"base": {"ref": {"from": "x"}}} if moved else {"title": {"from": "x"}}
    pull = {
        "number": 5,
        "user": {"login": "dependabot[bot]" if dependabot else "dana"},
        "head": {"sha": "b" * 40, "repo": {"full_name": "stranger/x" if fork else "acme/x"}},
    }
    event = {"action": action, "pull_request": pull}
    if action == "edited" and name == "pull_request":
        event["changes"] = changes
    return {
        "event_name": name,
        "repository": "acme/x",
        "ref": "refs/pull/5/merge",
        "event": event,
    }


BRANCH: Final = {"event_name": "push", "ref": "refs/heads/main", "event": {}}
GROUP: Final = {
    "event_name": "merge_group",
    "ref": "refs/heads/gh-readonly-queue/main/pr-5-x",
    "event": {"action": "checks_requested"},
}
FORKS_RUN: Final = {
    "event_name": "workflow_run",
    "event": {
        "action": "completed",
        "workflow_run": {"conclusion": "success", "head_sha": "b" * 40},
    },
}
