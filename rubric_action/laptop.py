"""The gate outside of GitHub: files in, a verdict on the terminal out."""

import asyncio
import json
import signal
import subprocess
from collections.abc import Coroutine, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Literal, TypeVar

import click

from rubric_action.errors import (
    EXIT_ERROR,
    EXIT_FAIL,
    EXIT_PASS,
    InputError,
    Interrupted,
    Place,
    Problem,
)
from rubric_action.gate.evidence import BarNotCompared
from rubric_action.gate.model import NoBaseline, Verdict
from rubric_action.grading.endpoint import judge_key
from rubric_action.pipeline import Request, run
from rubric_action.progress import progress
from rubric_action.report.baseline import NO_BASELINE_YET
from rubric_action.report.console import lines
from rubric_action.report.model import Report, RunInfo, RunMode
from rubric_action.report.stored import open_path
from rubric_action.report.summary import summary
from rubric_action.rubric.load import load_rubric
from rubric_action.rubric.model import Rubric

Result = TypeVar("Result")
NOT_GIVEN = BarNotCompared("no `--base-rubric` was given")


@dataclass(frozen=True, slots=True)
class Options:
    """What `rubric-action gate` was called with."""

    root: Path = Path()
    rubric: str = "eval/rubric.yaml"
    outputs: str | None = None
    baseline: Path | None = None
    base_rubric: Path | None = None
    results: Path = Path("rubric-results")
    mode: RunMode = "gate"
    concurrency: int | None = None
    max_judge_cost: float | None = None
    judge_base_url: str | None = None
    judge_model: str | None = None
    as_json: bool = False


def gate_here(options: Options, environ: Mapping[str, str]) -> int:
    """Run the gate, print the verdict, and return the exit code."""
    report = run_to_end(run(request_of(options, environ)))
    for line in lines(report):
        click.echo(line, err=options.as_json)
    click.echo(f"results in {options.results}", err=True)
    if options.as_json:
        click.echo(json.dumps(summary(report), ensure_ascii=False))
    return exit_code(report.decision.verdict, options.mode)


def exit_code(verdict: Verdict, mode: RunMode) -> int:
    """By the verdict; a baseline run records a failure and exits 0."""
    if verdict == "error":
        return EXIT_ERROR
    return EXIT_FAIL if verdict == "fail" and mode == "gate" else EXIT_PASS


def request_of(options: Options, environ: Mapping[str, str]) -> Request:
    """Everything the run needs, read from files."""
    base = options.base_rubric
    rubric = read_rubric(options.root / options.rubric, options.rubric)
    _refuse_same(options)
    return Request(
        root=options.root,
        rubric=rubric,
        results=options.results,
        run=RunInfo(
            created_at=datetime.now(UTC).isoformat(timespec="seconds"),
            mode=options.mode,
            sha=_commit(options.root),
        ),
        environ=environ,
        base=read_rubric(base, str(base)) if base else NOT_GIVEN,
        baseline=open_path(options.baseline) if options.baseline else NoBaseline(NO_BASELINE_YET),
        progress=progress(),
        outputs=options.outputs,
        concurrency=options.concurrency,
        judge_key=judge_key(rubric.judge.models[0].provider, environ) if rubric.judge else None,
        judge_base_url=options.judge_base_url,
        judge_model=options.judge_model,
        max_judge_cost=options.max_judge_cost,
    )


def _refuse_same(options: Options) -> None:
    """The baseline is read while the results are written; they can't be one folder."""
    if options.baseline and options.baseline.resolve() == options.results.resolve():
        what = f"`{options.results}` is the baseline's folder too"
        mend = "Give the results a folder of their own with `--results`"
        raise InputError(Problem(Place("the command line"), what, mend, "--results"))


def read_rubric(path: Path, name: str) -> Rubric:
    """A rubric file; one that is not there is an InputError that says how to get one."""
    try:
        text = path.read_bytes().decode("utf-8")
    except FileNotFoundError:
        mend = "Give its path with `--rubric`, or see one at work: `rubric-action demo`"
        raise InputError(Problem(Place(name), "there is no such file", mend)) from None
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(Problem(Place(name), str(error), "Write it as UTF-8 text")) from error
    return load_rubric(text, name)


def validated(root: Path, rubric: str) -> Iterator[str]:
    """Check everything that can be checked for nothing; a line for each thing that holds."""
    from rubric_action.cases.load import load_cases
    from rubric_action.grading.calibration import load_calibration
    from rubric_action.grading.preflight import check_cases

    loaded = read_rubric(root / rubric, rubric)
    yield f"{rubric}: {len(loaded.axes)} axes, {len(loaded.slices)} slices, valid"
    cases = load_cases(loaded, root)
    check_cases(loaded, cases)
    yield f"{', '.join(loaded.cases)}: {len(cases)} cases, valid"
    if loaded.judge and loaded.judge.calibration:
        items = load_calibration(root, loaded)
        yield f"{loaded.judge.calibration}: {len(items)} graded answers, valid"
    yield from (f"warning: {warning}" for warning in cases.warnings)


def stored_report(folder: Path, form: Literal["md"]) -> str:
    """The report of a finished run in another form."""
    from rubric_action.report.folder import COMMENT

    stored = open_path(folder)
    file = stored.opener(COMMENT)
    if file is None:
        problem = Problem(Place(str(folder)), f"it has no {COMMENT}", "Run the gate again")
        raise InputError(problem)
    with file:
        return file.read().decode("utf-8")


def run_to_end(work: Coroutine[Any, Any, Result]) -> Result:
    """Run a coroutine; SIGINT and SIGTERM cancel it in good order and raise `Interrupted`."""

    async def guarded() -> Result:
        task = asyncio.ensure_future(work)
        loop = asyncio.get_running_loop()
        for number in (signal.SIGINT, signal.SIGTERM):
            loop.add_signal_handler(number, task.cancel)
        return await task

    try:
        return asyncio.run(guarded())
    except asyncio.CancelledError:
        raise Interrupted("Interrupted. Every reply that was paid for is kept.") from None


def _commit(root: Path) -> str | None:
    """The commit that is checked out, where there is one."""
    command = ["git", "-C", str(root), "rev-parse", "--verify", "-q", "HEAD"]
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=5, check=False)  # noqa: S603
    except (OSError, subprocess.TimeoutExpired):
        return None
    return done.stdout.strip() or None
