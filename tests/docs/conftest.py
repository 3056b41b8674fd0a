import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from rubric_action.assemble import rewrite_results
from rubric_action.gate.evidence import Policy
from rubric_action.gate.override.apply import with_override
from rubric_action.gate.override.facts import Use
from rubric_action.gate.reliability import Reliability
from rubric_action.gate.statistics.agreement import Table
from rubric_action.report.audit import audit_lines
from rubric_action.report.folder import ResultsFolder
from rubric_action.report.model import JudgeInfo
from rubric_action.report.recall import report_of_stored
from rubric_action.report.stored import open_path
from tests.docs.pages import README, ROOT, marked
from tests.fakes.judge import JudgeServer
from tests.report.overrides import at, failing, granted, grounds, refused

OUTSIDE = ("RUBRIC_", "OPENAI_", "ANTHROPIC_", "GITHUB_", "INPUT_")


def rubric_action(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
    """Run the command as a user would, without the keys of this machine."""
    quiet = {name: value for name, value in os.environ.items() if not name.startswith(OUTSIDE)}
    return subprocess.run(
        [sys.executable, "-m", "rubric_action", *map(str, arguments)],
        cwd=ROOT,
        env=quiet,
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )


@pytest.fixture(scope="session")
def demo_results(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, ...]:
    """The two results folders of the demo: before the change, and after it."""
    into = tmp_path_factory.mktemp("demo")
    done = rubric_action("demo", "--into", into)
    assert done.returncode == 0, done.stderr
    return into / "results-main", into / "results-pull-request"


@pytest.fixture(scope="session")
def readme_project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A repository made of what the README shows: its rubric, its cases, its sessions."""
    root = tmp_path_factory.mktemp("readme")
    (root / "eval" / "cases").mkdir(parents=True)
    written = {
        "eval/rubric.yaml": marked(README, "a rubric"),
        "eval/cases/first.jsonl": marked(README, "cases"),
        "eval/outputs.jsonl": marked(README, "sessions"),
    }
    for name, text in written.items():
        (root / name).write_text(text, encoding="utf-8")
    return root


@pytest.fixture(scope="session")
def judged_results(readme_project: Path) -> tuple[Path, ...]:
    """The README's project graded by a model: as a baseline, then under a rubric that changed.

    The change takes a minimum down and gives a slice a ceiling of its own.
    """
    rubric = readme_project / "eval" / "rubric.yaml"
    changed = rubric.read_text(encoding="utf-8").replace(
        "gate: hard}", "gate: hard, latency_p95: 4s}"
    )
    changed = changed.replace("faithfulness: 0.92", "faithfulness: 0.9")
    (readme_project / "eval" / "changed.yaml").write_text(changed, encoding="utf-8")
    before, after = readme_project / "before", readme_project / "after"
    with JudgeServer() as judge:
        common = ("gate", "--root", readme_project, "--judge-base-url", judge.base_url)
        first = rubric_action(*common, "--mode", "baseline", "--results", before)
        second = rubric_action(
            *common,
            *("--rubric", "eval/changed.yaml", "--base-rubric", rubric),
            *("--baseline", before, "--results", after),
        )
    assert (first.returncode, second.returncode) == (0, 1), first.stderr + second.stderr
    return before, after


@pytest.fixture(scope="session")
def held_results(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The shipped example of conversations, with users who say three things each."""

    def score(prompt: str, axis: str) -> tuple[float, str]:
        return float(axis != "done" or "turn 3 you said" in prompt), "A few words."

    results = tmp_path_factory.mktemp("held") / "results"
    with JudgeServer(score) as judge:
        done = rubric_action(
            *("gate", "--root", ROOT / "examples" / "conversations", "--rubric", "axes.yaml"),
            *("--judge-base-url", judge.base_url, "--results", results),
        )
    assert done.returncode in (0, 1), done.stderr
    return results


def watched(judge: JudgeInfo) -> JudgeInfo:
    """The judge, as one that was held against people; one of its grades is missing."""
    found = Reliability(Table(9, 1, 2, 11), 12, ungraded=1, cause="it would not")
    assert found.agreement is not None
    return replace(judge, agreement=found.agreement.value, reliability=found)


@pytest.fixture(scope="session")
def signed_results(
    judged_results: tuple[Path, ...], tmp_path_factory: pytest.TempPathFactory
) -> tuple[Path, ...]:
    """The failing run decided again, twice: nobody may sign for it yet, then somebody does."""
    into, stored = tmp_path_factory.mktemp("signed"), open_path(judged_results[1])
    measured = report_of_stored(stored, Policy())
    findings = failing(measured.decision)
    lines: list[dict[str, Any]] = []
    for outcome in (refused, granted):
        report = replace(
            measured,
            run=replace(measured.run, run_id=9, url="https://github.com/9").after(
                replace(measured.run, run_id=5, url="https://github.com/5")
            ),
            decision=with_override(measured.decision, outcome(findings)),
            uses=(Use(3, at(0)),),
            judge=measured.judge and watched(measured.judge),
        )
        lines += audit_lines(report, grounds(findings))
        folder = ResultsFolder(into / outcome.__name__, str)
        rewrite_results(folder, stored, report, lines)
    return into / "refused", into / "granted"
