"""`rubric-action calibrate`: the judge held against people on all answers that they graded."""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from rubric_action.errors import EXIT_ERROR, EXIT_FAIL, EXIT_PASS, InputError, Place, Problem
from rubric_action.gate.calibrated import AxisCalibration, Calibration, Marked
from rubric_action.grading.cache import KIND, ReplyJournal
from rubric_action.grading.cache_access import cache_access
from rubric_action.grading.calibration import Item, load_calibration
from rubric_action.grading.embedding_setup import asked_models
from rubric_action.grading.judge import Memory
from rubric_action.grading.keys import judge_keys
from rubric_action.grading.model import Scored, Spend, Ungraded
from rubric_action.grading.opening import Terms, open_bench
from rubric_action.grading.opinions import Opinion, judged_axes
from rubric_action.grading.preflight import check_judge, with_judge
from rubric_action.laptop import echo_json, read_rubric, write_out
from rubric_action.messages import in_workflow, say
from rubric_action.progress import progress
from rubric_action.report.calibration import as_json, lines
from rubric_action.report.redact import redacted, redactor, secrets_of
from rubric_action.report.stored import GRADES
from rubric_action.rubric.model import Axis, Judge, Rubric
from rubric_action.running import run_to_end
from rubric_action.watching import asked

Keys = Sequence[str | None]


@dataclass(frozen=True, slots=True)
class CalibrateOptions:
    """What `rubric-action calibrate` was called with; costs are in USD."""

    root: Path = Path()
    rubric: str = "eval/rubric.yaml"
    results: Path = Path("rubric-calibration")
    out: Path | None = None
    concurrency: int | None = None
    max_judge_cost: float | None = None
    judge_base_url: str | None = None
    judge_model: str | None = None
    fresh: bool = False
    as_json: bool = False


def calibrate_here(options: CalibrateOptions, environ: Mapping[str, str]) -> int:
    """Have the judge grade what people graded, tell how far they agree; gives the exit code."""
    found = run_to_end(calibrate(options, environ))
    told = "\n".join(lines(found))
    if options.out is not None:
        text = json.dumps(as_json(found), indent=2) if options.as_json else told
        write_out(f"{text}\n", options.out, environ)
    else:
        say(told, environ, err=options.as_json)
        if options.as_json:
            echo_json(as_json(found))
    return exit_code(found)


async def calibrate(options: CalibrateOptions, environ: Mapping[str, str]) -> Calibration:
    """The judge against people on each axis of the rubric.

    Replies are kept in the results folder by the content of their requests, and found there again.
    Raises InputError before anything is spent, and what ends the asking: `JudgeRefused`,
    `BudgetSpent`, `ResultsUnwritable`.
    """
    rubric = settled(options)
    judge, items = graded_by_people(rubric, options.root)
    keys = judge_keys(asked_models(rubric), environ)[: len(judge.models)]
    check_judge(rubric, keys=keys, max_cost_usd=options.max_judge_cost)
    axes, spend, bar = judged_axes(rubric), Spend(), progress()
    with _memory(options, environ, judge, keys) as memory:
        terms = Terms(
            spend=spend,
            keys=keys,
            memory=memory,
            max_cost_usd=options.max_judge_cost,
            note=lambda told: say(f"warning: {told}", environ, err=True),
        )
        async with open_bench(rubric, terms) as bench:
            bar.start(len(items))
            found, stopped = await asked(bench, axes, items, step=bar.step)
            stopped = stopped or bench.grader.stopped
    if stopped:
        raise stopped
    measured = tuple(_measured(axis, judge, found) for axis in axes.values())
    names = " + ".join(model.model or model.provider for model in judge.models)
    calibration = Calibration(str(judge.calibration), len(items), names, measured, spend)
    return redacted(calibration, redactor(secrets_of(environ, *keys)))


def settled(options: CalibrateOptions) -> Rubric:
    """The rubric with what the command line says over its judge."""
    written = read_rubric(options.root / options.rubric, options.rubric)
    rubric = with_judge(written, base_url=options.judge_base_url, model=options.judge_model)
    if rubric.judge is None or options.concurrency is None:
        return rubric
    return replace(rubric, judge=replace(rubric.judge, concurrency=options.concurrency))


def graded_by_people(rubric: Rubric, root: Path) -> tuple[Judge, tuple[Item, ...]]:
    """The judge, and the answers to hold it against. Raises InputError where there is none."""
    judge = rubric.judge
    if judge is None or judge.calibration is None:
        what = "there is no judge to calibrate" if judge is None else "`calibration` is missing"
        mend = "Name a JSONL file of answers that people graded as `judge.calibration`."
        place = rubric.places.get("judge", rubric.places.get("", Place("the rubric")))
        raise InputError(Problem(place, what, mend, "judge"))
    items = load_calibration(root, judge.calibration, rubric.axes)
    if not items:
        mend = 'Write one answer a line: {"id", "input", "output", "grades": {"<axis>": 1}}.'
        raise InputError(Problem(Place(judge.calibration), "there is no answer in it", mend))
    return judge, items


def exit_code(calibration: Calibration) -> int:
    """1 with an axis below `min_agreement`, else 3 with one where that is not known, else 0."""
    standings = {one.standing for one in calibration.axes}
    if "below" in standings:
        return EXIT_FAIL
    return EXIT_PASS if "reached" in standings and "unknown" not in standings else EXIT_ERROR


@contextmanager
def _memory(
    options: CalibrateOptions, environ: Mapping[str, str], judge: Judge, keys: Keys
) -> Iterator[Memory]:
    """Where replies are kept: in the results folder, and in a cache folder if one is named."""
    hosted = in_workflow(environ)
    access = cache_access(environ, options.root, judge.models, keys, hosted=hosted)
    if access.note:
        say(f"warning: {access.note}", environ, err=True)
    with ExitStack() as stack:
        opened = access.open(KIND)
        cache = stack.enter_context(opened) if opened else None
        journal = stack.enter_context(ReplyJournal(options.results / GRADES, folder=cache))
        redact = redactor(secrets_of(environ, *keys))
        yield Memory(journal, fresh=options.fresh, redact=redact)


def _measured(axis: Axis, judge: Judge, found: Iterable[Opinion]) -> AxisCalibration:
    marked: list[Marked] = []
    ungraded: list[str] = []
    for one in found:
        if one.axis == axis.name and isinstance(one.judge, Ungraded):
            ungraded.append(f"`{one.item.id}`: {one.judge.detail}")
        elif one.axis == axis.name and isinstance(one.judge, Scored):
            score, reason = one.judge.score, one.judge.reason
            marked.append(Marked(one.item.id, one.person, score, reason, one.item.output))
    return AxisCalibration(
        axis.name, axis.pass_mark, judge.min_agreement, tuple(marked), tuple(ungraded)
    )
