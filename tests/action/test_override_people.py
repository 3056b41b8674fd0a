"""Who may sign for a failure and who may not, as the table that people are promised."""

from pathlib import Path

import pytest

from tests.action.overriding import (
    READS_TEAMS,
    SIGNED,
    WEAK,
    Row,
    Setting,
    account,
    approve,
    label,
    opened,
    role,
    signable,
    team,
)
from tests.action.stage import Stage
from tests.fakes.github import GithubServer, Pull

BY_LEVEL = signable(approvers="{permission: write}")
BY_TEAM = signable(approvers="{teams: [acme/leads]}")
TEAM_OR_NAME = signable(approvers="{users: [mona], teams: [acme/leads]}")
CONTRIBUTORS = signable(contributors="true")
PINNED = signable(approvers="{users: [{login: mona, id: 4711}]}")


def by_mona(stage: Stage) -> Pull:
    """Mona wrote a commit."""
    stage.repo.push("change", {"note.txt": "x"}, author="mona")
    return stage.change(WEAK)


def through_mona(stage: Stage) -> Pull:
    """Mona committed what somebody else wrote."""
    stage.repo.push("change", {"note.txt": "x"}, author="kim", committer="mona")
    return stage.change(WEAK)


def with_mona(stage: Stage) -> Pull:
    """Mona is named in a trailer."""
    message = "Change\n\nCo-authored-by: Mona <1+mona@users.noreply.github.com>"
    stage.repo.push("change", {"note.txt": "x"}, message=message)
    return stage.change(WEAK)


def forced_by_mona(stage: Stage) -> Pull:
    """Mona forced the branch to what it holds."""
    pull = stage.change({"note.txt": "x"})
    stage.repo.force_push("change", stage.push(WEAK, "elsewhere"), by="mona")
    return pull


def nameless(stage: Stage) -> Pull:
    """A commit whose author has no account."""
    stage.repo.push("change", {"note.txt": "x"}, author=None)
    return stage.change(WEAK)


def adds_approvers(stage: Stage) -> Pull:
    """The change makes its author and a friend approvers."""
    rubric = signable(approvers="{users: [mona, dana, eve], permission: write}")
    return stage.change({**WEAK, "eval/rubric.yaml": rubric})


ROWS = [
    Row(
        6,
        "reviewer is the PR's author",
        (role("dana", "admin"), label(), approve("dana")),
        False,
        "the pull request is theirs",
    ),
    Row(
        7,
        "reviewer authored a commit of the PR",
        SIGNED,
        False,
        "they contributed to the pull request: authored",
        Setting(opens=by_mona),
    ),
    Row(
        7,
        "reviewer committed a commit of the PR",
        SIGNED,
        False,
        "they contributed to the pull request: committed",
        Setting(opens=through_mona),
    ),
    Row(
        7,
        "reviewer co-authored (trailer) a commit of the PR",
        SIGNED,
        False,
        "they contributed to the pull request: co-authored",
        Setting(opens=with_mona),
    ),
    Row(
        7,
        "reviewer made a force-push event",
        SIGNED,
        False,
        "they contributed to the pull request: force-pushed the branch",
        Setting(opens=forced_by_mona),
    ),
    Row(
        7,
        "reviewer authored a commit, and `contributors: true`",
        SIGNED,
        True,
        "which the rubric permits",
        Setting(CONTRIBUTORS, by_mona),
    ),
    Row(
        8,
        "a commit's author maps to no account",
        SIGNED,
        True,
        "with an author who has no account, which rules nobody out",
        Setting(opens=nameless),
    ),
    Row(
        9,
        "reviewer's current permission is below what `approvers.permission` asks",
        (role("kim", "write"), label(), approve("kim")),
        False,
        "their permission is `write`, and it takes `maintain`",
    ),
    Row(
        9,
        "reviewer's current permission is what `approvers.permission` asks",
        (role("kim", "maintain"), label(), approve("kim")),
        True,
        "Signed by `kim` (permission `maintain`)",
        by="kim",
    ),
    Row(
        10,
        "reviewer, named, has no access to the repository any more",
        (label(), approve(), role("mona", "none")),
        False,
        "they have no access to the repository",
    ),
    Row(
        10,
        "reviewer, not named, has no access to the repository any more",
        (role("kim", "none"), label(), approve("kim")),
        False,
        "they have no access to the repository",
    ),
    Row(
        11,
        "the payload's `author_association` says MEMBER",
        (role("kim", "read"), label(), approve("kim")),
        False,
        "their permission is `read`, and it takes `maintain`",
        payload={"review": {"author_association": "MEMBER"}},
    ),
    Row(
        12,
        "approver by team, membership active",
        (role("kim", "read"), team({"kim": "active"}), label(), approve("kim")),
        True,
        "Signed by `kim` (member of `acme/leads`)",
        Setting(BY_TEAM),
        READS_TEAMS,
        by="kim",
    ),
    Row(
        13,
        "team membership pending",
        (role("kim", "read"), team({"kim": "pending"}), label(), approve("kim")),
        False,
        "their membership in `acme/leads` is pending",
        Setting(BY_TEAM),
        READS_TEAMS,
    ),
    Row(
        14,
        "team cannot be read with this token (403)",
        (role("kim", "read"), team({"kim": "active"}), label(), approve("kim")),
        False,
        "cannot determine whether they are in `acme/leads`: the token lacks the organization's "
        "permission `members: read`",
        Setting(BY_TEAM),
    ),
    Row(
        14,
        "team cannot be read with this token (404)",
        (role("kim", "read"), team({"kim": "active"}, secret=True), label(), approve("kim")),
        False,
        "cannot determine whether they are in `acme/leads`: the token lacks the organization's "
        "permission `members: read`",
        Setting(BY_TEAM),
        READS_TEAMS,
    ),
    Row(
        15,
        "team unreadable, but the person is also named",
        (team({"mona": "active"}, secret=True), *SIGNED),
        True,
        "Signed by `mona` (named in the rubric)",
        Setting(TEAM_OR_NAME),
    ),
    Row(
        16,
        "login differs only in case",
        SIGNED,
        True,
        "Signed by `mona` (named in the rubric)",
        Setting(signable(approvers="{users: [MoNa]}")),
    ),
    Row(
        17,
        "`{login, id}` pinned and the id differs",
        SIGNED,
        False,
        "the rubric means another account of that name, 4711",
        Setting(PINNED),
    ),
    Row(
        17,
        "`{login, id}` pinned and the id is the same",
        (account("lee", 4712), role("lee", "read"), label(), approve("lee")),
        True,
        "Signed by `lee` (named in the rubric)",
        Setting(signable(approvers="{users: [{login: lee, id: 4712}]}")),
        by="lee",
    ),
    Row(
        18,
        "review by a bot or an app",
        (role("helper[bot]", "admin"), label(), approve("helper[bot]")),
        False,
        "a bot or an app signs for nobody",
        Setting(BY_LEVEL),
    ),
    Row(
        18,
        "review by `github-actions[bot]`",
        (role("github-actions[bot]", "admin"), label(), approve("github-actions[bot]")),
        False,
        "a bot or an app signs for nobody",
        Setting(BY_LEVEL),
    ),
    Row(
        19,
        "review of a deleted account",
        (label(), approve(None)),
        False,
        "the account is gone",
    ),
    Row(
        32,
        "the PR's own rubric adds its author as approver",
        (role("dana", "write"), label(), approve("dana")),
        False,
        "the pull request is theirs",
        Setting(opens=adds_approvers),
    ),
    Row(
        32,
        "the PR's own rubric adds its author's friend as approver",
        (role("eve", "write"), label(), approve("eve")),
        False,
        "the rubric does not name them",
        Setting(opens=adds_approvers),
    ),
]


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.case)
def test_signer(github_server: GithubServer, tmp_path: Path, row: Row) -> None:
    """A case counts as promised, and the comment tells why; nothing is run or judged for it."""
    row.check(opened(github_server, tmp_path, row.setting))
