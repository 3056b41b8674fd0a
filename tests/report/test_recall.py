"""A results folder read back: what it says as values again, and what it may not say."""

import copy
import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings

from rubric_action.gate.decision import Decision
from rubric_action.gate.evidence import Policy
from rubric_action.gate.model import (
    NoBaseline,
)
from rubric_action.gate.override.apply import unknown, with_override
from rubric_action.report.model import (
    GradingRun,
    Report,
    RunInfo,
)
from rubric_action.report.recall import findings_of, report_of_stored
from rubric_action.report.recall_parts import UNTOLD
from rubric_action.report.stored import RESULTS, Source, Stored, open_path
from rubric_action.report.summary import MOST_TOLD, summary
from rubric_action.rubric.model import Approvers, OverridePolicy
from tests.fakes.judge import JudgeServer
from tests.report.overrides import failing, granted, refused
from tests.report.reports import reports
from tests.report.scenario import GOLDEN, NAMES, Scenario

Json = dict[str, Any]

SIGNABLE = Policy({}, OverridePolicy("ship-it", Approvers(), ("threshold", "drop")))
NEW = ("measured", "override_decision", "broken", "axes", "lexical", "overrides_before")
"""What `summary.json` did not have at first, beside `no_baseline` and fields further in."""
UNSIGNED = [name for name in NAMES if not (GOLDEN / name / "override.json").exists()]
"""The scenarios that an older version could have run."""


def stored(told: Json) -> Stored:
    """A folder with this summary, as it comes off the disk."""
    return Stored(Source("the results", RESULTS), json.loads(json.dumps(told)), lambda _: None)


def recalled(told: Json, policy: Policy = SIGNABLE) -> Report:
    """The report of that folder."""
    return report_of_stored(stored(told), policy)


def as_before(told: Json) -> Json:
    """The summary as the version before would have written it."""
    old = {name: value for name, value in copy.deepcopy(told).items() if name not in NEW}
    del old["no_baseline"], old["run"]["graded"], old["bar"]["stand_in"]
    for step in old["steps"]:
        del step["findings"]
    for one in old["slices"].values():
        for axis in one["axes"].values():
            del axis["cases"]
    if old["baseline"]:
        del old["baseline"]["distance"]
    return old


@pytest.mark.parametrize("name", NAMES)
def test_a_stored_run_is_the_report_again(
    name: str, tmp_path: Path, judge_server: JudgeServer
) -> None:
    """Nothing that a renderer prints is lost on the way through the folder but a signature."""
    scenario = Scenario(name, tmp_path, judge_server)
    report = scenario.run()
    folder = open_path(scenario.workspace.root / "results")
    found, override = report_of_stored(folder, report.policy), report.decision.override
    assert found == replace(report, decision=as_measured(report.decision))
    assert findings_of(folder) == found.decision.findings
    if override is None:
        assert summary(found) == folder.summary
    elif override.state != "unknown":
        signed = replace(found, decision=with_override(found.decision, override))
        assert summary(signed) == folder.summary


def as_measured(decision: Decision) -> Decision:
    """The decision before anybody was asked."""
    measured = decision.measured
    if decision.override is None:
        return decision
    steps = tuple(
        replace(step, findings=tuple(replace(one, overridden=False) for one in step.findings))
        for step in decision.steps
    )
    return replace(
        decision,
        verdict=measured.verdict,
        headline=measured.headline,
        next_step=measured.next_step,
        steps=steps,
        override=None,
    )


@pytest.mark.parametrize("name", UNSIGNED)
def test_an_older_summary_is_read(name: str, tmp_path: Path, judge_server: JudgeServer) -> None:
    """What it lacks is filled in from the rest; the decision is the same, step by step."""
    scenario = Scenario(name, tmp_path, judge_server)
    report = scenario.run()
    found = recalled(as_before(summary(report)), report.policy)
    expected, decision = report.decision, found.decision
    assert (decision.verdict, decision.steps) == (expected.verdict, expected.steps)
    assert (decision.headline, decision.next_step) == (expected.headline, expected.next_step)
    assert decision.measured.headline == decision.headline
    assert (found.lexical, found.broken, found.uses) == (report.lexical, (), ())
    assert set(found.axes) <= set(report.axes)
    assert found.places == report.places
    assert isinstance(found.baseline, NoBaseline) == isinstance(report.baseline, NoBaseline)
    if isinstance(found.baseline, NoBaseline):
        assert found.baseline == NoBaseline(UNTOLD)


@given(reports())
@settings(max_examples=60, deadline=None)
def test_any_report_comes_back(report: Report) -> None:
    """Reading is the inverse of writing, whatever the values."""
    assert recalled(summary(report), Policy()) == report


@pytest.fixture
def failed(tmp_path: Path, judge_server: JudgeServer) -> Report:
    """A run with three failing findings, which the rubric lets somebody sign for."""
    return Scenario("thresholds-and-drops", tmp_path, judge_server).run()


def test_a_signature_is_forgotten(failed: Report) -> None:
    """What comes back is what was measured: somebody has to sign it anew, by today's facts."""
    override = granted(failing(failed.decision))
    signed = replace(failed, decision=with_override(failed.decision, override))
    told = summary(signed)
    assert (told["verdict"], told["override"]["by"]) == ("overridden", "mona")
    found = recalled(told).decision
    assert (found.verdict, found.override) == ("fail", None)
    assert not any(finding.overridden for finding in found.findings)
    assert not any(finding.overridden for finding in findings_of(stored(told)))
    assert (found.headline, found.next_step) == (
        failed.decision.measured.headline,
        failed.decision.measured.next_step,
    )
    assert with_override(found, override) == signed.decision


@pytest.mark.parametrize("asked", ["refused", "unknown"])
def test_a_refusal_is_forgotten(failed: Report, asked: str) -> None:
    """An outcome that changed the sentence, or the verdict, is no part of what was measured."""
    decision = (
        unknown(failed.decision, "GitHub is down.")
        if asked == "unknown"
        else with_override(failed.decision, refused(failing(failed.decision)))
    )
    found = recalled(summary(replace(failed, decision=decision))).decision
    assert found.verdict == "fail"
    assert (found.headline, found.next_step) == (
        failed.decision.measured.headline,
        failed.decision.measured.next_step,
    )


def test_the_policy_of_today_says_what_may_be_signed_for(failed: Report) -> None:
    """A finding's kind is held against the policy that is given, and its severity stays."""
    told = summary(failed)
    found = {
        allow: [
            (one.kind, one.overridable)
            for one in recalled(told, replace_allow(allow)).decision.findings
        ]
        for allow in ("drop", None)
    }
    assert found["drop"] == [("threshold", False), ("threshold", False), ("drop", True)]
    assert not any(overridable for _, overridable in found[None])
    assert [one["overridable"] for one in told["findings"]] == [True, True, True]


def replace_allow(kind: str | None) -> Policy:
    """A policy that lets people sign for one kind, or that knows no override."""
    return Policy({}, OverridePolicy("x", Approvers(), (kind,))) if kind else Policy()


def test_long_texts_are_cut_once(failed: Report) -> None:
    """A summary stays readable however much the agent talks, and reading it changes nothing."""
    talk = replace(failed.broken[0], asked="x" * MOST_TOLD, answered_now="y" * (MOST_TOLD + 1))
    told = summary(replace(failed, broken=(talk,)))
    (case,) = told["broken"]
    assert case["asked"] == "x" * MOST_TOLD
    assert case["answered_now"] == "y" * (MOST_TOLD - 1) + "…"
    assert summary(recalled(told, failed.policy)) == told


def test_deciding_again_names_the_run_that_graded() -> None:
    """However often it is decided again, it is the first run that graded."""
    first = RunInfo("2026-11-23T10:00:00Z", run_id=5, url="https://github.com/5", seconds=60)
    second = RunInfo("2026-11-23T11:00:00Z", run_id=6).after(first)
    third = RunInfo("2026-11-23T12:00:00Z", run_id=7).after(second)
    graded = GradingRun("2026-11-23T10:00:00Z", 5, "https://github.com/5")
    assert first.graded is None
    assert (second.graded, third.graded) == (graded, graded)
    assert (third.run_id, third.created_at) == (7, "2026-11-23T12:00:00Z")
