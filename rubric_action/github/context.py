"""Where the action runs: the `GITHUB_*` variables that the runner sets, as one value."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from rubric_action.errors import InputError, Place, Problem

REQUIRED: Final = (
    "GITHUB_REPOSITORY",
    "GITHUB_EVENT_NAME",
    "GITHUB_EVENT_PATH",
    "GITHUB_SHA",
    "GITHUB_RUN_ID",
    "GITHUB_WORKSPACE",
)
PLACE: Final = Place("the environment")
DEPENDABOT: Final = "dependabot[bot]"
WITHOUT_SECRETS: Final = ("pull_request", "pull_request_review", "push")
"""Where GitHub treats Dependabot as it treats a fork; `workflow_run` is not among them."""


@dataclass(frozen=True, slots=True)
class Context:
    """One run. `sha` and `ref` are what the event was about, not what a pull request proposes."""

    repository: str
    event: str
    event_path: Path
    sha: str
    ref: str
    run_id: int
    attempt: int
    workflow_path: str | None
    api_url: str
    server_url: str
    workspace: Path
    output: Path | None
    summary: Path | None
    actor: str

    @property
    def run_url(self) -> str:
        """The page of this attempt of this run."""
        run = f"{self.server_url}/{self.repository}/actions/runs/{self.run_id}"
        return f"{run}/attempts/{self.attempt}"

    @property
    def by_dependabot(self) -> bool:
        """Whether GitHub gives this run no secrets and a token that only reads."""
        return self.actor == DEPENDABOT and self.event in WITHOUT_SECRETS


def read_context(environ: Mapping[str, str]) -> Context:
    """The run that these variables describe, or an InputError that names all that is missing."""
    problems = [_missing(name) for name in REQUIRED if not environ.get(name)]
    numbers = {name: environ.get(name) or "1" for name in ("GITHUB_RUN_ID", "GITHUB_RUN_ATTEMPT")}
    problems += [_no_number(name) for name, text in numbers.items() if not text.isdecimal()]
    if problems:
        raise InputError(*problems)
    return Context(
        repository=environ["GITHUB_REPOSITORY"],
        event=environ["GITHUB_EVENT_NAME"],
        event_path=Path(environ["GITHUB_EVENT_PATH"]),
        sha=environ["GITHUB_SHA"],
        ref=environ.get("GITHUB_REF", ""),
        run_id=int(numbers["GITHUB_RUN_ID"]),
        attempt=int(numbers["GITHUB_RUN_ATTEMPT"]),
        workflow_path=_workflow_path(environ),
        api_url=_url(environ, "GITHUB_API_URL", "https://api.github.com"),
        server_url=_url(environ, "GITHUB_SERVER_URL", "https://github.com"),
        workspace=Path(environ["GITHUB_WORKSPACE"]),
        output=_path(environ, "GITHUB_OUTPUT"),
        summary=_path(environ, "GITHUB_STEP_SUMMARY"),
        actor=environ.get("GITHUB_ACTOR", ""),
    )


def _missing(name: str) -> Problem:
    mend = (
        "Run this as a step of a GitHub workflow; elsewhere use the command `rubric-action gate`."
    )
    return Problem(PLACE, "the variable is not set", mend, name)


def _no_number(name: str) -> Problem:
    return Problem(PLACE, "this is not a number", "Leave it as GitHub's runner sets it.", name)


def _url(environ: Mapping[str, str], name: str, default: str) -> str:
    return (environ.get(name) or default).rstrip("/")


def _path(environ: Mapping[str, str], name: str) -> Path | None:
    value = environ.get(name)
    return Path(value) if value else None


def _workflow_path(environ: Mapping[str, str]) -> str | None:
    """`.github/workflows/x.yml` out of `owner/name/.github/workflows/x.yml@refs/heads/main`."""
    reference = environ.get("GITHUB_WORKFLOW_REF", "").partition("@")[0]
    return reference.removeprefix(f"{environ['GITHUB_REPOSITORY']}/") or None
