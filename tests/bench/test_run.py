"""The benchmark, far too small to time anything: it measures, counts and tells what it broke."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

from bench.table import Line, ratio
from bench.troubles import Troubles

ROOT = Path(__file__).parents[2]
SIZES = "--cases 24 --latency-ms 10 --concurrency 8 --runs 1 --large 400".split()
COUNTS = {
    "requests, all axes of a case in one": "24",
    "grades lost or wrong, cold": "0",
    "second run, nothing changed: requests": "0",
    "grades lost or wrong, 50 requests a second": "0",
    "grades lost or wrong, faulty judge": "0",
    "sessions too many or too few": "0",
    "grades lost or wrong, sessions over HTTP": "0",
    "parts of the decision that 8 shards and a merge change": "0",
    "requests of shards and merge over one run's": "0",
    "replies that were not found again": "0",
}


def test_the_benchmark_measures_and_checks(tmp_path: Path) -> None:
    """Every case is asked once, every grade comes back, and only promises about time may break."""
    out = tmp_path / "table.md"
    done = subprocess.run(
        [sys.executable, ROOT / "bench" / "run.py", *SIZES, "--out", out],
        check=False,
        capture_output=True,
        text=True,
        timeout=600,
    )
    assert not done.stderr
    rows = re.findall(r"^\| (.+?) \|.*\| (\S+)(?: \w+)? \| \S* \|.*\|$", done.stdout, re.MULTILINE)
    assert {what: figure for what, figure in rows if what in COUNTS} == COUNTS
    assert out.read_text() in done.stdout
    broken = re.findall(r"^BROKEN: (.+?): [\d.,-]+", done.stdout, re.MULTILINE)
    assert bool(broken) == bool(done.returncode)
    assert not COUNTS.keys() & set(broken)
    assert not any("tokens" in promise or "memory" in promise for promise in broken)


def test_one_figure_alone() -> None:
    """`--only` measures what it names: one call for all axes takes a third of the tokens."""
    done = subprocess.run(
        [sys.executable, ROOT / "bench" / "run.py", *SIZES, "--only", "tokens"],
        check=True,
        capture_output=True,
        text=True,
        timeout=120,
    )
    rows = [row for row in done.stdout.splitlines() if row.startswith("| ")]
    assert len(rows) == 2
    assert rows[1].startswith("| prompt tokens")
    assert rows[1].endswith("| 0.35 | kept |")


@pytest.mark.parametrize(
    ("figure", "most", "broken"),
    [
        (1.5, 1.5, False),
        (1.501, 1.5, True),
        (99.0, None, False),
        (-0.2, 1.5, True),
        (ratio(1, 0), 1.5, True),
    ],
)
def test_a_promise(figure: float, most: float | None, broken: bool) -> None:
    """A promise is kept up to its bar; a figure that noise made impossible keeps none."""
    assert Line("it", "1 s", "1 s", figure, "x", most).broken is broken


def test_troubles_are_the_same_each_time() -> None:
    """About one request in eleven fails, in each of three ways, and by the seed alone."""
    first, second = Troubles(seed=1), Troubles(seed=1)
    drawn = [first.next() for _ in range(2000)]
    assert drawn == [second.next() for _ in range(2000)]
    assert 60 < drawn.count("error") < 140
    assert 20 < drawn.count("malformed") < 60
    assert 20 < drawn.count("reset") < 60
