"""Other open pull requests with the same head."""

import pytest

from rubric_action.errors import GitHubFailed
from rubric_action.github.siblings import read_siblings
from tests.fakes.github import FOREVER, Pull
from tests.github.conftest import Scene

pytestmark = pytest.mark.usefixtures("described")


@pytest.fixture
def pull(scene: Scene) -> Pull:
    """A pull request by dana, whose one commit is hers."""
    scene.repo.branches["release"] = scene.repo.branches["main"]
    scene.repo.push("faster", {"agent.py": "new"})
    return scene.repo.pull("faster")


def numbers(scene: Scene, pull: Pull) -> list[int]:
    """Which ones are found beside it."""
    return [one.number for one in read_siblings(scene.api, pull.number, pull.head_sha)]


def test_all_that_is_weighed_of_a_sibling_is_read(scene: Scene, pull: Pull) -> None:
    """Whose it is, who said what, who pushed and who wrote it."""
    message = "x\n\nCo-authored-by: Kim <kim@example.com>"
    head = scene.repo.push("faster", {"b": "c"}, author="lisa", message=message)
    scene.repo.move("copy", head)
    other = scene.repo.pull("copy", "release", author="otto")
    scene.repo.force_push("copy", head, by="mona")
    other.review("CHANGES_REQUESTED", by="kim")
    (found,) = read_siblings(scene.api, pull.number, head)
    assert found.number == other.number
    assert found.author is not None
    assert found.author.login == "otto"
    assert [(one.state, one.author and one.author.login) for one in found.reviews] == [
        ("CHANGES_REQUESTED", "kim")
    ]
    assert [(one.person.login, one.how) for one in found.pushers] == [
        ("mona", "force-pushed the branch")
    ]
    assert [one.person.login for one in found.contributions] == ["dana", "lisa"]
    assert [one.email for one in found.co_authors] == ["kim@example.com"]


def test_none_costs_one_request(scene: Scene, pull: Pull) -> None:
    """Other heads and other states are none of ours; the list tells as much."""
    scene.repo.push("slower", {"agent.py": "old"})
    scene.repo.pull("slower")
    scene.repo.pull("faster", "release").close()
    assert numbers(scene, pull) == []
    assert len(scene.github.requests) == 1


def test_a_head_in_a_fork_counts(scene: Scene, pull: Pull) -> None:
    """Whoever can read a commit can open it from a repository of their own."""
    fork = scene.repo.fork("stranger")
    fork.move("mine", pull.head_sha)
    scene.repo.pull("mine", head_repo=fork, author="stranger")
    assert numbers(scene, pull) == [2]


def test_all_pages_count(scene: Scene, pull: Pull) -> None:
    """The oldest of over a hundred stands on the last page."""
    for number in range(101):
        scene.repo.push(f"b{number}")
        scene.repo.pull(f"b{number}")
    scene.repo.move("copy", pull.head_sha)
    late = scene.repo.pull("copy")
    assert numbers(scene, late) == [pull.number]


@pytest.mark.parametrize("moved", [False, True], ids=["closed", "moved on"])
def test_one_that_is_gone_by_the_time_it_is_read_is_none(
    scene: Scene, pull: Pull, *, moved: bool
) -> None:
    """What it is now decides."""
    scene.repo.move("copy", pull.head_sha)
    other = scene.repo.pull("copy")

    def happens() -> None:
        if moved:
            scene.repo.push("copy")
        else:
            other.close()

    scene.github.fault("GET", "/pulls/2", before=happens)
    assert numbers(scene, pull) == []


@pytest.mark.parametrize(
    ("path", "told"),
    [
        ("/pulls[?]", "list the open pull requests"),
        ("/pulls/2$", "read the pull request"),
        ("/pulls/2/reviews", "read the pull request's reviews"),
        ("/issues/2/events", "read the pull request's label events"),
        ("/pulls/2/commits", "read the pull request's commits"),
    ],
)
def test_what_cannot_be_read_is_no_absence(scene: Scene, pull: Pull, path: str, told: str) -> None:
    """Somebody may stand there who speaks against it."""
    scene.repo.pull("faster", "release")
    scene.github.fault("GET", path, times=FOREVER, status=500)
    with pytest.raises(GitHubFailed, match=told):
        numbers(scene, pull)
