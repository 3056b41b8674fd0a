"""The command line: a thin shell around the pipeline. Rooms load when a command needs them."""

import os
import signal
import sys
from pathlib import Path
from typing import Any, Literal, NoReturn

import click

from rubric_action import __version__
from rubric_action.cli_bar import blame, suggest
from rubric_action.cli_judge import calibrate
from rubric_action.cli_parts import EXIT_CODES, FOLDER, JSON, Command, finite
from rubric_action.cli_parts import examples as _examples
from rubric_action.cli_parts import rubric_options as _rubric
from rubric_action.collector import collect_rarely
from rubric_action.errors import EXIT_ERROR, Interrupted, RubricActionError


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


def _compared(command: Command) -> Command:
    """What a decision is compared with, what it is for, and where it is written."""
    for option in (
        click.option(
            "--mode",
            type=click.Choice(["gate", "baseline"]),
            default="gate",
            show_default=True,
            help="`baseline` records a failure and exits 0: the default branch's own run.",
        ),
        click.option(
            "--results",
            default=Path("rubric-results"),
            type=FOLDER,
            show_default=True,
            metavar="DIR",
            help="Where the results are written; `gate` goes on from what it finds there.",
        ),
        click.option(
            "--base-rubric",
            type=FOLDER,
            metavar="FILE",
            help="The rubric before the change: what it lowers is a finding.",
        ),
        click.option(
            "--baseline",
            type=FOLDER,
            metavar="DIR|ZIP",
            help="The results to compare with: a folder of an earlier run, or its artifact.",
        ),
    ):
        command = option(command)
    return command


def _shard(_ctx: click.Context, _option: click.Parameter, value: str | None) -> Any:
    """The part of the suite that `3/8` names."""
    from rubric_action.cases.shard import read_shard

    try:
        return None if value is None else read_shard(value)
    except ValueError as error:
        raise click.BadParameter(str(error)) from None


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
        "rubric-action gate --baseline rubric-baseline --plan --max-judge-cost 2",
        "rubric-action gate --outputs eval/outputs.jsonl --json | jq .verdict",
        "rubric-action gate --shard 3/8 --results shards/3",
    )
)
@_rubric
@click.option("--outputs", metavar="FILE", help="Sessions made earlier, in place of the agent.")
@_compared
@click.option(
    "--concurrency",
    type=click.IntRange(min=1, max=1000),
    metavar="N",
    help="Sessions and judge calls under way at once, over the rubric's own numbers.",
)
@click.option(
    "--max-judge-cost",
    type=click.FloatRange(min=0),
    callback=finite,
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
@click.option(
    "--shard",
    callback=_shard,
    metavar="I/N",
    help="Run and grade one part of the cases, such as `3/8`; `merge` decides on all of them.",
)
@click.option(
    "--plan",
    is_flag=True,
    help="Tell what a run would ask and what that costs; run nothing, ask nobody, write nothing.",
)
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
        "rubric-action merge shards/1 shards/2",
        "rubric-action merge shards --baseline rubric-baseline",
    )
)
@_rubric
@click.argument("folders", type=FOLDER, nargs=-1, required=True, metavar="DIR|ZIP...")
@_compared
@click.option("--json", "as_json", is_flag=True, help="Print summary.json on standard output.")
@click.pass_context
def merge(ctx: click.Context, /, folders: tuple[Path, ...], **options: Any) -> None:
    """Join the results of shards into the decision that one run would have come to.

    Takes the folder that each `gate --shard` left, or a folder that holds them all. Runs nothing
    and asks nobody. All shards have to be there, of one rubric, one set of cases and one commit.
    """
    from rubric_action.laptop import Options, merge_here

    if options["as_json"]:
        ctx.meta[JSON] = True
    ctx.exit(merge_here(folders, Options(**options), os.environ))


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


main.add_command(calibrate)
main.add_command(suggest)
main.add_command(blame)
