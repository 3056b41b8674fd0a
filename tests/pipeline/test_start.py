import json
import subprocess
import sys

import pytest

LATER = (
    "aiohttp",
    "genai_prices",
    "github",
    "jinja2",
    "jsonschema",
    "pydantic",
    "regex",
    "rubric_action.agent.command",
    "rubric_action.assemble",
    "rubric_action.gate.decide",
    "rubric_action.grading.offline",
    "rubric_action.rubric.compare",
)


def printed(code: str) -> str:
    """What a new interpreter prints."""
    done = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
    return done.stdout


@pytest.mark.parametrize("module", ["rubric_action.cli", "rubric_action.laptop"])
def test_what_is_needed_later_is_not_loaded_at_the_start(module: str) -> None:
    """The way to the first request loads no library and no room that it does not pass through."""
    code = (
        f"import json, sys, {module};"
        f"print(json.dumps([name for name in {LATER!r} if name in sys.modules]))"
    )
    assert json.loads(printed(code)) == []


def test_cycles_are_looked_for_rarely_and_not_at_the_end() -> None:
    """The collector waits longer than usual, and has nothing to walk once the process ends."""
    code = (
        "import atexit, gc; usual = gc.get_threshold()[0];"
        "atexit.register(lambda: print(gc.get_freeze_count() > 0));"
        "from rubric_action.collector import collect_rarely; collect_rarely();"
        "print(gc.isenabled() and gc.get_threshold()[0] > usual)"
    )
    assert printed(code).split() == ["True", "True"]
