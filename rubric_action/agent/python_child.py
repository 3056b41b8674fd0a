"""Answers cases with a Python function: a JSON line in, a JSON line out.

Run by its path, in a process that belongs to the function: `python -P python_child.py module:name`.
It imports nothing of ours and writes one line when it is ready, or one that says why it is not.
"""

import asyncio
import inspect
import json
import os
import pkgutil
import sys
import traceback
from collections.abc import Awaitable, Callable
from difflib import get_close_matches
from typing import Any, TextIO

MOST_NAMES = 10
ROOT = os.getcwd()  # noqa: PTH109 (pathlib is not needed otherwise)


class NoFunction(Exception):
    """There is no function to call; the arguments are the cause, and how to mend it."""


def main(target: str) -> None:
    """Find the function, then answer line by line until there are no more."""
    requests, replies = _channel()
    sys.argv[1:] = []
    sys.path.insert(0, ROOT)
    try:
        function = load(target)
    except NoFunction as error:
        cause, mend = error.args
        _say(replies, json.dumps({"cause": cause, "mend": mend}))
        return
    _say(replies, json.dumps({"ready": True}))
    runner = asyncio.Runner()
    for line in requests:
        _say(replies, answer(function, json.loads(line), runner))
    runner.close()


def _channel() -> tuple[TextIO, TextIO]:
    """Our two pipes, moved to where neither `print` nor `input` reaches them."""
    requests = os.fdopen(os.dup(0), encoding="utf-8")
    replies = os.fdopen(os.dup(1), "w", encoding="utf-8")
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, 0)
    os.close(nothing)
    os.dup2(2, 1)
    return requests, replies


def load(target: str) -> Callable[[dict[str, Any]], Any]:
    """The function that `module:name` names; NoFunction when it is not there or not fit."""
    module_name, _, name = target.partition(":")
    try:
        module = pkgutil.resolve_name(f"{module_name}:")
    except ModuleNotFoundError as error:
        raise _not_found(module_name, error) from error
    except (Exception, SystemExit) as error:
        traceback.print_exc()
        cause = f"`{module_name}` cannot be imported: {_told(error)}"
        raise NoFunction(cause, "Mend the module; its import has to end well.") from error
    function = getattr(module, name, None)
    if not callable(function):
        raise _no_function(module_name, name, vars(module), function)
    _check_shape(target, function)
    return function  # type: ignore[no-any-return]


def _not_found(module_name: str, error: ModuleNotFoundError) -> NoFunction:
    missing = error.name or ""
    if module_name == missing or module_name.startswith(f"{missing}."):
        mend = "Name it as it is imported from the repository's root: `package.module:function`."
        return NoFunction(f"there is no module `{missing}`", mend)
    cause = f"`{module_name}` imports `{missing}`, which is not installed: {_told(error)}"
    mend = (
        "Install it for this Python. In the action, install it in an earlier step with "
        "`pip install --target`, and let `agent.env: [PYTHONPATH]` name the folder."
    )
    return NoFunction(cause, mend)


def _no_function(module_name: str, name: str, found: dict[str, Any], value: object) -> NoFunction:
    if value is not None:
        cause = f"`{name}` of `{module_name}` is no function, but {_a(value)}"
        return NoFunction(cause, "Name a function that takes a case.")
    names = [one for one, each in found.items() if callable(each) and not one.startswith("_")]
    close = get_close_matches(name, names, n=1)
    listed = ", ".join(f"`{one}`" for one in names[:MOST_NAMES]) or "none"
    meant = f"Did you mean `{close[0]}`? " if close else ""
    return NoFunction(f"`{module_name}` has no `{name}`", f"{meant}Functions there: {listed}.")


def _check_shape(target: str, function: Callable[..., Any]) -> None:
    """Refuse what cannot be called with a case, or would not return an answer."""
    if inspect.isgeneratorfunction(function) or inspect.isasyncgenfunction(function):
        raise NoFunction(f"`{target}` is a generator", "Return the whole answer, don't yield it.")
    try:
        inspect.signature(function).bind({})
    except TypeError as error:
        mend = "It is called with one argument, the case as a dict."
        raise NoFunction(f"`{target}` cannot be called with a case: {error}", mend) from error
    except ValueError:  # a builtin that tells no signature
        return


def answer(
    function: Callable[[dict[str, Any]], Any], case: dict[str, Any], runner: asyncio.Runner
) -> str:
    """The session line of one case; what the function does wrong is its `error`."""
    asked = {"case": case["case"], "trial": case["trial"]}
    try:
        result = function(case)
        if inspect.isawaitable(result):
            result = runner.run(_awaited(result))
        return json.dumps(asked | _session(result), allow_nan=False)
    except Exception as error:  # noqa: BLE001 (any of them is this case's, and no other's)
        traceback.print_exc()
        return json.dumps(asked | {"error": _told(error)})


def _session(result: object) -> dict[str, Any]:
    if isinstance(result, str):
        return {"output": result}
    if isinstance(result, dict):
        return result
    wanted = "return a text, or a session as a dict"
    return {"error": f"the function returned {_a(result)}; {wanted}"}


async def _awaited(result: Awaitable[Any]) -> Any:
    return await result


def _told(error: BaseException) -> str:
    """An exception on one line, with the last place of the function's own code."""
    words = " ".join(f"{type(error).__name__}: {error}".split()).removesuffix(":")
    own = [one for one in traceback.extract_tb(error.__traceback__) if _is_own(one.filename)]
    if not own:
        return words
    return f"{words} ({os.path.relpath(own[-1].filename, ROOT)}, line {own[-1].lineno})"


def _is_own(file: str) -> bool:
    return file.startswith(ROOT) and file != __file__ and "site-packages" not in file


def _a(value: object) -> str:
    return "None" if value is None else f"a value of type {type(value).__name__}"


def _say(replies: TextIO, line: str) -> None:
    replies.write(f"{line}\n")
    replies.flush()


if __name__ == "__main__":
    main(sys.argv[1])
