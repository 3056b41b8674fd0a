"""Two open pull requests with the same head: one status turns both green, so both are weighed."""

from dataclasses import replace
from pathlib import Path

import pytest

from tests.action.overriding import (
    SIGNED,
    WEAK,
    Happening,
    Row,
    Scene,
    Setting,
    approve,
    opened,
    role,
    signable,
)
from tests.action.stage import Stage
from tests.fakes.github import FOREVER, GithubServer, Pull


def also_open(author: str = "kim", branch: str = "copy", base: str = "main") -> Happening:
    """The head is opened once more, from another branch."""

    def happen(scene: Scene) -> None:
        repo = scene.stage.repo
        repo.move(branch, scene.pull.head_sha)
        repo.pull(branch, base, author=author)

    return happen


def also_open_from_a_fork(scene: Scene) -> None:
    """Mona opens the head once more, from a repository of her own."""
    repo = scene.stage.repo
    fork = repo.fork("mona")
    fork.move("copy", scene.pull.head_sha)
    repo.pull("copy", head_repo=fork, author="mona")


def other(scene: Scene) -> Pull:
    """The pull request that was opened last."""
    return list(scene.stage.repo.pulls.values())[-1]


def there(step: Happening) -> Happening:
    """Let it happen in the other pull request."""
    return lambda scene: step(replace(scene, pull=other(scene)))


def veto(by: str) -> Happening:
    """Somebody asks for changes in the other pull request."""
    return lambda scene: other(scene).review("CHANGES_REQUESTED", by=by)


def close(scene: Scene) -> None:
    """The other pull request is closed."""
    other(scene).close()


def forced_by_mona(scene: Scene) -> None:
    """Mona forces the other branch to what it holds."""
    scene.stage.repo.force_push("copy", scene.pull.head_sha, by="mona")


def after_mona(stage: Stage) -> Pull:
    """Mona's commit is on the default branch, and not yet on the older one."""
    stage.repo.branches["release"] = stage.repo.branches["main"]
    stage.repo.push("main", {"note.txt": "x"}, author="mona")
    return stage.change(WEAK)


KIM_MAY: Happening = role("kim", "maintain")
ROWS = [
    Row(
        1,
        "nothing speaks against it there",
        (also_open(), *SIGNED),
        True,
        "the same commit is open as #2 too",
    ),
    Row(
        6,
        "the author of the other one signs",
        (also_open("mona"), *SIGNED),
        False,
        "`mona` does not count: pull request #2, which shows the same commit, is theirs",
    ),
    Row(
        6,
        "the author of the other one, which comes from a fork, signs",
        (also_open_from_a_fork, *SIGNED),
        False,
        "pull request #2, which shows the same commit, is theirs",
    ),
    Row(
        28,
        "an approver asks for changes in the other one",
        (also_open("lee"), KIM_MAY, veto("kim"), *SIGNED),
        False,
        "`kim` (permission `maintain`) asked for changes in #2 on",
    ),
    Row(
        28,
        "an approver asks for changes in the other one, and approves this one",
        (also_open("lee"), KIM_MAY, veto("kim"), *SIGNED, approve("kim")),
        False,
        "To ship it all the same: have `kim` approve #2, or the request for changes dismissed.",
    ),
    Row(
        28,
        "an approver asked for changes in the other one, and approves it by now",
        (also_open("lee"), KIM_MAY, veto("kim"), there(approve("kim")), *SIGNED),
        True,
        "Signed by `mona`",
    ),
    Row(
        28,
        "the signer asks for changes in the other one",
        (also_open(), veto("mona"), *SIGNED),
        False,
        "`mona` (named in the rubric) asked for changes in #2 on",
    ),
    Row(
        28,
        "somebody who may not sign asks for changes in the other one",
        (also_open("lee"), role("kim", "read"), veto("kim"), *SIGNED),
        True,
        "asked for changes in #2",
    ),
    Row(
        7,
        "a contributor of the other one alone signs",
        (also_open(base="release"), *SIGNED),
        False,
        " in #2",
        Setting(opens=after_mona),
    ),
    Row(
        7,
        "who force-pushed the other one signs",
        (also_open(), forced_by_mona, *SIGNED),
        False,
        "they contributed to the pull request: force-pushed the branch in #2",
    ),
    Row(
        7,
        "who force-pushed the other one signs, and `contributors: true`",
        (also_open(), forced_by_mona, *SIGNED),
        True,
        "`mona` contributed (force-pushed the branch in #2), which the rubric permits",
        Setting(signable(contributors="true")),
    ),
    Row(
        1,
        "the other one is closed",
        (also_open("mona"), veto("kim"), close, KIM_MAY, *SIGNED),
        True,
        "Signed by `mona`",
    ),
    Row(
        2,
        "label and approval are the other one's",
        (also_open(), *map(there, SIGNED)),
        False,
        "nobody has asked for one",
    ),
]


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.case)
def test_row(github_server: GithubServer, tmp_path: Path, row: Row) -> None:
    """A case counts as promised, and the comment tells why; nothing is run or judged for it."""
    row.check(opened(github_server, tmp_path, row.setting))


def test_an_override_of_one_does_not_outlive_a_veto_on_the_other(
    github_server: GithubServer, tmp_path: Path
) -> None:
    """Green by the first; the veto starts a run of the second, and neither turns it green again."""
    scene = opened(github_server, tmp_path)
    scene.happen(also_open("lee"), KIM_MAY, *SIGNED)
    assert scene.again("submitted").outputs["verdict"] == "overridden"
    scene.happen(veto("kim"))
    assert replace(scene, pull=other(scene)).again("submitted").outputs["verdict"] == "fail"
    assert scene.status[0] == "failure"
    assert scene.again().outputs["verdict"] == "fail"
    assert scene.status[0] == "failure"


def test_other_pull_requests_that_cannot_be_listed(
    github_server: GithubServer, tmp_path: Path
) -> None:
    """Nobody knows then who speaks against it: an error, although a good signature is there."""
    scene = opened(github_server, tmp_path)
    scene.happen(*SIGNED)
    scene.stage.github.fault("GET", "/pulls[?]", times=FOREVER, status=403, body={"message": "No"})
    step = scene.again("submitted")
    assert (step.exit_code, step.outputs["verdict"]) == (3, "error"), step.log
    assert scene.status[0] == "error"
    assert "Could not list the open pull requests" in scene.comment
    assert "Add `pull-requests: read` under the job's `permissions:`." in scene.comment
