"""From what a run kept to the evidence it is decided on, and to the report of the decision.

Nothing in here is needed before the last reply: `pipeline` loads it while the judge is awaited.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from importlib import import_module
from typing import Any

from rubric_action.agent.cost import load_prices
from rubric_action.agent.model import Session
from rubric_action.cases.case_set import CaseSet
from rubric_action.errors import Place
from rubric_action.gate import ceilings
from rubric_action.gate.decision import Decision
from rubric_action.gate.evidence import BarNotCompared, Evidence, Policy, Stopped
from rubric_action.gate.model import Baseline, CaseResult, NoBaseline
from rubric_action.gate.slices import summarise
from rubric_action.grading.identity import judge_fingerprint
from rubric_action.grading.model import Spend
from rubric_action.report.broken import broken_cases
from rubric_action.report.comment import load_template, render_comment
from rubric_action.report.copying import copied_lines
from rubric_action.report.folder import COMMENT, ResultsFolder
from rubric_action.report.keep import Kept, first_sessions
from rubric_action.report.model import JudgeInfo, Report, RunInfo
from rubric_action.report.stored import AUDIT, CASES, GRADES, SESSIONS, SUMMARY, Stored
from rubric_action.report.summary import summary
from rubric_action.rubric.compare import compare_bars
from rubric_action.rubric.model import Command, Http, PythonFunction, Rubric


def warm_up() -> None:
    """Load what this module uses late, so that it is there when the last reply is."""
    import_module("rubric_action.gate.decide")
    load_prices()
    load_template()


def evidence_of(
    rubric: Rubric,
    written: Rubric,
    base: Rubric | BarNotCompared,
    policy: Policy | None,
    baseline: Baseline | NoBaseline,
    results: Sequence[CaseResult],
    stopped: Stopped | None,
) -> Evidence:
    """All that the decision rests on; what a change may not decide is read from the base.

    The base is held against the rubric as it is written: what a command line or a workflow says
    over it is not the change's doing.
    """
    return Evidence(
        rubric=rubric,
        policy=policy or Policy.of(base if isinstance(base, Rubric) else rubric),
        cases=results,
        slices=summarise(rubric, results, baseline if isinstance(baseline, Baseline) else None),
        ceilings=ceilings.measure(rubric, results),
        baseline=baseline,
        bar=compare_bars(base, written) if isinstance(base, Rubric) else base,
        rerunnable=isinstance(rubric.agent.source, Command | Http | PythonFunction),
        stopped=stopped,
    )


def report_of(
    evidence: Evidence,
    decision: Decision,
    cases: CaseSet,
    kept: Kept,
    stored: Stored | NoBaseline,
    run: RunInfo,
    spend: Spend,
) -> Report:
    """The decision with everything that the renderers show beside it."""
    here, before = set(cases.ids), set(evidence.before)
    compared = isinstance(evidence.baseline, Baseline)

    def answered_before(wanted: Iterable[str]) -> Mapping[str, Session]:
        return first_sessions(wanted, stored.sessions()) if isinstance(stored, Stored) else {}

    return Report(
        run=run,
        decision=decision,
        baseline=_without_cases(evidence.baseline),
        bar=evidence.bar,
        policy=evidence.policy,
        spend=spend,
        axes=tuple(evidence.rubric.axes),
        digest=evidence.rubric.digest,
        places=_places(decision, evidence.rubric),
        judge=judge_info(evidence.rubric),
        broken=broken_cases(decision.findings, evidence, cases.get, kept.session, answered_before),
        added=tuple(one for one in cases.ids if one not in before) if compared else (),
        removed=tuple(sorted(before - here)),
        cases=len(cases),
        warnings=(*cases.warnings, *_warnings(evidence)),
        lexical=_lexical(evidence.rubric),
        baseline_cases=len(evidence.before),
    )


def write_results(
    folder: ResultsFolder, report: Report, kept: Kept, audit: Iterable[Mapping[str, Any]] = ()
) -> None:
    """The whole folder; `audit` holds the lines on overrides of this head, oldest first."""
    folder.write_lines(CASES, kept.case_lines())
    folder.write_lines(SESSIONS, kept.session_lines())
    _write_told(folder, report, audit)


def rewrite_results(
    folder: ResultsFolder,
    stored: Stored,
    report: Report,
    audit: Iterable[Mapping[str, Any]] = (),
) -> None:
    """A folder with what a stored run graded and this report on it; `stored` lies elsewhere."""
    for member in (CASES, SESSIONS, GRADES):
        folder.write_lines(member, copied_lines(stored, member))
    _write_told(folder, report, audit)


def _write_told(folder: ResultsFolder, report: Report, audit: Iterable[Mapping[str, Any]]) -> None:
    """What is told of the decision; the summary last, since it says that the run has finished."""
    folder.write_lines(AUDIT, (json.dumps(line, ensure_ascii=False) for line in audit))
    folder.write(COMMENT, render_comment(report))
    folder.write_json(SUMMARY, summary(report))


def _without_cases(baseline: Baseline | NoBaseline) -> Baseline | NoBaseline:
    return replace(baseline, cases={}) if isinstance(baseline, Baseline) else baseline


def _places(decision: Decision, rubric: Rubric) -> Mapping[str, Place]:
    """Where the keys stand that the findings break."""
    broken = {finding.key for finding in decision.findings if finding.key}
    return {key: place for key, place in rubric.places.items() if key in broken}


def judge_info(rubric: Rubric) -> JudgeInfo | None:
    """Who grades under a rubric; None where rules settle everything."""
    if rubric.judge is None:
        return None
    names = {one.provider: None for one in rubric.judge.models}
    models = [one.model for one in rubric.judge.models if one.model]
    return JudgeInfo("+".join(names), "+".join(models), fingerprint=judge_fingerprint(rubric))


def _lexical(rubric: Rubric) -> bool:
    return rubric.judge is not None and any(m.provider == "lexical" for m in rubric.judge.models)


def _warnings(evidence: Evidence) -> Iterable[str]:
    """What the reader has to know before trusting a comparison."""
    baseline = evidence.baseline
    if (
        isinstance(baseline, Baseline)
        and not baseline.regraded
        and baseline.judge not in (None, judge_fingerprint(evidence.rubric))
    ):
        yield (
            "The judge, or what an axis asks, differs from the baseline's, so a change of a score "
            "may be the judge's and not the agent's."
        )
