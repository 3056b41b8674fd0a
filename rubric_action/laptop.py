"""The gate outside of GitHub: files in, a verdict on the terminal out."""

import json
import subprocess
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Literal

import click

from rubric_action.cases.jsonl import open_file
from rubric_action.cases.shard import WHOLE, Shard
from rubric_action.errors import (
    EXIT_PASS,
    InputError,
    Place,
    Problem,
)
from rubric_action.gate.evidence import BarNotCompared
from rubric_action.gate.model import NoBaseline
from rubric_action.grading.embedding_setup import asked_models, embeddings_key
from rubric_action.grading.keys import judge_keys
from rubric_action.grading.preflight import with_judge
from rubric_action.messages import in_workflow, say
from rubric_action.pipeline import Request, exit_code, run
from rubric_action.progress import progress
from rubric_action.report.baseline import NO_BASELINE_YET
from rubric_action.report.model import Report, RunInfo, RunMode
from rubric_action.report.numbers import count
from rubric_action.report.stored import open_path
from rubric_action.rubric.load import load_rubric
from rubric_action.rubric.model import Rubric
from rubric_action.rubric.source import MAX_BYTES, decode_text
from rubric_action.running import run_to_end

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
    fresh: bool = False
    as_json: bool = False
    shard: Shard | None = None
    plan: bool = False


def gate_here(options: Options, environ: Mapping[str, str]) -> int:
    """Run the gate, print the verdict, and return the exit code."""
    if options.plan:
        return _plan_here(options, environ)
    if options.shard is not None:
        return _shard_here(options, options.shard, environ)
    return _told(run_to_end(run(request_of(options, environ))), options, environ)


def merge_here(folders: Sequence[Path], options: Options, environ: Mapping[str, str]) -> int:
    """Join the results of shards, print the verdict, and return the exit code."""
    from rubric_action.merging import merge

    return _told(merge(request_of(options, environ), folders), options, environ)


def _shard_here(options: Options, shard: Shard, environ: Mapping[str, str]) -> int:
    """Run one shard, print what it did, and return the exit code."""
    from rubric_action.report.shard import lines, shard_summary
    from rubric_action.sharding import run_shard, shard_exit_code

    report = run_to_end(run_shard(request_of(options, environ), shard))
    _print(lines(report), shard_summary(report), options, environ)
    return shard_exit_code(report)


def _plan_here(options: Options, environ: Mapping[str, str]) -> int:
    """Tell what a run would take; nothing is asked, spent or written."""
    from rubric_action.planning import plan
    from rubric_action.report.plan import as_json
    from rubric_action.report.plan_told import lines

    told = run_to_end(plan(request_of(options, environ), options.shard or WHOLE))
    say("\n".join(lines(told)), environ, err=options.as_json)
    if options.as_json:
        echo_json(as_json(told))
    return EXIT_PASS


def _told(report: Report, options: Options, environ: Mapping[str, str]) -> int:
    from rubric_action.report.console import lines
    from rubric_action.report.summary import summary

    _print(lines(report), summary(report), options, environ)
    return exit_code(report.decision.verdict, options.mode)


def _print(
    told: Iterable[str], summary: Mapping[str, Any], options: Options, environ: Mapping[str, str]
) -> None:
    say("\n".join(told), environ, err=options.as_json)
    say(f"results in {options.results}", environ, err=True)
    if options.as_json:
        echo_json(summary)


def echo_json(value: Mapping[str, Any]) -> None:
    """Print it, escaped, so that no text in it is a command to GitHub's runner."""
    click.echo(json.dumps(value).replace("##[", "#\\u0023["))


def request_of(options: Options, environ: Mapping[str, str]) -> Request:
    """Everything the run needs, read from files."""
    base = options.base_rubric
    rubric = read_rubric(options.root / options.rubric, options.rubric)
    _refuse_same(options)
    asked = with_judge(rubric, base_url=options.judge_base_url, model=options.judge_model)
    judges = asked.judge.models if asked.judge else ()
    return Request(
        root=options.root,
        rubric=rubric,
        results=options.results,
        run=RunInfo(
            created_at=datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
            mode=options.mode,
            sha=_commit(options.root),
        ),
        environ=environ,
        base=read_rubric(base, str(base), "--base-rubric")
        if base
        else replace(NOT_GIVEN, stand_in=options.mode == "gate"),
        baseline=open_path(options.baseline) if options.baseline else NoBaseline(NO_BASELINE_YET),
        progress=progress(),
        outputs=options.outputs,
        concurrency=options.concurrency,
        judge_keys=judge_keys(asked_models(asked), environ)[: len(judges)],
        embeddings_key=embeddings_key(asked, environ),
        judge_base_url=options.judge_base_url,
        judge_model=options.judge_model,
        max_judge_cost=options.max_judge_cost,
        resume=not options.fresh,
    )


def _refuse_same(options: Options) -> None:
    """The baseline is read while the results are written; they can't be one folder."""
    if options.baseline and options.baseline.resolve() == options.results.resolve():
        what = f"`{options.results}` is the baseline's folder too"
        mend = "Give the results a folder of their own with `--results`."
        raise InputError(Problem(Place("the command line"), what, mend, "--results"))


def read_rubric(path: Path, name: str, option: str = "--rubric") -> Rubric:
    """A rubric file; one that is not there is an InputError that says how to get one."""
    if not path.exists():
        mend = f"Give its path with `{option}`, or see one at work: `rubric-action demo`."
        raise InputError(Problem(Place(name), "there is no such file", mend))
    with open_file(path, name) as file:
        return load_rubric(decode_text(file.read(MAX_BYTES + 1), name), name)


def validated(root: Path, rubric: str) -> Iterator[str]:
    """Check everything that can be checked for nothing; a line for each thing that holds."""
    from rubric_action.cases.load import load_cases
    from rubric_action.grading.calibration import load_calibration
    from rubric_action.grading.embedding_setup import check_comparisons
    from rubric_action.grading.preflight import NO_KEY_NEEDED, check_cases, check_judge

    loaded = read_rubric(root / rubric, rubric)
    judges = loaded.judge.models if loaded.judge else ()
    check_judge(loaded, keys=[NO_KEY_NEEDED] * len(judges))
    axes, slices = count(len(loaded.axes), "axis", "axes"), count(len(loaded.slices), "slice")
    yield f"{rubric}: {axes}, {slices}, valid"
    cases = load_cases(loaded, root)
    check_cases(loaded, cases.with_rules() if loaded.judge else cases)
    check_comparisons(
        loaded, cases.with_rules(), key=NO_KEY_NEEDED, keys=[NO_KEY_NEEDED] * len(judges)
    )
    yield f"{', '.join(loaded.cases)}: {count(len(cases), 'case')}, valid"
    if loaded.judge and loaded.judge.calibration:
        items = load_calibration(root, loaded.judge.calibration, loaded.axes)
        yield f"{loaded.judge.calibration}: {count(len(items), 'graded answer')}, valid"
    yield from (f"warning: {warning}" for warning in cases.warnings)


def print_report(
    folder: Path, form: Literal["md"], out: Path | None, environ: Mapping[str, str]
) -> None:
    """Print the report of a finished run in one of its forms, or write it to a file.

    A file or a pipe gets it as it is; on a terminal and in a log, what is hidden in it shows.
    """
    text = stored_report(folder, form)
    if out is None:
        if sys.stdout.isatty() or in_workflow(environ):
            say(text.removesuffix("\n"), environ)
        else:
            click.echo(text, nl=False)
        return
    write_out(text, out, environ)


def write_out(text: str, out: Path, environ: Mapping[str, str]) -> None:
    """Write what `--out` asks for; a file that cannot be written is an InputError."""
    try:
        out.write_text(text, encoding="utf-8")
    except OSError as error:
        what = f"the file cannot be written: {error.strerror}"
        raise InputError(Problem(Place(str(out)), what, "Give another one with `--out`.")) from None
    say(f"wrote {out}", environ, err=True)


def stored_report(folder: Path, form: Literal["md"]) -> str:
    """The report of a finished run in another form."""
    from rubric_action.report.folder import COMMENT

    stored = open_path(folder)
    file = stored.opener({"md": COMMENT}[form])
    if file is None:
        problem = Problem(Place(str(folder)), f"it has no {COMMENT}", "Run the gate again.")
        raise InputError(problem)
    with file:
        return file.read().decode("utf-8", "replace")


def _commit(root: Path) -> str | None:
    """The commit that is checked out, where there is one."""
    command = ["git", "-C", str(root), "rev-parse", "--verify", "-q", "HEAD"]
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=5, check=False)  # noqa: S603
    except (OSError, subprocess.TimeoutExpired):
        return None
    return done.stdout.strip() or None
