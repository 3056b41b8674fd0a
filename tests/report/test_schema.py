"""What other programs may rely on: real results fit the shipped schemas, and nothing is unsaid."""

import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from rubric_action.gate.model import Finding
from rubric_action.gate.override.apply import with_override
from rubric_action.gate.override.facts import Use
from rubric_action.gate.override.model import Override
from rubric_action.report.audit import audit_lines
from rubric_action.report.summary import summary
from tests.fakes.judge import JudgeServer
from tests.report.overrides import at, failing, granted, grounds, refused
from tests.report.scenario import NAMES, Scenario

SUMMARY = json.loads((files("rubric_action.report") / "summary.schema.json").read_text("utf-8"))
CASE = json.loads((files("rubric_action.report") / "cases.schema.json").read_text("utf-8"))
AUDIT = json.loads((files("rubric_action.report") / "audit.schema.json").read_text("utf-8"))

FINDING = "kind severity slice axis case observed required baseline interval sentence overridable"
PROMISED = {
    "": "schema verdict headline findings slices ceilings spend judge baseline override run "
    "measured override_decision broken",
    "slices.head": "cases passed pass_rate interval thin axes",
    "slices.head.axes.faithfulness": "mean interval min baseline delta paired_cases",
    "ceilings": "latency_p95_s cost_per_session_usd",
    "ceilings.latency_p95_s": "observed limit weighed",
    "ceilings.cost_per_session_usd": "observed limit weighed",
    "spend": "judge_calls judge_cached judge_cost_usd input_tokens output_tokens agent_sessions",
    "judge": "provider model agreement",
    "baseline": "sha run_id age_days regraded",
    "run": "sha event created_at rubric_digest",
}
PROMISED_OF_A_CASE = "id slices passed axes rules trials latency_s cost_usd history fingerprint"


@pytest.mark.parametrize("schema", [SUMMARY, CASE, AUDIT], ids=["summary", "cases", "audit"])
def test_schemas_are_valid(schema: Any) -> None:
    """The schemas follow their own specification."""
    Draft202012Validator.check_schema(schema)


@pytest.mark.parametrize("name", NAMES)
def test_results_fit(name: str, tmp_path: Path, judge_server: JudgeServer) -> None:
    """The results of every golden run fit, and hold no key that the schemas don't name."""
    scenario = Scenario(name, tmp_path, judge_server)
    scenario.run()
    summary = scenario.workspace.summary("results")
    check(SUMMARY, summary)
    for record in scenario.workspace.records("cases.jsonl", "results"):
        check(CASE, record)
        assert set(PROMISED_OF_A_CASE.split()) <= record.keys()
        if record["passed"] is None:
            assert record["cause"]


def test_promised_fields(tmp_path: Path, judge_server: JudgeServer) -> None:
    """Every field that others may rely on is there, under its promised name."""
    scenario = Scenario("thresholds-and-drops", tmp_path, judge_server)
    scenario.run()
    summary = scenario.workspace.summary("results")
    for path, names in PROMISED.items():
        found = summary
        for key in filter(None, path.split(".")):
            found = found[key]
        assert set(names.split()) <= found.keys(), path
    for finding in summary["findings"]:
        assert set(FINDING.split()) <= finding.keys()


@pytest.mark.parametrize("outcome", [granted, refused])
def test_overrides_fit(
    outcome: Callable[[Sequence[Finding]], Override], tmp_path: Path, judge_server: JudgeServer
) -> None:
    """A request that was granted or refused fits, in the summary and in the audit."""
    report = Scenario("thresholds-and-drops", tmp_path, judge_server).run()
    findings = failing(report.decision)
    told = replace(
        report,
        decision=with_override(report.decision, outcome(findings)),
        run=report.run.after(report.run),
        uses=(Use(3, at(0)),),
    )
    check(SUMMARY, plain(summary(told)))
    for line in audit_lines(told, grounds(findings)):
        check(AUDIT, plain(line))


@pytest.mark.parametrize(
    ("path", "value"),
    [
        (("verdict",), "green"),
        (("measured", "verdict"), "overridden"),
        (("steps", 3, "findings"), ["threshold"]),
        (("broken", 0, "scores", 0, "now"), "good"),
        (("override",), {"by": "mona"}),
        (("override_decision",), {"state": "granted"}),
        (("spend", "judge_calls"), -1),
        (("findings", 0, "severity"), "off"),
        (("slices", "head", "axes", "faithfulness", "mean"), 1.2),
        (("run", "created_at"), None),
        (("schema",), "rubric-results/2"),
    ],
)
def test_schema_refuses(
    path: tuple[str | int, ...], value: object, tmp_path: Path, judge_server: JudgeServer
) -> None:
    """The schema holds more than the names of keys."""
    scenario = Scenario("thresholds-and-drops", tmp_path, judge_server)
    scenario.run()
    summary = scenario.workspace.summary("results")
    *above, last = path
    inner = summary
    for key in above:
        inner = inner[key]
    inner[last] = value
    assert not Draft202012Validator(SUMMARY).is_valid(summary)


def plain(value: Any) -> Any:
    """The value as it comes off the disk."""
    return json.loads(json.dumps(value))


def check(schema: Any, value: Any) -> None:
    """The value fits, and each of its keys is described."""
    errors = [
        f"{e.json_path}: {e.message}" for e in Draft202012Validator(schema).iter_errors(value)
    ]
    assert errors == []
    assert list(undescribed(schema, schema, value, "$")) == []


def undescribed(root: Any, schema: Any, value: Any, at: str) -> Iterator[str]:
    """Keys of the value that the schema has no word for."""
    if "$ref" in schema:
        schema = root["$defs"][schema["$ref"].rpartition("/")[2]]
    if isinstance(value, list):
        for each in value:
            yield from undescribed(root, schema.get("items", {}), each, f"{at}[]")
    if isinstance(value, dict):
        others = schema.get("additionalProperties")
        for key, inner in value.items():
            below = schema.get("properties", {}).get(key, others)
            if below is None:
                yield f"{at}.{key}"
            else:
                yield from undescribed(root, below, inner, f"{at}.{key}")
