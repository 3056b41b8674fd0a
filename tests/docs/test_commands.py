import importlib.util
import re
import shlex
from collections.abc import Iterator
from pathlib import Path

import click
import pytest

from rubric_action.cli import main
from tests.docs.pages import PAGES, ROOT, fences, name_of, read, spans

SHELL = ("console", "shell", "bash", "sh")


def lines(page: Path) -> Iterator[str]:
    """Everything on a page that one might type: lines of shell blocks, and inline code."""
    for fence in fences(page):
        if fence.language in SHELL:
            yield from (line.strip().removeprefix("$ ") for line in fence.text.splitlines())
    yield from spans(page)


def typed(page: Path, program: str) -> list[list[str]]:
    """The arguments of each mention of a program, up to a pipe."""
    found = []
    for line in lines(page):
        words = shlex.split(line.partition("|")[0], comments=True) if program in line else []
        if words[:1] == [program] and len(words) > 1:
            found.append(words[1:])
    return found


def calls(page: Path) -> list[list[str]]:
    """The arguments of each `rubric-action ...`."""
    return typed(page, "rubric-action")


@pytest.mark.parametrize("page", [page for page in PAGES if calls(page)], ids=name_of)
def test_the_command_lines_parse(page: Path) -> None:
    """Each command line names a command that exists, with options and values that it takes."""
    for name, *arguments in calls(page):
        assert name in main.commands, name
        try:
            main.commands[name].make_context(name, [*arguments])
        except click.exceptions.Exit:
            assert "--help" in arguments
        except click.UsageError as error:
            raise AssertionError(f"{name} {arguments}: {error.format_message()}") from error


def test_every_command_is_shown() -> None:
    """There is no command that the docs do not mention with its name."""
    shown = {name for page in PAGES for name, *_ in calls(page)}
    assert shown == main.commands.keys()


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_the_make_targets_exist(page: Path) -> None:
    """`make x` is a target of the Makefile."""
    targets = set(re.findall(r"^([a-z-]+):", read(ROOT / "Makefile"), re.MULTILINE))
    assert {words[0] for words in typed(page, "make")} <= targets


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_the_modules_exist(page: Path) -> None:
    """`python -m rubric_action...` is a module of ours."""
    for words in typed(page, "python"):
        if words[:1] == ["-m"] and words[1].startswith("rubric_action"):
            assert importlib.util.find_spec(words[1]), words[1]
