"""Where a hosted run finds what earlier runs left: its baseline, and results of its commit."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

from rubric_action.errors import InputError, Place, Problem
from rubric_action.gate.model import NoBaseline
from rubric_action.github.api import Api
from rubric_action.github.baseline import Choice, find_baseline
from rubric_action.github.commands import Annotation, Log
from rubric_action.github.context import Context
from rubric_action.github.event import Event
from rubric_action.github.inputs import Inputs
from rubric_action.github.merged import carried_audit
from rubric_action.github.paths import in_workspace
from rubric_action.github.provenance import Origin, Rejected, Workflow, own_workflow
from rubric_action.github.records import Author
from rubric_action.github.results import (
    PublishedResults,
    Trust,
    published,
    published_for_fork,
)
from rubric_action.github.results_doubts import Witness
from rubric_action.github.sticky import author_of
from rubric_action.report.model import RunMode
from rubric_action.report.stored import Stored, open_path
from rubric_action.signing import CarriedAudit
from rubric_action.subject import Subject

RESULTS: Final = "rubric-results"
"""The name of the artifact with a pull request's own results."""
SHARD: Final = "rubric-shard"
"""How the artifact of a shard is called; its number follows."""
MOST_REJECTED: Final = 5
"""Baselines, or published results, turned down that the log names."""


@dataclass(frozen=True, slots=True)
class Sources:
    """What other runs left; whoever is turned down is told in the log."""

    inputs: Inputs
    context: Context
    api: Api
    log: Log

    def audit_for_baseline(self, event: Event, baseline: Stored | NoBaseline) -> CarriedAudit:
        """The records that a baseline carries: the last one's, and of what was merged since."""
        carried = carried_audit(self._trust(event), RESULTS, baseline)
        for warning in carried.warnings:
            self.log.annotate([Annotation("warning", "The audit is not whole", warning)])
        return CarriedAudit(carried.lines)

    def tell_rejected(self, what: str, rejected: Iterable[Rejected]) -> None:
        """Name what was turned down, and why."""
        for one in list(rejected)[:MOST_REJECTED]:
            self.log.line(f"{what} of run {one.artifact.run_id} turned down: {one.reason}")

    def baseline(self, subject: Subject, mode: RunMode) -> Stored | NoBaseline:
        """The results to compare with; raises the error tree where they cannot be read."""
        required = self.inputs.require_baseline and mode == "gate"
        if self.inputs.baseline is not None:
            self._refuse_forks_own(self.inputs.baseline)
            return open_path(in_workspace(self.context.workspace, self.inputs.baseline, "baseline"))
        choice = self._choice(subject, mode)
        self.tell_rejected("baseline", choice.rejected)
        if isinstance(choice.baseline, NoBaseline):
            return replace(choice.baseline, required=required)
        return choice.baseline

    def _refuse_forks_own(self, given: str) -> None:
        """Where a fork's files are checked out, none of them is what it is compared with."""
        if self.context.event == "workflow_run" and not Path(given).is_absolute():
            what = f"`{given}` would be read from the fork's own files"
            mend = "Leave the input out, or give an absolute path outside of the checkout."
            raise InputError(Problem(Place("the step's `with:`"), what, mend, "baseline"))

    def _choice(self, subject: Subject, mode: RunMode) -> Choice:
        return find_baseline(
            self.api,
            self.inputs.baseline_artifact,
            self._origin(subject.event),
            self._workflow,
            subject.sha,
            # A long row of errors ends with the run that looks past it and leaves a verdict.
            makes_baseline=mode == "baseline",
        )

    def published(self, subject: Subject) -> PublishedResults:
        """The trusted results of the head that signatures are about; nothing is asked yet."""
        find = published_for_fork if subject.for_fork else published
        return find(self._trust(subject.event), RESULTS, subject.head)

    def _trust(self, event: Event) -> Trust:
        witness = Witness(self.inputs.status_context, self._author)
        told = None if self.inputs.status == "off" else witness
        return Trust(self.api, self._origin(event), self._workflow, told)

    def _workflow(self) -> Workflow:
        return own_workflow(self.api, self.context.run_id, self.context.workflow_path)

    def _author(self) -> Author:
        return author_of(self.api, self.inputs.github_token.get_secret_value())

    def _origin(self, event: Event) -> Origin:
        home = event.home
        return Origin(home.id or 0, home.default_branch or "", self.context.run_id)
