"""Where the search for a baseline starts, and how it goes back from there."""

import re
from dataclasses import replace

import pytest

from rubric_action.errors import GitHubFailed
from rubric_action.gate.model import NoBaseline
from rubric_action.github.baseline import MOST_COMMITS
from rubric_action.github.faults import NotFound, PermissionMissing
from tests.fakes.github import FOREVER
from tests.fakes.openapi import check_requests
from tests.github.baselines import NAME, asked, choose, chosen, distance, leave, why
from tests.github.conftest import Scene


def test_a_change_is_held_against_the_commit_that_it_started_from(scene: Scene) -> None:
    """What the default branch has learned since is no regression of the change."""
    leave(scene.repo.run(scene.repo.branches["main"]), "where it started")
    head = scene.repo.push("feature", {"agent.py": "2"})
    leave(scene.repo.run(scene.repo.push("main", {"agent.py": "3"})), "newer")
    choice = choose(scene, head)
    assert chosen(choice) == "where it started"
    assert distance(choice) == 0


def test_a_merge_of_the_default_branch_moves_the_start(scene: Scene) -> None:
    """A branch that took in the default branch is held against what it took in."""
    leave(scene.repo.run(scene.repo.branches["main"]), "older")
    head = scene.repo.push("feature", {"agent.py": "2"})
    tip = scene.repo.push("main", {"agent.py": "3"})
    leave(scene.repo.run(tip), "newer")
    merged = scene.repo.push("feature", {"agent.py": "4"}, parents=[head, tip])
    assert chosen(choose(scene, head)) == "older"
    assert chosen(choose(scene, merged)) == "newer"


@pytest.mark.parametrize("between", [0, 1, 99, 100, 250])
def test_the_nearest_ancestor_with_one_counts(scene: Scene, between: int) -> None:
    """However many commits lie between, over all pages; the distance says how many."""
    leave(scene.repo.run(scene.repo.branches["main"]), "older")
    leave(scene.repo.run(scene.repo.push("main")), "nearest")
    for _ in range(between):
        scene.repo.push("main")
    choice = choose(scene, scene.repo.push("feature"))
    assert chosen(choice) == "nearest"
    assert distance(choice) == between
    pages = {0: 0, 1: 1, 99: 1, 100: 2, 250: 3}
    assert len(asked(scene, "/support/commits")) == pages[between]


def test_an_older_upload_of_a_nearer_commit_comes_first(scene: Scene) -> None:
    """A run that was repeated on an old commit does not replace the results of a nearer one."""
    first = scene.repo.branches["main"]
    leave(scene.repo.run(scene.repo.push("main")), "nearer")
    leave(scene.repo.run(first), "uploaded later")
    assert chosen(choose(scene)) == "nearer"


def test_a_baseline_is_of_the_default_branch_whatever_the_base(scene: Scene) -> None:
    """A pull request onto another branch is held against where that one left the default branch."""
    leave(scene.repo.run(scene.repo.branches["main"]), "main")
    leave(scene.repo.run(scene.repo.push("release"), branch="release"), "release")
    head = scene.repo.push("fix", parents=[scene.repo.branches["release"]])
    assert chosen(choose(scene, head)) == "main"


def test_a_baseline_run_goes_back_from_its_own_commit(scene: Scene) -> None:
    """It needs no comparison with the branch that it is on, and may stand on its own commit."""
    leave(scene.repo.run(scene.repo.branches["main"]), "before")
    own = scene.repo.push("main")
    leave(scene.repo.run(scene.repo.push("main")), "after")
    choice = choose(scene, own, makes_baseline=True)
    assert chosen(choice) == "before"
    assert distance(choice) == 1
    assert asked(scene, "/compare/") == []
    leave(scene.repo.run(own, event="schedule"), "same commit")
    choice = choose(scene, own, makes_baseline=True)
    assert chosen(choice) == "same commit"
    assert distance(choice) == 0


def test_a_fork_starts_where_it_left_the_default_branch(scene: Scene) -> None:
    """A head in another repository has a merge base as well."""
    leave(scene.repo.run(scene.repo.branches["main"]), "where it started")
    head = scene.repo.fork("stranger").push("change")
    leave(scene.repo.run(scene.repo.push("main")), "newer")
    assert chosen(choose(scene, head)) == "where it started"


def test_one_that_came_after_is_told_from_none(scene: Scene) -> None:
    """A branch that is older than every baseline learns why there is none."""
    head = scene.repo.push("feature")
    start = scene.repo.branches["main"]
    leave(scene.repo.run(scene.repo.push("main")), "newer")
    choice = choose(scene, head)
    reason = f"its commit is not in the history of {start[:7]}"
    assert why(choice) == [reason]
    assert choice.baseline == NoBaseline(
        f"no baseline: the one artifact `{NAME}` cannot be used, {reason}"
    )


def test_a_head_without_a_shared_past_has_no_baseline(scene: Scene) -> None:
    """Nothing that it could be compared with is its own."""
    leave(scene.repo.run(scene.repo.branches["main"]), "main")
    head = scene.repo.push("orphan", parents=[])
    choice = choose(scene, head)
    reason = f"{head[:7]} has no commit in common with main"
    assert choice.baseline == NoBaseline(f"no baseline: {reason}")
    assert why(choice) == [reason]


def test_a_commit_that_github_does_not_know_is_an_error(scene: Scene) -> None:
    """Not to find it is not the same as its having no baseline."""
    leave(scene.repo.run(scene.repo.branches["main"]), "main")
    with pytest.raises(NotFound, match="where the commit left the default branch"):
        choose(scene, "0" * 40)


def test_the_way_back_ends(scene: Scene) -> None:
    """A baseline that lies over a thousand commits back is a stated absence."""
    leave(scene.repo.run(scene.repo.branches["main"]), "long ago")
    for _ in range(MOST_COMMITS):
        scene.repo.push("main")
    choice = choose(scene)
    tip = scene.repo.branches["main"][:7]
    assert why(choice) == [f"its commit is not among the last 1,000 in the history of {tip}"]
    assert isinstance(choice.baseline, NoBaseline)
    assert "among the last 1,000" in choice.baseline.reason
    assert len(asked(scene, "/support/commits")) == MOST_COMMITS // 100


def test_a_page_of_the_history_that_fails_is_an_error(scene: Scene) -> None:
    """Half a history could hide the nearest one."""
    leave(scene.repo.run(scene.repo.branches["main"]), "before")
    scene.repo.push("main")
    scene.github.fault("GET", "/commits", times=FOREVER, status=500)
    with pytest.raises(GitHubFailed, match="read the history of the default branch"):
        choose(scene)


def test_what_it_takes_to_find_one(scene: Scene) -> None:
    """Five questions and one download, and every one of them is what GitHub describes."""
    leave(scene.repo.run(scene.repo.branches["main"]), "true")
    scene.repo.push("main")
    choose(scene)
    paths = [one.path.removeprefix("/repos/acme/support") for one in scene.github.requests]
    tip = scene.repo.branches["main"]
    assert [re.sub(r"/\d{6,}", "/ID", path) for path in paths] == [
        "/actions/artifacts",
        f"/compare/refs/heads/main...{tip}",
        "/commits",
        "/actions/runs/ID",
        "/actions/artifacts/ID/zip",
    ]
    assert len(scene.github.storage.requests) == 1
    assert check_requests(scene.github.requests) == []


@pytest.mark.parametrize("parents", [None, []], ids=["on main", "without a past"])
def test_a_tag_that_is_called_like_the_branch_is_never_met(
    scene: Scene, parents: list[str] | None
) -> None:
    """A run of the tag `main` says `main` in `head_branch`, but its commit leads to no head."""
    tagged = scene.repo.push("elsewhere", {"evil": "1"}, parents=parents)
    leave(scene.repo.run(tagged, branch="main"), "forged")
    for makes_baseline in (True, False):
        choice = choose(scene, makes_baseline=makes_baseline)
        tip = scene.repo.branches["main"][:7]
        assert why(choice) == [f"its commit is not in the history of {tip}"]
    # A head that was made upon the tagged commit still starts from the default branch.
    leave(scene.repo.run(scene.repo.branches["main"]), "true")
    evil = scene.repo.push("change", parents=[tagged])
    if parents is None:
        assert chosen(choose(scene, evil)) == "true"
    else:
        assert isinstance(choose(scene, evil).baseline, NoBaseline)


def test_a_tag_does_not_stand_in_for_the_branch(scene: Scene) -> None:
    """The branch is asked for by its whole name, and once."""
    leave(scene.repo.run(scene.repo.branches["main"]), "true")
    scene.repo.push("main", {"agent.py": "3"})
    assert chosen(choose(scene)) == "true"
    (path,) = asked(scene, "/compare/")
    assert "/compare/refs/heads/main..." in path


def test_a_branch_that_cannot_be_compared_with_is_an_error(scene: Scene) -> None:
    """Not to know where a commit stands is not the same as knowing that it is elsewhere."""
    leave(scene.repo.run(scene.repo.branches["main"]))
    api = scene.api_for(scene.github.world.token({"actions": "read"}).value)
    with pytest.raises(PermissionMissing, match="`contents: read`"):
        choose(replace(scene, api=api))
