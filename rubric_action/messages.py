"""What is told to people on a terminal or in a log, and errors as annotations in a workflow."""

import traceback
from collections.abc import Mapping

import click

from rubric_action.errors import CannotDecide, InputError, RubricActionError
from rubric_action.report.escape import visible
from rubric_action.report.redact import redactor, secrets_of


def tell(
    error: RubricActionError, environ: Mapping[str, str], *, only_stderr: bool = False
) -> None:
    """Say what is wrong, where and how to mend it; all of it at once.

    Annotations go to standard output, unless that is kept for a machine to read.
    """
    problems = error.problems if isinstance(error, InputError) else ()
    for told in problems or (error,):
        say(f"error: {told}", environ, err=True)
    if len(problems) > 1:
        say(f"{len(problems)} mistakes; nothing was spent.", environ, err=True)
    if in_workflow(environ):
        _annotate(error, environ, err=only_stderr)


def say(text: str, environ: Mapping[str, str], *, err: bool = False) -> None:
    """Print a text of which parts may be foreign: it shows everything and commands nothing."""
    shown = visible(redactor(secrets_of(environ))(text), keep_lines=True)
    if in_workflow(environ):
        from rubric_action.github.commands import neutral

        shown = neutral(shown)
    click.echo(shown, err=err)


def in_workflow(environ: Mapping[str, str]) -> bool:
    """Whether GitHub's runner reads along, and obeys what looks like a command."""
    return environ.get("GITHUB_ACTIONS") == "true"


def unexpected(error: Exception) -> CannotDecide:
    """A mistake of our own as an error of the tree, with the place to report."""
    *_, last = traceback.extract_tb(error.__traceback__)
    return CannotDecide(
        f"Something happened that this version does not know how to handle: {error!r}, "
        f"in {last.name} ({last.filename}:{last.lineno}).",
        "Please report it, with this line.",
    )


def _annotate(error: RubricActionError, environ: Mapping[str, str], *, err: bool) -> None:
    from rubric_action.github.commands import annotation

    redact = redactor(secrets_of(environ))
    for problem in error.problems if isinstance(error, InputError) else ():
        key = f"`{problem.key}`: " if problem.key else ""
        message = redact(f"{key}{problem.what}. {problem.mend}")
        click.echo(annotation("error", message, problem.place), nl=False, err=err)
