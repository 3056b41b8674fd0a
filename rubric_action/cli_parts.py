"""What the commands of several modules share: options, kinds of values, the end of a help text."""

import math
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import click

EXIT_CODES = (
    "Exit codes: 0 pass or overridden, 1 fail, 2 the input is wrong, 3 no verdict could be "
    "reached, 130 interrupted."
)
JSON = "rubric_action.json"
"""The key under which a command notes that standard output is for a machine."""

Command = TypeVar("Command", bound=Callable[..., Any])
FOLDER = click.Path(path_type=Path)


def examples(*lines: str) -> str:
    """The end of a command's help; behind a backspace, click leaves a paragraph's lines alone."""
    return "\n".join(("\b", "Examples:", *(f"  {line}" for line in lines), "", EXIT_CODES))


def rubric_options(command: Command) -> Command:
    """The rubric, and the repository that its paths start from."""
    command = click.option(
        "--rubric",
        default="eval/rubric.yaml",
        show_default=True,
        metavar="FILE",
        help="What good enough means; below the root.",
    )(command)
    return click.option(
        "--root",
        default=Path(),
        type=FOLDER,
        metavar="DIR",
        help="The repository that the rubric's paths start from; this folder by default.",
    )(command)


def finite(_ctx: click.Context, _option: click.Parameter, value: float | None) -> float | None:
    """Refuse `nan`, which is above no limit, and `inf`."""
    if value is not None and not math.isfinite(value):
        raise click.BadParameter("it has to be a number of USD, such as 2.50")
    return value
