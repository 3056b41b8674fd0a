"""A plan on a terminal or in a log: the sum first, then what it is made of."""

import textwrap
from collections.abc import Callable, Iterator, Sequence
from typing import Final

from rubric_action.grading.estimate import Span
from rubric_action.grading.forecast import ModelPlan
from rubric_action.report import numbers
from rubric_action.report.escape import clip, visible
from rubric_action.report.plan import Plan, Sessions

NARROW: Final = 0.1
"""An estimate is meant to be right within this; bounds that are no wider are not shown."""
WIDTH: Final = 84
MOST: Final = 200

_FITS: Final = {
    "yes": "the run fits in it",
    "probably": "the run probably fits in it",
    "hardly": "the run is likely to stop before its end",
    "no": "the run would stop before its end",
    None: "whether the run fits in it cannot be told",
}


def lines(plan: Plan) -> Iterator[str]:
    """Plain text, a line at a time; whatever is foreign in it is on one line and visible."""
    calls = numbers.count(plan.calls, "judge call")
    yield f"PLAN  {calls}, {_dollars(plan.cost)}. Nothing was asked, nothing was spent."
    yield ""
    yield _row("sessions", _sessions(plan))
    for one in plan.models:
        yield _row(one.role, _asked(one))
    if not plan.models:
        yield _row("judge", "nobody is asked")
    if plan.calls:
        yield _row("tokens", f"{_tokens(plan.input)} in, {_tokens(plan.output)} out")
    yield from (_row("price", price) for price in dict.fromkeys(map(_price, plan.models)) if price)
    if plan.limit is not None:
        yield _row("limit", f"{numbers.dollars(plan.limit)}: {_FITS[plan.fits]}")
    yield from _paragraph("assumed", plan.assumed)
    if plan.calls:
        yield from _paragraph("left out", plan.left_out)


def _sessions(plan: Plan) -> str:
    sessions = plan.sessions
    of = f"of {numbers.count(plan.cases, 'case')}"
    if sessions.file is not None:
        missing = f", {sessions.missing:,} missing" if sessions.missing else ""
        return f"{sessions.read:,} {of}, read from {sessions.file}{missing}; no agent is run"
    return f"{sessions.to_run:,} {of}, for the agent to run{_agent(sessions)}"


def _agent(sessions: Sessions) -> str:
    cost = numbers.dollars(sessions.cost_usd)
    known = f": {cost}" if sessions.cost_usd is None else f": about {cost}"
    least = f", {numbers.seconds(sessions.seconds)} at least" if sessions.seconds else ""
    return f"{known}{least}"


def _asked(one: ModelPlan) -> str:
    asked = one.asked
    calls = numbers.count(asked.calls, "call")
    told = [f"{calls} to {one.model} ({one.provider})"]
    if one.role != "texts":
        told.append(f"{asked.cached:,} cached")
    if asked.repeated:
        told.append(f"{asked.repeated:,} the same as another")
    if asked.least < asked.calls:
        judge = one.role == "judge"
        told.append(f"{asked.least:,} {'if the agent answers as before' if judge else 'at least'}")
    return ", ".join(told)


def _price(one: ModelPlan) -> str:
    asked = one.asked
    if not asked.calls:
        return ""
    if asked.price is None:
        return f"of {one.model} is unknown; `judge.prices` in the rubric can name it"
    sent, made = numbers.dollars(asked.price.input), numbers.dollars(asked.price.output)
    return f"{sent} in, {made} out a million tokens of {one.model}, by {one.priced_by}"


def _tokens(span: Span) -> str:
    return f"{span.estimate:,.0f}{_between(span, '{:,.0f}'.format)}"


def _dollars(span: Span | None) -> str:
    if span is None:
        return numbers.dollars(None)
    if span.high == 0:
        return numbers.dollars(0)
    return f"about {numbers.dollars(span.estimate)}{_between(span, numbers.dollars)}"


def _between(span: Span, show: Callable[[float], str]) -> str:
    """The bounds, where they lie further apart than the estimate is meant to be off."""
    margin = span.estimate * NARROW * 1.001
    if max(span.high - span.estimate, span.estimate - span.low) <= margin:
        return ""
    return f" ({show(span.low)} to {show(span.high)})"


def _paragraph(name: str, sentences: Sequence[str]) -> Iterator[str]:
    """A row of more than one line, wrapped below its name."""
    for number, line in enumerate(textwrap.wrap("; ".join(sentences), WIDTH)):
        yield _row(name if number == 0 else "", line)


def _row(name: str, told: str) -> str:
    return f"  {name:<9} {clip(' '.join(visible(told).split()), MOST)}"
