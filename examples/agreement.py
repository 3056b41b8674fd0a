"""Compare the gate's pass or fail of every session with what its own evaluation recorded.

    python agreement.py SESSIONS RESULTS [SESSIONS RESULTS ...]

SESSIONS is a file that an example's converter wrote, RESULTS the folder of the run that graded it.
"""

import argparse
import json
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path

Session = tuple[str, int]
"""A case's id and the trial."""


def main(arguments: Sequence[str] | None = None) -> None:
    """Print how many sessions agree, and the others by the way they differ."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("paths", type=Path, nargs="+", metavar="SESSIONS RESULTS")
    paths: list[Path] = parser.parse_args(arguments).paths
    if len(paths) % 2:
        parser.error("every file of sessions needs the results folder beside it")
    counts: Counter[str] = Counter()
    for sessions, results in zip(paths[::2], paths[1::2], strict=True):
        counts.update(outcomes(sessions, results))
    print(f"{counts['agree']} of {counts.total()} sessions agree with their own evaluation")
    for how in ("passes here, failed there", "fails here, passed there"):
        print(f"{counts[how]} {how}")


def outcomes(sessions: Path, results: Path) -> Iterator[str]:
    """For each session: `agree`, or how the two differ."""
    here, there = graded(results), recorded(sessions)
    for session in there.keys() | here.keys():
        if here[session] == there[session]:
            yield "agree"
        else:
            yield f"{'passes' if here[session] else 'fails'} here, " + (
                "passed there" if there[session] else "failed there"
            )


def recorded(sessions: Path) -> dict[Session, bool]:
    """What each session's own evaluation said."""
    lines = map(json.loads, sessions.read_text(encoding="utf-8").splitlines())
    return {
        (line["case"], line.get("trial", 1)): line["metadata"]["recorded_pass"] for line in lines
    }


def graded(results: Path) -> dict[Session, bool | None]:
    """What the gate said of each session; the file's first line names its schema."""
    lines = (results / "cases.jsonl").read_text(encoding="utf-8").splitlines()
    cases = map(json.loads, lines[1:])
    return {
        (case["id"], trial["trial"]): trial["passed"] for case in cases for trial in case["trials"]
    }


if __name__ == "__main__":
    main()
