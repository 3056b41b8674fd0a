"""The demo: the shipped example agent, gated before and after a change that looks like a win."""

import os
import shutil
import sys
from collections.abc import Mapping
from dataclasses import replace
from importlib.resources import as_file, files
from pathlib import Path

import click

from rubric_action.errors import EXIT_ERROR, EXIT_PASS, InputError, Place, Problem
from rubric_action.laptop import Options, request_of
from rubric_action.pipeline import run
from rubric_action.report.console import lines
from rubric_action.report.model import Report
from rubric_action.running import run_to_end

VERSION_VARIABLE = "SHOP_AGENT_VERSION"
BEFORE, AFTER = Path("results-main"), Path("results-pull-request")
CHANGE = '"quote three passages instead of one, be friendlier, be generous"'

OPENING = """\
Rubric Action gates a support agent that answers from {documents} documents of a shop.
Good enough to ship is a file, {into}/eval/rubric.yaml:
{axes} axes, {slices} slices, {cases} cases.

1. main, the agent as it is: {before}

2. a pull request, {change}:
"""

NEXT = """\
Read with the averages alone, this change is a win. The rubric says where it is not.

Look around
  {into}/eval/rubric.yaml    the bar, as a file that one can git blame
  {into}/{after}/    comment.md as the pull request shows it, summary.json, cases.jsonl

Next, in your own repository
  1. Write eval/rubric.yaml, beginning with the one above; 20 cases and two slices are a start.
  2. Say where answers come from: `agent: {{outputs: FILE}}` for sessions that a script of yours
     wrote, `agent: {{command: "python agent.py"}}` for a process that reads and writes JSON lines.
  3. rubric-action validate
     rubric-action gate --mode baseline --results rubric-baseline
  4. Change the agent, then: rubric-action gate --baseline rubric-baseline
  5. Add the workflow from the README, and every pull request is gated.
"""


def demonstrate(into: Path, environ: Mapping[str, str]) -> int:
    """Put the example into a folder, gate it twice, tell the story; 0 if it came out as told."""
    unpack(into)
    before = _gate(into, environ, "before", None, BEFORE)
    opening = OPENING.format(
        documents=len(list((into / "docs").glob("*.md"))),
        into=into,
        axes=len(before.axes),
        slices=len(before.decision.slices),
        cases=before.cases,
        before=before.decision.headline,
        change=CHANGE,
    )
    click.echo(opening)
    after = _gate(into, environ, "after", into / BEFORE, AFTER)
    for line in lines(after):
        click.echo(line)
    click.echo("\n" + NEXT.format(into=into, after=AFTER))
    told = before.decision.verdict == "pass" and after.decision.verdict == "fail"
    return EXIT_PASS if told else EXIT_ERROR


def unpack(into: Path) -> None:
    """The example as a repository of its own: the agent, its documents, its rubric and cases.

    A folder that holds anything but an earlier demo is refused: its rubric would be overwritten.
    """
    if into.exists() and not (into / BEFORE).is_dir() and (into.is_file() or any(into.iterdir())):
        mend = "Give a new folder with `--into`."
        raise InputError(Problem(Place(str(into)), "it is there already, and no demo", mend))
    with as_file(files("rubric_action") / "demo") as example:
        shutil.copytree(
            example, into, dirs_exist_ok=True, ignore=shutil.ignore_patterns("__*", "*.pyc")
        )


def _gate(
    into: Path, environ: Mapping[str, str], version: str, baseline: Path | None, results: Path
) -> Report:
    """One run of the gate over the example, as `rubric-action gate` does it."""
    options = Options(
        root=into,
        baseline=baseline,
        base_rubric=into / "eval" / "rubric.yaml",
        results=into / results,
        mode="gate" if baseline else "baseline",
    )
    own_python = os.pathsep.join((str(Path(sys.executable).parent), environ.get("PATH", "")))
    seen = {**environ, "PATH": own_python, VERSION_VARIABLE: version}
    return run_to_end(run(replace(request_of(options, seen), progress=Silent())))


class Silent:
    """No progress: the demo is done in a second."""

    def start(self, total: int) -> None:
        """Say nothing."""

    def step(self, done: int) -> None:
        """Say nothing."""
