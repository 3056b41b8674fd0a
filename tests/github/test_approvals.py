from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

import pytest

from rubric_action.errors import BaselineUnreadable, CannotDecide
from rubric_action.gate.decision import Decision
from rubric_action.gate.override.facts import Use
from rubric_action.gate.override.model import State
from rubric_action.github.pulls import read_pull
from rubric_action.github.records import Status
from rubric_action.rubric.model import OverridePolicy
from tests.fakes.github import FOREVER
from tests.github.conftest import Scene
from tests.github.signing import POLICY, REASON, Signing, begun, decision, finding, signed

pytestmark = pytest.mark.usefixtures("described")


@pytest.fixture
def signing(scene: Scene) -> Signing:
    """A pull request by dana whose head fails."""
    return begun(scene)


@pytest.mark.parametrize(
    ("measured", "policy", "state"),
    [
        (decision(finding()), None, "none"),
        (decision(finding(severity="error"), verdict="error"), POLICY, "impossible"),
        (decision(verdict="pass"), POLICY, "unneeded"),
        (decision(finding(severity="warn"), verdict="pass"), POLICY, "unneeded"),
    ],
)
def test_nothing_is_asked_where_nothing_can_change(
    signing: Signing, measured: Decision, policy: OverridePolicy | None, state: State
) -> None:
    """No policy, an error or a pass: not one request, whoever has signed."""
    told = signed(signing).approvals()(measured, policy)
    assert told.override is not None
    assert (told.verdict, told.override.state) == (measured.verdict, state)
    assert signing.asked() == []


@pytest.mark.parametrize("label", [None, "ship-it-later"])
def test_without_the_label_only_the_pull_request_is_read(
    signing: Signing, label: str | None
) -> None:
    """One request tells that nobody asks."""
    if label:
        signing.pull.label(label, by="dana")
    signing.sign()
    assert signing.state() == "open"
    assert signing.asked() == ["/pulls/1"]


@pytest.mark.parametrize("review", [None, "COMMENTED", "CHANGES_REQUESTED", "by dana"])
def test_without_a_signature_only_the_conversation_is_read(
    signing: Signing, review: str | None
) -> None:
    """Three requests tell that nobody signed who could."""
    signing.pull.label("ship-it", by="lisa")
    if review == "by dana":
        signing.sign(by="dana")
    elif review:
        signing.pull.review(review, by="mona", body=REASON)
    assert signing.state() == "refused"
    assert signing.asked() == ["/pulls/1", "/issues/1/events", "/pulls/1/reviews"]
    assert (signing.asked_for, signing.counted) == ([], 0)


def test_a_signature_is_looked_into(signing: Signing) -> None:
    """Five requests more tell where else the head is open, who signed, who wrote it and when."""
    assert signed(signing).state() == "granted"
    head = signing.pull.head_sha
    assert signing.asked() == [
        "/pulls/1",
        "/issues/1/events",
        "/pulls/1/reviews",
        "/pulls",
        "/collaborators/mona/permission",
        "/pulls/1/commits",
        "/actions/runs",
        f"/commits/{head}/statuses",
    ]
    assert [list(times) for times in signing.asked_for] == [[signing.pull.reviews[0].submitted_at]]


def test_what_was_learned_is_kept_for_the_audit(signing: Signing) -> None:
    """The pull request, the conversation and what stands behind it."""
    approvals = signed(signing).approvals()
    told = approvals(decision(finding()), POLICY)
    assert told.verdict == "overridden"
    assert approvals.pull == read_pull(signing.scene.api, 1)
    assert approvals.asked is not None
    assert [one.label for one in approvals.asked.events] == ["ship-it"]
    assert approvals.backing is not None
    assert [one.role for one in approvals.backing.standings.values()] == ["write"]
    assert [one.how for one in approvals.backing.contributions] == [
        f"authored {signing.pull.head_sha[:7]}"
    ]


def test_what_was_read_is_not_read_again(signing: Signing) -> None:
    """A caller hands on the pull request and the statuses that it has."""
    signed(signing)
    pull = read_pull(signing.scene.api, 1)
    early = Status("ci", "success", "", "", created_at=signing.pull.created_at)
    approvals = signing.approvals(pull=pull, statuses=lambda: [early])
    assert approvals(decision(finding()), POLICY).verdict == "overridden"
    assert approvals.backing is not None
    assert approvals.backing.arrived is not None
    assert approvals.backing.arrived.at == signing.pull.created_at
    asked = signing.asked()[1:]
    assert "/pulls/1" not in asked
    assert not any("/statuses" in path for path in asked)


def test_uses_are_counted_only_where_they_are_limited(signing: Signing) -> None:
    """A quarter that was used up is a warning, and the signature still counts."""
    signed(signing)
    signing.uses = [Use(99, signing.scene.github.world.now)]
    assert signing.state() == "granted"
    assert signing.counted == 0
    told = signing.approvals()(decision(finding()), replace(POLICY, max_per_quarter=1))
    assert told.override is not None
    assert (told.override.state, signing.counted) == ("granted", 1)
    assert told.override.warnings


def test_a_head_that_moved_on_is_not_weighed(signing: Signing) -> None:
    """Its signatures belong to the new head; the verdict about the old one stays."""
    old = signing.pull.head_sha
    signed(signing)
    signing.scene.repo.push("faster", {"agent.py": "newer"})
    told = signing.approvals(head=old)(decision(finding()), POLICY)
    assert told.override is not None
    assert (told.verdict, told.override.state, told.override.asked) == ("fail", "open", False)
    assert signing.pull.head_sha[:7] in told.override.sentence
    assert signing.asked() == ["/pulls/1"]


@pytest.mark.parametrize(
    "path",
    [
        "/pulls/1$",
        "/issues/1/events",
        "/issues/1/events.*page=2",
        "/pulls/1/reviews",
        "/pulls/1/reviews.*page=2",
        "/pulls[?]",
        "/collaborators/",
        "/pulls/1/commits",
        "/actions/runs",
        "/statuses",
    ],
)
def test_what_cannot_be_read_is_an_error(signing: Signing, path: str) -> None:
    """Not granted, not refused: the verdict is an error that says what was being read."""
    for _ in range(101):
        signing.pull.label("other", by="dana")
        signing.pull.review("COMMENTED", by="lisa")
    signed(signing)
    signing.scene.github.fault("GET", path, times=FOREVER, status=500)
    told = signing.approvals()(decision(finding()), POLICY)
    assert told.override is not None
    assert (told.verdict, told.override.state) == ("error", "unknown")
    assert told.measured.verdict == "fail"
    assert "GitHub answered 500" in told.override.sentence
    assert not any(one.overridden for one in told.findings)


def failing(error: CannotDecide) -> Callable[..., Any]:
    """Something that cannot be had."""

    def fail(*_: object) -> Any:
        raise error

    return fail


@pytest.mark.parametrize("part", ["published", "now"])
def test_results_that_cannot_be_read_are_an_error(signing: Signing, part: str) -> None:
    """However they are gathered, and with what to do about it."""
    parts: Mapping[str, Any] = {part: failing(BaselineUnreadable("The zip is torn.", "Run it."))}
    told = signed(signing).approvals(**parts)(decision(finding()), POLICY)
    assert (told.verdict, told.next_step) == ("error", "Run it.")
    assert told.override is not None
    assert "The zip is torn" in told.override.sentence
