"""Measures the gate against its promises, on this machine: `python bench/run.py`.

Beside each time stands its floor, requests x latency / concurrency, which is what an endlessly fast
client would take; a bare aiohttp loop runs in turn with the gate, so that what the machine itself
costs can be told apart. Each run is a process of its own, measured from outside; times are medians
of `--runs` runs, but for what is long or only counted, which is run once. Prints a table, writes it
to `--out`, and ends with 1 when a promise is broken; each that was is told.
"""

import argparse
import os
import sys
import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from bench.figures import Size, agent, cold, cpu, faulty, rate, tokens
from bench.measure import AXES
from bench.scale import large, shards
from bench.table import HEADER, Line

FIGURES: Mapping[str, Callable[[Path, Size], list[Line]]] = {
    "cold": cold,
    "cpu": cpu,
    "tokens": tokens,
    "rate": rate,
    "faulty": faulty,
    "agent": agent,
    "shards": shards,
    "large": large,
}


def main() -> None:
    """Print the table, then what was not kept."""
    given = arguments().parse_args()
    size = Size(given.cases, given.latency_ms, given.concurrency, given.runs, given.large)
    told = (
        f"{size.cases:,} cases x {AXES} axes, {size.latency_ms:g} ms, {size.concurrency} at once, "
        f"runs: {size.runs}; {os.cpu_count()} cores, Python {sys.version.split()[0]}"
    )
    print(told, "", *HEADER, sep="\n", flush=True)
    lines = []
    for name in given.only or FIGURES:
        with tempfile.TemporaryDirectory() as folder:
            found = FIGURES[name](Path(folder), size)
        print(*(line.row() for line in found), sep="\n", flush=True)
        lines += found
    if given.out:
        given.out.write_text("\n".join([*HEADER, *(line.row() for line in lines), ""]))
    broken = [line.told() for line in lines if line.broken]
    for promise in broken:
        print(f"BROKEN: {promise}")
    sys.exit(1 if broken else 0)


def arguments() -> argparse.ArgumentParser:
    """What the benchmark can be told."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cases", type=int, default=800)
    parser.add_argument("--latency-ms", type=float, default=200)
    parser.add_argument("--concurrency", type=int, default=32)
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--large", type=int, default=100_000, help="cases with cached grades")
    parser.add_argument(
        "--only", nargs="+", choices=FIGURES, metavar="NAME", help=", ".join(FIGURES)
    )
    parser.add_argument("--out", type=Path, help="a file for the table")
    return parser


if __name__ == "__main__":
    main()
