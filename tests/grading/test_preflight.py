from dataclasses import replace
from typing import Any

import pytest

from rubric_action.errors import InputError, Place
from rubric_action.grading.preflight import check_cases, check_judge, keys_in_order, with_judge
from rubric_action.rubric.model import Axis, Judge, JudgeModel, Prices, Rubric, Selector
from rubric_action.rubric.rules import Contains, Rule
from tests.grading.samples import KEY, TONE, a_case, a_judge, a_rubric

OPENAI = Judge((JudgeModel("openai", "gpt-4o-mini"),))
LEXICAL = Judge((JudgeModel("lexical"),))
OWN_AXIS = Axis("sparkle", "Does it sparkle?")


PANEL = Judge(
    (
        JudgeModel("openai", "gpt-4o-mini"),
        JudgeModel("anthropic", "claude-haiku-4-5"),
        JudgeModel("lexical"),
        JudgeModel("azure", "judge", "https://acme.openai.azure.com/openai/v1"),
    )
)
SEATS = {
    f"judge.judges[{seat}]{rest}": Place("r.yaml", 10 + seat)
    for seat in range(4)
    for rest in ("", ".base_url")
}


def problems(rubric: Rubric, key: str | None = KEY, **more: Any) -> list[str]:
    """What is told of a judge, and how to mend it."""
    with pytest.raises(InputError) as caught:
        check_judge(rubric, key=key, **more)
    assert all(problem.mend for problem in caught.value.problems)
    assert KEY not in str(caught.value)
    return [f"{problem.what} | {problem.mend}" for problem in caught.value.problems]


@pytest.mark.parametrize(
    ("rubric", "key"),
    [
        (a_rubric(judge=OPENAI), KEY),
        (a_rubric(judge=a_judge("http://127.0.0.1:8000/v1")), None),
        (a_rubric(judge=LEXICAL), None),
        (a_rubric(Axis("sparkle", "?", lexical="courtesy"), judge=LEXICAL), None),
        (
            a_rubric(OWN_AXIS, judge=LEXICAL, rules=(Rule("r", Contains("x"), axis="sparkle"),)),
            None,
        ),
        (a_rubric(), None),
    ],
)
def test_judges_that_may_start(rubric: Rubric, key: str | None) -> None:
    """A key where one is needed, a method for each axis, or no judge at all."""
    check_judge(rubric, key=key)
    assert rubric.axes


@pytest.mark.parametrize(
    ("rubric", "key", "told"),
    [
        (a_rubric(judge=OPENAI), None, "RUBRIC_JUDGE_API_KEY or OPENAI_API_KEY"),
        (a_rubric(judge=OPENAI), "sk\nx", "no header may hold"),
        (a_rubric(judge=a_judge("http://api.example/v1")), KEY, "not encrypted"),
        (a_rubric(judge=Judge((JudgeModel("azure", "m"),))), KEY, "`azure` has no address of its"),
        (a_rubric(judge=Judge((JudgeModel("github", "m"),))), None, "or GITHUB_TOKEN"),
        (a_rubric(OWN_AXIS, judge=LEXICAL), None, "`courtesy`"),
        (a_rubric(Axis("tone", "?", lexical="magic"), judge=LEXICAL), None, "no method"),
    ],
)
def test_judges_that_may_not(rubric: Rubric, key: str | None, told: str) -> None:
    """Each is one problem that says what to do, before anything is sent."""
    (problem,) = problems(rubric, key)
    assert told in problem


def test_all_problems_come_at_once() -> None:
    """A missing key and a missing price are told together."""
    judge = Judge((JudgeModel("openai", "a-model-of-our-own"),))
    found = problems(a_rubric(judge=judge), None, max_cost_usd=1.0)
    assert len(found) == 2
    assert "`judge.prices`" in found[1]


def test_a_limit_needs_a_price() -> None:
    """The rubric's price or the library's will do."""
    own = Judge((JudgeModel("openai", "a-model-of-our-own", prices=Prices(1.0, 1.0)),))
    for judge in (OPENAI, own):
        check_judge(a_rubric(judge=judge), key=KEY, max_cost_usd=1.0)
    assert problems(
        a_rubric(judge=Judge((JudgeModel("openai", "a-model-of-our-own"),))), max_cost_usd=1.0
    )


def test_the_place_is_the_nearest_key() -> None:
    """A key that is not written is told at the one above it."""
    rubric = a_rubric(judge=OPENAI, places={"judge": Place("r.yaml", 9)})
    bad = with_judge(rubric, base_url="http://api.example")
    with pytest.raises(InputError, match=r"r\.yaml:9"):
        check_judge(bad, key=KEY)


def test_the_command_line_overrides_the_judge() -> None:
    """Address and model are replaced, each alone too; without a judge nothing is."""
    rubric = a_rubric(judge=OPENAI)
    replaced = with_judge(rubric, base_url="https://x.example", model="m").judge
    assert replaced is not None
    assert replaced.models == (JudgeModel("openai", "m", "https://x.example"),)
    only_model = with_judge(rubric, model="m").judge
    assert only_model is not None
    assert only_model.models[0].base_url is None
    assert with_judge(rubric) is rubric
    assert with_judge(a_rubric(), model="m").judge is None


def test_without_a_judge_rules_settle_every_axis() -> None:
    """A case whose axis no rule settles is told; one where the axis does not apply is fine."""
    axis = Axis("tone", "?", applies_to=Selector(tags=("spoken",)))
    settled = a_case(tags=("spoken",), rules=(Rule("r", Contains("x"), axis="tone"),))
    check_cases(a_rubric(axis), [settled, a_case()])
    check_cases(a_rubric(TONE, judge=OPENAI), [a_case()])
    with pytest.raises(InputError, match="no rule settles axis `tone`"):
        check_cases(a_rubric(axis), [settled, a_case(tags=("spoken",))])


def test_a_limit_needs_a_price_above_0() -> None:
    """A model that only the rubric knows, for nothing, has no limit that could be kept."""
    judge = Judge((JudgeModel("openai", "a-model-of-our-own", prices=Prices(0.0, 0.0)),))
    check_judge(a_rubric(judge=judge), key=KEY)
    [problem] = problems(a_rubric(judge=judge), max_cost_usd=1.0)
    assert "a price of 0 is given for `a-model-of-our-own`" in problem
    assert "both above 0" in problem


def test_a_panel_that_may_start() -> None:
    """Every judge has its key, or needs none, and a method where it is the offline one."""
    check_judge(a_rubric(judge=PANEL), keys=("a", "b", None, "d"))
    check_judge(a_rubric(judge=PANEL), keys=("a", "b", "unused", "d", "more"))
    local = JudgeModel("openai", "m", "http://localhost:11434/v1")
    check_judge(a_rubric(judge=Judge((*PANEL.models[:1], local))), keys=("a",))


@pytest.mark.parametrize(
    ("keys", "told"),
    [
        (("a", None, None, "d"), "r.yaml:11: there is no key for the judge `anthropic`"),
        (("a", "b"), "AZURE_OPENAI_API_KEY, or for one address alone RUBRIC_JUDGE_API_KEY"),
        (("a\n", "b", None, "d"), "r.yaml:10: the judge's key holds a character"),
    ],
)
def test_a_panel_is_checked_judge_by_judge(keys: tuple[str | None, ...], told: str) -> None:
    """Each problem stands at its judge's own line."""
    rubric = a_rubric(judge=PANEL, places=SEATS)
    with pytest.raises(InputError) as caught:
        check_judge(rubric, keys=keys)
    (problem,) = caught.value.problems
    assert told in str(problem)


def test_all_judges_are_told_of_at_once() -> None:
    """Addresses, keys, prices and methods of the whole panel in one error."""
    models = (
        JudgeModel("openai", "gpt-4o-mini", "http://api.example/v1"),
        JudgeModel("azure", "m"),
        JudgeModel("lexical"),
        JudgeModel("anthropic", "a-model-of-our-own"),
    )
    rubric = a_rubric(OWN_AXIS, judge=Judge(models), places=SEATS)
    with pytest.raises(InputError) as caught:
        check_judge(rubric, keys=("a", "b", None, None), max_cost_usd=1.0)
    found = [(problem.key, problem.place.line) for problem in caught.value.problems]
    assert found == [
        ("axes.sparkle.lexical", None),
        ("judge.base_url", 10),
        ("judge.judges[1].base_url", 11),
        ("judge.judges[1].prices", 11),
        (None, 13),
        ("judge.judges[3].prices", 13),
    ]
    assert "`judge.judges[3].prices`" in caught.value.problems[-1].mend


def test_keys_in_order() -> None:
    """One for each judge: missing ones are None, further ones nobody's."""
    assert keys_in_order(PANEL, None, ()) == (None,) * 4
    assert keys_in_order(PANEL, "first", ()) == ("first", None, None, None)
    assert keys_in_order(PANEL, "first", ("a", "b")) == ("a", "b", None, None)
    assert keys_in_order(OPENAI, None, ("a", "b")) == ("a",)


def test_an_address_for_a_panel() -> None:
    """A gateway may serve a panel of one provider; keys of several would get mixed up."""
    one = a_rubric(judge=Judge(OPENAI.models * 2))
    replaced = with_judge(one, base_url="https://x.example").judge
    assert replaced is not None
    assert [model.base_url for model in replaced.models] == ["https://x.example"] * 2
    with pytest.raises(InputError, match="a panel of several providers"):
        with_judge(a_rubric(judge=PANEL), base_url="https://x.example")


def test_a_model_for_a_panel() -> None:
    """It would make one judge of several."""
    rubric = a_rubric(judge=PANEL, places={"judge.judges": Place("r.yaml", 9)})
    with pytest.raises(InputError, match=r"r\.yaml:9.*the rubric has a panel of judges"):
        with_judge(replace(rubric, judge=replace(PANEL, vote="mean")), model="m")
