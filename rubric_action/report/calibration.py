"""The judge against people, on a terminal or in a log, and the same as JSON."""

import textwrap
from collections.abc import Iterator
from dataclasses import asdict
from typing import Any, Final

from rubric_action.gate.better_mark import BetterMark
from rubric_action.gate.calibrated import AxisCalibration, Calibration, Marked
from rubric_action.gate.statistics.agreement import Table, corrected_rate
from rubric_action.gate.statistics.intervals import Interval
from rubric_action.report import numbers
from rubric_action.report.escape import clip, visible

SCHEMA: Final = "rubric-agreement/1"
MARKS: Final = {"reached": "ok  ", "below": "FAIL", "unknown": "ERR ", "absent": "-   "}
MOST_SHOWN: Final = 10
"""Disagreements of an axis that are printed; the JSON has all."""
SOME_RATE: Final = 0.8
"""A pass rate, to show what it stands for by people."""
MOST_TEXT: Final = 300
WIDTH: Final = 84


def lines(calibration: Calibration) -> Iterator[str]:
    """Plain text, a line at a time; whatever is foreign in it is on one line and visible."""
    answers = numbers.count(calibration.answers, "answer")
    judge, file = _line(calibration.judge), _line(calibration.file)
    yield f"CALIBRATION  {judge} against people, on {answers} of {file}"
    yield ""
    for axis in calibration.axes:
        yield from _axis(axis)
        yield ""
    for axis in calibration.axes:
        yield from _disagreements(axis)
    spend = calibration.spend
    calls = numbers.count(spend.judge_calls, "judge call")
    cost = numbers.dollars(spend.judge_cost_usd)
    yield f"{calls} and {spend.judge_cached:,} from cache, {cost}"


def _axis(one: AxisCalibration) -> Iterator[str]:
    table, found = one.table, one.kappa
    value = numbers.score(found.value) if found else "unknown"
    of = f" {numbers.interval(found.interval)}" if found else ""
    needs = f"kappa {value}{of}, needs {one.minimum:g}" if one.standing != "absent" else ""
    yield f"  {MARKS[one.standing]} {_line(one.axis)}  {needs}".rstrip()
    yield from _paragraph(one.meaning)
    if table.n:
        passed = table.both + table.only_person
        alike = table.both + table.neither
        yield from _paragraph(
            f"of {numbers.count(table.n, 'answer')}, people pass {passed} at {one.mark:g}, the "
            f"judge {table.both + table.only_judge}; they say the same of {alike} "
            f"({alike / table.n:.0%})"
        )
        yield from _paragraph("; ".join(_rates(one)))
        yield from _paragraph(_by_people(one))
        yield from _paragraph(_mark(one))


def _rates(one: AxisCalibration) -> Iterator[str]:
    """Sensitivity, specificity and bias, each with its interval."""
    table = one.table
    for name, value, interval in (
        ("sensitivity", table.sensitivity, one.sensitivity_interval),
        ("specificity", table.specificity, one.specificity_interval),
    ):
        if value is not None:
            yield f"{name} {numbers.score(value)} {numbers.interval(interval)}"
    if one.bias is not None:
        mean, interval = one.bias
        low, high = interval or (mean, mean)
        yield f"bias {mean:+.2f} [{low:+.2f}, {high:+.2f}]"


def _by_people(one: AxisCalibration) -> str:
    """What a pass rate by this judge stands for; nothing where it is no better than a coin."""
    sensitivity, specificity = one.table.sensitivity, one.table.specificity
    if sensitivity is None or specificity is None:
        return ""
    people = corrected_rate(SOME_RATE, sensitivity, specificity)
    if people is None:
        return ""
    return f"where it passes {SOME_RATE:.0%} of the cases, people would pass about {people:.0%}"


def _mark(one: AxisCalibration) -> str:
    """The pass mark that is suggested, or why none is."""
    better = one.better
    if better is None:
        return "" if one.kappa is None else f"pass mark {one.mark:g}: no other agrees better"
    told = (
        f"pass mark {better.mark:.4g} in place of {one.mark:g}: kappa {better.kappa:.2f} instead "
        f"of {better.before:.2f}, on {numbers.count(one.table.n, 'answer')}. {_turned(better)}"
    )
    return f"suggested {told}" if better.sure else f"no suggestion: {told}, which may be luck"


def _turned(better: BetterMark) -> str:
    count = better.better + better.worse
    return f"Of the {count} between the two, {better.better} come out as people said"


def _disagreements(one: AxisCalibration) -> Iterator[str]:
    found = one.disagreements
    if not found:
        return
    yield f"  {_line(one.axis)}: {numbers.count(len(found), 'disagreement')}"
    for marked in found[:MOST_SHOWN]:
        yield (
            f"    {_line(marked.id)}: people {numbers.score(marked.person)}, "
            f"the judge {numbers.score(marked.judge)}"
        )
        yield from _said("judge", marked.reason)
        yield from _said("answer", marked.answer)
    if len(found) > MOST_SHOWN:
        yield f"    and {len(found) - MOST_SHOWN:,} more"
    yield ""


def _said(who: str, text: str) -> Iterator[str]:
    wrapped = textwrap.wrap(_line(text), WIDTH) or ["(empty)"]
    for number, line in enumerate(wrapped):
        yield f"      {who if number == 0 else '':<8}{line}"


def _paragraph(text: str) -> Iterator[str]:
    for line in textwrap.wrap(_line(text, 2 * MOST_TEXT), WIDTH):
        yield f"       {line}"


def _line(text: str, most: int = MOST_TEXT) -> str:
    return clip(" ".join(visible(text).split()), most)


def as_json(calibration: Calibration) -> dict[str, Any]:
    """The whole of it for a machine; unknown is null, intervals are at 95 %."""
    return {
        "schema": SCHEMA,
        "file": calibration.file,
        "judge": calibration.judge,
        "answers": calibration.answers,
        "axes": {axis.axis: _axis_record(axis) for axis in calibration.axes},
        "spend": asdict(calibration.spend),
    }


def _axis_record(one: AxisCalibration) -> dict[str, Any]:
    table, found, mean = one.table, one.kappa, one.bias
    return {
        "standing": one.standing,
        "meaning": one.meaning,
        "pass": one.mark,
        "min_agreement": one.minimum,
        "answers": table.n,
        "ungraded": list(one.ungraded),
        "kappa": found and found.value,
        "kappa_interval": _interval(found.interval if found else None),
        "agreement": table.agreement,
        "sensitivity": table.sensitivity,
        "sensitivity_interval": _interval(one.sensitivity_interval),
        "specificity": table.specificity,
        "specificity_interval": _interval(one.specificity_interval),
        "bias": mean and mean[0],
        "bias_interval": _interval(mean[1] if mean else None),
        "counts": _counts(table),
        "suggested_pass": one.better.mark if one.better and one.better.sure else None,
        "best_pass": one.better and asdict(one.better) | {"sure": one.better.sure},
        "disagreements": [_marked(marked) for marked in one.disagreements],
    }


def _counts(table: Table) -> dict[str, int]:
    """Answers by who passed them."""
    return {
        "both": table.both,
        "only_judge": table.only_judge,
        "only_people": table.only_person,
        "neither": table.neither,
    }


def _marked(marked: Marked) -> dict[str, Any]:
    return {
        "id": marked.id,
        "people": marked.person,
        "judge": marked.judge,
        "reason": marked.reason,
        "answer": marked.answer,
    }


def _interval(interval: Interval | None) -> list[float] | None:
    return None if interval is None else list(interval)
