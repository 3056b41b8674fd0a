import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any, get_args

import pytest
import yaml

from rubric_action.gate.model import Kind, Verdict
from rubric_action.rubric.load import load_rubric
from tests.docs.conftest import rubric_action
from tests.docs.pages import PAGES, README, RESULTS, ROOT, between, fences, name_of, read, rows


def workflows(page: Path) -> list[str]:
    """The page's workflows."""
    return [each.text for each in fences(page) if each.language == "yaml" and "jobs:" in each.text]


def action() -> dict[str, Any]:
    """action.yml."""
    loaded: dict[str, Any] = yaml.safe_load(read(ROOT / "action.yml"))
    return loaded


def cell(text: str) -> str:
    """A text as a table's cell."""
    return " ".join(text.split()).replace("|", "\\|")


def test_the_inputs_are_action_yml_s() -> None:
    """Each input stands in the README's table, with its default and in the same words."""
    expected = [
        [f"`{name}`", f"`{one['default']}`" if one["default"] else "none", cell(one["description"])]
        for name, one in action()["inputs"].items()
    ]
    assert rows(between(README, "inputs", "/inputs")) == expected


def test_the_outputs_are_action_yml_s() -> None:
    """Each output stands in the README's table, in the same words."""
    expected = [
        [f"`{name}`", cell(one["description"])] for name, one in action()["outputs"].items()
    ]
    assert rows(between(README, "outputs", "/outputs")) == expected


@pytest.mark.parametrize("page", [page for page in PAGES if workflows(page)], ids=name_of)
def test_the_workflows_are_github_s(page: Path, tmp_path: Path) -> None:
    """A workflow that a page shows passes the schema of workflows, and pins what it may do."""
    for number, text in enumerate(workflows(page)):
        file = tmp_path / f"{number}.yml"
        file.write_text(text, encoding="utf-8")
        check = ["check_jsonschema", "--builtin-schema", "vendor.github-workflows"]
        done = subprocess.run(
            [sys.executable, "-m", *check, str(file)],
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stdout
        assert yaml.safe_load(text)["permissions"] == {}


def test_the_workflow_uses_the_action_as_it_is() -> None:
    """The README's step gives inputs that exist, and uploads the folder that the action writes."""
    (text,) = workflows(README)
    steps = yaml.safe_load(text)["jobs"]["gate"]["steps"]
    inputs = action()["inputs"]
    (gate,) = [step for step in steps if "rubric-action" in step.get("uses", "")]
    (upload,) = [step for step in steps if "upload-artifact" in step.get("uses", "")]
    assert gate["with"].keys() <= inputs.keys()
    assert upload["if"] == "always()"
    assert upload["with"]["path"] == inputs["results"]["default"]
    assert f"'{inputs['baseline-artifact']['default']}'" in upload["with"]["name"]


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_the_rubrics_load(page: Path) -> None:
    """Every block that is a whole rubric is one that the loader takes."""
    for fence in fences(page):
        whole = fence.language == "yaml" and fence.text.startswith("version:")
        assert whole or fence.mark != "a rubric"
        if whole:
            assert load_rubric(fence.text, page.name).slices


def test_the_example_is_valid(readme_project: Path) -> None:
    """What the README shows of a rubric and of cases passes `validate`."""
    done = rubric_action("validate", "--root", readme_project)
    assert done.returncode == 0, done.stderr
    assert "2 cases, valid" in done.stdout


def test_the_example_runs(judged_results: tuple[Path, ...]) -> None:
    """The README's rubric, cases and sessions make a verdict, and a lowered minimum is found."""
    before, after = (json.loads(read(one / "summary.json")) for one in judged_results)
    assert before["verdict"] == "pass"
    assert [one["kind"] for one in after["findings"]] == ["bar-lowered"]


def test_one_call_a_case(judged_results: tuple[Path, ...]) -> None:
    """The README's claim on cost: a call a case, and none for an answer that did not change."""
    spend = [json.loads(read(one / "summary.json"))["spend"] for one in judged_results]
    assert [(one["judge_calls"], one["judge_cached"]) for one in spend] == [(2, 0), (0, 2)]


def test_the_runbook_has_every_finding() -> None:
    """Each kind has a row that says what it means and what to do."""
    table = read(README).partition("## When it is red")[2].partition("##")[0]
    kinds = {kind for row in rows(table) for kind in re.findall(r"`([a-z-]+)`", row[0])}
    assert kinds == set(get_args(Kind))


def test_every_verdict_has_its_exit_code() -> None:
    """The table of verdicts is whole."""
    table = read(README).partition("## How the verdict is made")[2].partition("##")[0]
    assert {row[0].strip("`") for row in rows(table)} == set(get_args(Verdict))


def test_the_results_name_every_finding() -> None:
    """`findings[].kind` lists the kinds that a run may find."""
    (row,) = [row for row in rows(read(RESULTS)) if row[0] == "`findings[].kind`"]
    assert set(re.findall(r"`([a-z-]+)`", row[2])) == set(get_args(Kind))
