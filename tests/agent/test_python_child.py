import asyncio
import functools
import json
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from rubric_action.agent.python_child import NoFunction, answer, load

CASE = {"case": "c0", "trial": 2}


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A folder on the import path, whose modules are forgotten afterwards."""
    before = set(sys.modules)
    monkeypatch.syspath_prepend(tmp_path)
    yield tmp_path
    for name in set(sys.modules) - before:
        del sys.modules[name]


def answered(function: Callable[[Any], Any]) -> Any:
    """The session line of one case."""
    runner = asyncio.Runner()
    try:
        return json.loads(answer(function, CASE, runner))
    finally:
        runner.close()


async def later(case: dict[str, Any]) -> dict[str, Any]:
    """An agent that takes its time."""
    return {"output": case["case"], "cost_usd": 1}


@pytest.mark.parametrize(
    ("function", "line"),
    [
        (lambda case: case["case"], {"output": "c0"}),
        (lambda _case: {"turns": []}, {"turns": []}),
        (lambda _case: {"case": "c1"}, {"case": "c1"}),
        (later, {"output": "c0", "cost_usd": 1}),
        (
            lambda _case: [],
            {"error": "the function returned a value of type list; return a text, "},
        ),
        (lambda _case: None, {"error": "the function returned None; return a text, or a session "}),
        (lambda case: case["nope"], {"error": "KeyError: 'nope' ("}),
        (lambda _case: {"output": float("inf")}, {"error": "ValueError: Out of range float"}),
        (functools.partial(int, "x"), {"error": "TypeError: "}),
    ],
)
def test_whatever_it_returns_becomes_a_line(function: Any, line: dict[str, Any]) -> None:
    """With case and trial; a mistake is the line's error."""
    found = answered(function)
    if "error" in line:
        assert found.pop("error").startswith(line.pop("error"))
    assert found == CASE | line


@pytest.mark.parametrize(
    ("text", "target", "cause"),
    [
        (None, "no_such_module:f", "there is no module `no_such_module`"),
        ("import no_such_library", "made:f", "`made` imports `no_such_library`, which is not"),
        ("1 / 0", "made:f", "`made` cannot be imported: ZeroDivisionError: division by zero"),
        ("raise SystemExit", "made:f", "`made` cannot be imported: SystemExit"),
        ("def g(case): ...", "made:f", "`made` has no `f`"),
        ("f = 1", "made:f", "`f` of `made` is no function, but a value of type int"),
        ("def f(): ...", "made:f", "`made:f` cannot be called with a case"),
        ("def f(case): yield", "made:f", "`made:f` is a generator"),
        ("async def f(case): yield", "made:f", "`made:f` is a generator"),
    ],
)
def test_a_function_that_cannot_be_had_says_why(
    folder: Path, text: str | None, target: str, cause: str
) -> None:
    """With what to do about it."""
    if text is not None:
        (folder / "made.py").write_text(text)
    with pytest.raises(NoFunction) as caught:
        load(target)
    told, mend = caught.value.args
    assert told.startswith(cause)
    assert mend.endswith(".")


@pytest.mark.parametrize("text", ["def f(case): ...", "async def f(case, more=1): ...", "f = str"])
def test_what_can_be_called_with_a_case_will_do(folder: Path, text: str) -> None:
    """A function, a coroutine function, a builtin that tells no signature."""
    (folder / "made.py").write_text(text)
    assert callable(load("made:f"))
