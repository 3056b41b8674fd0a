"""What can be known to be wrong before the first call, so that nothing is spent on it."""

from collections.abc import Iterable, Iterator, Sequence
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
from rubric_action.grading.rules import rules_for
from rubric_action.rubric.model import Judge, JudgeModel, Rubric

NO_KEY_NEEDED = "nothing is asked"
"""Stands in for a key where nothing is sent."""
_NOWHERE = Place("the rubric")


def with_judge(rubric: Rubric, *, base_url: str | None = None, model: str | None = None) -> Rubric:
    """The rubric with the judge's address or model replaced, as the command line asks.

    Raises `InputError` for a panel that would become one judge, or that would send the key of one
    provider to another's address.
    """
    if rubric.judge is None or (base_url is None and model is None):
        return rubric
    judges = rubric.judge.models
    what = None
    if model is not None and len(judges) > 1:
        what = f"the judge's model is given as `{model}`, and the rubric has a panel of judges"
    elif base_url is not None and len({judge.provider for judge in judges}) > 1:
        what = "one address is given for the judge, and the rubric has a panel of several providers"
    if what is not None:
        mend = "Leave it out, and change the panel in the rubric."
        raise InputError(Problem(_place(rubric, "judge.judges"), what, mend, "judge.judges"))
    models = tuple(
        replace(judge, base_url=base_url or judge.base_url, model=model or judge.model)
        for judge in judges
    )
    return replace(rubric, judge=replace(rubric.judge, models=models))


def judge_endpoint(
    rubric: Rubric, judge: Judge, key: str | None, *, private: bool = False, index: int = 0
) -> Endpoint:
    """Where a judge is asked, by default the first; `InputError` for a bad or a missing URL.

    A name's address is looked at when it is connected to; an address in the URL is checked here.
    """
    from rubric_action.grading.providers import provider_for

    model = judge.models[index]
    provider = provider_for(model.provider, _judge_place(rubric, index, "provider"))
    base_url = model.base_url or provider.default_base_url
    if base_url is None:
        what = f"`base_url` is missing, and `{model.provider}` has no address of its own"
        raise InputError(_judge_problem(rubric, index, "base_url", what, "Give the deployment's."))
    place = _judge_place(rubric, index, "base_url")
    return Endpoint(check_base_url(base_url, place, private=private), key)


def check_judge(
    rubric: Rubric,
    *,
    key: str | None = None,
    keys: Sequence[str | None] = (),
    max_cost_usd: float | None = None,
    private: bool = False,
) -> None:
    """Raise one `InputError` with all that is wrong with the judges; call it before any work.

    `keys` are in the judges' order; `key` alone is that of the first.
    """
    judge = rubric.judge
    if judge is None:
        return
    problems: list[Problem] = []
    if any(model.provider == "lexical" for model in judge.models):
        problems += _lexical_problems(rubric)
    for index, given in enumerate(keys_in_order(judge, key, keys)):
        if judge.models[index].provider != "lexical":
            problems += _address_problems(rubric, judge, index, given, private=private)
            problems += _model_problems(rubric, judge.models[index], index, given, max_cost_usd)
    if problems:
        raise InputError(*problems)


def keys_in_order(
    judge: Judge, key: str | None, keys: Sequence[str | None]
) -> tuple[str | None, ...]:
    """A key or None for each judge; keys beyond the last judge are left out."""
    given = (*(keys or (key,)), *(None for _ in judge.models))
    return given[: len(judge.models)]


def check_cases(rubric: Rubric, cases: Iterable[Case]) -> None:
    """Raise one `InputError` for axes that nobody would grade; where a judge is named, for none."""
    problems: list[Problem] = []
    for case in cases if rubric.judge is None else ():
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


def _address_problems(
    rubric: Rubric, judge: Judge, index: int, key: str | None, *, private: bool
) -> Iterator[Problem]:
    """What is wrong with provider and address, and a key that is missing for it."""
    try:
        endpoint = judge_endpoint(rubric, judge, key, private=private, index=index)
    except InputError as error:
        yield from error.problems
        return
    if not key and not endpoint.loopback:
        provider = judge.models[index].provider
        what = f"there is no key for the judge `{provider}`"
        yield Problem(_judge_place(rubric, index), what, _key_mend(judge, provider))


def _key_mend(judge: Judge, provider: str) -> str:
    usual = PROVIDER_KEYS[provider]
    if len(judge.models) == 1:
        return f"Set the environment variable {KEY_VARIABLE} or {usual}"
    return f"Set the environment variable {usual}, or for one address alone {KEY_VARIABLE}"


def _model_problems(
    rubric: Rubric, model: JudgeModel, index: int, key: str | None, max_cost_usd: float | None
) -> Iterator[Problem]:
    if key and not (key.isascii() and key.isprintable()):
        yield Problem(
            _judge_place(rubric, index),
            "the judge's key holds a character that no header may hold",
            "Set it again, without quotes or line breaks around or in it",
        )
    if max_cost_usd is not None and not _is_limitable(model):
        told = "a price of 0 is given" if model.prices is not None else "no price is known"
        what = f"{told} for `{model.model}`, so that the cost limit cannot be kept"
        key_of_prices = f"{_judge_key(rubric, index)}.prices"
        mend = f"Set `{key_of_prices}` to {{input, output}} in USD a million tokens, both above 0"
        yield _judge_problem(rubric, index, "prices", what, mend)


def _is_limitable(model: JudgeModel) -> bool:
    from rubric_action.grading.prices import PriceList

    return PriceList(model).limitable


def _judge_key(rubric: Rubric, index: int) -> str:
    panel = rubric.judge is not None and len(rubric.judge.models) > 1
    return f"judge.judges[{index}]" if panel else "judge"


def _judge_place(rubric: Rubric, index: int, name: str = "") -> Place:
    return _place(rubric, f"{_judge_key(rubric, index)}.{name}")


def _judge_problem(rubric: Rubric, index: int, name: str, what: str, mend: str) -> Problem:
    key = f"{_judge_key(rubric, index)}.{name}"
    return Problem(_place(rubric, key), what, mend, key=key)


def _settled_everywhere(rubric: Rubric, axis: str) -> bool:
    return any(rule.axis == axis for rule in rubric.rules)


def _place(rubric: Rubric, key: str) -> Place:
    """Where a key stands, or the nearest key above it."""
    while key:
        if key in rubric.places:
            return rubric.places[key]
        key = key.rpartition(".")[0]
    return rubric.places.get("", _NOWHERE)
