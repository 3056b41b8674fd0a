"""Processes measured from outside: the gate, the bare loop, and the judge that both ask."""

import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from statistics import median
from typing import Any
from urllib.request import Request, urlopen

ROOT = Path(__file__).resolve().parents[1]
AXES = 5
MB_A_MAXRSS = 1024 / 1e6 if sys.platform == "linux" else 1 / 1e6


@dataclass(frozen=True, slots=True)
class Measured:
    """One process: times in seconds, memory in MB (10^6 bytes).

    `start_s` is from the start of the process to the judge's first request, None when nothing was
    asked. `lost` and `wrong` count grades, against what the judge gave.
    """

    wall_s: float
    cpu_s: float
    peak_mb: float
    start_s: float | None
    requests: int
    prompt_tokens: int = 0
    lost: int = 0
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
def judge(latency_ms: float, *options: str) -> Iterator[Judge]:
    """A judge on this machine, gone at the end; `options` are its own."""
    command = script("judge", "--latency-ms", str(latency_ms), *options)
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=ROOT) as process:
        assert process.stdout  # noqa: S101 (asked for above)
        try:
            yield Judge(process.stdout.readline().strip())
        finally:
            process.terminate()


def script(name: str, *options: str) -> list[str]:
    """The command that runs a module of this folder, from the repository's root."""
    return [sys.executable, "-m", f"bench.{name}", *options]


def measure(command: Sequence[str], at: Judge | None = None) -> Measured:
    """Run a command to its end. Exits when it fails: a failed run has no figures."""
    if at:
        at.forget()
    with tempfile.TemporaryFile("w+") as log:
        began, began_at = time.perf_counter(), time.time()
        process = subprocess.Popen(command, stdout=log, stderr=log, cwd=ROOT)
        _, status, used = os.wait4(process.pid, 0)
        wall_s = time.perf_counter() - began
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode:
            log.seek(0)
            sys.exit(f"{' '.join(command)} ended with {process.returncode}:\n{log.read()}")
    told: dict[str, Any] = at.told() if at else {"requests": 0, "prompt_tokens": 0}
    return Measured(
        wall_s,
        used.ru_utime + used.ru_stime,
        used.ru_maxrss * MB_A_MAXRSS,
        told["first_request"] - began_at if told["requests"] else None,
        told["requests"],
        told["prompt_tokens"],
    )


def workspace(folder: Path, cases: int, *options: str) -> Path:
    """A folder with cases, sessions and a rubric; `options` are those of `workload.py`."""
    command = script("workload", str(folder), "--cases", str(cases), *options)
    subprocess.run(command, check=True, cwd=ROOT)
    return folder


def gate_command(folder: Path, results: Path, *options: str, name: str = "gate") -> list[str]:
    """The command that gates the folder."""
    command = [sys.executable, "-m", "rubric_action", name, "--root", str(folder), *options]
    return [*command, "--rubric", "rubric.yaml", "--results", str(results)]


def gate(folder: Path, at: Judge) -> Measured:
    """One run of the gate from nothing, its grades held against what the judge gave."""
    results = folder / "results"
    shutil.rmtree(results, ignore_errors=True)
    run = measure(gate_command(folder, results), at)
    with (folder / "cases.jsonl").open() as lines:
        due = AXES * sum(1 for _ in lines)
    kept, wrong = grades(results / "cases.jsonl", at.told()["scores"])
    return replace(run, lost=due - kept, wrong=wrong)


def gate_again(folder: Path, at: Judge | None = None) -> Measured:
    """One run of the gate over the replies that lie in its results folder."""
    return measure(gate_command(folder, folder / "results"), at)


def grades(path: Path, given: dict[str, dict[str, float]]) -> tuple[int, int]:
    """How many grades the results hold, and how many of them the judge did not give."""
    kept = wrong = 0
    with path.open() as lines:
        next(lines)
        for case in map(json.loads, lines):
            told = given.get(case["id"], {})
            scores = {axis: grade["score"] for axis, grade in case["axes"].items()}
            known = [axis for axis, score in scores.items() if score is not None]
            kept += len(known)
            wrong += sum(told.get(axis) != scores[axis] for axis in known)
    return kept, wrong


def bare(folder: Path, at: Judge, concurrency: int, *options: str) -> Measured:
    """One run of the bare loop over the same cases."""
    command = script("bare", str(folder), "--base-url", at.url, *options)
    return measure([*command, "--concurrency", str(concurrency)], at)


def middle(runs: Sequence[Measured]) -> Measured:
    """The median of each figure; the worst of what may not go wrong once."""
    starts = [run.start_s for run in runs if run.start_s is not None]
    return Measured(
        median(run.wall_s for run in runs),
        median(run.cpu_s for run in runs),
        median(run.peak_mb for run in runs),
        median(starts) if starts else None,
        max(run.requests for run in runs),
        max(run.prompt_tokens for run in runs),
        max(run.lost for run in runs),
        max(run.wrong for run in runs),
    )


def taken_in_turn(count: int, *takes: Callable[[], Measured]) -> tuple[Measured, ...]:
    """The medians of measurements taken in turn, so that they share a drift of the machine."""
    rounds = [[take() for take in takes] for _ in range(count)]
    return tuple(middle(column) for column in zip(*rounds, strict=True))
