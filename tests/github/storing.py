"""A job that stores its results: its folder, the service, and a clock that is not waited for."""

import random
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from rubric_action.github.results_wire import Limits
from rubric_action.github.upload import NotUploaded, Uploaded, upload_results
from rubric_action.github.zipping import Room
from tests.fakes.results_service import ResultsServer

NAME = "rubric-results"
CREATE, FINALIZE, LIST = "CreateArtifact", "FinalizeArtifact", "ListArtifacts"


@dataclass(slots=True)
class Clock:
    """Time that passes in sleeps alone, and by `step` at every look."""

    now: float = 1000.0
    step: float = 0.0
    slept: list[float] = field(default_factory=list)

    def __call__(self) -> float:
        self.now += self.step
        return self.now

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.now += seconds


@dataclass(slots=True)
class Job:
    """A job with a finished results folder, and the service that it may store it in."""

    results: ResultsServer
    folder: Path
    environ: dict[str, str]
    clock: Clock = field(default_factory=Clock)

    def upload(
        self, name: str = NAME, room: Room | None = None, **limits: Any
    ) -> Uploaded | NotUploaded:
        given = Limits(clock=self.clock, sleep=self.clock.sleep, **limits)
        return upload_results(self.environ, self.folder, name, given, room)

    def uploaded(self) -> Uploaded:
        outcome = self.upload()
        assert isinstance(outcome, Uploaded), outcome
        return outcome

    def reason(self, **how: Any) -> str:
        """Why it was not stored: always one line that names the artifact, and never the token."""
        outcome = self.upload(**how)
        assert isinstance(outcome, NotUploaded), outcome
        assert len(outcome.reason.splitlines()) == 1
        assert how.get("name", NAME) in outcome.reason
        assert "eyJ" not in outcome.reason
        assert "sig=" not in outcome.reason
        return outcome.reason

    def asked(self) -> int:
        """How many requests were sent, to either host."""
        return len(self.results.service.requests) + len(self.results.storage.requests)


@pytest.fixture
def job(tmp_path: Path) -> Iterator[Job]:
    """A service that works, and a folder that a gate run left."""
    folder = tmp_path / "rubric-results"
    fill(folder)
    with ResultsServer() as results:
        yield Job(results, folder, results.environ())


def noise(size: int) -> bytes:
    """Bytes that no zip makes smaller, the same at every call."""
    return random.Random(7).randbytes(size)  # noqa: S311 (no secret)


def fill(folder: Path) -> None:
    """What a finished run leaves."""
    folder.mkdir()
    (folder / "summary.json").write_text('{"schema": "rubric-results/1", "verdict": "fail"}')
    (folder / "cases.jsonl").write_text('{"schema": "rubric-cases/1"}\n')
    (folder / "sessions.jsonl").write_text('{"schema": "rubric-sessions/1"}\n')
    (folder / "grades.jsonl").write_text('{"schema": "rubric-grades/1"}\n{"key": "äö"}\n')
    (folder / "comment.md").write_text("## Not ready\n")
