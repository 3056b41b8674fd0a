"""What the image holds, and what it must not hold."""

import json
from pathlib import Path

import pytest

from tests.image.runner import Image

pytestmark = pytest.mark.image

OWN_MEGABYTES = 90
HEAVY = (
    "aiohttp, click, genai_prices, github, jinja2, jsonschema, pydantic_settings, "
    "regex, requests, yaml, rubric_action.cli"
)


def test_every_module_comes_from_byte_code(image: Image) -> None:
    """No module of the action, its libraries or the standard library is compiled at a start."""
    done = image.python(f"import {HEAVY}", "-v")
    loaded = [line for line in done.stderr.splitlines() if line.startswith("# code object from")]
    assert done.returncode == 0, done.stderr[-2000:]
    assert len(loaded) > 500
    assert [line for line in loaded if not line.rstrip("'").endswith(".pyc")] == []


def test_byte_code_is_not_checked_against_its_source(image: Image) -> None:
    """Python takes our byte code as it is, so that lost time stamps cannot make it stale."""
    shell = (
        "file=$(/opt/venv/bin/python -I -c 'import rubric_action as r; print(r.__file__)')"
        " && echo 'raise SystemExit(99)' >> $file"
        " && /opt/venv/bin/python -I -c 'import rubric_action'"
    )
    assert image.run("-c", shell, entrypoint="sh").returncode == 0


@pytest.mark.parametrize("module", ["pip", "setuptools", "pytest", "flit_core"])
def test_build_and_test_tools_are_not_shipped(image: Image, module: str) -> None:
    """The action's environment has no installer, build backend or test runner."""
    found = image.python(f"import importlib.util as u; print(u.find_spec({module!r}))")
    assert found.stdout.strip() == "None"


def test_the_package_is_installed_whole(image: Image) -> None:
    """The package is a copy in the environment with every file of the sources."""
    code = (
        "import json, pathlib, rubric_action as r; root = pathlib.Path(r.__file__).parent;"
        "files = [str(p.relative_to(root)) for p in root.rglob('*') if p.is_file()];"
        "print(json.dumps([str(root), files]))"
    )
    root, files = json.loads(image.python(code).stdout)
    assert root.startswith("/opt/venv/lib/")
    assert {file for file in files if not file.endswith(".pyc")} == _source_files()


def test_the_agent_has_a_user_of_its_own(image: Image) -> None:
    """An unprivileged user stands ready for the agent under test; the action runs as root."""
    assert image.run("-u", "agent", entrypoint="id").stdout.strip() == "10001"
    assert image.run("-u", entrypoint="id").stdout.strip() == "0"


def test_the_agents_user_cannot_change_the_action(image: Image) -> None:
    """Nothing of the action is writable for the agent's user."""
    writable = image.run(
        "/opt", "-writable", "-not", "-type", "l", entrypoint="find", flags=("--user", "agent")
    )
    assert (writable.returncode, writable.stdout) == (0, "")


def test_the_command_is_on_the_path(image: Image) -> None:
    """The image serves other CI systems as a command line."""
    done = image.run("--help", entrypoint="rubric-action")
    assert done.returncode == 0, done.stderr
    assert "gate" in done.stdout


def test_the_image_stays_small(image: Image) -> None:
    """The action and its libraries take less than 90 MB over the base image."""
    done = image.run("--summarize", "--block-size=MB", "/opt", entrypoint="du")
    assert int(done.stdout.split("MB")[0]) < OWN_MEGABYTES


def _source_files() -> set[str]:
    package = Path(__file__).parents[2] / "rubric_action"
    files = (path for path in package.rglob("*") if path.is_file())
    return {str(path.relative_to(package)) for path in files if path.suffix != ".pyc"}
