"""action.yml, the settings, the docs and the README say the same."""

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml

from rubric_action.github.announcement import of_report
from rubric_action.github.inputs import Inputs, input_name, read_inputs
from tests.github.reports import report_of

ROOT = Path(__file__).parents[2]
PAGES = [path for path in (ROOT / "docs/action.md", ROOT / "README.md") if path.exists()]
NO_DEFAULT = {"none", "the rubric's", "the job's token"}


@pytest.fixture(scope="module")
def action() -> Mapping[str, Any]:
    """What action.yml says."""
    loaded: Mapping[str, Any] = yaml.safe_load((ROOT / "action.yml").read_text())
    return loaded


def table(page: Path, name: str) -> dict[str, list[str]]:
    """The rows of the table between `<!-- name -->` and its end, by their first cell."""
    text = page.read_text()
    match = re.search(rf"<!-- {name} -->(.*?)<!-- /{name} -->", text, re.DOTALL)
    assert match, f"{page.name} has no table between <!-- {name} --> and <!-- /{name} -->"
    rows = [line.strip("|").split("|") for line in match[1].splitlines() if line.startswith("| `")]
    return {row[0].strip(" `"): [cell.strip() for cell in row[1:]] for row in rows}


def test_the_action_has_the_inputs_that_are_read(action: Mapping[str, Any]) -> None:
    """No input is declared and not read, or read and not declared."""
    assert list(action["inputs"]) == [input_name(name) for name in Inputs.model_fields]


def test_the_declared_defaults_are_the_defaults(action: Mapping[str, Any]) -> None:
    """A step in a workflow and a bare environment come to the same."""
    declared = {f"INPUT_{name.upper()}": one["default"] for name, one in action["inputs"].items()}
    token = {"INPUT_GITHUB-TOKEN": "ghs_x"}
    assert read_inputs(declared | token) == read_inputs(token)
    assert declared["INPUT_GITHUB-TOKEN"] == "${{ github.token }}"


def test_the_action_has_the_outputs_that_are_written(action: Mapping[str, Any]) -> None:
    """The comment's address is known last, and is written with the others."""
    written = {*of_report(report_of(), "r").outputs, "comment-url"}
    assert set(action["outputs"]) == written


def test_everything_is_described(action: Mapping[str, Any]) -> None:
    """Each input and output says in a sentence what it is."""
    for one in (*action["inputs"].values(), *action["outputs"].values()):
        assert one["description"].strip().endswith(".")


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_the_page_lists_the_inputs_with_their_defaults(
    page: Path, action: Mapping[str, Any]
) -> None:
    """Names, order and defaults are those of action.yml."""
    listed = table(page, "inputs")
    assert list(listed) == list(action["inputs"])
    for name, one in action["inputs"].items():
        shown = listed[name][0]
        if shown in NO_DEFAULT:
            assert one["default"] in {"", "${{ github.token }}"}
        else:
            assert shown == f"`{one['default']}`"


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_the_page_lists_the_outputs(page: Path, action: Mapping[str, Any]) -> None:
    """Names and order are those of action.yml."""
    assert list(table(page, "outputs")) == list(action["outputs"])


def test_the_action_runs_the_image(action: Mapping[str, Any]) -> None:
    """It is a Docker container action, whose start the Dockerfile names."""
    assert action["runs"] == {"using": "docker", "image": "Dockerfile"}
    assert "/opt/rubric-action/entrypoint.py" in (ROOT / "Dockerfile").read_text()
