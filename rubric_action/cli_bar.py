"""The commands about the bar itself: where it could stand, and who moved it."""

import os
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

import click

from rubric_action.cli_parts import FOLDER, JSON, examples, rubric_options


@click.command(
    epilog=examples(
        "rubric-action suggest",
        "rubric-action suggest runs/1 runs/2 runs/3 --out bar.patch",
        "rubric-action suggest rubric-baseline.zip --json | jq .suggestions",
    )
)
@rubric_options
@click.argument("runs", type=FOLDER, nargs=-1, metavar="[DIR|ZIP]...")
@click.option("--out", type=FOLDER, metavar="FILE", help="Write the patch there, for `git apply`.")
@click.option("--apply", is_flag=True, help="Write the suggestions into the rubric.")
@click.option(
    "--all",
    "all_axes",
    is_flag=True,
    help="A minimum for every slice on every axis; else for those that have one, and for slices "
    "that have no bar.",
)
@click.option(
    "--allow-lower",
    is_flag=True,
    help="Suggest looser bars too; else a bar that is not met stays, and is told.",
)
@click.option("--json", "as_json", is_flag=True, help="Print JSON on standard output.")
@click.pass_context
def suggest(ctx: click.Context, /, **options: Any) -> None:
    """Suggest bars that the runs so far can carry, as a patch of the rubric.

    Takes the results of finished runs, or a folder that holds them; `rubric-baseline` or else
    `rubric-results` by default. The more runs of one agent, the less room chance needs. Each bar
    comes with its evidence.
    """
    from rubric_action.suggesting import Options, suggest_here

    if options["as_json"]:
        ctx.meta[JSON] = True
    ctx.exit(suggest_here(Options(**options), os.environ))


def _since(_ctx: click.Context, _option: click.Parameter, value: str | None) -> datetime | None:
    """A day, or so long ago: `2026-09-01`, `90d`."""
    from rubric_action.rubric.units import parse_duration

    if value is None:
        return None
    try:
        seconds = parse_duration(value)
        if seconds is not None:
            return datetime.now(UTC) - timedelta(seconds=seconds)
        return datetime.combine(date.fromisoformat(value), time(), UTC)
    except (ValueError, OverflowError):
        raise click.BadParameter("write a day or an age: `2026-09-01`, `90d`") from None


@click.command(
    epilog=examples(
        "rubric-action blame",
        "rubric-action blame --since 90d --results rubric-baseline",
        "rubric-action blame --ledger audit.jsonl --json | jq .overrides",
    )
)
@rubric_options
@click.option("--since", callback=_since, metavar="DAY", help="From then on: `2026-09-01`, `90d`.")
@click.option(
    "--results",
    type=FOLDER,
    multiple=True,
    metavar="DIR|ZIP",
    help="A finished run, or a folder of them: its scores are shown beside the bars of its time.",
)
@click.option(
    "--audit",
    type=FOLDER,
    multiple=True,
    metavar="DIR|ZIP",
    help="Results that keep records of overrides, such as a baseline.",
)
@click.option(
    "--ledger",
    type=FOLDER,
    metavar="FILE",
    help="The ledger's file; by default that of the branch which the rubric names, if it is here.",
)
@click.option("--json", "as_json", is_flag=True, help="Print JSON on standard output.")
@click.pass_context
def blame(ctx: click.Context, /, **options: Any) -> None:
    """Tell who moved the bar, when, from what to what; and who overrode what, how often.

    Reads the rubric's history from git, without the network. Overrides come from the ledger and
    from results; too many of them mean that the rubric is wrong, and it says so.
    """
    from rubric_action.blaming import Options, blame_here

    if options["as_json"]:
        ctx.meta[JSON] = True
    ctx.exit(blame_here(Options(**options), os.environ, datetime.now(UTC)))
