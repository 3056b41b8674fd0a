"""What changed in how the agent is run and judged. Pure."""

from collections.abc import Iterator
from dataclasses import asdict, replace
from typing import Any, Final

from rubric_action.rubric.bar_change import (
    BarChange,
    Leaf,
    change,
    compare_leaves,
    never,
    removed,
    smaller,
)
from rubric_action.rubric.model import Agent, Command, Http, Judge, JudgeModel, Outputs
from rubric_action.rubric.show import (
    show_count,
    show_list,
    show_number,
    show_seconds,
    show_text,
)

_AGENT: Final = (
    Leaf("trials", "trials", smaller, show_count),
    Leaf("timeout", "timeout_s", never, show_seconds),
    Leaf("concurrency", "concurrency", never, show_count),
    Leaf("env", "env", never, show_list),
)

_JUDGE: Final = (
    Leaf("vote", "vote", never, show_text),
    Leaf("prompt", "prompt", never, show_text),
    Leaf("temperature", "temperature", never, show_number),
    Leaf("timeout", "timeout_s", never, show_seconds),
    Leaf("deadline", "deadline_s", never, show_seconds),
    Leaf("concurrency", "concurrency", never, show_count),
    Leaf("calibration", "calibration", removed, show_text),
    Leaf("min_agreement", "min_agreement", smaller, show_number),
    Leaf("canaries", "canaries", smaller, show_count),
    Leaf("margin", "margin", never, show_number),
)


def compare_agent(base: Agent, head: Agent, *, unconfirmed: str) -> Iterator[BarChange]:
    """The agent's source is shown; fewer trials lower the bar.

    So does a file of outputs in place of an agent that could be asked again, where `unconfirmed`
    (the head's `regression.unconfirmed`) lets what nothing can confirm only warn.
    """
    if isinstance(base.source, Http) and isinstance(head.source, Http):
        before, after = asdict(base.source), asdict(head.source)
        for key in before:
            if before[key] != after[key]:
                shown = _show_http(key, before[key]), _show_http(key, after[key])
                yield change(f"agent.http.{key}", *shown, lowered=False)
    elif base.source != head.source:
        yield _compare_source(base, head, unconfirmed)
    yield from compare_leaves("agent", _AGENT, base, head)


def _compare_source(base: Agent, head: Agent, unconfirmed: str) -> BarChange:
    shown = change("agent", _show_source(base), _show_source(head), lowered=False)
    to_file = isinstance(head.source, Outputs) and not isinstance(base.source, Outputs)
    if not to_file or unconfirmed != "warn":
        return shown
    mild = "which can't be asked again, and `regression.unconfirmed: warn` lets a break only warn"
    return replace(shown, lowered=True, sentence=f"{shown.sentence}, {mild}")


def _show_http(key: str, value: Any) -> str:
    """Headers and bodies may hold what no report should repeat."""
    return "" if key in {"headers", "body"} else show_text(str(value or ""))


def _show_source(agent: Agent) -> str:
    source = agent.source
    if isinstance(source, Outputs):
        return f"outputs: {source.path}"
    if isinstance(source, Command):
        return f"command: {show_text(source.command)}"
    return f"http: {source.url}" if isinstance(source, Http) else f"python: {source.target}"


def compare_judge(base: Judge | None, head: Judge | None) -> Iterator[BarChange]:
    """Which model judges, and how it is asked, is shown; less of a watch on it lowers the bar."""
    if base and head:
        if base.models != head.models:
            yield from _compare_models(base.models, head.models)
        yield from compare_leaves("judge", _JUDGE, base, head)
    elif base or head:
        lowered = base is not None and base.calibration is not None
        yield change("judge", _show_judge(base), _show_judge(head), lowered)


def _compare_models(
    base: tuple[JudgeModel, ...], head: tuple[JudgeModel, ...]
) -> Iterator[BarChange]:
    if len(base) > 1 or len(head) > 1:
        shown = (
            show_list([_show_model(each) for each in base]),
            show_list([_show_model(each) for each in head]),
        )
        yield change("judge.judges", *shown, lowered=False)
        return
    for key in ("provider", "model", "base_url", "prices"):
        before, after = getattr(base[0], key), getattr(head[0], key)
        if before != after:
            yield change(f"judge.{key}", _show_part(before), _show_part(after), lowered=False)


def _show_part(value: Any) -> str:
    if value is None or isinstance(value, str):
        return value or ""
    return f"{{input: {value.input:g}, output: {value.output:g}}}"


def _show_model(model: JudgeModel) -> str:
    return f"{model.provider} {model.model}".rstrip()


def _show_judge(judge: Judge | None) -> str:
    return show_list([_show_model(each) for each in judge.models]) if judge else ""
