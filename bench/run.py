"""Measures the gate against its floor, on this machine: `python bench/run.py`.

The floor is requests x latency / concurrency: what an endless fast client would take. A bare
aiohttp loop runs beside it, so that what the machine itself costs can be told apart. Every figure
is the median of `--runs` runs, each a process of its own, measured from outside. Ends with 1 when
a promise is broken: a request too many, a grade lost or changed, too far above the floor.
"""

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Any
from urllib.request import Request, urlopen

HERE = Path(__file__).resolve().parent
AXES = 5
MOST_OVER_FLOOR = 1.15
MOST_START_S = 0.5
KIB_A_MIB = 1024 if sys.platform == "linux" else 1024 * 1024
TIMES = 4
"""A second workspace has so many times the cases; what costs the same in both is the start."""


@dataclass(frozen=True, slots=True)
class Measured:
    """One process: times in seconds, memory in MiB. `start_s` is None when nothing was asked."""

    wall_s: float
    cpu_s: float
    peak_mib: float
    start_s: float | None
    requests: int
    wrong: int = 0


class Judge:
    """The judge's process, and what it has been asked."""

    def __init__(self, url: str) -> None:
        self.url = url

    def forget(self) -> None:
        """Start counting anew."""
        self._call("/forget", b"")

    def told(self) -> dict[str, Any]:
        """What it has seen since."""
        found: dict[str, Any] = json.loads(self._call("/told", None))
        return found

    def _call(self, path: str, data: bytes | None) -> bytes:
        with urlopen(Request(self.url + path, data=data), timeout=30) as response:  # noqa: S310
            told: bytes = response.read()
            return told


@contextmanager
def judge(latency_ms: float) -> Iterator[Judge]:
    """A judge on this machine, gone at the end."""
    command = [sys.executable, str(HERE / "judge.py"), "--latency-ms", str(latency_ms)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout  # noqa: S101 (asked for above)
        try:
            yield Judge(process.stdout.readline().strip())
        finally:
            process.terminate()


def measure(command: Sequence[str], at: Judge | None = None) -> Measured:
    """Run a command to its end. Exits when it fails: a failed run has no figures."""
    if at:
        at.forget()
    with tempfile.TemporaryFile("w+") as log:
        began, began_at = time.perf_counter(), time.time()
        process = subprocess.Popen(command, stdout=log, stderr=log)
        _, status, used = os.wait4(process.pid, 0)
        wall_s = time.perf_counter() - began
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode:
            log.seek(0)
            sys.exit(f"{' '.join(command)} ended with {process.returncode}:\n{log.read()}")
    told: dict[str, Any] = at.told() if at else {"requests": 0}
    start_s = told["first_request"] - began_at if told["requests"] else None
    cpu_s, peak = used.ru_utime + used.ru_stime, used.ru_maxrss / KIB_A_MIB
    return Measured(wall_s, cpu_s, peak, start_s, told["requests"])


def workspace(folder: Path, cases: int, at: Judge, concurrency: int) -> Path:
    """A folder with cases, sessions and a rubric that names this judge."""
    command = [sys.executable, str(HERE / "workload.py"), str(folder), "--cases", str(cases)]
    command += ["--base-url", at.url, "--concurrency", str(concurrency)]
    subprocess.run(command, check=True)
    return folder


def gate(folder: Path, at: Judge, *, again: bool = False) -> Measured:
    """One run of the gate, from nothing or (`again`) over the results of the last one."""
    results = folder / "results"
    if not again:
        shutil.rmtree(results, ignore_errors=True)
    command = [sys.executable, "-m", "rubric_action", "gate", "--root", str(folder)]
    run = measure([*command, "--rubric", "rubric.yaml", "--results", str(results)], at)
    if again:
        return run
    wrong = wrong_grades(results / "cases.jsonl", at.told()["scores"])
    return Measured(run.wall_s, run.cpu_s, run.peak_mib, run.start_s, run.requests, wrong)


def wrong_grades(path: Path, given: dict[str, dict[str, float]]) -> int:
    """How many grades the results lack, or hold otherwise than the judge gave them."""
    with path.open() as lines:
        next(lines)
        cases = [json.loads(line) for line in lines]
    kept = {
        (case["id"], axis): grade["score"] for case in cases for axis, grade in case["axes"].items()
    }
    told = {(case, axis): score for case, axes in given.items() for axis, score in axes.items()}
    changed = [grade for grade, score in told.items() if kept.get(grade) != score]
    return len(changed) + len(kept.keys() - told.keys())


def bare(folder: Path, at: Judge, concurrency: int) -> Measured:
    """One run of the bare loop over the same cases."""
    command = [sys.executable, str(HERE / "bare.py"), str(folder), "--base-url", at.url]
    return measure([*command, "--concurrency", str(concurrency)], at)


def middle(runs: Sequence[Measured]) -> Measured:
    """The median of each figure; the worst of what may not go wrong once."""
    starts = [run.start_s for run in runs if run.start_s is not None]
    return Measured(
        median(run.wall_s for run in runs),
        median(run.cpu_s for run in runs),
        median(run.peak_mib for run in runs),
        median(starts) if starts else None,
        max(run.requests for run in runs),
        max(run.wrong for run in runs),
    )


def taken_in_turn(count: int, *takes: Callable[[], Measured]) -> tuple[Measured, ...]:
    """The medians of measurements taken in turn, so that they share a drift of the machine."""
    rounds = [[take() for take in takes] for _ in range(count)]
    return tuple(middle(column) for column in zip(*rounds, strict=True))


HEADER = "| run | requests | wall s | / floor | / bare | first request s | CPU s | peak MiB |"


def row(name: str, run: Measured, floor_s: float | None, beside: Measured | None) -> str:
    """A line of the table."""
    over = f"{run.wall_s / floor_s:.3f}" if floor_s else "-"
    ratio = f"{run.wall_s / beside.wall_s:.3f}" if beside else "-"
    start = f"{run.start_s:.2f}" if run.start_s is not None else "-"
    return (
        f"| {name} | {run.requests} | {run.wall_s:.2f} | {over} | {ratio} | {start} "
        f"| {run.cpu_s:.2f} | {run.peak_mib:.0f} |"
    )


def slow_judge(folder: Path, given: argparse.Namespace) -> tuple[list[str], list[str]]:
    """The rows with a judge that takes its time, and the promises that they break."""
    floor_s = given.cases * given.latency_ms / 1000 / given.concurrency
    with judge(given.latency_ms) as at:
        workspace(folder, given.cases, at, given.concurrency)
        alone, gated = taken_in_turn(
            given.runs, lambda: bare(folder, at, given.concurrency), lambda: gate(folder, at)
        )
        (again,) = taken_in_turn(given.runs, lambda: gate(folder, at, again=True))
    told = f"{given.latency_ms:g} ms"
    rows = [
        row(f"bare loop, {told}", alone, floor_s, None),
        row(f"gate, {told}, cold", gated, floor_s, alone),
        row("gate again, unchanged", again, None, None),
    ]
    return [f"floor at {told}: {floor_s:.2f} s", *rows], broken(given, floor_s, gated, again)


def broken(
    given: argparse.Namespace, floor_s: float, gated: Measured, again: Measured
) -> list[str]:
    """What a run did not keep."""
    promises = {
        f"{gated.requests} requests for {given.cases} cases": gated.requests <= given.cases,
        f"{gated.wrong} of {given.cases * AXES} grades lost or changed": not gated.wrong,
        f"an unchanged run asked {again.requests} times": not again.requests,
        f"wall / floor is over {MOST_OVER_FLOOR}": gated.wall_s <= MOST_OVER_FLOOR * floor_s,
        f"the first request came after {MOST_START_S} s": (gated.start_s or 0.0) <= MOST_START_S,
    }
    return [promise for promise, kept in promises.items() if not kept]


def fast_judge(folder: Path, given: argparse.Namespace) -> list[str]:
    """The rows with a judge that answers at once: what the gate itself costs."""
    more = given.cases * TIMES
    with judge(0) as at:
        few = workspace(folder / "few", given.cases, at, given.concurrency)
        many = workspace(folder / "many", more, at, given.concurrency)
        alone, gated, alone_many, gated_many = taken_in_turn(
            given.runs,
            lambda: bare(few, at, given.concurrency),
            lambda: gate(few, at),
            lambda: bare(many, at, given.concurrency),
            lambda: gate(many, at),
        )
    ours = (gated_many.cpu_s - gated.cpu_s) / (more - given.cases) * 1000
    theirs = (alone_many.cpu_s - alone.cpu_s) / (more - given.cases) * 1000
    return [
        row("bare loop, 0 ms", alone, None, None),
        row("gate, 0 ms, cold", gated, None, alone),
        f"CPU ms a case, start left out: gate {ours:.2f}, bare {theirs:.2f}, x {ours / theirs:.1f}",
    ]


def main() -> None:
    """Print the table, then what was not kept."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cases", type=int, default=800)
    parser.add_argument("--latency-ms", type=float, default=200)
    parser.add_argument("--concurrency", type=int, default=32)
    parser.add_argument("--runs", type=int, default=3)
    given = parser.parse_args()
    print(f"{given.cases} cases x {AXES} axes, concurrency {given.concurrency}", flush=True)
    with tempfile.TemporaryDirectory() as folder:
        (floor, *rows), promises = slow_judge(Path(folder) / "slow", given)
        *more, cost = fast_judge(Path(folder) / "fast", given)
    print(floor, HEADER, "|---" * HEADER.count(" |") + "|", *rows, *more, cost, sep="\n")
    for promise in promises:
        print(f"BROKEN: {promise}")
    sys.exit(1 if promises else 0)


if __name__ == "__main__":
    main()
