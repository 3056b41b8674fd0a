"""A pull request under way that somebody is asked to sign for, as the local GitHub holds it."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from rubric_action.gate.decision import Decision, Measured
from rubric_action.gate.model import Finding, Kind, Node, Severity, Verdict
from rubric_action.gate.override.facts import Published, Use
from rubric_action.gate.override.model import State
from rubric_action.github.approvals import Approvals
from rubric_action.github.arrival import read_runs
from rubric_action.github.records import Status
from rubric_action.rubric.model import Approver, Approvers, OverridePolicy
from tests.fakes.github import Pull
from tests.github.conftest import Scene

POLICY = OverridePolicy("ship-it", Approvers((Approver("mona"),)), ("threshold",))
REASON = "override: known, fixed on Monday"


def finding(kind: Kind = "threshold", severity: Severity = "fail") -> Finding:
    """Something that fails."""
    return Finding(kind, severity, "the slice `head` is too low", slice="head", axis="tone")


def decision(*findings: Finding, verdict: Verdict = "fail") -> Decision:
    """What was measured, with these findings."""
    measured = Measured(verdict, "Not ready", "Mend it.")
    node = Node("quality", "fail", "too low", findings)
    return Decision(verdict, "Not ready", "Mend it.", measured, (node,), {}, ())


@dataclass(slots=True)
class Signing:
    """A pull request under way, and the parts that are not read from GitHub here."""

    scene: Scene
    pull: Pull
    published: list[Published] = field(default_factory=list)
    uses: list[Use] = field(default_factory=list)
    asked_for: list[Sequence[datetime]] = field(default_factory=list)
    counted: int = 0

    def results(self) -> None:
        """A run of the head fails, and stores its results."""
        self.scene.repo.run(self.pull.head_sha, event="pull_request", branch="faster")
        at = self.scene.github.world.tick()
        self.published.append(Published(at, "fail", (finding(),)))

    def sign(self, by: str = "mona", body: str = REASON) -> None:
        """Someone approves the head."""
        self.pull.review("APPROVED", by=by, body=body)

    def approvals(self, **more: Any) -> Approvals:
        """As a run about the head has them."""
        return Approvals(
            api=self.scene.api,
            number=self.pull.number,
            head=more.pop("head", self.pull.head_sha),
            published=more.pop("published", self._published),
            uses=self._uses,
            now=more.pop("now", self._now),
            runs=lambda: read_runs(self.scene.api, self.pull.head_sha),
            statuses=more.pop("statuses", self._statuses),
            **more,
        )

    def state(self, policy: OverridePolicy | None = POLICY) -> State:
        """How the request comes out."""
        told = self.approvals()(decision(finding()), policy)
        assert told.override is not None
        return told.override.state

    def asked(self) -> list[str]:
        """What GitHub was asked, without the repository and the number."""
        root = f"/repos/{self.scene.repo.full_name}"
        return [one.path.removeprefix(root) for one in self.scene.github.requests]

    def _published(self, times: Sequence[datetime]) -> tuple[Published, ...]:
        self.asked_for.append(times)
        return tuple(self.published)

    def _uses(self) -> Sequence[Use]:
        self.counted += 1
        return self.uses

    def _statuses(self) -> Iterable[Status]:
        return self.scene.api.statuses(self.pull.head_sha)

    def _now(self) -> datetime:
        return self.scene.github.world.now


def begun(scene: Scene) -> Signing:
    """A pull request by dana whose head fails; mona may write."""
    scene.repo.push("faster", {"agent.py": "new"}, author="dana")
    scene.repo.permit("mona", "write")
    made = Signing(scene, scene.repo.pull("faster"))
    made.results()
    return made


def signed(signing: Signing) -> Signing:
    """The same, asked for and signed by mona."""
    signing.pull.label("ship-it", by="dana")
    signing.sign()
    return signing
