"""Results of a head commit as runs publish them: a status, then the folder as an artifact."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import Any

from rubric_action.github.provenance import Origin, Workflow
from rubric_action.github.results import (
    PublishedResults,
    Trust,
    fork_name,
    published,
    published_for_fork,
)
from rubric_action.github.results_doubts import Witness, seal_of
from rubric_action.github.status import STATES
from rubric_action.github.sticky import ACTIONS_BOT
from rubric_action.github.words import address
from rubric_action.report.stored import Source, Stored
from tests.fakes.github import GITHUB_ACTIONS_BOT, Artifact, WorkflowRun
from tests.github.conftest import Scene

NAME = "rubric-results"
CONTEXT = "rubric/gate"
OURS = Workflow(".github/workflows/rubric.yml")
DOCS = 2, ".github/workflows/docs.yml"
"""Another workflow of the repository."""
OWN_RUN = 77


@dataclass(frozen=True, slots=True)
class Desk:
    """Where results about one commit are published."""

    scene: Scene
    head: str

    def run(self, event: str = "pull_request", **given: Any) -> WorkflowRun:
        """A run about the head: of its own branch, or on main for a fork's."""
        if event == "workflow_run":
            return self.scene.repo.run(self.scene.repo.branches["main"], event=event, **given)
        return self.scene.repo.run(self.head, **{"event": event, "branch": "change"} | given)

    def publish(
        self,
        run: WorkflowRun,
        verdict: str = "fail",
        *,
        status: bool = True,
        vouched: bool = True,
        state: str | None = None,
        by: str = GITHUB_ACTIONS_BOT,
        context: str = CONTEXT,
        again: bool = False,
        name: str = NAME,
        upload: bool = True,
        at: datetime | None = None,
        members: Mapping[str, str] | None = None,
        content: Mapping[str, Any] | None = None,
        **about: Any,
    ) -> Artifact | None:
        """Set the status that the verdict gives, or `state`; then store the results.

        With `vouched` off that names no results, as those of old. `again` is a run that decided on
        what was there. `content` and `about` replace what the summary says of itself and its run.
        """
        told = summary(run, self.head, verdict, content or {}, about)
        digest = sha256(json.dumps(told).encode()).hexdigest()
        seal = seal_of(Stored(Source("these"), told, lambda _name: None, digest=digest))
        if status:
            self.scene.repo.status(
                self.head,
                context,
                state or next((s for v, s in STATES.items() if v == verdict), "error"),
                str(told["headline"]),
                target_url=address(page(run), seal if vouched else None, again=again),
                by=by,
                at=at,
            )
        if not upload:
            return None
        files = {"summary.json": json.dumps(told)} if members is None else members
        return run.artifact(name, files, at=at)

    def publish_for_fork(self, verdict: str = "fail", **given: Any) -> Artifact | None:
        """What the run on the default branch leaves about a fork's head."""
        run = self.run("workflow_run")
        return self.publish(run, verdict, name=fork_name(NAME, self.head), **given)

    def results(self, *, statuses: bool = True, own_run: int = OWN_RUN) -> PublishedResults:
        """What a run of this workflow finds."""
        return published(self.trust(statuses=statuses, own_run=own_run), NAME, self.head)

    def results_for_fork(self) -> PublishedResults:
        """The same of a fork's head."""
        return published_for_fork(self.trust(), NAME, self.head)

    def trust(self, *, statuses: bool = True, own_run: int = OWN_RUN) -> Trust:
        """What a run of this workflow trusts in."""
        api = self.scene.api
        witness = Witness(CONTEXT, lambda: ACTIONS_BOT)
        origin = Origin(self.scene.repo.id, "main", own_run)
        return Trust(api, origin, lambda: OURS, witness if statuses else None)


def page(run: WorkflowRun) -> str:
    """The page of a run's attempt."""
    address = f"https://github.com/{run.repo.full_name}/actions/runs/{run.id}"
    return f"{address}/attempts/{run.run_attempt}"


def summary(
    run: WorkflowRun,
    head: str,
    verdict: str,
    content: Mapping[str, Any],
    about: Mapping[str, Any],
) -> dict[str, Any]:
    """A summary, as far as trust and coverage look at it."""
    headline = f"It is {verdict}"
    told: dict[str, object] = {
        "run_id": run.id,
        "attempt": run.run_attempt,
        "sha": head,
        "mode": "gate",
        "event": run.event,
    }
    return {
        "schema": "rubric-results/1",
        "verdict": verdict,
        "headline": headline,
        "findings": [],
        "run": {**told, "url": page(run), "created_at": "2026-11-20T10:00:00Z", **about},
        **content,
    }


def finding(kind: str = "threshold", observed: float | None = 0.7) -> dict[str, Any]:
    """A failing finding, as `summary.json` tells it."""
    empty = dict.fromkeys(("axis", "case", "required", "baseline", "interval", "key", "place"))
    told = {"kind": kind, "severity": "fail", "slice": "head", "observed": observed}
    return {**empty, **told, "sentence": "too low", "overridable": False, "worst": []}


def mark(stored: Stored | None) -> str | None:
    """The verdict of the results that were found."""
    return stored.verdict if stored else None


def why(results: PublishedResults) -> list[str]:
    """The reasons for which results were turned down, in the order of looking."""
    return [one.reason for one in results.rejected]


def asked(desk: Desk, part: str) -> int:
    """How many questions to GitHub hold this part."""
    return sum(part in one.path for one in desk.scene.github.requests)
