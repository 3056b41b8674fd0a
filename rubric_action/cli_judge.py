"""The command about the judge itself: how far it agrees with people."""

import os
from pathlib import Path
from typing import Any

import click

from rubric_action.cli_parts import FOLDER, JSON, finite, rubric_options

EXIT_CODES = (
    "Exit codes: 0 every axis reaches `min_agreement`, 1 one is below it, 2 the input is wrong, 3 "
    "agreement is not known on an axis, 130 interrupted."
)
_EXAMPLES = (
    "rubric-action calibrate",
    "rubric-action calibrate --judge-model gpt-5 --results rubric-calibration/gpt-5",
    "rubric-action calibrate --json | jq '.axes[].kappa'",
)


@click.command(
    epilog="\n".join(("\b", "Examples:", *(f"  {line}" for line in _EXAMPLES), "", EXIT_CODES))
)
@rubric_options
@click.option(
    "--results",
    default=Path("rubric-calibration"),
    type=FOLDER,
    show_default=True,
    metavar="DIR",
    help="Where the judge's replies are kept; what is found there is not asked again.",
)
@click.option("--fresh", is_flag=True, help="Ask everything anew, whatever was kept.")
@click.option("--out", type=FOLDER, metavar="FILE", help="Write there, not to standard output.")
@click.option(
    "--concurrency",
    type=click.IntRange(min=1, max=1000),
    metavar="N",
    help="Judge calls under way at once, over the rubric's own number.",
)
@click.option(
    "--max-judge-cost",
    type=click.FloatRange(min=0),
    callback=finite,
    metavar="USD",
    help="Stop before the judge costs more.",
)
@click.option("--judge-base-url", metavar="URL", help="The judge's endpoint, over the rubric's.")
@click.option("--judge-model", metavar="NAME", help="The judge's model, over the rubric's.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON on standard output.")
@click.pass_context
def calibrate(ctx: click.Context, /, **options: Any) -> None:
    """Hold the judge against people, on the answers of `judge.calibration`.

    Tells for each axis how far both agree beyond chance (Cohen's kappa), what the judge misses,
    whether it is too kind, which pass mark would fit it better, and where the two disagree.
    """
    from rubric_action.calibrating import CalibrateOptions, calibrate_here

    if options["as_json"]:
        ctx.meta[JSON] = True
    ctx.exit(calibrate_here(CalibrateOptions(**options), os.environ))
