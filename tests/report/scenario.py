"""One golden scenario: the gate over its files, with a judge that follows its script."""

import json
import shutil
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

from rubric_action.report.model import Report
from tests.fakes.judge import JudgeServer, faults
from tests.pipeline.workspace import Workspace
from tests.report.signing import Conversation

GOLDEN = Path(__file__).parent / "golden"
NAMES = sorted(path.name for path in GOLDEN.iterdir() if path.is_dir())
VERDICT_FILES = ("comment.md", "summary.json")
USUAL = (1.0, "It is as it should be.")
VOLATILE = "volatile"
RUNS_BEFORE = {"in-doubt": 3}
"""So many runs of the default branch come first; else one."""


class Scenario:
    """A folder with rubric, cases, sessions and what the judge says of them.

    `baseline/` holds the files that differ on the default branch; with a rubric in it, the bar is
    compared. `override.json` tells who asked for an override and who signed. `grades.json` maps a
    part of an answer to the grades that differ from `USUAL`, or to null where the judge gives no
    usable reply.
    """

    def __init__(self, name: str, root: Path, judge: JudgeServer) -> None:
        self.folder = GOLDEN / name
        self.workspace = Workspace(root, judge.base_url)
        self._judge = judge

    def run(self) -> Report:
        """Run the default branch first, where there is one, and then the change."""
        self._script()
        root, before = self.workspace.root, self.folder / "baseline"
        self._lay_out(self.folder)
        if not before.is_dir():
            return self.workspace.gate("results", **self._given())
        self._lay_out(before)
        known: dict[str, str] = {}
        for number in range(RUNS_BEFORE.get(self.folder.name, 1)):
            name = f"before-{number}"
            self.workspace.gate(name, created_at="2026-11-21T10:00:00Z", **known)
            known = {"baseline": name}
        base = "base.yaml" if (before / "rubric.yaml").exists() else None
        if base:
            shutil.copy(before / "rubric.yaml", root / base)
        self._lay_out(self.folder)
        return self.workspace.gate("results", base=base, **known, **self._given())

    def comment(self) -> str:
        """The comment as it was written."""
        return (self.workspace.root / "results/comment.md").read_text(encoding="utf-8")

    def summary(self) -> str:
        """The summary as it was written, without what changes from one wording to the next."""
        found = _rounded(self.workspace.summary("results"))
        for name in ("input_tokens", "output_tokens"):
            found["spend"][name] = VOLATILE
        if found["judge"]:
            found["judge"]["fingerprint"] = VOLATILE
        if found["baseline"]:
            found["baseline"]["judge"] = VOLATILE
        found["run"]["rubric_digest"] = VOLATILE
        return json.dumps(found, indent=2, ensure_ascii=False) + "\n"

    def _given(self) -> dict[str, Any]:
        path = self.folder / "override.json"
        told = json.loads(path.read_text(encoding="utf-8")) if path.exists() else None
        return {"signing": Conversation(told)} if told else {}

    def _lay_out(self, folder: Path) -> None:
        for path in folder.iterdir():
            if path.name == "rubric.yaml":
                self.workspace.write("eval/rubric.yaml", path.read_text(encoding="utf-8"))
            elif path.suffix == ".jsonl":
                shutil.copy(path, self.workspace.root)

    def _script(self) -> None:
        path = self.folder / "grades.json"
        script = json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}
        for part in (part for part, grades in script.items() if grades is None):
            self._judge.when(partial(_is_in, part), faults.content("Sorry?"))
        self._judge.score = lambda prompt, axis: next(_grades(script, prompt, axis), USUAL)


def _is_in(part: str, prompt: str) -> bool:
    return part in prompt


def _rounded(value: Any) -> Any:
    """Six digits: enough to see a change, and the same on every machine."""
    if isinstance(value, dict):
        return {key: _rounded(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [_rounded(inner) for inner in value]
    return round(value, 6) if isinstance(value, float) else value


def _grades(script: dict[str, Any], prompt: str, axis: str) -> Iterator[tuple[float, str]]:
    for part, grades in script.items():
        if grades and part in prompt and axis in grades:
            yield tuple(grades[axis])
