"""What `examples/README.md` quotes is what comes out of the real recordings."""

import json
import re
import subprocess
import sys
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from tests.examples.recordings import ENVIRON, EXAMPLES, ROOT, lines

RECORDINGS = ROOT.parent / "shared" / "data"
README = (EXAMPLES / "README.md").read_text(encoding="utf-8")
SAID = " ".join(README.split())
SWAP = README.partition("## A real swap of models")[2]

pytestmark = pytest.mark.skipif(
    not (RECORDINGS / "tau-airline-gpt4o.json").is_file(),
    reason="the recordings of the examples are not beside the repository",
)


@pytest.fixture(scope="module")
def ran(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, list[str]]:
    """Everything that `run.sh` writes and prints; once for all tests here."""
    out = tmp_path_factory.mktemp("examples")
    command = f"{sys.executable} -P -m rubric_action"
    done = subprocess.run(
        [EXAMPLES / "run.sh", RECORDINGS, out],
        capture_output=True,
        text=True,
        env={**ENVIRON, "PYTHON": sys.executable, "RUBRIC_ACTION": command},
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return out, done.stdout.splitlines()


def test_every_printed_table_is_quoted(ran: tuple[Path, list[str]]) -> None:
    """The rows that the scripts print are the rows of the README, no more and no fewer."""
    results = re.findall(r"^\| `.*(?:pass|fail|error) \|$", README, re.MULTILINE)
    assert [line for line in ran[1] if line.startswith("| `")] == results


def test_every_quoted_output_is_printed(ran: tuple[Path, list[str]]) -> None:
    """A text block of the README stands in the output, word by word."""
    blocks = re.findall(r"```text\n(.*?)```", README, re.DOTALL)
    assert len(blocks) == 2
    for block in blocks:
        assert block in "\n".join(ran[1]) + "\n"


def test_the_share_of_unsteady_cases(ran: tuple[Path, list[str]]) -> None:
    """The README says how many cases of the unchanged agent have both outcomes."""
    passes: Counter[str] = Counter()
    for trial in range(4):
        for case in lines(ran[0] / f"tau/base-{trial}/cases.jsonl")[1:]:
            passes[case["id"]] += case["passed"]
    by_count = Counter(passes.values())
    never, always = by_count[0], by_count[4]
    mixed = len(passes) - never - always
    assert (
        f"{mixed} of {len(passes)} have both outcomes in four trials, {never} never pass, "
        f"{always} always do"
    ) in SAID


def test_the_unchanged_agent_is_blocked(ran: tuple[Path, list[str]]) -> None:
    """The false alarms are regressions, and a baseline with the history of all trials has none."""
    for trial in (1, 2, 3):
        summary = _summary(ran[0] / f"tau/trial-{trial}-after-{trial - 1}")
        assert {finding["kind"] for finding in summary["findings"]} == {"regression"}
    assert not _summary(ran[0] / "tau/trial-3-after-0-1-2")["findings"]


def test_the_broken_cases_of_the_swap_are_named(ran: tuple[Path, list[str]]) -> None:
    """The README tells of every case that broke, and of the hard slice."""
    summary = _summary(ran[0] / "notes/flash-lite")
    findings, doubts = summary["findings"], summary["cases"]["doubts"]
    named = set(re.findall(r"`([a-z]+(?:-[a-z]+){2,})`", SWAP)) - {"flash-lite"}
    broken = {finding["case"] for finding in findings if finding["kind"] == "regression"}
    cleared = {doubt["case"] for doubt in doubts if doubt["outcome"] == "luck"}
    assert (broken, broken | cleared) == ({"delete-one-file"}, named)
    hard = [finding["case"] for finding in findings if finding["kind"] == "hard-gate"]
    assert hard == ["delete-one-file"]


def test_the_tasks_that_are_left_out_are_counted(ran: tuple[Path, list[str]]) -> None:
    """The README says how many tasks only a model can judge."""
    (left_out,) = (line for line in ran[1] if line.startswith("left out"))
    assert len(left_out.split(": ")[1].split(", ")) == 5
    assert "Five tasks have no other check and are left out, so 49 remain." in SAID
    assert "49 cases, 2 models in notes" in ran[1]


def _summary(results: Path) -> dict[str, Any]:
    summary: dict[str, Any] = json.loads((results / "summary.json").read_text(encoding="utf-8"))
    return summary
