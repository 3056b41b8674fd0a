import json
from pathlib import Path
from typing import Any

from tests.docs.conftest import rubric_action
from tests.docs.pages import ROOT, between, rows

PAGE = ROOT / "docs" / "shards.md"
LIKE_A_RUN = ("spend", "judge", "run")
"""Told on the page of the results."""


def test_the_fields_are_those_of_a_shard(readme_project: Path, tmp_path: Path) -> None:
    """The page lists what a shard's summary holds, in its order, cut short as it is here."""
    rubric = (readme_project / "eval" / "rubric.yaml").read_text(encoding="utf-8")
    silent = "{command: /no/such/agent}"
    changed = rubric.replace("{outputs: eval/outputs.jsonl}", silent)
    assert silent in changed
    (readme_project / "eval" / "silent.yaml").write_text(changed, encoding="utf-8")
    given = ("--judge-base-url", "http://localhost:1/v1", "--rubric", "eval/silent.yaml")
    done = rubric_action(
        "gate", "--root", readme_project, "--shard", "1/2", "--results", tmp_path / "1", *given
    )
    assert done.returncode == 3, done.stderr
    summary = json.loads((tmp_path / "1" / "summary.json").read_text(encoding="utf-8"))
    told = [row[0].strip("`") for row in rows(between(PAGE, "fields of a shard", "end of fields"))]
    assert told == fields(summary)


def fields(summary: dict[str, Any]) -> list[str]:
    """The fields by their path, but for what is as in a run's summary."""
    found = []
    for name, value in summary.items():
        found.append(name)
        if isinstance(value, dict) and name not in LIKE_A_RUN:
            found += [f"{name}.{below}" for below in value]
    return found
