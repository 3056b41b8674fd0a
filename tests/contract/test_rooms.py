"""The house's walls: which room may import which, and which library is known where."""

import ast
import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import pytest

ROOT: Final = Path(__file__).parents[2]
PACKAGE: Final = ROOT / "rubric_action"
DEMO: Final = PACKAGE / "demo"

ROOMS: Final = ("rubric", "cases", "agent", "grading", "gate", "report", "github")
"""Data flows from left to right, imports point from right to left."""

MAY_IMPORT: Final = {
    **{room: {"errors", *ROOMS[: number + 1]} for number, room in enumerate(ROOMS)},
    "production": {"errors", "production", "rubric", "cases", "agent", "grading"},
    "errors": set[str](),
}
"""What a room knows of the house; a module beside the rooms ties them together and knows all."""

HOMES: Final = {
    "aiohttp": {"agent", "grading"},
    "genai_prices": {"agent", "grading"},
    "github": {"github"},
    "jinja2": {"report"},
    "jsonschema": {"rubric", "grading"},
    "pydantic": {"github"},
    "pydantic_settings": {"github"},
    "referencing": {"grading"},
    "regex": {"rubric", "grading"},
    "requests": {"github"},
    "yaml": {"rubric", "cases"},
}
"""The rooms that may know a library; `click` is known beside the rooms only."""

PURE: Final = set(
    "array collections dataclasses datetime functools itertools math random re statistics "
    "typing".split()
)
"""What the gate may import: nothing that reads a clock, an environment, a file or a network."""

EFFECTS: Final = {"open", "print", "input", "exec", "eval", "compile", "__import__", "id", "hash"}
CLOCKS: Final = {"now", "today", "utcnow", "time", "monotonic", "getenv", "urandom", "system"}

MOST_LINES: Final = 350
MOST_LINES_OF_A_FUNCTION: Final = 50


@dataclass(frozen=True)
class Import:
    """One import: the module that is meant, in full, and the line it stands on."""

    module: str
    line: int

    @property
    def top(self) -> str:
        """The package it comes from."""
        return self.module.partition(".")[0]

    @property
    def room(self) -> str:
        """The part of our own package it means; "" is the package itself, or a name of it."""
        part = [*self.module.split("."), ""][1]
        return part if (PACKAGE / part).is_dir() or (PACKAGE / f"{part}.py").is_file() else ""


def modules() -> list[Path]:
    """Every module of the package, the shipped example aside."""
    return sorted(path for path in PACKAGE.rglob("*.py") if DEMO not in path.parents)


def room_of(path: Path) -> str:
    """The room a module is in; a module beside the rooms is its own."""
    first = path.relative_to(PACKAGE).parts[0]
    return first.removesuffix(".py")


def imports(path: Path) -> Iterator[Import]:
    """All imports of a module: in functions, under TYPE_CHECKING, relative ones, by name."""
    package = path.relative_to(ROOT).with_suffix("").parts[:-1]
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (Import(alias.name, node.lineno) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            above = package[: len(package) + 1 - node.level] if node.level else ()
            base = ".".join([*above, *([node.module] if node.module else [])])
            # `from package import room` means the room.
            yield from (Import(f"{base}.{alias.name}", node.lineno) for alias in node.names)
        elif isinstance(node, ast.Call) and called(node) in {"import_module", "__import__"}:
            name = node.args[0] if node.args else None
            assert isinstance(name, ast.Constant), f"{path}:{node.lineno}: a name made at run time"
            yield Import(str(name.value), node.lineno)


def called(node: ast.Call) -> str:
    """The last name of what is called."""
    if isinstance(node.func, ast.Attribute):
        return node.func.attr
    return node.func.id if isinstance(node.func, ast.Name) else ""


def named(path: Path) -> str:
    """A module's path as a test id."""
    return str(path.relative_to(ROOT))


def test_every_part_of_the_package_has_its_place() -> None:
    """A new room has to be given its neighbours here before it can be built."""
    packages = {path.parent.relative_to(PACKAGE).parts for path in modules()} - {()}
    assert {parts[0] for parts in packages} <= set(MAY_IMPORT)
    assert set(ROOMS) <= {parts[0] for parts in packages}


@pytest.mark.parametrize("path", modules(), ids=named)
def test_a_room_imports_only_rooms_to_its_left(path: Path) -> None:
    """`errors` is open to all; only modules beside the rooms see the whole house."""
    allowed = MAY_IMPORT.get(room_of(path))
    wrong = [
        f"{named(path)}:{one.line} imports {one.module}"
        for one in imports(path)
        if one.top == "rubric_action" and allowed is not None and one.room not in {*allowed, ""}
    ]
    assert wrong == []


@pytest.mark.parametrize("path", modules(), ids=named)
def test_a_library_is_known_in_its_rooms_only(path: Path) -> None:
    """Nothing else is imported than the standard library, ourselves and what has a home here."""
    own = {"rubric_action", *sys.stdlib_module_names}
    beside = {"click"} if room_of(path) not in MAY_IMPORT else set()
    here = {library for library, rooms in HOMES.items() if room_of(path) in rooms}
    wrong = [
        f"{named(path)}:{one.line} imports {one.module}"
        for one in imports(path)
        if one.top not in own | beside | here
    ]
    assert wrong == []


@pytest.mark.parametrize("path", sorted((PACKAGE / "gate").rglob("*.py")), ids=named)
def test_the_gate_is_pure(path: Path) -> None:
    """Values in, values out: no clock, environment, file, network, output or unseeded chance."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    wrong = [one.module for one in imports(path) if one.top not in PURE | {"rubric_action"}]
    wrong += [
        ast.unparse(node)
        for node in ast.walk(tree)
        if isinstance(node, ast.Call) and (called(node) in EFFECTS | CLOCKS or _by_chance(node))
    ]
    assert wrong == []


def _by_chance(node: ast.Call) -> bool:
    """Whether a call draws from the shared generator, or makes one without a seed."""
    function = ast.unparse(node.func)
    seeded = function in {"random.Random", "Random"} and bool(node.args)
    return (function.startswith("random.") or function == "Random") and not seeded


def test_the_gate_comes_without_the_heavy_libraries() -> None:
    """Importing the decision pulls in no client, parser or renderer by another way either."""
    code = "import sys, rubric_action.gate.decide, rubric_action.gate.case; print(*sys.modules)"
    run = [sys.executable, "-c", code]
    # A coverage run would load modules of its own into the process.
    env = {name: value for name, value in os.environ.items() if "COV" not in name}
    done = subprocess.run(run, cwd=ROOT, env=env, capture_output=True, text=True, check=True)
    loaded = set(done.stdout.split())
    assert "rubric_action.gate.decide" in loaded
    assert loaded & {*HOMES, "click", "asyncio", "socket"} == set()


@pytest.mark.parametrize("path", sorted(DEMO.rglob("*.py")), ids=named)
def test_the_example_agent_knows_nothing_of_us(path: Path) -> None:
    """It stands for a user's own code, which has no tool of ours to lean on."""
    assert [one.module for one in imports(path) if one.top == "rubric_action"] == []


FOLDERS: Final = ("rubric_action", "tests", "examples", "bench")
SOURCES: Final = sorted(
    {path for folder in FOLDERS for path in (ROOT / folder).rglob("*.py")}
    | {ROOT / "entrypoint.py"}
)


@pytest.mark.parametrize("path", SOURCES, ids=named)
def test_files_and_functions_stay_small(path: Path) -> None:
    """A file can be read in one go, a function seen at one glance."""
    text = path.read_text(encoding="utf-8")
    long = [
        f"{node.name}: {(node.end_lineno or 0) - node.lineno + 1} lines"
        for node in ast.walk(ast.parse(text))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        and (node.end_lineno or 0) - node.lineno >= MOST_LINES_OF_A_FUNCTION
    ]
    assert long == []
    assert len(text.splitlines()) <= MOST_LINES
