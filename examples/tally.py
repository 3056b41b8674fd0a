"""Print what gate runs came to, a row of a Markdown table for each results folder.

    python tally.py RESULTS...

RESULTS is a folder that `rubric-action gate --results` wrote.
"""

import argparse
import json
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

HEAD = "| run | sessions passing | p95 latency | cost a session | findings | verdict |"
LINE = "|---|---|---|---|---|---|"


def main(arguments: Sequence[str] | None = None) -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("results", type=Path, nargs="+", help="results folders of gate runs")
    folders: list[Path] = parser.parse_args(arguments).results
    print("\n".join([HEAD, LINE, *map(row, folders)]))


def row(folder: Path) -> str:
    """One run: how many sessions pass, what one takes and costs, and what the gate found."""
    summary = json.loads((folder / "summary.json").read_text(encoding="utf-8"))
    trials = [trial["passed"] for case in cases_of(folder) for trial in case["trials"]]
    kinds = Counter(finding["kind"] for finding in summary["findings"])
    cells = (
        f"`{folder.name}`",
        f"{trials.count(True)} of {len(trials)}",
        quantity(summary["ceilings"].get("latency_p95_s"), "{:.1f} s"),
        quantity(summary["ceilings"].get("cost_per_session_usd"), "${:.5f}"),
        ", ".join(f"{count} {kind}" for kind, count in kinds.items()) or "none",
        summary["verdict"],
    )
    return f"| {' | '.join(cells)} |"


def cases_of(folder: Path) -> list[dict[str, Any]]:
    """The lines of a run's `cases.jsonl` after the first, which names its schema."""
    lines = (folder / "cases.jsonl").read_text(encoding="utf-8").splitlines()
    return [json.loads(line) for line in lines[1:]]


def quantity(ceiling: dict[str, Any] | None, form: str) -> str:
    """What was observed, and whether it was weighed against its ceiling."""
    if ceiling is None or ceiling["observed"] is None:
        return "-"
    return form.format(ceiling["observed"]) + ("" if ceiling["weighed"] else ", not weighed")


if __name__ == "__main__":
    main()
