"""A plan made as the command line makes it, to be held against the run that follows."""

import asyncio
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from rubric_action.cases.shard import WHOLE, Shard
from rubric_action.grading.forecast import ModelPlan
from rubric_action.grading.model import Spend
from rubric_action.laptop import Options, request_of
from rubric_action.planning import plan
from rubric_action.report.plan import Plan, as_json
from tests.pipeline.workspace import JUDGED, Json, Workspace, case, session

REASON = (
    "The answer names the period and the condition just as the context has them. It leaves out who "
    "pays for the return, which nobody asked about."
)
PRICES = {"input": 0.25, "output": 2.0}
TOPICS = ("headphones", "a winter jacket", "the coffee machine", "two train tickets", "my lamp")


def planned(
    workspace: Workspace, results: str = "rubric-results", shard: Shard = WHOLE, **options: Any
) -> Plan:
    """Plan a run of the workspace; `baseline` is a path in it."""
    if "baseline" in options:
        options["baseline"] = workspace.root / options["baseline"]
    root = workspace.root
    given = Options(root=root, results=root / results, judge_base_url=workspace.base_url, **options)
    return asyncio.run(plan(request_of(given, workspace.environ), shard))


def calls(told: Plan) -> tuple[int, int]:
    """Calls, and replies that need none."""
    return told.calls, told.cached


def spent(spend: Spend) -> tuple[int, int]:
    """The same of a run."""
    return spend.judge_calls, spend.judge_cached


def of_role(told: Plan, role: str) -> ModelPlan:
    """What the model in a role is asked."""
    (found,) = (one for one in told.models if one.role == role)
    return found


def errors(told: Plan, spend: Spend) -> Mapping[str, float]:
    """How far tokens and cost are off, as a share of what the run took."""
    plain = as_json(told)["spend"]
    names = ("input_tokens", "output_tokens", "judge_cost_usd")
    return {name: abs(plain[name] / getattr(spend, name) - 1) for name in names}


def suite(workspace: Workspace, *cases: Json, **changes: Any) -> None:
    """A rubric of two axes at a known price, and answers as people get them."""
    judge = {**JUDGED["judge"], "prices": PRICES}
    workspace.rubric(JUDGED, **{"judge": judge, **changes})
    workspace.cases(*(cases or (asked(n) for n in range(len(TOPICS)))))
    workspace.sessions(*(answered(n) for n in range(len(cases) or len(TOPICS))))


def asked(number: int, **fields: Any) -> Json:
    """A case with a text that its answer may lean on."""
    thing = TOPICS[number % len(TOPICS)]
    context = (
        f"Whoever bought {thing} may send it back within thirty days of delivery, undamaged and in "
        "the original box. The price is refunded to the card that was used, within five working "
        f"days. After that, {thing} can only be exchanged for a voucher, at the shop's discretion."
    )
    return case(number, input=f"Can I still return {thing}?", context=[context], **fields)


def answered(number: int, **fields: Any) -> Json:
    """Its session."""
    thing = TOPICS[number % len(TOPICS)]
    output = (
        f"Yes, you can send {thing} back within thirty days of delivery, as long as nothing is "
        "damaged. Please use the original box, and we refund the price to your card."
    )
    return session(number, output, **fields)


def files(folder: Path) -> dict[str, tuple[int, bytes]]:
    """What lies in a folder, and when it was last touched."""
    return {path.name: (path.stat().st_mtime_ns, path.read_bytes()) for path in folder.iterdir()}
