"""The figures of size: a suite whose grades are all known, and a suite in shards."""

import hashlib
import json
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

from bench.figures import Size
from bench.measure import (
    ROOT,
    Measured,
    gate,
    gate_again,
    gate_command,
    judge,
    measure,
    script,
    taken_in_turn,
    workspace,
)
from bench.table import Line, count, ratio

MOST_MB = 300
MOST_GROWTH = 1.2
SMALLER = 20
"""The suite that a large one is held against has so many times fewer cases."""
TINY = 10
"""The cases of a run that is nearly all start."""
SHARDS = 8
BYTES = 1 << 20


def large(folder: Path, size: Size) -> list[Line]:
    """Many cases whose grades lie in the results folder: nobody is asked, all is read.

    They are run once: so many are a mean by themselves.
    """
    few = size.large // SMALLER
    of_tiny, of_few, of_all = (
        cached(folder / str(cases), cases) for cases in (TINY, few, size.large)
    )
    tiny_run, few_run = taken_in_turn(size.runs, of_tiny, of_few)
    run = of_all()
    ours_ms = 1000 * ratio(run.cpu_s - tiny_run.cpu_s, size.large - TINY)
    few_ms = 1000 * ratio(few_run.cpu_s - tiny_run.cpu_s, few - TINY)
    found = sum(found_again(folder / str(cases) / "results") for cases in (few, size.large))
    name = f"{size.large:,} cases, grades cached"
    return [
        Line(
            f"peak memory, {name}",
            f"{run.peak_mb:.0f} MB",
            f"{few:,} cases {few_run.peak_mb:.0f} MB",
            run.peak_mb,
            "MB",
            MOST_MB,
        ),
        Line(
            f"processor time a case, {name}, start left out",
            f"{ours_ms:.3f} ms",
            f"{few:,} cases {few_ms:.3f} ms",
            ratio(ours_ms, few_ms),
            "x",
            MOST_GROWTH,
        ),
        Line(
            f"wall a case, {name}",
            f"{run.wall_s / size.large * 1000:.3f} ms",
            f"{few:,} cases {few_run.wall_s / few * 1000:.3f} ms",
            run.wall_s / size.large * few / few_run.wall_s,
        ),
        count("replies that were not found again", few + size.large - found, f"{found:,} were"),
    ]


def found_again(results: Path) -> int:
    """How many replies a run took from where they were kept."""
    told: int = json.loads((results / "summary.json").read_text())["spend"]["judge_cached"]
    return told


def cached(folder: Path, cases: int) -> Callable[[], Measured]:
    """A run of the gate over cases whose replies it has; the judge that it names is nowhere."""
    workspace(folder, cases)
    grades = folder / "results" / "grades.jsonl"
    subprocess.run(script("fill", str(folder), str(grades)), check=True, cwd=ROOT)
    return lambda: gate_again(folder)


def shards(folder: Path, size: Size) -> list[Line]:
    """The suite in eight parts, merged: the decision has to be that of one run."""
    results = folder / "results"
    with judge(0) as at:
        workspace(folder, size.cases, *size.asking(at))
        whole = gate(folder, at)
        alone = decision(results)
        parts = []
        for index in range(1, SHARDS + 1):
            part = folder / "shards" / str(index)
            shard = ("--shard", f"{index}/{SHARDS}")
            parts.append(measure(gate_command(folder, part, *shard), at))
        shutil.rmtree(results)
        merged = measure(gate_command(folder, results, str(folder / "shards"), name="merge"), at)
    joined = decision(results)
    differ = [name for name, told in alone.items() if joined[name] != told]
    requests = sum(part.requests for part in parts) + merged.requests
    return [
        Line(
            f"parts of the decision that {SHARDS} shards and a merge change",
            ", ".join(differ) or "none",
            "one run",
            len(differ),
            "",
            0,
        ),
        count("requests of shards and merge over one run's", requests - whole.requests),
        Line("wall of the merge", f"{merged.wall_s:.2f} s", "", merged.wall_s, "s"),
    ]


def decision(results: Path) -> dict[str, Any]:
    """What was decided: the summary without the run itself, and the bytes of the cases."""
    told: dict[str, Any] = json.loads((results / "summary.json").read_text())
    del told["run"], told["spend"]
    with (results / "cases.jsonl").open("rb") as lines:
        digest = hashlib.sha256()
        while part := lines.read(BYTES):
            digest.update(part)
    return {**told, "cases.jsonl": digest.hexdigest()}
