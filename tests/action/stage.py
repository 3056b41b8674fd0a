"""A repository, its pull requests and the runner's part, so that a test reads like a story."""

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType
from typing import Any

from tests.fakes.github import FORK_PERMISSIONS, GithubServer, Pull, Repo, Token, WorkflowRun
from tests.fakes.github.bodies.pulls import pull_simple
from tests.fakes.github.bodies.repos import full_repo
from tests.fakes.openapi import check_requests

ROOT = Path(__file__).parents[2]
ENTRYPOINT = ROOT / "entrypoint.py"
CONTEXT = "rubric/gate"
TIMEOUT_S = 60
Condition = Callable[[], object]
FILE_COMMANDS = ("output", "step_summary", "env", "path", "state")
CASES = ("refund", "window", "hours", "address", "greeting")

RUBRIC = """\
version: 1
cases: eval/cases.jsonl
agent:
  outputs: eval/outputs.jsonl
rules:
  - {id: no-keys, not_matches: 'api_key='}
slices:
  head: {select: all, min_pass_rate: 0.7}
  high-stakes: {select: {stakes: high}, gate: hard}
"""
JUDGED = """\
version: 1
cases: eval/cases.jsonl
agent:
  outputs: eval/outputs.jsonl
judge: {provider: openai, model: small, base_url: "%s"}
axes:
  tone: {ask: Is the answer polite?, pass: 0.5}
slices:
  head: {select: all, min: {tone: 0.5}}
"""


def cases(**changes: Mapping[str, Any]) -> str:
    """Five cases that want their own name in the answer; the first one has high stakes."""
    made = []
    for name in CASES:
        stakes = "high" if name == "refund" else "normal"
        case: dict[str, Any] = {"id": name, "input": f"About {name}?", "stakes": stakes}
        made.append(case | {"rules": [{"contains": name}]} | dict(changes.get(name, {})))
    return "".join(f"{json.dumps(case)}\n" for case in made)


def outputs(**changes: str) -> str:
    """A good answer to every case, but for those that are given."""
    answers = {name: changes.get(name, f"This is about {name}.") for name in CASES}
    return "".join(f"{json.dumps({'case': n, 'output': a})}\n" for n, a in answers.items())


GOOD: Mapping[str, str] = {
    "eval/rubric.yaml": RUBRIC,
    "eval/cases.jsonl": cases(),
    "eval/outputs.jsonl": outputs(),
}


@dataclass(frozen=True, slots=True)
class Step:
    """What one run of the action left behind."""

    exit_code: int
    log: str
    outputs: Mapping[str, str]
    summary: str
    results: Path

    def annotations(self, level: str) -> list[str]:
        """The annotations of one level, as they stand in the log."""
        return [line for line in self.log.splitlines() if line.startswith(f"::{level} ")]


@dataclass(frozen=True, slots=True)
class Job:
    """What the runner prepares: a folder with the checkout, and the environment."""

    folder: Path
    environ: Mapping[str, str]
    run: WorkflowRun


def python_process(job: Job) -> subprocess.Popen[str]:
    """Start the action as `python entrypoint.py`."""
    return subprocess.Popen(
        [sys.executable, ENTRYPOINT],
        env=job.environ,
        cwd=job.folder / "workspace",
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


@dataclass(slots=True)
class Stage:
    """One repository at one GitHub, and the runner that starts the action for it."""

    github: GithubServer
    folder: Path
    start: Callable[[Job], subprocess.Popen[str]] = python_process
    repo: Repo = field(init=False)
    token: Token = field(init=False)
    _steps: int = 0

    def __post_init__(self) -> None:
        self.repo = self.github.world.repo("acme/support")
        self.token = self.github.world.token()

    def push(self, files: Mapping[str, str | None], branch: str = "main") -> str:
        """Commit to a branch."""
        return self.repo.push(branch, files)

    def change(self, files: Mapping[str, str | None], branch: str = "change") -> Pull:
        """Open a pull request with this change."""
        self.push(files, branch)
        return self.repo.pull(branch)

    def fork_change(self, files: Mapping[str, str], branch: str = "change") -> Pull:
        """Open a pull request from a stranger's fork."""
        fork = self.repo.fork("stranger")
        fork.push(branch, files)
        return self.repo.pull(branch, head_repo=fork, author="stranger")

    def gate(
        self,
        pull: Pull,
        *,
        cancel_when: Condition | None = None,
        keep: bool = True,
        **given: Any,
    ) -> Step:
        """Run the action as `on: pull_request` would, and upload what it leaves."""
        job = self.pull_job(pull, **given)
        step = self.finish(job, cancel_when)
        job.run.status = "completed"
        if keep and step.results.exists():
            job.run.artifact("rubric-results", members(step.results))
        return step

    def again(self, pull: Pull, action: str = "labeled", **given: Any) -> Step:
        """Run the action as after a label was set, or with `submitted` after a review was."""
        event = "pull_request_review" if action == "submitted" else "pull_request"
        return self.gate(pull, event=event, action=action, **given)

    def pull_job(
        self,
        pull: Pull,
        *,
        event: str = "pull_request",
        action: str = "synchronize",
        payload: Mapping[str, Any] = MappingProxyType({}),
        **given: Any,
    ) -> Job:
        """The job that an activity on a pull request starts; `payload` replaces parts of it."""
        run = self.repo.run(pull.head_sha, event=event, branch=pull.head_ref, status="in_progress")
        told = {
            "action": action,
            "number": pull.number,
            "pull_request": pull_simple(self.github.url, pull),
            "repository": full_repo(self.github.url, self.repo),
            **payload,
        }
        ref = f"refs/pull/{pull.number}/merge"
        return self.job(event, run, told, pull.head_sha, ref=ref, **given)

    def main_run(
        self,
        event: str = "push",
        *,
        keep: bool = True,
        artifact: str = "rubric-baseline",
        committed: Mapping[str, str] = MappingProxyType({}),
        **given: Any,
    ) -> Step:
        """Run the action on the default branch; what it leaves is uploaded as the baseline.

        The upload is as `if: always()`: it takes what is in the folder, however the run ended.
        `committed` are links in the checkout, each with what it leads to.
        """
        sha = self.repo.branches["main"]
        run = self.repo.run(sha, event=event, status="in_progress")
        payload = {"repository": full_repo(self.github.url, self.repo)}
        job = self.job(event, run, payload, sha, ref="refs/heads/main", **given)
        link(job, committed)
        step = self.finish(job)
        run.status = "completed"
        if keep and step.results.exists():
            run.artifact(artifact, members(step.results))
        return step

    def run(self, *about: Any, **given: Any) -> Step:
        """Prepare a job and run it to its end."""
        return self.finish(self.job(*about, **given))

    def job(
        self,
        event: str,
        run: WorkflowRun,
        payload: Mapping[str, Any],
        sha: str,
        *,
        ref: str,
        inputs: Mapping[str, str] | None = None,
        env: Mapping[str, str] | None = None,
        token: Token | None = None,
    ) -> Job:
        """Check the commit out and set the environment, as the runner does."""
        self._steps += 1
        folder = self.folder / f"step-{self._steps}"
        self._checkout(sha, folder / "workspace")
        (folder / "event.json").write_text(json.dumps(payload))
        given = {"github-token": (token or self.token).value} | dict(inputs or {})
        environ = self._environ(event, run, sha, ref, folder) | {
            f"INPUT_{name.upper()}": value for name, value in given.items()
        }
        return Job(folder, environ | dict(env or {}), run)

    def finish(self, job: Job, cancel_when: Condition | None = None) -> Step:
        """Run the job to its end; once `cancel_when` holds, it is cancelled."""
        process = self.start(job)
        if cancel_when is not None:
            _wait_for(cancel_when)
            process.terminate()
        stdout, stderr = process.communicate(timeout=TIMEOUT_S)
        assert stderr == "", stderr
        assert self.github.unrouted == []
        assert check_requests(self.github.requests) == []
        return Step(
            exit_code=process.returncode,
            log=stdout,
            outputs=parse_outputs((job.folder / "output").read_text()),
            summary=(job.folder / "step_summary").read_text(),
            results=job.folder / "workspace" / "rubric-results",
        )

    def status(self, sha: str, context: str = CONTEXT) -> tuple[str, str | None] | None:
        """State and description of the status that counts."""
        found = self.repo.current_status(sha, context)
        return (found.state, found.description) if found else None

    def asked(self, method: str) -> list[str]:
        """The paths asked for with a method, in order."""
        return [one.path for one in self.github.requests if one.method == method]

    def _checkout(self, sha: str, workspace: Path) -> None:
        workspace.mkdir(parents=True)
        for path, data in self.repo.network.commits[sha].files.items():
            target = workspace / path
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(data)

    def _environ(
        self, event: str, run: WorkflowRun, sha: str, ref: str, folder: Path
    ) -> dict[str, str]:
        for name in FILE_COMMANDS:
            (folder / name).write_text("")
        kept = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
        coverage = {n: v for n, v in os.environ.items() if n.startswith("COVERAGE_")}
        files = {f"GITHUB_{name.upper()}": str(folder / name) for name in FILE_COMMANDS}
        return (
            kept
            | coverage
            | files
            | {
                "CI": "true",
                "GITHUB_ACTIONS": "true",
                "GITHUB_ACTOR": "dana",
                "GITHUB_API_URL": self.github.url,
                "GITHUB_EVENT_NAME": event,
                "GITHUB_EVENT_PATH": str(folder / "event.json"),
                "GITHUB_REF": ref,
                "GITHUB_REPOSITORY": self.repo.full_name,
                "GITHUB_RUN_ATTEMPT": str(run.run_attempt),
                "GITHUB_RUN_ID": str(run.id),
                "GITHUB_SERVER_URL": "https://github.com",
                "GITHUB_SHA": sha,
                "GITHUB_WORKFLOW_REF": f"{self.repo.full_name}/{run.path}@{ref}",
                "GITHUB_WORKSPACE": str(folder / "workspace"),
            }
        )


def link(job: Job, links: Mapping[str, str]) -> None:
    """Put links into the checkout, in the place of whatever is there."""
    for name, target in links.items():
        path = job.folder / "workspace" / name
        path.unlink(missing_ok=True)
        path.symlink_to(target)


def _wait_for(condition: Condition) -> None:
    end = time.monotonic() + TIMEOUT_S
    while not condition():
        assert time.monotonic() < end, "what the test waits for does not happen"
        time.sleep(0.02)


def members(folder: Path) -> dict[str, bytes]:
    """The files of a results folder, as the members of an artifact."""
    return {path.name: path.read_bytes() for path in sorted(folder.iterdir())}


def parse_outputs(text: str) -> dict[str, str]:
    """The outputs as later steps of the job would see them."""
    found: dict[str, str] = {}
    lines = iter(text.split("\n"))
    for line in lines:
        name, separator, delimiter = line.partition("<<")
        if not separator:
            assert line == "", f"not an output: {line!r}"
            continue
        value = []
        for inner in lines:
            if inner == delimiter:
                break
            value.append(inner)
        found[name] = "\n".join(value)
    return found


def fork_token(stage: Stage) -> Token:
    """What GitHub gives to a run for a fork."""
    return stage.github.world.token(FORK_PERMISSIONS)
