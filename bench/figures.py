"""The figures of a suite: each is measured beside its floor or beside its peer."""

from dataclasses import dataclass
from pathlib import Path

from bench.measure import (
    AXES,
    Judge,
    Measured,
    bare,
    gate,
    gate_again,
    judge,
    taken_in_turn,
    workspace,
)
from bench.table import Line, count, over, ratio

MOST_OVER_FLOOR = 1.08
MOST_CPU = 1.5
MOST_TOKENS = 0.35
MOST_START_S = 0.5
MOST_AGAIN_S = 1.5
RPS = 50
MOST_OVER_RATE = 1.05
TIMES = 4
"""A second workspace has so many times the cases; what costs the same in both is the start."""


@dataclass(frozen=True, slots=True)
class Size:
    """How much is measured; `large` is the number of cases whose grades are all cached."""

    cases: int
    latency_ms: float
    concurrency: int
    runs: int
    large: int

    def floor_s(self, requests: int) -> float:
        """What an endlessly fast client would take for so many requests."""
        return requests * self.latency_ms / 1000 / self.concurrency

    def asking(self, at: Judge) -> tuple[str, ...]:
        """The options of a workspace that asks this judge."""
        return ("--base-url", at.url, "--concurrency", str(self.concurrency))


def cold(folder: Path, size: Size) -> list[Line]:
    """From nothing, with a judge that takes its time; then once more with nothing changed."""
    with judge(size.latency_ms) as at:
        workspace(folder, size.cases, *size.asking(at))
        alone, gated = taken_in_turn(
            size.runs, lambda: bare(folder, at, size.concurrency), lambda: gate(folder, at)
        )
        (again,) = taken_in_turn(size.runs, lambda: gate_again(folder, at))
    floor_s = size.floor_s(size.cases)
    most = Line(
        "requests, all axes of a case in one",
        f"{gated.requests:,}",
        f"{size.cases:,} cases",
        gated.requests,
        "",
        size.cases,
    )
    start_s, bare_start_s = gated.start_s or 0.0, alone.start_s or 0.0
    return [
        over("wall, cold", gated.wall_s, ("floor", floor_s), MOST_OVER_FLOOR),
        over("the same in the bare loop", alone.wall_s, ("floor", floor_s)),
        over("gate over bare loop", gated.wall_s, ("bare", alone.wall_s)),
        most,
        unharmed("cold", gated, size),
        Line(
            "process start to first request",
            f"{start_s:.2f} s",
            f"bare {bare_start_s:.2f} s",
            start_s,
            "s",
            MOST_START_S,
        ),
        count("second run, nothing changed: requests", again.requests),
        Line("second run: wall", f"{again.wall_s:.2f} s", "", again.wall_s, "s", MOST_AGAIN_S),
    ]


def cpu(folder: Path, size: Size) -> list[Line]:
    """With a judge that answers at once: what the gate itself costs."""
    more = size.cases * TIMES
    with judge(0) as at:
        few = workspace(folder / "few", size.cases, *size.asking(at))
        many = workspace(folder / "many", more, *size.asking(at))
        alone, gated, alone_many, gated_many = taken_in_turn(
            size.runs,
            lambda: bare(few, at, size.concurrency),
            lambda: gate(few, at),
            lambda: bare(many, at, size.concurrency),
            lambda: gate(many, at),
        )
    ours_ms = (gated_many.cpu_s - gated.cpu_s) / (more - size.cases) * 1000
    theirs_ms = (alone_many.cpu_s - alone.cpu_s) / (more - size.cases) * 1000
    return [
        over("wall at 0 ms, cold", gated.wall_s, ("bare", alone.wall_s)),
        Line(
            "processor time a judged case at 0 ms, start left out",
            f"{ours_ms:.2f} ms",
            f"bare {theirs_ms:.2f} ms",
            ratio(ours_ms, theirs_ms),
            "x",
            MOST_CPU,
        ),
    ]


def tokens(folder: Path, size: Size) -> list[Line]:
    """What is sent to the judge, held against the bare loop's short prompt in a call an axis."""
    with judge(0) as at:
        workspace(folder, size.cases, *size.asking(at))
        gated = gate(folder, at)
        apart = bare(folder, at, size.concurrency, "--apart")
    return [
        Line(
            "prompt tokens against a call an axis",
            f"{gated.prompt_tokens:,}",
            f"bare {apart.prompt_tokens:,}",
            gated.prompt_tokens / apart.prompt_tokens,
            "x",
            MOST_TOKENS,
        )
    ]


def rate(folder: Path, size: Size) -> list[Line]:
    """With a judge that takes only so many requests a second, and refuses the rest."""
    with judge(size.latency_ms, "--rps", str(RPS)) as at:
        workspace(folder, size.cases, *size.asking(at))
        gated = gate(folder, at)
    name = f"{RPS} requests a second"
    ideal = ("ideal", size.cases / RPS)
    return [over(f"wall, {name}", gated.wall_s, ideal, MOST_OVER_RATE), unharmed(name, gated, size)]


def faulty(folder: Path, size: Size) -> list[Line]:
    """With a judge of which one reply in eleven is an error, cut, or a reset connection."""
    with judge(size.latency_ms, "--faulty") as at:
        workspace(folder, size.cases, *size.asking(at))
        gated = gate(folder, at)
        failed = at.told()["failed"]
    floor = ("floor", size.floor_s(gated.requests))
    name = f"faulty judge, {failed} of {gated.requests} fail"
    return [over(f"wall, {name}", gated.wall_s, floor), unharmed("faulty judge", gated, size)]


def agent(folder: Path, size: Size) -> list[Line]:
    """With an agent behind an address, which takes as long as the judge does."""
    with judge(size.latency_ms) as at:
        workspace(folder, size.cases, "--agent", *size.asking(at))
        (gated,) = taken_in_turn(size.runs, lambda: gate(folder, at))
        held = at.told()["sessions"]
    floor_s = size.floor_s(size.cases) + size.latency_ms / 1000
    return [
        over("wall, sessions over HTTP, judged as they come", gated.wall_s, ("floor", floor_s)),
        count("sessions too many or too few", abs(held - size.cases), f"{size.cases:,} cases"),
        unharmed("sessions over HTTP", gated, size),
    ]


def unharmed(name: str, run: Measured, size: Size) -> Line:
    """The line about grades that were lost on the way, or came out otherwise."""
    ours = f"{run.lost} lost, {run.wrong} wrong"
    due = f"of {size.cases * AXES:,}"
    return Line(f"grades lost or wrong, {name}", ours, due, run.lost + run.wrong, "", 0)
