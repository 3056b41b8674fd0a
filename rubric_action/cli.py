"""The command line: a thin shell around the pipeline. Rooms load when a command needs them."""

import math
import os
import signal
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, Literal, NoReturn, TypeVar

import click

from rubric_action import __version__
from rubric_action.collector import collect_rarely
from rubric_action.errors import EXIT_ERROR, Interrupted, RubricActionError

EXIT_CODES = (
    "Exit codes: 0 pass or overridden, 1 fail, 2 the input is wrong, 3 no verdict could be "
    "reached, 130 interrupted."
)
JSON = "rubric_action.json"
"""The key under which a command notes that standard output is for a machine."""


class Commands(click.Group):
    """One boundary: every error is a sentence and an exit code, never a traceback."""

    def invoke(self, ctx: click.Context) -> Any:
        """Run a command, and turn what goes wrong into exit codes."""
        collect_rarely()
        signal.signal(signal.SIGTERM, _interrupt)
        try:
            return super().invoke(ctx)
        except (click.ClickException, click.exceptions.Exit):
            raise
        except BrokenPipeError:
            # Nobody reads on; without this, the last flush would end in a code of its own.
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            ctx.exit(EXIT_ERROR)
        except (Exception, KeyboardInterrupt) as error:  # noqa: BLE001 (the one boundary)
            _end(ctx, error)


def _end(ctx: click.Context, error: Exception | KeyboardInterrupt) -> NoReturn:
    from rubric_action.messages import tell, unexpected

    if isinstance(error, KeyboardInterrupt):
        known: RubricActionError = Interrupted(
            "Interrupted. Every reply that the judge was paid for is kept."
        )
    else:
        known = error if isinstance(error, RubricActionError) else unexpected(error)
    tell(known, os.environ, only_stderr=JSON in ctx.meta)
    ctx.exit(known.exit_code)


def _interrupt(_number: int, _frame: object) -> NoReturn:
    raise KeyboardInterrupt


def _examples(*lines: str) -> str:
    """The end of a command's help; behind a backspace, click leaves a paragraph's lines alone."""
    return "\n".join(("\b", "Examples:", *(f"  {line}" for line in lines), "", EXIT_CODES))


Command = TypeVar("Command", bound=Callable[..., Any])
FOLDER = click.Path(path_type=Path)


def _rubric(command: Command) -> Command:
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


def _finite(_ctx: click.Context, _option: click.Parameter, value: float | None) -> float | None:
    """Refuse `nan`, which is above no limit, and `inf`."""
    if value is not None and not math.isfinite(value):
        raise click.BadParameter("it has to be a number of USD, such as 2.50")
    return value


@click.group(
    cls=Commands, epilog=EXIT_CODES, context_settings={"help_option_names": ["-h", "--help"]}
)
@click.version_option(__version__, prog_name="rubric-action")
def main() -> None:
    """The shipping gate for AI agents.

    `eval/rubric.yaml` says what good enough to ship means, `rubric-action gate` says whether it
    holds. New here? `rubric-action demo` shows a gate at work, offline and without a key.
    """


@main.command(
    epilog=_examples(
        "rubric-action gate --mode baseline --results rubric-baseline",
        "rubric-action gate --baseline rubric-baseline",
        "rubric-action gate --outputs eval/outputs.jsonl --json | jq .verdict",
    )
)
@_rubric
@click.option("--outputs", metavar="FILE", help="Sessions made earlier, in place of the agent.")
@click.option(
    "--baseline",
    type=FOLDER,
    metavar="DIR|ZIP",
    help="The results to compare with: a folder of an earlier run, or its artifact.",
)
@click.option(
    "--base-rubric",
    type=FOLDER,
    metavar="FILE",
    help="The rubric before the change: what it lowers is a finding.",
)
@click.option(
    "--results",
    default=Path("rubric-results"),
    type=FOLDER,
    show_default=True,
    metavar="DIR",
    help="Where the results are written; run again with the same folder to go on.",
)
@click.option(
    "--mode",
    type=click.Choice(["gate", "baseline"]),
    default="gate",
    show_default=True,
    help="`baseline` records a failure and exits 0: the default branch's own run.",
)
@click.option(
    "--concurrency",
    type=click.IntRange(min=1, max=1000),
    metavar="N",
    help="Sessions and judge calls under way at once, over the rubric's own numbers.",
)
@click.option(
    "--max-judge-cost",
    type=click.FloatRange(min=0),
    callback=_finite,
    metavar="USD",
    help="Stop before the judge costs more. The verdict is then `error`.",
)
@click.option(
    "--fresh",
    is_flag=True,
    help="Don't go on: trust no judge's reply that lies in the results folder.",
)
@click.option("--judge-base-url", metavar="URL", help="The judge's endpoint, over the rubric's.")
@click.option("--judge-model", metavar="NAME", help="The judge's model, over the rubric's.")
@click.option("--json", "as_json", is_flag=True, help="Print summary.json on standard output.")
@click.pass_context
def gate(ctx: click.Context, /, **options: Any) -> None:
    """Grade the agent's answers and decide whether they may ship.

    Runs the agent that the rubric names (or takes `--outputs`), checks the rules, asks the judge
    for the rest, compares with `--baseline`, and writes everything to `--results`.
    """
    from rubric_action.laptop import Options, gate_here

    if options["as_json"]:
        ctx.meta[JSON] = True
    ctx.exit(gate_here(Options(**options), os.environ))


@main.command(
    epilog=_examples(
        "rubric-action demo",
        "rubric-action demo --into /tmp/look-around",
    )
)
@click.option(
    "--into",
    default=Path("rubric-demo"),
    type=FOLDER,
    show_default=True,
    metavar="DIR",
    help="Where the example is put, for you to look around in.",
)
@click.pass_context
def demo(ctx: click.Context, into: Path) -> None:
    """Gate the example agent before and after a change: offline, no key, seconds.

    The change makes the answers better on average and breaks one refund case.
    """
    from rubric_action.demonstration import demonstrate

    ctx.exit(demonstrate(into, os.environ))


@main.command(
    epilog=_examples(
        "rubric-action validate",
        "rubric-action validate --rubric eval/support.yaml",
    )
)
@_rubric
def validate(rubric: str, root: Path) -> None:
    """Check the rubric, its cases and its calibration; spend nothing.

    Names every mistake at once, with file, line, column and what to write instead. In GitHub
    Actions the mistakes are annotations on those lines. Also a pre-commit hook.
    """
    from rubric_action.laptop import validated
    from rubric_action.messages import say

    for line in validated(root, rubric):
        say(line, os.environ)


@main.command(
    epilog=_examples(
        "rubric-action report rubric-results",
        "rubric-action report rubric-baseline.zip --out report.md",
    )
)
@click.argument("folder", type=FOLDER)
@click.option(
    "--format", "form", type=click.Choice(["md"]), default="md", show_default=True, help="The form."
)
@click.option("--out", type=FOLDER, metavar="FILE", help="Write there, not to standard output.")
def report(folder: Path, form: Literal["md"], out: Path | None) -> None:
    """Print the report of a finished run from its results FOLDER (or the zip of one)."""
    from rubric_action.laptop import print_report

    print_report(folder, form, out, os.environ)
