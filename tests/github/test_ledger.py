import json
from typing import Any

import pytest

from rubric_action.errors import GitHubFailed
from rubric_action.github.api import Api
from rubric_action.github.client import WAITING_BUDGET_S
from rubric_action.github.faults import BACK_OFF_S, PermissionMissing
from rubric_action.github.ledger import append, read_uses
from tests.fakes.github import FOREVER
from tests.github.conftest import Scene
from tests.github.test_audit_lines import NOON, record

pytestmark = pytest.mark.usefixtures("described")

BRANCH = "audit/rubric"
HEADER = '{"schema": "rubric-audit/1"}\n'
CONTENTS = "/contents/audit.jsonl"


@pytest.fixture
def api(scene: Scene) -> Api:
    """The API with a token that may write contents."""
    return writer(scene)


def writer(scene: Scene, budget_s: float = WAITING_BUDGET_S) -> Api:
    """The API for who may write, with so many seconds for waiting."""
    token = scene.github.world.token({"contents": "write"})
    return scene.api_for(token.value, budget_s)


def text(*records: dict[str, Any]) -> str:
    """A ledger that holds these records."""
    return HEADER + "".join(f"{json.dumps(one)}\n" for one in records)


def keep(scene: Scene, *records: dict[str, Any], before: str = "") -> None:
    """Let the branch hold these records, and nothing else."""
    content = before or text(*records)
    scene.repo.push(BRANCH, {"audit.jsonl": content}, parents=())


def kept(scene: Scene) -> str:
    """What the branch holds now."""
    commit = scene.repo.resolve(BRANCH)
    assert commit is not None
    return commit.files["audit.jsonl"].decode()


def asked(scene: Scene) -> list[str]:
    """What was asked of GitHub, in order, with the repository left out."""
    return [one.line.replace("/repos/acme/support", "") for one in scene.github.requests]


def test_the_first_record_makes_the_branch(scene: Scene, api: Api) -> None:
    """It has a history of its own, with nothing of the code in it."""
    assert append(api, BRANCH, record()) is True
    commit = scene.repo.resolve(BRANCH)
    assert commit is not None
    assert (commit.parents, list(commit.files)) == ((), ["audit.jsonl"])
    assert kept(scene) == text(record())
    assert asked(scene) == [
        f"GET {CONTENTS}",
        f"GET /git/ref/heads/{BRANCH}",
        "POST /git/trees",
        "POST /git/commits",
        "POST /git/refs",
    ]


def test_the_next_record_goes_below(scene: Scene, api: Api) -> None:
    """With one request to read and one to write; the branch goes forward."""
    keep(scene, record(7))
    before = scene.repo.branches[BRANCH]
    assert append(api, BRANCH, record(8)) is True
    assert kept(scene) == text(record(7), record(8))
    assert scene.repo.network.commits[scene.repo.branches[BRANCH]].parents == (before,)
    assert asked(scene) == [f"GET {CONTENTS}", f"PUT {CONTENTS}"]


def test_a_commit_does_not_ring_on_the_pull_request(scene: Scene, api: Api) -> None:
    """Its message names the number without the mark that GitHub links by."""
    append(api, BRANCH, record(7))
    append(api, BRANCH, record(8))
    messages = [one.message for one in list(scene.repo.network.commits.values())[-2:]]
    assert messages == [f"Record a decision about pull request {number}" for number in (7, 8)]


def test_a_branch_without_the_file_gets_one(scene: Scene, api: Api) -> None:
    """What else is on the branch stays."""
    scene.repo.push(BRANCH, {"README.md": "Our ledger"}, parents=())
    assert append(api, BRANCH, record()) is True
    commit = scene.repo.resolve(BRANCH)
    assert commit is not None
    assert commit.files["README.md"] == b"Our ledger"
    assert kept(scene) == text(record())


def test_a_decision_that_is_on_record_is_not_written_again(scene: Scene, api: Api) -> None:
    """A run that was repeated adds nothing."""
    append(api, BRANCH, record())
    tip = scene.repo.branches[BRANCH]
    assert append(api, BRANCH, record(at="2026-11-21T00:00:00Z")) is False
    assert scene.repo.branches[BRANCH] == tip


def test_lines_that_are_there_are_never_rewritten(scene: Scene, api: Api) -> None:
    """Not even broken ones, or those that another version would write otherwise."""
    strange = HEADER + '{"pull":7,   "x":"é"}\r\nwhat is this\n'
    keep(scene, before=strange)
    append(api, BRANCH, record())
    assert kept(scene) == strange + f"{json.dumps(record())}\n"


def test_a_file_of_another_kind_is_left_alone(scene: Scene, api: Api) -> None:
    """An error says so, and nothing is written."""
    keep(scene, before="# Notes\n")
    with pytest.raises(GitHubFailed, match="does not begin with"):
        append(api, BRANCH, record())
    assert kept(scene) == "# Notes\n"


def test_a_large_ledger_is_read_by_its_blob(scene: Scene, api: Api) -> None:
    """Past a mebibyte the contents API leaves the content out."""
    many = text(*(record(number, reason="x" * 1000) for number in range(1100)))
    keep(scene, before=many)
    assert append(api, BRANCH, record(5000)) is True
    assert kept(scene) == many + f"{json.dumps(record(5000))}\n"
    assert len(read_uses(api, BRANCH)) == 1101


def test_a_faster_run_is_written_below(scene: Scene, api: Api) -> None:
    """What it wrote stays, and ours is added to that."""
    keep(scene, record(1))
    scene.github.fault("PUT", CONTENTS, before=lambda: keep(scene, record(1), record(2)))
    assert append(api, BRANCH, record(3)) is True
    assert kept(scene) == text(record(1), record(2), record(3))
    assert scene.slept == [BACK_OFF_S[0]]


@pytest.mark.parametrize("status", [409, 422])
def test_a_version_that_is_outrun_is_read_again(scene: Scene, api: Api, status: int) -> None:
    """However GitHub words it, the branch may have moved while it wrote."""
    keep(scene, record(1))
    body = {"message": f"is at {'a' * 40} but expected {'b' * 40}"}
    scene.github.fault("PUT", CONTENTS, times=3, status=status, body=body)
    assert append(api, BRANCH, record(2)) is True
    assert kept(scene) == text(record(1), record(2))
    assert asked(scene) == [f"GET {CONTENTS}", f"PUT {CONTENTS}"] * 4
    assert scene.slept == list(BACK_OFF_S[:3])


def test_a_run_that_did_the_same_was_enough(scene: Scene, api: Api) -> None:
    """Two runs that decide alike at once leave one line."""
    keep(scene, record(1))
    scene.github.fault("PUT", CONTENTS, before=lambda: keep(scene, record(1), record(2)))
    assert append(api, BRANCH, record(2)) is False
    assert kept(scene) == text(record(1), record(2))


def test_others_are_waited_for_no_longer_than_told(scene: Scene, api: Api) -> None:
    """The tries are bounded, and the error says what GitHub said last."""
    keep(scene, record(1))
    body = {"message": "Repository rule violations found"}
    scene.github.fault("PUT", CONTENTS, times=FOREVER, status=409, body=body)
    with pytest.raises(GitHubFailed, match=r"ledger of overrides: GitHub answered 409 .*rule viol"):
        append(api, BRANCH, record(2))
    assert scene.slept == list(BACK_OFF_S)
    assert kept(scene) == text(record(1))


def test_others_are_waited_for_within_the_budget(scene: Scene) -> None:
    """The seconds are those that all requests share."""
    keep(scene, record(1))
    scene.github.fault("PUT", CONTENTS, times=FOREVER, status=409, body={"message": "stale"})
    with pytest.raises(GitHubFailed, match="409"):
        append(writer(scene, budget_s=2.0), BRANCH, record(2))
    assert scene.slept == [0.5, 1.0]


@pytest.mark.parametrize("reset", [True, False])
def test_a_write_that_came_through_is_not_made_twice(scene: Scene, api: Api, reset: bool) -> None:
    """After a failure that may have come too late the line is looked for, and found."""
    keep(scene, record(1))
    status = None if reset else 502
    scene.github.fault("PUT", CONTENTS, status=status, reset=reset, after_effect=True)
    assert append(api, BRANCH, record(2)) is True
    assert kept(scene) == text(record(1), record(2))


def test_a_write_that_did_not_come_through_is_made_again(scene: Scene, api: Api) -> None:
    """The look finds the old version, which is still the one to write over."""
    keep(scene, record(1))
    scene.github.fault("PUT", CONTENTS, times=2, status=502)
    assert append(api, BRANCH, record(2)) is True
    assert kept(scene) == text(record(1), record(2))


def test_an_unclear_failure_and_a_faster_run_together(scene: Scene, api: Api) -> None:
    """Ours did not come through, theirs did: both are there in the end."""
    keep(scene, record(1))
    faster = lambda: keep(scene, record(1), record(2))  # noqa: E731 (what happens meanwhile)
    scene.github.fault("PUT", CONTENTS, status=502, before=faster)
    assert append(api, BRANCH, record(3)) is True
    assert kept(scene) == text(record(1), record(2), record(3))


def test_a_branch_that_another_run_made_is_added_to(scene: Scene, api: Api) -> None:
    """Of two first records the later one goes below."""
    scene.github.fault("POST", "/git/refs", before=lambda: keep(scene, record(1)))
    assert append(api, BRANCH, record(2)) is True
    assert kept(scene) == text(record(1), record(2))


@pytest.mark.parametrize("path", ["/git/trees", "/git/commits", "/git/refs"])
@pytest.mark.parametrize("after_effect", [True, False])
def test_a_branch_is_made_once_whatever_fails(
    scene: Scene, api: Api, path: str, after_effect: bool
) -> None:
    """A failure at any step ends in one branch with one line."""
    scene.github.fault("POST", path, status=502, after_effect=after_effect)
    assert append(api, BRANCH, record()) is True
    assert kept(scene) == text(record())


def test_a_token_that_only_reads_is_told_what_to_add(scene: Scene) -> None:
    """The permission is named, after one try."""
    token = scene.github.world.token({"contents": "read"})
    with pytest.raises(PermissionMissing, match="`contents: write`"):
        append(scene.api_for(token.value), BRANCH, record())
    assert BRANCH not in scene.repo.branches
    assert scene.slept == []


@pytest.mark.parametrize("path", ["/contents/", "/git/ref/"])
def test_a_ledger_that_cannot_be_read_is_no_absence(scene: Scene, api: Api, path: str) -> None:
    """No branch is made over one that is only out of reach."""
    scene.github.fault("GET", path, times=FOREVER, status=500)
    with pytest.raises(GitHubFailed, match="read the ledger"):
        append(api, BRANCH, record())
    with pytest.raises(GitHubFailed, match="read the ledger"):
        read_uses(api, BRANCH)
    assert {request.method for request in scene.github.requests} == {"GET"}


def test_content_that_is_no_base64_is_an_error(scene: Scene, api: Api) -> None:
    """Such a reply is not an empty ledger."""
    body = {"sha": "a" * 40, "encoding": "base64", "content": "a"}
    scene.github.fault("GET", CONTENTS, status=200, body=body)
    with pytest.raises(GitHubFailed, match="Base64"):
        read_uses(api, BRANCH)


def test_a_tag_of_that_name_is_not_the_branch(scene: Scene, api: Api) -> None:
    """The branch is asked for by its whole name."""
    keep(scene, record(1))
    read_uses(api, BRANCH)
    assert scene.github.requests[0].query == {"ref": f"refs/heads/{BRANCH}"}


def test_uses_are_what_counted(scene: Scene, api: Api) -> None:
    """One request tells them all."""
    keep(scene, record(7), record(8, counts=False), record(9))
    assert [(one.pull, one.at) for one in read_uses(api, BRANCH)] == [(7, NOON), (9, NOON)]
    assert len(scene.github.requests) == 1


@pytest.mark.parametrize("made", [True, False])
def test_a_branch_that_is_yet_to_be_made_holds_no_use(scene: Scene, api: Api, made: bool) -> None:
    """Nor does one without the file."""
    if made:
        scene.repo.push(BRANCH, {"README.md": "x"}, parents=())
    assert read_uses(api, BRANCH) == ()
