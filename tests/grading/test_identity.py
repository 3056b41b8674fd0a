from dataclasses import replace

import pytest

from rubric_action.grading.identity import judge_fingerprint
from rubric_action.rubric.model import Judge, JudgeModel, Prices, Rubric
from tests.grading.samples import POLICY, TONE, a_rubric

ONE = JudgeModel("openai", "gpt-4o")
JUDGE = Judge((ONE,), prompt="Be strict.")
AZURE = Judge((JudgeModel("azure", "a", "https://acme.openai.azure.com/openai/deployments/a"),))
AZURE_TOO = Judge((JudgeModel("azure", "a", "https://acme.openai.azure.com/openai/deployments/b"),))


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        (a_rubric(judge=JUDGE), a_rubric(judge=JUDGE), True),
        (a_rubric(judge=JUDGE), a_rubric(judge=replace(JUDGE, timeout_s=1.0)), True),
        (
            a_rubric(judge=JUDGE),
            a_rubric(judge=replace(JUDGE, models=(replace(ONE, prices=Prices(1, 1)),))),
            True,
        ),
        (a_rubric(judge=JUDGE), a_rubric(), False),
        (a_rubric(judge=JUDGE), a_rubric(TONE, POLICY, judge=JUDGE), False),
        (a_rubric(judge=JUDGE), a_rubric(judge=replace(JUDGE, prompt="Be kind.")), False),
        (a_rubric(judge=JUDGE), a_rubric(judge=replace(JUDGE, temperature=1.0)), False),
        (
            a_rubric(judge=JUDGE),
            a_rubric(judge=replace(JUDGE, models=(replace(ONE, model="gpt-5"),))),
            False,
        ),
        (
            a_rubric(judge=JUDGE),
            a_rubric(judge=replace(JUDGE, models=(replace(ONE, base_url="https://gw/v1"),))),
            True,
        ),
        (a_rubric(judge=AZURE), a_rubric(judge=AZURE_TOO), False),
        (a_rubric(judge=JUDGE), a_rubric(judge=replace(JUDGE, models=(ONE, ONE))), False),
        (
            a_rubric(judge=Judge((ONE, ONE))),
            a_rubric(judge=Judge((ONE, ONE), vote="mean")),
            False,
        ),
    ],
)
def test_what_makes_scores_comparable(one: Rubric, other: Rubric, same: bool) -> None:
    """Models, prompt, vote and axes do; how long they may take and what they cost do not."""
    found = [judge_fingerprint(rubric) for rubric in (one, other)]
    assert (found[0] == found[1]) is same
