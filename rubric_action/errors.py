"""The one error tree, and the exit code that each branch ends in.

RubricActionError
├── InputError           exit 2   what the user gave is wrong; carries every `Problem` found
├── CannotDecide         exit 3   the gate could not reach a verdict; never green
│   ├── BaselineUnreadable        a baseline is there and cannot be read
│   ├── ResultsUnreadable         results of this commit are there and cannot be read
│   ├── JudgeRefused              the judge will not work at all: key, quota, model, address
│   ├── BudgetSpent               `max-judge-cost` is reached
│   ├── AgentUnavailable          the agent under test cannot be started or reached
│   ├── ResultsUnwritable         the results folder cannot be written
│   └── GitHubFailed              GitHub refused or did not answer what the decision needs
└── Interrupted          exit 130 SIGINT or SIGTERM
"""

from dataclasses import dataclass
from typing import ClassVar

EXIT_PASS = 0
EXIT_FAIL = 1
EXIT_INPUT = 2
EXIT_ERROR = 3
EXIT_INTERRUPTED = 130


@dataclass(frozen=True, slots=True)
class Place:
    """Where something stands in a file; lines and columns count from 1."""

    file: str
    line: int | None = None
    column: int | None = None

    def __str__(self) -> str:
        return ":".join(str(part) for part in (self.file, self.line, self.column) if part)


@dataclass(frozen=True, slots=True)
class Problem:
    """One mistake in one place: what is wrong, and what to write instead."""

    place: Place
    what: str
    mend: str
    key: str | None = None

    def __str__(self) -> str:
        key = f"`{self.key}`: " if self.key else ""
        return f"{self.place}: {key}{self.what}. {self.mend}"


class RubricActionError(Exception):
    """The root; `str()` is a sentence for the user."""

    exit_code: ClassVar[int] = EXIT_ERROR


class InputError(RubricActionError):
    """What the user gave is wrong. Nothing was spent, no results folder is written."""

    exit_code: ClassVar[int] = EXIT_INPUT

    def __init__(self, *problems: Problem) -> None:
        super().__init__("\n".join(str(problem) for problem in problems))
        self.problems = problems


class CannotDecide(RubricActionError):
    """The gate could not reach a verdict: cause, and what to do about it."""

    def __init__(self, cause: str, mend: str = "") -> None:
        super().__init__(f"{cause} {mend}".rstrip())
        self.cause = cause
        self.mend = mend


class BaselineUnreadable(CannotDecide):
    """A baseline is there and cannot be read; that is not the same as no baseline."""


class ResultsUnreadable(CannotDecide):
    """Results that were published for a commit are there and cannot be read."""


class JudgeRefused(CannotDecide):
    """The judge will not work at all, so no further call is worth its price."""


class BudgetSpent(CannotDecide):
    """`max-judge-cost` is reached."""


class AgentUnavailable(CannotDecide):
    """The agent under test cannot be started or reached."""


class ResultsUnwritable(CannotDecide):
    """The results folder cannot be written."""


class GitHubFailed(CannotDecide):
    """GitHub refused, or did not answer, something that the decision needs."""


class Interrupted(RubricActionError):
    """SIGINT or SIGTERM; replies already paid for are kept."""

    exit_code: ClassVar[int] = EXIT_INTERRUPTED
