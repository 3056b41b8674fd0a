"""What a run is going to take, told before anything is spent, and the same as JSON."""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import reduce
from operator import add
from typing import Any, Final, Literal

from rubric_action.grading.estimate import NO_SPAN, Span
from rubric_action.grading.forecast import ModelPlan

SCHEMA: Final = "rubric-plan/1"
NOT_COUNTED: Final = "requests that fail and are sent again, and replies that have to be repaired"

Fits = Literal["yes", "probably", "hardly", "no"]


@dataclass(frozen=True, slots=True)
class Sessions:
    """Where the sessions come from: `read` from a file, or `to_run` by the agent.

    Of those to run, `stored` are measured by what an earlier run stored, the others by made-up
    ones. `cost_usd` is what the agent is likely to cost, None where that is unknown; `seconds` is
    what it takes at least. `file` is where sessions are read from.
    """

    read: int = 0
    missing: int = 0
    to_run: int = 0
    stored: int = 0
    file: str | None = None
    cost_usd: float | None = 0.0
    seconds: float | None = None

    @property
    def known(self) -> int:
        """All that will be graded, as far as is known."""
        return self.read + self.to_run


@dataclass(frozen=True, slots=True)
class Plan:
    """What a run is going to take; `limit` is the most that judges may cost, in USD."""

    cases: int
    sessions: Sessions
    models: tuple[ModelPlan, ...] = ()
    limit: float | None = None
    assumed: tuple[str, ...] = ()
    left_out: tuple[str, ...] = (NOT_COUNTED,)

    @property
    def calls(self) -> int:
        """All calls."""
        return sum(one.asked.calls for one in self.models)

    @property
    def least(self) -> int:
        """The calls that are certain."""
        return sum(one.asked.least for one in self.models)

    @property
    def cached(self) -> int:
        """All replies that are there already, or come with another call."""
        return sum(one.asked.cached + one.asked.repeated for one in self.models)

    @property
    def input(self) -> Span:
        """Tokens sent."""
        return _sum(one.asked.input for one in self.models)

    @property
    def output(self) -> Span:
        """Tokens received."""
        return _sum(one.asked.output for one in self.models)

    @property
    def cost(self) -> Span | None:
        """USD for all of it; None while a price is unknown."""
        costs = [one.asked.cost for one in self.models]
        known = [cost for cost in costs if cost is not None]
        return _sum(known) if len(known) == len(costs) else None

    @property
    def fits(self) -> Fits | None:
        """Whether the limit is kept; None where there is none or the cost is unknown."""
        if self.limit is None or self.cost is None:
            return None
        if self.cost.high < self.limit or self.cost.high == 0:
            return "yes"
        if self.cost.estimate < self.limit:
            return "probably"
        return "hardly" if self.cost.low < self.limit else "no"


def as_json(plan: Plan) -> dict[str, Any]:
    """The plan for a machine; `spend` has the keys that it has in `summary.json`."""
    cost, sessions = plan.cost, plan.sessions
    return {
        "schema": SCHEMA,
        "cases": plan.cases,
        "spend": {
            "judge_calls": plan.calls,
            "judge_cached": plan.cached,
            "judge_cost_usd": None if cost is None else cost.estimate,
            "input_tokens": round(plan.input.estimate),
            "output_tokens": round(plan.output.estimate),
            "agent_sessions": sessions.known,
        },
        "at_least": _bounds(plan, high=False),
        "at_most": _bounds(plan, high=True),
        "sessions": {
            "read": sessions.read,
            "missing": sessions.missing,
            "to_run": sessions.to_run,
            "measured_by_earlier_run": sessions.stored,
            "file": sessions.file,
            "cost_usd": sessions.cost_usd,
            "seconds_at_least": sessions.seconds,
        },
        "models": [_model(one) for one in plan.models],
        "limit": None if plan.limit is None else {"usd": plan.limit, "fits": plan.fits},
        "assumed": list(plan.assumed),
        "not_counted": list(plan.left_out),
    }


def _bounds(plan: Plan, *, high: bool) -> dict[str, Any]:
    def end(span: Span) -> float:
        return span.high if high else span.low

    return {
        "judge_calls": plan.calls if high else plan.least,
        "judge_cost_usd": None if plan.cost is None else end(plan.cost),
        "input_tokens": round(end(plan.input)),
        "output_tokens": round(end(plan.output)),
    }


def _model(one: ModelPlan) -> dict[str, Any]:
    asked, price = one.asked, one.asked.price
    return {
        "role": one.role,
        "provider": one.provider,
        "model": one.model,
        "calls": asked.calls,
        "calls_at_least": asked.least,
        "cached": asked.cached,
        "repeated": asked.repeated,
        "input_tokens": round(asked.input.estimate),
        "output_tokens": round(asked.output.estimate),
        "cost_usd": asked.cost and asked.cost.estimate,
        "input_usd_per_million": price and price.input,
        "output_usd_per_million": price and price.output,
        "priced_by": price and one.priced_by,
        "learned_from": asked.learned + asked.words,
    }


def _sum(spans: Iterable[Span]) -> Span:
    return reduce(add, spans, NO_SPAN)
