from typing import Any

import pytest

from rubric_action.errors import GitHubFailed
from rubric_action.gate.override.facts import CoAuthor
from rubric_action.github.contributions import contributed, read_contributed, trailers
from rubric_action.github.pulls import read_pull
from tests.fakes.github import FOREVER, Pull
from tests.github.conftest import Scene

pytestmark = pytest.mark.usefixtures("described")


def of_many(scene: Scene, count: int) -> Pull:
    """A pull request of that many commits, the last one by zoe."""
    for _ in range(count - 1):
        scene.repo.push("faster", author="dana")
    scene.repo.push("faster", author="zoe")
    return scene.repo.pull("faster")


def told(scene: Scene) -> list[tuple[str, str]]:
    """Who did what, by the first pull request."""
    found = read_contributed(scene.api, read_pull(scene.api, 1))
    return [(one.person.login, one.how) for one in found.accounts]


def test_authors_and_committers_contribute(scene: Scene) -> None:
    """Each account is told once, by the first thing it did; GitHub's own editor is nobody."""
    first = scene.repo.push("faster", author="dana", committer="Web-Flow")
    second = scene.repo.push("faster", author="mona", committer="lisa")
    scene.repo.push("faster", author="dana", committer="mona")
    scene.repo.pull("faster")
    assert told(scene) == [
        ("dana", f"authored {first[:7]}"),
        ("mona", f"authored {second[:7]}"),
        ("lisa", f"committed {second[:7]}"),
    ]


def test_an_author_without_an_account_is_noted(scene: Scene) -> None:
    """The commit is known, and who made it is not; its committer still counts."""
    sha = scene.repo.push("faster", author=None, committer="lisa")
    scene.repo.pull("faster")
    found = read_contributed(scene.api, read_pull(scene.api, 1))
    assert found.nameless == (sha,)
    assert [one.person.login for one in found.accounts] == ["lisa"]


def test_an_empty_account_is_none() -> None:
    """GitHub shows an author that it does not know as null or as an empty object."""
    commit = {"sha": "a" * 40, "author": {}, "committer": None, "commit": {"message": ""}}
    assert contributed([commit]).nameless == ("a" * 40,)


@pytest.mark.parametrize(
    ("message", "named"),
    [
        ("Co-authored-by: Mona L <mona@x.io>", [("Mona L", "mona@x.io")]),
        ("Fix\n\nCO-AUTHORED-BY:Mona<mona@x.io>\n", [("Mona", "mona@x.io")]),
        ("Fix\r\n\r\n  co-authored-by : Mona <mona@x.io>  \r\nBye", [("Mona", "mona@x.io")]),
        ("Co-authored-by: mona", [("mona", "mona")]),
        ("Co-authored-by: mona@x.io", [("mona@x.io", "mona@x.io")]),
        ("Co-authored-by: <mona@x.io>", [("", "mona@x.io")]),
        ("Co-authored-by: Mona <mona@x.io", [("Mona", "mona@x.io")]),
        ("Co-authored-by:", [("", "")]),
        (
            "x\n\nCo-authored-by: A <a@x.io>\nSigned-off-by: B <b@x.io>\nCo-Authored-By: C <c@x>",
            [("A", "a@x.io"), ("C", "c@x")],
        ),
        ("Thanks to co-authored-by: nobody", []),
        ("Co-authored-by Mona <mona@x.io>", []),
        ("", []),
    ],
)
def test_trailers_are_read_generously(message: str, named: list[tuple[str, str]]) -> None:
    """Any case, any line, any spacing; a name without a need costs no more than a signature."""
    found = list(trailers(message, "a" * 40))
    assert found == [CoAuthor(name, email, "a" * 40) for name, email in named]


def test_trailers_come_with_the_commits(scene: Scene) -> None:
    """They are told with the commit that they stand in."""
    sha = scene.repo.push("faster", message="Fix\n\nCo-authored-by: Mona <mona@x.io>")
    scene.repo.pull("faster")
    found = read_contributed(scene.api, read_pull(scene.api, 1))
    assert found.co_authors == (CoAuthor("Mona", "mona@x.io", sha),)


@pytest.mark.parametrize(
    ("count", "path", "pages"),
    [(1, "/pulls/1/commits", 1), (250, "/pulls/1/commits", 3), (251, "/compare/", 3)],
)
def test_all_commits_count(scene: Scene, count: int, path: str, pages: int) -> None:
    """GitHub lists no more than 250; beyond that the comparison has them all, page by page."""
    of_many(scene, count)
    assert [login for login, _ in told(scene)] == ["dana", "zoe"][-count:]
    asked = [request.path for request in scene.github.requests[1:]]
    assert len([one for one in asked if path in one]) == len(asked) == pages


@pytest.mark.parametrize(
    ("count", "path"), [(2, "/pulls/1/commits"), (251, "/compare/"), (120, "commits.*page=2")]
)
def test_fewer_commits_than_there_are_is_an_error(scene: Scene, count: int, path: str) -> None:
    """Whoever is missing from the list might be the reviewer."""
    of_many(scene, count)
    body: Any = {"commits": []} if "compare" in path else []
    scene.github.fault("GET", path, status=200, body=body)
    with pytest.raises(GitHubFailed, match=f"of the pull request's {count} commits"):
        told(scene)


@pytest.mark.parametrize("count", [101, 251])
def test_half_a_list_is_none(scene: Scene, count: int) -> None:
    """A page that stays unreadable fails the whole."""
    of_many(scene, count)
    scene.github.fault("GET", "page=2", times=FOREVER, status=500)
    with pytest.raises(GitHubFailed, match="Could not read the pull request's commits"):
        told(scene)


def test_a_tag_called_like_the_base_is_not_compared_with(scene: Scene) -> None:
    """The base is asked for by its whole name, and a slash in it stays one."""
    scene.repo.push("release/1", {"a": "b"})
    for _ in range(251):
        scene.repo.push("faster")
    scene.repo.pull("faster", "release/1")
    told(scene)
    head = scene.repo.branches["faster"]
    path = f"/repos/acme/support/compare/refs/heads/release/1...{head}"
    assert {request.path for request in scene.github.requests[1:]} == {path}
