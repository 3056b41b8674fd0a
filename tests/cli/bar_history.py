"""A git repository whose rubric has a history."""

import json
import subprocess
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import yaml

from rubric_action.blaming import Options, blamed
from rubric_action.report.blame import Blame
from tests.cli.process import Done, environment, rubric_action
from tests.pipeline.workspace import JUDGED, Workspace

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
RUBRIC = yaml.safe_dump(
    JUDGED
    | {
        "judge": {"provider": "lexical"},
        "axes": {"tone": {"ask": "Is it polite?"}},
        "slices": {"all": {"select": "all", "min": {"tone": 0.5}}},
        "override": {
            "label": "ship-it",
            "approvers": {"users": ["mona"]},
            "allow": ["threshold"],
            "max_per_quarter": 4,
            "ledger": "rubric-ledger",
        },
    },
    sort_keys=False,
)


@dataclass(frozen=True, slots=True)
class GitRepository:
    """A repository of its own, untouched by this machine's settings; commits have dates."""

    root: Path

    @classmethod
    def made(cls, root: Path) -> "GitRepository":
        """An empty one on the branch `main`."""
        root.mkdir(parents=True)
        made = cls(root)
        made.git("init", "-q", "-b", "main")
        return made

    def git(self, *arguments: str, day: str = "2026-01-01", who: str = "Mona Lisa") -> str:
        """Run git as somebody, on a day."""
        at = f"{day}T10:00:00+00:00"
        person = {
            f"GIT_{role}_{what}": value
            for role in ("AUTHOR", "COMMITTER")
            for what, value in (("NAME", who), ("EMAIL", "nobody@localhost"), ("DATE", at))
        }
        alone = {"GIT_CONFIG_GLOBAL": "/dev/null", "GIT_CONFIG_SYSTEM": "/dev/null"}
        done = subprocess.run(
            ["git", *arguments],
            cwd=self.root,
            env=environment(person | alone),
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        return done.stdout.strip()

    def commit(
        self,
        text: str,
        message: str,
        day: str,
        who: str = "Mona Lisa",
        path: str = "eval/rubric.yaml",
    ) -> str:
        """Commit a file's text; the commit's SHA."""
        file = self.root / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")
        self.git("add", "--all")
        self.git("commit", "-q", "-m", message, day=day, who=who)
        return self.git("rev-parse", "HEAD")

    def merge(self, branch: str, message: str, day: str) -> str:
        """Merge a branch with a commit of its own; the commit's SHA."""
        self.git("merge", "-q", "--no-ff", branch, "-m", message, day=day)
        return self.git("rev-parse", "HEAD")


def tone(value: float, text: str = RUBRIC) -> str:
    """The rubric with this minimum on `tone`."""
    old = "      tone: 0.5"
    assert old in text
    return text.replace(old, f"      tone: {value}")


def with_history(root: Path) -> GitRepository:
    """Set by mona, moved and raised by hubot, lowered by two people on a branch that was merged."""
    made = GitRepository.made(root)
    made.commit(RUBRIC, "First rubric", "2026-03-02", path="rubric.yaml")
    (made.root / "eval").mkdir()
    made.git("mv", "rubric.yaml", "eval/rubric.yaml")
    made.git("commit", "-q", "-m", "Move it (#4)", day="2026-03-09", who="Hubot")
    made.commit(tone(0.7), "Raise tone (#120)", "2026-06-02", "Hubot")
    made.git("checkout", "-q", "-b", "lower")
    made.commit(tone(0.2), "Try", "2026-11-02", "Dana")
    made.commit(tone(0.6), "Lower tone", "2026-11-03", "Evil\x1b[31m\n")
    made.git("checkout", "-q", "main")
    made.commit("more", "Something else", "2026-11-04", path="other.txt")
    made.merge("lower", "Merge pull request #214 from acme/lower", "2026-11-05")
    return made


def history(made: GitRepository, **options: Any) -> Blame:
    """What blame finds, at a known time."""
    return blamed(Options(root=made.root, **options), environment(), NOW)


def blame_command(made: GitRepository, *arguments: str | Path, **env: str) -> Done:
    """Run the command."""
    return rubric_action("blame", *arguments, cwd=made.root, env=env)


def run_of(made: GitRepository) -> Path:
    """The results of a run of the newest commit, which scored .5 on `tone`."""
    workspace = Workspace(made.root)
    workspace.cases({"id": "a", "input": "Hello?", "facts": ["x"]})
    workspace.sessions({"case": "a", "output": "Good day."})
    workspace.gate()
    path = made.root / "rubric-results/summary.json"
    summary = json.loads(path.read_text())
    summary["slices"]["all"]["axes"]["tone"]["mean"] = 0.5
    summary["run"]["sha"] = made.git("rev-parse", "HEAD")
    path.write_text(json.dumps(summary))
    return path.parent
