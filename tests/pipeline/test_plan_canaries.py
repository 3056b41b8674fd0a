"""A plan counts the canaries, and says what else may be asked again."""

import json
from pathlib import Path
from typing import Any

import pytest

from rubric_action.cases.shard import Shard
from rubric_action.errors import InputError
from rubric_action.grading.model import Spend
from rubric_action.report.plan import NOT_COUNTED, as_json
from rubric_action.report.plan_told import lines as told_lines
from tests.fakes.judge import JudgeServer
from tests.pipeline.people import FILE, WATCHED, graded
from tests.pipeline.planned import PRICES, REASON, TOPICS, planned, suite
from tests.pipeline.test_watching import run
from tests.pipeline.workspace import JUDGED, Workspace, lines

CASES = len(TOPICS)
CANARIES = 12
NEAR = "further grades of scores near their pass mark"
MORE = "further canaries while the judge's agreement with people is in doubt"


@pytest.fixture(autouse=True)
def wordy(judge_server: JudgeServer) -> None:
    """A judge whose reasons are as long as it is asked for."""
    judge_server.score = lambda _prompt, _axis: (1.0, REASON)


def watched(workspace: Workspace, **judge: Any) -> None:
    """Five cases, and thirty answers that people passed."""
    suite(workspace, judge={**WATCHED, "prices": PRICES, **judge})
    workspace.write(FILE, lines([graded(2 * n) for n in range(30)]))


def test_canaries_are_counted(judged: Workspace, judge_server: JudgeServer) -> None:
    """With their tokens, as the run then asks them."""
    suite(judged)
    without = planned(judged)
    watched(judged)
    told = planned(judged)
    assert (without.calls, told.calls, told.least) == (CASES, CASES + CANARIES, CASES + CANARIES)
    assert judge_server.requests == []
    spend = Spend()
    run(judged, spend=spend, seed="")
    assert spend.judge_calls == CANARIES
    assert told.input.estimate - without.input.estimate == pytest.approx(spend.input_tokens, 0.1)
    assert told.output.estimate - without.output.estimate == pytest.approx(spend.output_tokens, 0.1)


def test_canaries_are_never_cached(judged: Workspace) -> None:
    """A run that finds all its replies still has its judge watched."""
    watched(judged)
    judged.gate("baseline", judge_base_url=judged.base_url)
    told = planned(judged, baseline="baseline")
    assert (told.calls, told.cached) == (CANARIES, CASES)


def test_one_shard_watches(judged: Workspace) -> None:
    """The first of them, for all."""
    watched(judged)
    assert [planned(judged, shard=Shard(n, 2)).calls for n in (1, 2)] == [3 + CANARIES, 2]


def test_isolated_axes_and_silence(judged: Workspace) -> None:
    """An isolated axis is a call of its own, an empty answer none."""
    watched(judged)
    policy = {**JUDGED["axes"]["policy"], "isolate": True}
    judge = {**WATCHED, "prices": PRICES}
    suite(judged, judge=judge, axes={**JUDGED["axes"], "policy": policy})
    answers = [graded(0), graded(2, tone=1.0), {**graded(4), "output": "  "}]
    judged.write(FILE, lines(answers))
    assert planned(judged).calls == 2 * CASES + 2 + 1


@pytest.mark.parametrize(
    ("judge", "left_out"),
    [
        ({}, (NOT_COUNTED, NEAR, MORE)),
        ({"margin": 0.0}, (NOT_COUNTED, MORE)),
        ({"canaries": 0}, (NOT_COUNTED, NEAR)),
        ({"calibration": None}, (NOT_COUNTED,)),
    ],
)
def test_what_is_left_out(
    judged: Workspace, judge: dict[str, Any], left_out: tuple[str, ...]
) -> None:
    """What depends on the grades that come can't be counted, and is told."""
    plain = {name: one for name, one in {**WATCHED, **judge}.items() if one is not None}
    watched(judged)
    suite(judged, judge={**plain, "prices": PRICES})
    told = planned(judged)
    assert told.left_out == left_out
    assert as_json(told)["not_counted"] == list(left_out)
    text = " ".join("\n".join(told_lines(told)).split())
    assert all(sentence in text for sentence in left_out)


def test_the_offline_judge_is_not_asked_again(tmp_path: Path) -> None:
    """It always says the same."""
    made = Workspace(tmp_path)
    judge = {"provider": "lexical", "calibration": FILE}
    axes = {"faithfulness": {"ask": "Supported?"}}
    suite(made, judge=judge, axes=axes, slices={"all": {"select": "all", "gate": "hard"}})
    made.write(FILE, json.dumps({**graded(0), "grades": {"faithfulness": 1}}))
    assert (planned(made).calls, planned(made).left_out) == (0, (NOT_COUNTED,))


def test_a_wrong_file_is_told(judged: Workspace) -> None:
    """As the run would."""
    watched(judged)
    judged.write(FILE, "{}\n")
    with pytest.raises(InputError, match="people"):
        planned(judged)
