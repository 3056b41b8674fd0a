import pytest

from rubric_action.errors import GitHubFailed
from rubric_action.gate.evidence import BarNotCompared
from rubric_action.github.base_rubric import ABSENT, rubric_at
from rubric_action.github.faults import PermissionMissing
from rubric_action.rubric.model import Rubric
from tests.action.stage import RUBRIC
from tests.fakes.github import FOREVER
from tests.github.conftest import Scene

PATH = "eval/rubric.yaml"


def test_the_rubric_is_read_at_the_commit(scene: Scene) -> None:
    """Not the newest rubric counts, but the one at the base."""
    sha = scene.repo.push("main", {PATH: RUBRIC})
    scene.repo.push("main", {PATH: RUBRIC.replace("0.7", "0.1")})
    rubric = rubric_at(scene.api, PATH, sha)
    assert isinstance(rubric, Rubric)
    assert rubric.slices["head"].min_pass_rate == 0.7


def test_a_branch_names_a_commit_too(scene: Scene) -> None:
    """Without a pull request the default branch's rubric is the bar."""
    scene.repo.push("main", {PATH: RUBRIC})
    assert isinstance(rubric_at(scene.api, PATH, "main"), Rubric)


def test_a_path_with_odd_characters_is_asked_for_as_it_is(scene: Scene) -> None:
    """A path is data in the address, and never a query or a fragment."""
    path = "eval/ü #1?.yaml"
    sha = scene.repo.push("main", {path: RUBRIC})
    assert isinstance(rubric_at(scene.api, path, sha), Rubric)


def test_an_absent_rubric_is_stated(scene: Scene) -> None:
    """The first rubric has nothing to be compared with."""
    assert rubric_at(scene.api, PATH, scene.repo.branches["main"]) == BarNotCompared(ABSENT)


@pytest.mark.parametrize(
    ("content", "word"),
    [
        ("version: 1\n", "`cases` is missing"),
        ("{", "not valid"),
        (b"\xff\xfe\x00", "UTF-8"),
        ("x" * (1024 * 1024 + 1), "over 1 MB"),
    ],
)
def test_an_invalid_rubric_is_stated_with_its_mistake(
    scene: Scene, content: str | bytes, word: str
) -> None:
    """A base that holds nothing to compare with says why."""
    sha = scene.repo.push("main", {PATH: content})
    answer = rubric_at(scene.api, PATH, sha)
    assert isinstance(answer, BarNotCompared)
    assert word in answer.reason


def test_a_directory_is_no_rubric(scene: Scene) -> None:
    """What stands at the path and is no file is told."""
    sha = scene.repo.push("main", {f"{PATH}/part.yaml": RUBRIC})
    answer = rubric_at(scene.api, PATH, sha)
    assert isinstance(answer, BarNotCompared)
    assert "a directory" in answer.reason


def test_a_base_commit_that_is_gone_is_an_error(scene: Scene) -> None:
    """No commit is not the same as no rubric."""
    with pytest.raises(GitHubFailed, match="No commit found"):
        rubric_at(scene.api, PATH, "0" * 40)


@pytest.mark.parametrize("status", [500, 502])
def test_a_rubric_that_cannot_be_read_is_an_error(scene: Scene, status: int) -> None:
    """Trouble at GitHub is never taken for an absent bar."""
    sha = scene.repo.push("main", {PATH: RUBRIC})
    scene.github.fault("GET", "/contents/", times=FOREVER, status=status)
    with pytest.raises(GitHubFailed, match="read the rubric at the base commit"):
        rubric_at(scene.api, PATH, sha)


def test_a_missing_permission_is_named(scene: Scene) -> None:
    """A token that may not read contents ends in the line to add."""
    sha = scene.repo.push("main", {PATH: RUBRIC})
    api = scene.api_for(scene.github.world.token({"actions": "read"}).value)
    with pytest.raises(PermissionMissing, match="`contents: read`"):
        rubric_at(api, PATH, sha)
