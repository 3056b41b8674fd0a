"""A git repository whose rubric has a history."""

import subprocess
from dataclasses import dataclass
from pathlib import Path

import yaml

from tests.cli.process import environment
from tests.pipeline.workspace import JUDGED

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
