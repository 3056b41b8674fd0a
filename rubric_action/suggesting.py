"""`rubric-action suggest`: bars that the runs so far can carry, as a patch of the rubric."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import click

from rubric_action.cases.jsonl import open_file
from rubric_action.errors import EXIT_PASS, CannotDecide, InputError, Place, Problem
from rubric_action.finished import GIVE, Finished, finished, unreadable
from rubric_action.gate.suggestion.model import Suggestion
from rubric_action.gate.suggestion.observed import Run, run_of
from rubric_action.gate.suggestion.suggest import suggest
from rubric_action.grading.identity import judge_fingerprint
from rubric_action.messages import say
from rubric_action.report.numbers import count
from rubric_action.report.patch import patch
from rubric_action.report.suggestion import ByHand, Source, Suggested, as_json, lines
from rubric_action.rubric.bar_record import SLICE_KEYS
from rubric_action.rubric.declaration import RUBRIC_KEYS
from rubric_action.rubric.edit import entry, with_value
from rubric_action.rubric.load import load_rubric
from rubric_action.rubric.model import Rubric
from rubric_action.rubric.source import MAX_BYTES, decode_text

LEFT_BY_RUNS: Final = (Path("rubric-baseline"), Path("rubric-results"))
"""Where a run is looked for if none is given, the first that is there."""

FIELDS: Final = {"latency_p95": "latency_p95_s", "cost_per_session": "cost_per_session_usd"}


@dataclass(frozen=True, slots=True)
class Options:
    """What `rubric-action suggest` was called with."""

    runs: tuple[Path, ...] = ()
    root: Path = Path()
    rubric: str = "eval/rubric.yaml"
    out: Path | None = None
    apply: bool = False
    allow_lower: bool = False
    all_axes: bool = False
    as_json: bool = False


def suggest_here(options: Options, environ: Mapping[str, str]) -> int:
    """Suggest bars, tell their evidence, and write or print the patch; the exit code is 0."""
    text = _read(options)
    rubric = load_rubric(text, options.rubric)
    told, after = _suggested(options, rubric, text, finished(_given(options)))
    say("\n".join(lines(told)), environ, err=options.as_json)
    if options.as_json:
        click.echo(json.dumps(as_json(told)).replace("##[", "#\\u0023["))
    elif told.patch and not (options.out or options.apply):
        say(f"\n{told.patch.removesuffix(chr(10))}", environ)
    if options.out:
        _write_patch(options.out, told.patch, environ)
    if options.apply and told.patch:
        _write(options.root / options.rubric, after)
        say(f"wrote {options.rubric}", environ, err=True)
    return EXIT_PASS


def _read(options: Options) -> str:
    """The rubric's text as it is, byte order mark and line ends included."""
    path = options.root / options.rubric
    if not path.exists():
        mend = "Give its path with `--rubric`, or see one at work: `rubric-action demo`."
        raise InputError(Problem(Place(options.rubric), "there is no such file", mend))
    with open_file(path, options.rubric) as file:
        data = file.read(MAX_BYTES + 1)
    decode_text(data, options.rubric)
    return data.decode("utf-8")


def _given(options: Options) -> Sequence[Path]:
    if options.runs:
        return options.runs
    there = [path for path in LEFT_BY_RUNS if path.is_dir()]
    if not there:
        what = f"no run is given, and there is neither {' nor '.join(map(str, LEFT_BY_RUNS))}"
        raise InputError(Problem(Place("the command line"), what, GIVE))
    return there[:1]


def _suggested(
    options: Options, rubric: Rubric, text: str, given: Sequence[Finished]
) -> tuple[Suggested, str]:
    """What to tell, and the rubric's text with all of it."""
    used, notes = _comparable(rubric, given)
    runs = _runs(rubric, used)
    found = suggest(rubric, runs, allow_lower=options.allow_lower, all_axes=options.all_axes)
    after, by_hand = _written(text, found, rubric)
    _check(after, found, by_hand, options.rubric)
    sources = [
        Source(one.name, one.run.created_at, one.run.sha, len(run.cases))
        for one, run in zip(used, runs, strict=True)
    ]
    name = _in_repository(options)
    told = Suggested(
        options.rubric, tuple(sources), found, patch(text, after, name), by_hand, tuple(notes)
    )
    return told, after


def _comparable(
    rubric: Rubric, given: Sequence[Finished]
) -> tuple[Sequence[Finished], Sequence[str]]:
    """The runs that were graded as the newest one was, and what the reader has to know of them."""
    last = given[-1]
    graded_by = last.judge.fingerprint if last.judge else ""
    used = [one for one in given if (one.judge.fingerprint if one.judge else "") == graded_by]
    notes = []
    if len(used) < len(given):
        left = count(len(given) - len(used), "run")
        notes.append(f"{left} left out: graded by another judge, or asked other questions")
    if last.judge and graded_by != judge_fingerprint(rubric):
        notes.append("the runs were graded by another judge, or asked others, than the rubric says")
    if last.digest != rubric.digest:
        notes.append(
            "the rubric was another one in the newest run; slices hold the cases that they had then"
        )
    return used, notes


def _runs(rubric: Rubric, used: Sequence[Finished]) -> list[Run]:
    """The runs with their cases; InputError with everything in them that cannot be read."""
    problems: list[Problem] = []
    runs: list[Run] = []
    for one in used:
        try:
            runs.append(run_of(one.name, one.run.created_at, rubric, one.stored.cases()))
        except CannotDecide as error:
            problems.append(unreadable(one.name, error))
    if problems:
        raise InputError(*problems)
    return runs


def _written(
    text: str, suggestions: Sequence[Suggestion], rubric: Rubric
) -> tuple[str, tuple[ByHand, ...]]:
    """The text with every suggestion in it, and those that it could not take."""
    order = [key.name for key in (*RUBRIC_KEYS, *SLICE_KEYS)] + list(rubric.axes)
    by_hand = []
    for one in suggestions:
        if one.suggested is None:
            continue
        written = one.write(one.suggested)
        edited = with_value(text, one.path, written, order)
        if edited is None:
            place = rubric.places.get(".".join(one.path[:-1]), Place(""))
            where = f"`{'.'.join(one.path[:-1])}`" + (f" ({place})" if place.file else "")
            by_hand.append(ByHand(entry(one.path[-1:], written), where))
        else:
            text = edited
    return text, tuple(by_hand)


def _check(
    text: str, suggestions: Sequence[Suggestion], by_hand: Sequence[ByHand], name: str
) -> None:
    """The rubric that comes out loads, and holds what was put into it."""
    after = load_rubric(text, name)
    made = [one for one in suggestions if one.suggested is not None]
    missed = sum(_bar(after, one.path) != one.suggested for one in made)
    if missed > len(by_hand):
        raise CannotDecide("The suggested rubric does not hold what was suggested.", "Report it.")


def _bar(rubric: Rubric, path: Sequence[str]) -> float | None:
    """The bar at a path of keys; None where there is none."""
    section, *rest = path
    field = FIELDS[rest[-1]] if rest[-1] in FIELDS else rest[-1]
    if section != "slices":
        found: float | None = getattr(getattr(rubric, section), field)
    elif rest[1] == "min":
        found = rubric.slices[rest[0]].minimums.get(rest[2])
    else:
        found = getattr(rubric.slices[rest[0]], field)
    return None if found is None else round(found, 9)


def _in_repository(options: Options) -> str:
    """The rubric's path from the root, as a patch names it."""
    path = Path(options.rubric)
    if path.is_absolute():
        root, path = options.root.resolve(), path.resolve()
        path = path.relative_to(root) if path.is_relative_to(root) else path.relative_to("/")
    return path.as_posix()


def _write_patch(out: Path, text: str, environ: Mapping[str, str]) -> None:
    if not text:
        say(f"there is nothing to change, {out} is not written", environ, err=True)
        return
    _write(out, text)
    say(f"wrote {out}; `git apply {out}` puts it into the rubric", environ, err=True)


def _write(path: Path, text: str) -> None:
    try:
        path.write_bytes(text.encode("utf-8"))
    except OSError as error:
        what = f"the file cannot be written: {error.strerror}"
        raise InputError(Problem(Place(str(path)), what, "Give another one.")) from None
