"""Decide again on what was published for a head: no session is run and no judge is asked."""

from dataclasses import dataclass, replace
from pathlib import Path

from rubric_action.assemble import rewrite_results
from rubric_action.grading.model import Spend
from rubric_action.pipeline import Signing, without_secrets
from rubric_action.report.folder import ResultsFolder
from rubric_action.report.model import Report, RunInfo
from rubric_action.report.redact import Redact
from rubric_action.report.stored import Stored

NOTHING_SPENT = Spend(judge_cost_usd=0.0)


@dataclass(frozen=True, slots=True)
class Again:
    """What it takes; `measured` is the report of the `stored` results, under today's policy.

    `results` is where the new folder is made.
    """

    stored: Stored
    measured: Report
    signing: Signing
    results: Path
    run: RunInfo
    redact: Redact

    def decide(self) -> Report:
        """The report as it was measured, under the signatures of today, in a folder of its own."""
        measured = self.measured
        report = replace(
            measured,
            run=self.run.after(measured.run),
            decision=self.signing.sign(measured.decision, measured.policy.override),
            spend=NOTHING_SPENT,
        )
        report = without_secrets(report, self.redact)
        folder = ResultsFolder(self.results, self.redact, resume=False)
        rewrite_results(folder, self.stored, report, self.signing.lines(report))
        return report
