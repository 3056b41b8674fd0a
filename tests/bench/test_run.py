import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]


def test_the_benchmark_measures_and_checks() -> None:
    """A small benchmark prints a row a run; every case is asked once, every grade comes back."""
    sizes = "--cases 24 --latency-ms 10 --concurrency 8 --runs 1".split()
    done = subprocess.run(
        [sys.executable, ROOT / "bench" / "run.py", *sizes],
        check=False,
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert not done.stderr
    requests = re.findall(r"^\| (.+?) \| (\d+) \|", done.stdout, re.MULTILINE)
    assert requests == [
        ("bare loop, 10 ms", "24"),
        ("gate, 10 ms, cold", "24"),
        ("gate again, unchanged", "0"),
        ("bare loop, 0 ms", "24"),
        ("gate, 0 ms, cold", "24"),
    ]
    # So small a run is all start-up: only the promises about time may break.
    broken = re.findall(r"^BROKEN: (.+)$", done.stdout, re.MULTILINE)
    assert all("floor" in promise or "first request" in promise for promise in broken)
