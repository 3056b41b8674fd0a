import json
from dataclasses import replace
from typing import Any

import pytest

from rubric_action.grading.estimate import Span
from rubric_action.grading.forecast import ModelPlan
from rubric_action.grading.tally import Asked, Price
from rubric_action.report.plan import Fits, Plan, Sessions, as_json
from rubric_action.report.plan_told import lines

ASKED = Asked(
    calls=640,
    least=640,
    cached=150,
    repeated=10,
    learned=150,
    input=Span.around(1_200_000, 0.95, 1.05),
    output=Span.around(90_000, 0.9, 1.1),
    cost=Span.around(0.48, 0.93, 1.07),
    price=Price(0.25, 2.0),
)
JUDGE = ModelPlan("judge", "openai", "gpt-5-mini", ASKED, "the price library")
FILE = Sessions(read=797, missing=3, file="eval/outputs.jsonl")
PLAN = Plan(800, FILE, (JUDGE,), limit=2.0, assumed=("tokens as in 150 replies",))


def told(plan: Plan) -> str:
    """The whole text."""
    return "\n".join(lines(plan))


def asked(**changes: Any) -> ModelPlan:
    """The judge, asked something else."""
    return replace(JUDGE, asked=replace(ASKED, **changes))


def test_a_plan_at_first_sight() -> None:
    """The sum stands in the first line, what it is made of in aligned rows below."""
    assert told(PLAN).splitlines() == [
        "PLAN  640 judge calls, about $0.48. Nothing was asked, nothing was spent.",
        "",
        "  sessions  797 of 800 cases, read from eval/outputs.jsonl, 3 missing; no agent is run",
        "  judge     640 calls to gpt-5-mini (openai), 150 cached, 10 the same as another",
        "  tokens    1,200,000 in, 90,000 out",
        "  price     $0.25 in, $2.00 out a million tokens of gpt-5-mini, by the price library",
        "  limit     $2.00: the run fits in it",
        "  assumed   tokens as in 150 replies",
        "  left out  requests that fail and are sent again, and replies that have to be repaired",
    ]


def test_a_plan_with_everything() -> None:
    """Even with an agent to run, a panel, a user, embeddings and doubts it fits on a screen."""
    wide = asked(cost=Span(0.2, 0.5, 1.1), least=0, output=Span(40_000, 90_000, 160_000))
    other = replace(JUDGE, provider="anthropic", model="claude-haiku-4-5")
    user = ModelPlan("user", "openai", "gpt-5-mini", replace(ASKED, least=80), "the price library")
    texts = ModelPlan("texts", "openai", "small", Asked(calls=4, least=2), "the price library")
    sessions = Sessions(to_run=1600, stored=1500, cost_usd=3.2, seconds=400)
    assumed = ("answers as in an earlier run", "tokens by kinds of characters")
    plan = Plan(800, sessions, (wide, other, user, texts), assumed=assumed)
    text = told(plan)
    assert "1,600 of 800 cases, for the agent to run: about $3.20, 7 min at least" in text
    assert "150 cached, 10 the same as another, 0 if the agent answers as before" in text
    assert "80 at least" in text
    assert "  texts     4 calls to small (openai), 2 at least" in text
    assert "270,000 (202,000 to 358,000) out" in text
    assert "about $1.46 ($1.09 to $2.13)" in text
    assert text.count("of gpt-5-mini, by") == 1
    assert len(text.splitlines()) <= 14


def test_nobody_to_ask() -> None:
    """A run that asks nobody costs nothing, and says so."""
    text = told(Plan(5, Sessions(to_run=5, cost_usd=None), assumed=("nothing",)))
    assert text.splitlines()[0].startswith("PLAN  0 judge calls, $0.")
    assert "  sessions  5 of 5 cases, for the agent to run: unknown cost" in text
    assert "  judge     nobody is asked" in text
    assert "tokens" not in text
    assert "left out" not in text


def test_everything_is_there() -> None:
    """A run whose replies are all cached tells no price."""
    cached = Asked(cached=800, learned=800, price=Price(0.25, 2.0))
    text = told(replace(PLAN, models=(replace(JUDGE, asked=cached),), limit=None))
    assert text.splitlines()[0].startswith("PLAN  0 judge calls, $0.")
    assert "  judge     0 calls to gpt-5-mini (openai), 800 cached" in text
    assert "price" not in text


def test_an_unknown_price() -> None:
    """An unknown price makes the cost unknown, in the text with the mend, and null for machines."""
    plan = replace(PLAN, models=(asked(cost=None, price=None),))
    assert "640 judge calls, unknown cost." in told(plan)
    assert "  price     of gpt-5-mini is unknown; `judge.prices` in the rubric can name it" in told(
        plan
    )
    assert "  limit     $2.00: whether the run fits in it cannot be told" in told(plan)
    plain = as_json(plan)
    assert plain["spend"]["judge_cost_usd"] is None
    assert plain["at_most"]["judge_cost_usd"] is None
    assert plain["models"][0]["input_usd_per_million"] is None
    assert plain["limit"] == {"usd": 2.0, "fits": None}


@pytest.mark.parametrize(
    ("cost", "limit", "fits", "sentence"),
    [
        (Span(1, 2, 3), 3.5, "yes", "the run fits in it"),
        (Span(1, 2, 3), 3.0, "probably", "the run probably fits in it"),
        (Span(1, 2, 3), 2.0, "hardly", "the run is likely to stop before its end"),
        (Span(1, 2, 3), 1.0, "no", "the run would stop before its end"),
        (Span(0, 0, 0), 0.0, "yes", "the run fits in it"),
        (Span(1, 2, 3), None, None, ""),
    ],
)
def test_whether_a_limit_is_kept(
    cost: Span, limit: float | None, fits: Fits | None, sentence: str
) -> None:
    """The answer goes by the bounds of the estimate, since the run stops once it is spent."""
    plan = replace(PLAN, models=(asked(cost=cost),), limit=limit)
    assert plan.fits == fits
    assert sentence in told(plan)
    assert ("limit" in told(plan)) is (limit is not None)


def test_a_plan_for_machines() -> None:
    """The JSON names its schema, and its `spend` has the keys of `summary.json`."""
    plain = json.loads(json.dumps(as_json(PLAN)))
    assert plain["schema"] == "rubric-plan/1"
    assert plain["spend"] == {
        "judge_calls": 640,
        "judge_cached": 160,
        "judge_cost_usd": 0.48,
        "input_tokens": 1_200_000,
        "output_tokens": 90_000,
        "agent_sessions": 797,
    }
    assert plain["at_least"]["input_tokens"] == 1_140_000
    assert plain["at_most"]["output_tokens"] == 99_000
    assert plain["sessions"]["missing"] == 3
    assert plain["models"][0]["role"] == "judge"
    assert plain["models"][0]["priced_by"] == "the price library"
    assert plain["limit"] == {"usd": 2.0, "fits": "yes"}


def test_foreign_words_show() -> None:
    """A model's name with a control character in it is shown, on its own line."""
    plan = replace(PLAN, models=(replace(JUDGE, model="gpt\n::error::\x1b[2J"),))
    text = told(plan)
    assert "\x1b" not in text
    assert not any(line.startswith("::") for line in text.splitlines())
