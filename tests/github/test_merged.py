"""The audit that baselines carry forward, with the lines of what was merged since the last one."""

import json
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from rubric_action.errors import BaselineUnreadable
from rubric_action.gate.model import NoBaseline
from rubric_action.github.merged import (
    FIRST_LOOK,
    MARGIN,
    MOST_PULLS,
    Carried,
    carried_audit,
    merged_since,
    since_of,
)
from rubric_action.report.stored import Stored, open_zip
from tests.fakes.github import FOREVER, Pull, zip_of
from tests.github.conftest import Scene
from tests.github.published import NAME, Desk, summary

pytestmark = pytest.mark.usefixtures("described")

NONE = NoBaseline("no baseline yet")
LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)


def line(number: int, **fields: Any) -> dict[str, Any]:
    """A line of the audit."""
    return {"pull": number, "counts": True, **fields}


def audit(*lines: Mapping[str, Any]) -> str:
    """The file that holds these lines."""
    told = [{"schema": "rubric-audit/1"}, *lines]
    return "".join(f"{json.dumps(one)}\n" for one in told)


def merge(
    scene: Scene, *lines: Mapping[str, Any], fork: bool = False, author: str = "dana"
) -> Pull:
    """A pull request that left these lines, or no results at all, and was merged."""
    branch = f"change-{len(scene.repo.pulls)}"
    source = scene.repo.fork(f"stranger-{len(scene.repo.pulls)}") if fork else scene.repo
    source.push(branch, {"agent.py": branch})
    pull = scene.repo.pull(branch, head_repo=source, author=author)
    if lines:
        desk = Desk(scene, pull.head_sha)
        separate = fork or author.endswith("[bot]")
        run = desk.run("workflow_run" if separate else "pull_request")
        told = json.dumps(summary(run, desk.head, "overridden", {}, {}))
        members = {"summary.json": told, "audit.jsonl": audit(*lines)}
        name = f"{NAME}-{desk.head}" if separate else NAME
        desk.publish(run, "overridden", name=name, members=members)
    pull.close(merged=True)
    return pull


def baseline(
    *lines: Mapping[str, Any], began: object = None, stored_at: str | None = None
) -> Stored:
    """The last baseline, with its audit."""
    run = {} if began is None else {"created_at": began}
    told = {"schema": "rubric-results/1", "verdict": "pass", "run": run}
    stored = open_zip(zip_of({"summary.json": json.dumps(told), "audit.jsonl": audit(*lines)}))
    return replace(stored, stored_at=stored_at)


@pytest.fixture(autouse=True)
def known_time(scene: Scene) -> None:
    """A run has asked for its baseline before, and knows GitHub's time from that."""
    scene.api.home()
    scene.github.requests.clear()


def carried(scene: Scene, previous: Stored | NoBaseline = NONE) -> Carried:
    """What a baseline run would carry."""
    return carried_audit(Desk(scene, "").trust(), NAME, previous)


def test_the_last_baselines_lines_come_first(scene: Scene) -> None:
    """Then those of the pull requests since, in the order of their merges."""
    merge(scene, line(1))
    merge(scene, line(2, counts=False), line(2))
    assert carried(scene, baseline(line(90), line(91))) == Carried(
        (line(90), line(91), line(1), line(2, counts=False), line(2))
    )


def test_no_line_is_carried_twice(scene: Scene) -> None:
    """What the last baseline knew already stays where it stood."""
    merge(scene, line(1))
    merge(scene, line(2))
    known = {"counts": True, "pull": 1}
    assert carried(scene, baseline(known, line(90))).lines == (line(1), line(90), line(2))


def test_without_a_baseline_the_last_quarter_is_read(scene: Scene) -> None:
    """The audit starts with what can still be read."""
    merge(scene, line(1))
    assert carried(scene) == Carried((line(1),))
    old = merge(scene, line(2))
    old.closed_at = scene.github.world.now - FIRST_LOOK - timedelta(days=1)
    assert carried(scene) == Carried((line(1),))


def test_a_fork_left_its_lines_on_the_default_branch(scene: Scene) -> None:
    """They are looked for under the name of its head."""
    merge(scene, line(1), fork=True)
    assert carried(scene) == Carried((line(1),))


def test_dependabot_is_judged_like_a_fork(scene: Scene) -> None:
    """Its branches are our own, but its runs have no secrets."""
    merge(scene, line(1), author="dependabot[bot]")
    assert carried(scene) == Carried((line(1),))


def test_a_pull_request_without_results_has_no_lines(scene: Scene) -> None:
    """That is no trouble."""
    merge(scene)
    merge(scene, fork=True)
    assert carried(scene, baseline(line(90))) == Carried((line(90),))


def test_what_was_closed_unmerged_does_not_count(scene: Scene) -> None:
    """Nor what was merged into another branch."""
    merge(scene, line(1)).merged = False
    scene.repo.push("release")
    other = merge(scene, line(2))
    other.base_ref = "release"
    assert carried(scene) == Carried()


def test_nothing_merged_costs_one_question(scene: Scene) -> None:
    """The results are listed only if there is something to look for."""
    carried(scene, baseline(line(90)))
    assert [one.path for one in scene.github.requests] == ["/repos/acme/support/pulls"]


def test_the_results_are_listed_once(scene: Scene) -> None:
    """However many pull requests of our own branches were merged."""
    for number in range(3):
        merge(scene, line(number))
    carried(scene)
    listed = [one for one in scene.github.requests if one.path.endswith("/actions/artifacts")]
    assert len(listed) == 1


def test_forged_lines_are_not_carried(scene: Scene) -> None:
    """Results that no status of their run speaks for cost their lines, and a warning."""
    pull = merge(scene, line(1))
    scene.repo.statuses.clear()
    why = "its results are turned down, its run has set no status `rubric/gate`"
    assert carried(scene, baseline(line(90))) == Carried(
        (line(90),),
        (f"The audit lacks pull request #{pull.number}: {why}.",),
    )


def test_one_that_cannot_be_had_costs_no_other(scene: Scene) -> None:
    """A download that fails is told, and the run goes on."""
    first = merge(scene, line(1))
    merge(scene, line(2))
    number = scene.repo.artifacts[-1].id
    scene.github.fault("GET", f"/artifacts/{number}/zip", times=FOREVER, status=500)
    found = carried(scene)
    assert found.lines == (line(2),)
    (told,) = found.warnings
    assert told.startswith(f"The audit lacks pull request #{first.number}. Could not download")


def test_one_whose_lines_are_cut_costs_no_other(scene: Scene) -> None:
    """Half a record is none."""
    merge(scene, line(1))
    artifact = scene.repo.artifacts[0]
    desk = Desk(scene, artifact.run.head_sha)
    told = json.dumps(summary(artifact.run, desk.head, "overridden", {}, {}))
    desk.publish(
        artifact.run,
        "overridden",
        members={"summary.json": told, "audit.jsonl": audit(line(1)) + '{"pull"'},
    )
    merge(scene, line(2))
    found = carried(scene)
    assert found.lines == (line(2),)
    assert "audit.jsonl:3 is not JSON" in found.warnings[0]


@pytest.mark.parametrize(
    ("fault", "cause"),
    [("/pulls", "which pull requests were merged"), ("/actions/artifacts", "list the results")],
)
def test_trouble_with_all_of_them_leaves_the_old_lines(
    scene: Scene, fault: str, cause: str
) -> None:
    """A baseline without news in its audit is better than none, and says so."""
    merge(scene, line(1))
    scene.github.fault("GET", fault, times=FOREVER, status=500)
    found = carried(scene, baseline(line(90), line(90)))
    assert found.lines == (line(90),)
    (told,) = found.warnings
    assert told.startswith("Nothing new was added to the audit. Could not")
    assert cause in told


def test_a_missing_permission_is_named(scene: Scene) -> None:
    """The warning holds the line to add."""
    scene.api = scene.api_for(scene.github.world.token({"actions": "read"}).value)
    (told,) = carried(scene).warnings
    assert "`pull-requests: read`" in told


def test_a_last_baseline_that_cannot_be_read_is_an_error(scene: Scene) -> None:
    """Its audit is all that is left of what was signed for: it is not dropped in silence."""
    broken = open_zip(
        zip_of({"summary.json": '{"schema": "rubric-results/1"}', "audit.jsonl": "{"})
    )
    with pytest.raises(BaselineUnreadable):
        carried(scene, broken)


@pytest.mark.parametrize(
    ("began", "stored_at", "since"),
    [
        ("2026-11-20T10:00:00Z", "2026-11-20T10:20:00Z", datetime(2026, 11, 20, 10, tzinfo=UTC)),
        (
            "2026-11-20T11:00:00Z",
            "2026-11-20T10:20:00Z",
            datetime(2026, 11, 20, 10, 20, tzinfo=UTC),
        ),
        ("2026-11-20T10:00:00Z", None, datetime(2026, 11, 20, 10, tzinfo=UTC)),
        ("yesterday", "2026-11-20T10:20:00Z", datetime(2026, 11, 20, 10, 20, tzinfo=UTC)),
        (7, None, None),
        (None, None, None),
    ],
)
def test_since_when_merges_are_news(
    began: object, stored_at: str | None, since: datetime | None
) -> None:
    """Since the last baseline's run began, or was stored if its clock was ahead; an hour less."""
    expected = None if since is None else since - MARGIN
    assert since_of(baseline(began=began, stored_at=stored_at)) == expected


def test_no_baseline_is_since_nothing() -> None:
    """There is no time to start from."""
    assert since_of(NONE) is None


def test_only_what_came_after_is_read(scene: Scene) -> None:
    """Pages end with the first one that nobody has touched since."""
    for _ in range(150):
        merge(scene)
    now = scene.github.world.now
    scene.github.requests.clear()
    assert merged_since(scene.api, "main", now + timedelta(seconds=1)) == ()
    assert len(scene.github.requests) == 1
    found = merged_since(scene.api, "main", now - timedelta(seconds=10))
    assert [one.number for one in found] == sorted(one.number for one in found)
    assert 0 < len(found) < 20


def test_a_late_remark_is_no_merge(scene: Scene) -> None:
    """What was merged before and only touched since is not read again."""
    pull = merge(scene)
    since = scene.github.world.tick()
    pull.comment("Thank you", by="mona")
    assert merged_since(scene.api, "main", since) == ()


def test_the_search_ends(scene: Scene) -> None:
    """So many closed pull requests are looked through, and no more."""
    for _ in range(MOST_PULLS + 1):
        pull = scene.repo.pull("main")
        pull.close(merged=True)
    found = merged_since(scene.api, "main", LONG_AGO)
    assert len(found) == MOST_PULLS
    assert 1 not in [one.number for one in found]
    assert len(scene.github.requests) == MOST_PULLS // 100
