"""What counts as an override and what does not, as the table that people are promised."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests.action.overriding import (
    LABEL,
    MEASURED,
    SIGNED,
    WEAK,
    WHY,
    Row,
    Scene,
    Setting,
    approve,
    dismiss,
    first_commit,
    label,
    opened,
    retarget,
    review,
    rewrite_and_return,
    role,
    signable,
    unlabel,
)
from tests.action.stage import Stage, outputs
from tests.fakes.github import GithubServer, Pull

LONG_AGO = datetime(2001, 1, 1, tzinfo=UTC)
ROCKET = signable(label="ship it 🚀")


def two_commits(stage: Stage) -> Pull:
    """An older commit below the head."""
    stage.push({"note.txt": "x"}, "change")
    return stage.change(WEAK)


def dated_back(stage: Stage) -> Pull:
    """Commits that claim to be old."""
    pull = stage.change(WEAK)
    for commit in pull.commits:
        commit.date = LONG_AGO
    return pull


def before_the_run(scene: Scene) -> None:
    """Label and approval came before GitHub saw the head, and after the commit's own date."""
    early = datetime(2002, 1, 1, tzinfo=UTC)
    scene.pull.label(LABEL, by="dana", at=early)
    scene.pull.review("APPROVED", by="mona", body=WHY, at=early.replace(year=2003))


def lowers_the_bar(stage: Stage) -> Pull:
    """The change asks for less than it fails."""
    (base,) = {stage.repo.network.commits[stage.repo.branches["main"]].files["eval/rubric.yaml"]}
    lower = base.decode().replace("min_pass_rate: 0.9", "min_pass_rate: 0.7")
    return stage.change({**WEAK, "eval/rubric.yaml": lower})


def hard_case(stage: Stage) -> Pull:
    """The case with high stakes fails; head passes all the same if it asks for less."""
    return stage.change({"eval/outputs.jsonl": outputs(refund="No idea.")})


ROWS = [
    Row(
        1,
        "label, then an approver's APPROVED review with a reason, both at head after the floor",
        SIGNED,
        True,
        "Signed by `mona` (named in the rubric)",
    ),
    Row(2, "label without review", (label(),), False, "needs sign-off", action="labeled"),
    Row(3, "approving review without label", (approve(),), False, "nobody has asked for one"),
    Row(
        4,
        "approver's ordinary approval, label added later by the author",
        (approve(body="Fine."), label()),
        False,
        "the approval did not come after the request",
        action="labeled",
    ),
    Row(
        5,
        "approver sets the label and approves",
        (label("mona"), approve()),
        True,
        "Signed by `mona`",
    ),
    Row(
        5,
        "approver approves and sets the label",
        (approve(), label("mona")),
        True,
        "Signed by `mona`",
    ),
    Row(
        1,
        "a reason that only stands in a hidden comment",
        (label(), approve(body=f"LGTM\n<!--\n{WHY}\n-->")),
        False,
        "`mona` does not count: the review has no line `override: <why>`",
    ),
    Row(
        1,
        "a reason that is the placeholder of the comment",
        (label(), approve(body="override: <why>")),
        False,
        "`mona` does not count: the review has no line `override: <why>`",
    ),
    Row(
        20,
        "review's commit is not the head",
        (label(), approve(of=first_commit)),
        False,
        "stale, since the review is of",
        Setting(opens=two_commits),
    ),
    Row(
        21,
        "review's commit is the head, but it was submitted before a force-push",
        (*SIGNED, rewrite_and_return, unlabel(), label()),
        False,
        "stale, since it did not come after the last force-push",
        action="labeled",
    ),
    Row(
        22,
        "commit dates moved back, and a signature after the floor",
        SIGNED,
        True,
        "Signed by `mona`",
        Setting(opens=dated_back),
    ),
    Row(
        22,
        "commit dates moved back, and a signature after them and before the floor",
        (before_the_run,),
        False,
        "stale, since it did not come after the first workflow run of the head commit",
        Setting(opens=dated_back),
    ),
    Row(24, "review dismissed", (*SIGNED, dismiss()), False, "the review was dismissed"),
    Row(
        25,
        "review dismissed, an older approval of the same person remains",
        (label(), approve(), approve(), dismiss()),
        False,
        "the review was dismissed",
    ),
    Row(
        26,
        "APPROVED, then CHANGES_REQUESTED by the same person",
        (*SIGNED, review("CHANGES_REQUESTED")),
        False,
        "they asked for changes afterwards",
    ),
    Row(
        27,
        "APPROVED, then COMMENTED by the same person",
        (*SIGNED, review("COMMENTED", body="Well.")),
        True,
        "Signed by `mona`",
    ),
    Row(
        28,
        "another approver's latest decisive review is CHANGES_REQUESTED, on any commit",
        (role("kim", "admin"), review("CHANGES_REQUESTED", "kim", of=first_commit), *SIGNED),
        False,
        "`kim` (permission `admin`) asked for changes on",
        Setting(opens=two_commits),
    ),
    Row(
        30,
        "label removed and added again by a person, review older",
        (*SIGNED, unlabel(), label()),
        False,
        "the approval did not come after the request",
        action="labeled",
    ),
    Row(
        31,
        "label set by a workflow",
        (label("github-actions[bot]"), approve()),
        False,
        "`github-actions[bot]` set it, which is a bot or an app",
    ),
    Row(
        31,
        "label set by a bot",
        (label("helper[bot]"), approve()),
        False,
        "`helper[bot]` set it, which is a bot or an app",
    ),
    Row(
        31,
        "label set by an app in somebody's name",
        (label("mona", app="helper"), approve()),
        False,
        "the app `helper` set it for `mona`",
    ),
    Row(
        33,
        "the PR changes the rubric's bar",
        SIGNED,
        False,
        "the rubric lets nobody sign for `bar-lowered`",
        Setting(opens=lowers_the_bar),
    ),
    Row(
        33,
        "the PR changes the rubric's bar, with `bar-lowered` in the base's `allow`",
        SIGNED,
        True,
        "Signed by `mona`",
        Setting(signable(allow="[bar-lowered]"), lowers_the_bar),
    ),
    Row(
        35,
        "two findings, one allowed (`threshold`) and one (`hard-gate`) not",
        SIGNED,
        False,
        "`hard-gate` (`refund` of `high-stakes`)",
        Setting(opens=hard_case),
    ),
    Row(
        34,
        "a failing kind is not in `allow` (say `hard-gate`)",
        SIGNED,
        False,
        "Nobody may override `hard-gate`",
        Setting(signable().replace("min_pass_rate: 0.9", "min_pass_rate: 0.7"), hard_case),
    ),
    Row(
        37,
        "PR retargeted to another base after approval",
        (*SIGNED, retarget),
        False,
        "stale, since it did not come after the last change of the base branch",
        action="labeled",
    ),
    Row(
        43,
        "label name differs in case",
        (label(name=LABEL.upper()), approve()),
        True,
        "Signed by `mona`",
    ),
    Row(
        43,
        "label name has an emoji",
        (label(name="Ship It 🚀"), approve()),
        True,
        "Signed by `mona`",
        Setting(ROCKET),
    ),
    Row(
        43,
        "label name is only a part of the label's",
        (label(name="rubric-over"), approve()),
        False,
        "nobody has asked for one",
    ),
    Row(
        43,
        "label's name is only a part of the name",
        (label(name=f"{LABEL}-now"), approve()),
        False,
        "nobody has asked for one",
    ),
    Row(
        44,
        "the rubric has no `override` section",
        SIGNED,
        False,
        "the rubric has no `override` section",
        Setting(MEASURED),
    ),
]


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.case)
def test_row(github_server: GithubServer, tmp_path: Path, row: Row) -> None:
    """A case counts as promised, and the comment tells why; nothing is run or judged for it."""
    row.check(opened(github_server, tmp_path, row.setting))
