"""The command line as its users start it: a process of its own."""

import os
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

KEPT = ("PATH", "HOME", "TMPDIR")
TIMEOUT_S = 60


@dataclass(frozen=True, slots=True)
class Done:
    """What a process left: its exit code and what it said."""

    code: int
    out: str
    err: str


def command(*args: str | Path) -> list[str]:
    """The command line of `rubric-action ARGS`."""
    return [sys.executable, "-m", "rubric_action", *map(str, args)]


def environment(given: Mapping[str, str] | None = None) -> dict[str, str]:
    """Next to nothing of ours, so that a workflow's variables don't change the tests."""
    kept = {
        name: value
        for name, value in os.environ.items()
        if name in KEPT or name.startswith("COVERAGE_")
    }
    return kept | dict(given or {})


def rubric_action(
    *args: str | Path, cwd: Path | None = None, env: Mapping[str, str] | None = None
) -> Done:
    """Run `rubric-action ARGS` to its end."""
    done = subprocess.run(
        command(*args),
        cwd=cwd,
        env=environment(env),
        capture_output=True,
        text=True,
        check=False,
        timeout=TIMEOUT_S,
    )
    assert "Traceback" not in done.stderr, done.stderr
    return Done(done.returncode, done.stdout, done.stderr)
