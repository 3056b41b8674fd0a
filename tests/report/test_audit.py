"""The line that a request to override leaves behind."""

import json
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest

from rubric_action.gate.decision import Decision, Measured
from rubric_action.gate.evidence import BarNotCompared, Policy
from rubric_action.gate.model import Finding, NoBaseline, Node
from rubric_action.gate.override.apply import unknown, with_override
from rubric_action.gate.override.facts import LabelEvent
from rubric_action.gate.override.model import Override
from rubric_action.grading.model import Spend
from rubric_action.report.audit import Grounds, audit_lines
from rubric_action.report.model import Report, RunInfo
from tests.report.overrides import BASE, HEAD, LABEL, MONA, at, granted, grounds, refused

NOW = (
    Finding("threshold", "fail", "Short", slice="head", axis="tone", observed=0.8, required=0.9),
    Finding("latency", "fail", "Slow", observed=4.5, required=4.0, key="ceilings.latency_p95"),
)
THEN = tuple(
    replace(finding, observed=observed) for finding, observed in zip(NOW, (0.7, 4.6), strict=True)
)
RUN = RunInfo(
    "2026-11-23T10:00:00Z", run_id=5, attempt=2, url="https://github.com/acme/bot/actions/runs/5"
)

URL = "https://github.com/acme/bot/pull/7#pullrequestreview-"
OF_HEAD = {"state": "APPROVED", "commit": HEAD}
APPROVAL = OF_HEAD | {
    "id": 33,
    "url": f"{URL}33",
    "by": "mona",
    "by_id": 11,
    "at": "2026-11-23T09:20:00Z",
    "reason": "demo day",
    "standing": "has the role maintain",
    "role": "maintain",
    "teams": {"acme/leads": "active"},
    "results_at": "2026-11-23T09:08:00Z",
    "results_artifact": 52,
}
COVERED = [
    {
        "kind": "threshold",
        "slice": "head",
        "axis": "tone",
        "case": None,
        "key": None,
        "required": 0.9,
        "observed": 0.8,
        "observed_then": 0.7,
    },
    {
        "kind": "latency",
        "slice": None,
        "axis": None,
        "case": None,
        "key": "ceilings.latency_p95",
        "required": 4.0,
        "observed": 4.5,
        "observed_then": 4.6,
    },
]
REJECTED = [
    {"who": "the label", "reason": "it was set by a bot before", "review": None},
    {
        "who": "hubot",
        "reason": "they opened the pull request themselves",
        "review": OF_HEAD
        | {"id": 31, "url": f"{URL}31", "by": "hubot", "by_id": 12, "at": "2026-11-23T09:12:00Z"},
    },
    {
        "who": "a deleted account",
        "reason": "nobody stands behind it",
        "review": OF_HEAD
        | {"id": 32, "url": f"{URL}32", "by": None, "by_id": None, "at": "2026-11-23T09:13:00Z"},
    },
]


def decision(findings: Sequence[Finding] = NOW) -> Decision:
    """A failed run that nobody has signed."""
    measured = Measured("fail", "Not ready", "Mend it.")
    step = Node("threshold", "fail", "Short", tuple(findings))
    return Decision("fail", "Not ready", "Mend it.", measured, (step,), {}, ())


def report(override: Override | None) -> Report:
    """The run under this outcome."""
    weighed = decision()
    return Report(
        run=RUN,
        decision=with_override(weighed, override) if override else weighed,
        baseline=NoBaseline("none yet"),
        bar=BarNotCompared("none"),
        policy=Policy(),
        spend=Spend(),
        digest="sha256:head",
    )


def line(override: Override, basis: Grounds | None = None) -> Any:
    """Its only line, as it comes off the disk."""
    (found,) = audit_lines(report(override), basis or grounds(THEN))
    return json.loads(json.dumps(found))


def test_what_is_kept_of_a_signature() -> None:
    """Everything that one needs to weigh it once more: who, when, why, on what, by which rules."""
    assert line(granted(NOW)) == {
        "at": "2026-11-23T09:40:00Z",
        "pull": 7,
        "counts": True,
        "state": "granted",
        "sentence": "signed by `mona`: demo day",
        "verdict": {"measured": "fail", "final": "overridden"},
        "head": HEAD,
        "base": BASE,
        "rubric": {"head": "sha256:head", "base": "sha256:base"},
        "run": {"id": 5, "attempt": 2, "url": RUN.url, "graded_by": 5},
        "label": {"event_id": 21, "by": "hubot", "by_id": 12, "at": "2026-11-23T09:10:00Z"},
        "review": APPROVAL,
        "floor": {"at": "2026-11-23T09:01:00Z", "what": "the push of the head commit"},
        "covered": COVERED,
        "left": [],
        "rejected": REJECTED,
        "notes": ["the author of 1a2b3c4 has no account"],
        "warnings": ["4 pull requests shipped by override: the rubric needs a rewrite."],
    }


def test_what_is_kept_of_a_refusal() -> None:
    """Who asked and who was turned down stay, with what is left; nothing counts."""
    found = line(refused(NOW))
    assert (found["counts"], found["state"]) == (False, "refused")
    assert found["verdict"] == {"measured": "fail", "final": "fail"}
    assert (found["review"], found["covered"]) == (None, [])
    assert found["label"]["by"] == "hubot"
    assert [one["who"] for one in found["rejected"]] == ["the label", "hubot", "a deleted account"]
    assert [(one["kind"], one["observed"], one["required"]) for one in found["left"]] == [
        ("threshold", 0.8, 0.9),
        ("latency", 4.5, 4.0),
    ]


def test_what_could_not_be_read_is_kept_too() -> None:
    """An error counts for nothing, and the line says so without a label, a floor or a review."""
    weighed = replace(report(None), decision=unknown(decision(), "GitHub is down.", "Wait."))
    (found,) = audit_lines(weighed, replace(grounds(), base_digest=None, backing=None))
    assert (found["counts"], found["state"]) == (False, "unknown")
    assert found["verdict"] == {"measured": "fail", "final": "error"}
    assert [found[name] for name in ("label", "floor", "review")] == [None, None, None]
    assert found["rubric"] == {"head": "sha256:head", "base": None}


@pytest.mark.parametrize("state", ["none", "unneeded", "impossible", "open", None])
def test_no_line_where_nobody_asked(state: Any) -> None:
    """The audit is of requests; a run that nobody wants to ship leaves no line."""
    override = Override(state, "nobody asked") if state else None
    assert list(audit_lines(report(override), grounds())) == []


def test_a_deleted_account_has_no_name() -> None:
    """Who set the label may be gone by now."""
    gone = replace(refused(NOW), label=LabelEvent(22, "ship-it", added=True, actor=None, at=at(2)))
    assert line(gone)["label"] == {
        "event_id": 22,
        "by": None,
        "by_id": None,
        "at": "2026-11-23T09:02:00Z",
    }


def test_what_nobody_looked_up_is_unknown() -> None:
    """Without what backs the signature its line says what is known, and null for the rest."""
    found = line(granted(NOW), replace(grounds(), backing=None))
    names = ("role", "teams", "results_at", "results_artifact")
    assert [found["review"][name] for name in names] == [None, {}, None, None]
    assert {one["observed_then"] for one in found["covered"]} == {None}
    assert found["review"]["by_id"] == MONA.id
    assert found["label"]["event_id"] == LABEL.id


def test_only_results_that_cover_count_as_seen() -> None:
    """A value that was better then is no value that the signer agreed to."""
    better = [replace(finding, observed=0.85) for finding in NOW]
    found = line(granted(NOW), grounds(better))
    assert [one["observed_then"] for one in found["covered"]] == [None, None]


def test_the_run_that_graded_is_named() -> None:
    """When it is decided again, the line tells both runs."""
    again = RunInfo("2026-11-23T11:00:00Z", run_id=9, attempt=1).after(RUN)
    told = replace(report(granted(NOW)), run=again)
    (found,) = audit_lines(told, grounds(THEN))
    assert (found["run"]["id"], found["run"]["graded_by"]) == (9, 5)
