from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest

from rubric_action.github.pulls import read_pull
from rubric_action.rubric.model import Approver, Approvers
from tests.github.conftest import Scene
from tests.github.signing import POLICY, Signing, begun, decision, finding, signed

pytestmark = pytest.mark.usefixtures("described")

BOTH = replace(POLICY, approvers=Approvers((Approver("Mona"), Approver("otto"))))


@pytest.fixture
def signing(scene: Scene) -> Signing:
    """A pull request by dana whose head fails."""
    return begun(scene)


def pushed_with_force(signing: Signing) -> None:
    """The branch is pushed with force onto the very commit that it was at."""
    signing.scene.repo.force_push("faster", signing.pull.head_sha, by="dana")


def pushed_by_the_signer(signing: Signing) -> None:
    """The signer pushes with force, and everything is asked for and signed again."""
    signing.scene.repo.force_push("faster", signing.pull.head_sha, by="mona")
    signing.pull.unlabel("ship-it", by="dana")
    signing.pull.label("ship-it", by="dana")
    signing.sign()


def retargeted(signing: Signing) -> None:
    """GitHub moves the pull request onto another branch."""
    signing.scene.repo.push("next", {"a": "b"})
    signing.pull.retarget("next", by="dana", automatic=True)


def set_by_an_app(signing: Signing) -> None:
    """An app sets the label for dana, and mona signs after that."""
    signing.pull.label("ship-it", by="dana", app="helper")
    signing.sign()


def dismissed(signing: Signing) -> None:
    """Somebody takes the approval back."""
    signing.pull.dismiss(signing.pull.reviews[-1], by="dana")


def renamed(signing: Signing) -> None:
    """The signer's login becomes somebody else's."""
    del signing.scene.github.world.accounts["mona"]
    signing.scene.repo.permit("mona", "admin")


def left(signing: Signing) -> None:
    """The signer loses access, in a repository that is private."""
    signing.scene.repo.private = True
    signing.scene.repo.permissions.clear()


def unpublished(signing: Signing) -> None:
    """No results were there to be read."""
    signing.published.clear()


def opposed(signing: Signing) -> None:
    """Another approver asks for changes, on an older commit."""
    signing.pull.review("CHANGES_REQUESTED", by="otto", sha=signing.pull.base_sha)


@pytest.mark.parametrize(
    "happens",
    [
        pushed_with_force,
        pushed_by_the_signer,
        retargeted,
        set_by_an_app,
        dismissed,
        renamed,
        left,
        unpublished,
        opposed,
    ],
)
def test_what_takes_a_signature_back(signing: Signing, happens: Callable[[Signing], None]) -> None:
    """Each of these is seen live, and the measured verdict stands again."""
    signed(signing)
    assert signing.state(BOTH) == "granted"
    happens(signing)
    told = signing.approvals()(decision(finding()), BOTH)
    assert told.override is not None
    assert (told.verdict, told.override.state) == ("fail", "refused")


def test_who_asks_for_changes_is_looked_up_as_well(signing: Signing) -> None:
    """Whether they may object is the same question as whether they may sign."""
    signed(signing)
    opposed(signing)
    signing.state(BOTH)
    asked = [path for path in signing.asked() if "/collaborators/" in path]
    assert asked == ["/collaborators/mona/permission", "/collaborators/otto/permission"]


def test_a_team_that_is_out_of_reach_names_the_permission(signing: Signing) -> None:
    """The job's own token cannot tell, and the refusal says what would."""
    signing.scene.github.world.team("acme/leads", {"mona": "active"})
    signed(signing)
    policy = replace(POLICY, approvers=Approvers(teams=("acme/leads",)))
    told = signing.approvals()(decision(finding()), policy)
    assert told.override is not None
    assert told.override.state == "refused"
    assert any("members: read" in one.reason for one in told.override.rejected)


def test_a_member_of_a_team_may_sign(signing: Signing) -> None:
    """With a token that may read members."""
    world = signing.scene.github.world
    world.team("acme/leads", {"mona": "active"})
    permissions = {"members": "read", "pull-requests": "read", "actions": "read"}
    token = world.token(permissions | {"statuses": "read"}, login="checker[bot]")
    signing.scene.api = signing.scene.api_for(token.value)
    signed(signing)
    policy = replace(POLICY, approvers=Approvers(teams=("acme/leads",)))
    assert signing.state(policy) == "granted"


def test_the_conversation_is_read_to_its_end(signing: Signing) -> None:
    """Behind a hundred reviews and events stands the one that counts."""
    for _ in range(101):
        signing.pull.label("other", by="dana")
        signing.pull.review("COMMENTED", by="mona")
    assert signed(signing).state() == "granted"


def test_a_commit_date_changes_nothing(signing: Signing) -> None:
    """An author may claim any; when GitHub first saw the head is what counts."""
    commit = signing.scene.repo.network.commits[signing.pull.head_sha]
    commit.date -= timedelta(days=400)
    signing.scene.repo.runs.clear()
    signed(signing)
    signing.results()
    assert signing.state() == "refused"


def test_a_pull_request_given_late_is_of_the_same_head(signing: Signing) -> None:
    """One that was read before a push is told from the head that was measured."""
    stale = read_pull(signing.scene.api, 1)
    signing.scene.repo.push("faster", {"agent.py": "newer"})
    signing.results()
    signed(signing)
    told = signing.approvals(pull=stale)(decision(finding()), POLICY)
    assert told.verdict == "fail"
