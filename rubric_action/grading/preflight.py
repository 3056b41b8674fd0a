"""What can be known to be wrong before the first call, so that nothing is spent on it."""

from collections.abc import Iterable, Iterator
from dataclasses import replace

from rubric_action.cases.model import Case
from rubric_action.cases.select import axes_of
from rubric_action.errors import InputError, Place, Problem
from rubric_action.grading.endpoint import (
    KEY_VARIABLE,
    PROVIDER_KEYS,
    Endpoint,
    check_base_url,
)
from rubric_action.grading.rules import rules_for, unsupported_rules
from rubric_action.rubric.model import Judge, Rubric

_NOWHERE = Place("the rubric")


def with_judge(rubric: Rubric, *, base_url: str | None = None, model: str | None = None) -> Rubric:
    """The rubric with the judge's address or model replaced, as the command line asks."""
    if rubric.judge is None or (base_url is None and model is None):
        return rubric
    models = tuple(
        replace(judge, base_url=base_url or judge.base_url, model=model or judge.model)
        for judge in rubric.judge.models
    )
    return replace(rubric, judge=replace(rubric.judge, models=models))


def judge_endpoint(
    rubric: Rubric, judge: Judge, key: str | None, *, private: bool = False
) -> Endpoint:
    """Where the first judge is asked; `InputError` for a bad URL or an unsupported provider.

    A name's address is looked at when it is connected to; an address in the URL is checked here.
    """
    from rubric_action.grading.providers import provider_for

    model = judge.models[0]
    provider = provider_for(model.provider, _place(rubric, "judge.provider"))
    base_url = model.base_url or provider.default_base_url
    place = _place(rubric, "judge.base_url")
    return Endpoint(check_base_url(base_url, place, private=private), key)


def check_judge(
    rubric: Rubric, *, key: str | None, max_cost_usd: float | None = None, private: bool = False
) -> None:
    """Raise one `InputError` with all that is wrong with the judge; call it before any work."""
    judge = rubric.judge
    if judge is None:
        return
    if judge.models[0].provider == "lexical":
        problems = list(_lexical_problems(rubric))
    elif len(judge.models) > 1:
        problems = [_panel_problem(rubric)]
    else:
        problems = list(_address_problems(rubric, judge, key, private=private))
        problems += _model_problems(rubric, judge, key, max_cost_usd)
    if problems:
        raise InputError(*problems)


def check_cases(rubric: Rubric, cases: Iterable[Case]) -> None:
    """Raise one `InputError` for rules that cannot be run and axes that nobody would grade.

    Where a judge is named, a case without rules of its own has nothing to check.
    """
    places = [_place(rubric, f"rules[{index}]") for index in range(len(rubric.rules))]
    problems = list(unsupported_rules(rubric.rules, places))
    for case in cases:
        own = rules_for((), case)
        problems += unsupported_rules(own, [case.place] * len(own))
        if rubric.judge is None:
            problems += _unjudged_axes(rubric, case)
    if problems:
        raise InputError(*problems)


def _unjudged_axes(rubric: Rubric, case: Case) -> Iterator[Problem]:
    settled = {rule.axis for rule in rules_for(rubric.rules, case)}
    for name in axes_of(rubric, case):
        if name not in settled:
            yield Problem(
                case.place,
                f"no rule settles axis `{name}` of case `{case.id}`, and there is no judge",
                f"Set `judge` in the rubric, or give the case a rule with `axis: {name}`",
                key=f"axes.{name}",
            )


def _lexical_problems(rubric: Rubric) -> Iterator[Problem]:
    from rubric_action.grading.lexical import METHODS
    from rubric_action.grading.offline import lexical_method

    names = ", ".join(f"`{name}`" for name in METHODS)
    for axis in rubric.axes.values():
        if lexical_method(axis) is None and not _settled_everywhere(rubric, axis.name):
            yield Problem(
                _place(rubric, f"axes.{axis.name}"),
                f"the lexical judge has no method for axis `{axis.name}`",
                f"Name one of {names}, or settle the axis by rules",
                key=f"axes.{axis.name}.lexical",
            )


def _panel_problem(rubric: Rubric) -> Problem:
    return Problem(
        _place(rubric, "judge.judges"),
        "a panel of several judges is not supported by this version",
        "Name one judge with `provider` and `model`",
        key="judge.judges",
    )


def _address_problems(
    rubric: Rubric, judge: Judge, key: str | None, *, private: bool
) -> Iterator[Problem]:
    """What is wrong with provider and address, and a key that is missing for it."""
    try:
        endpoint = judge_endpoint(rubric, judge, key, private=private)
    except InputError as error:
        yield from error.problems
        return
    provider = judge.models[0].provider
    if not key and not endpoint.loopback:
        usual = PROVIDER_KEYS.get(provider, KEY_VARIABLE)
        yield Problem(
            _place(rubric, "judge"),
            f"there is no key for the judge `{provider}`",
            f"Set the environment variable {KEY_VARIABLE} or {usual}",
        )


def _model_problems(
    rubric: Rubric, judge: Judge, key: str | None, max_cost_usd: float | None
) -> Iterator[Problem]:
    model = judge.models[0].model
    if key and not (key.isascii() and key.isprintable()):
        yield Problem(
            _place(rubric, "judge"),
            "the judge's key holds a character that no header may hold",
            "Set it again, without quotes or line breaks around or in it",
        )
    if max_cost_usd is not None and not _is_limitable(judge):
        priced = judge.models[0].prices is not None
        yield Problem(
            _place(rubric, "judge.prices"),
            f"{'a price of 0 is given' if priced else 'no price is known'} for `{model}`, "
            "so that the cost limit cannot be kept",
            "Set `judge.prices` to {input, output} in USD a million tokens, both above 0",
            key="judge.prices",
        )


def _is_limitable(judge: Judge) -> bool:
    from rubric_action.grading.prices import PriceList

    return PriceList(judge.models[0]).limitable


def _settled_everywhere(rubric: Rubric, axis: str) -> bool:
    return any(rule.axis == axis for rule in rubric.rules)


def _place(rubric: Rubric, key: str) -> Place:
    """Where a key stands, or the nearest key above it."""
    while key:
        if key in rubric.places:
            return rubric.places[key]
        key = key.rpartition(".")[0]
    return rubric.places.get("", _NOWHERE)
