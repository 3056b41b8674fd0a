"""Errors told to people: sentences on standard error, annotations where a workflow runs."""

import sys
from collections.abc import Mapping

import click

from rubric_action.errors import InputError, RubricActionError


def tell(error: RubricActionError, environ: Mapping[str, str]) -> None:
    """Say what is wrong, where and how to mend it; all of it at once."""
    if isinstance(error, InputError):
        for problem in error.problems:
            click.echo(f"error: {problem}", err=True)
        if len(error.problems) > 1:
            click.echo(f"{len(error.problems)} mistakes; nothing was spent.", err=True)
    else:
        click.echo(f"error: {error}", err=True)
    if environ.get("GITHUB_ACTIONS") == "true":
        _annotate(error)


def _annotate(error: RubricActionError) -> None:
    from rubric_action.github.commands import annotation

    problems = error.problems if isinstance(error, InputError) else ()
    for problem in problems:
        sys.stdout.write(annotation("error", problem.what + ". " + problem.mend, problem.place))
