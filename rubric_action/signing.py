"""A pull request's signatures: asked for when a decision is made, and kept for good."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from rubric_action.errors import GitHubFailed
from rubric_action.gate.decision import Decision
from rubric_action.gate.evidence import BarNotCompared
from rubric_action.gate.model import NoBaseline
from rubric_action.gate.override.facts import Use
from rubric_action.github.api import Api
from rubric_action.github.approvals import Approvals
from rubric_action.github.fields import pick_or_none, time_or_none
from rubric_action.github.ledger import append, read_uses
from rubric_action.github.results import PublishedResults
from rubric_action.report.audit import Grounds, audit_lines
from rubric_action.report.model import Report
from rubric_action.report.stored import Stored
from rubric_action.rubric.model import OverridePolicy, Rubric
from rubric_action.subject import Subject

KEPT: Final = "The record of this decision is in `audit.jsonl` of the results."


@dataclass(slots=True)
class Signatures:
    """The pipeline's `Signing`, for one head of one pull request.

    `base` is the commit of the policy and `base_digest` the digest of its rubric; `earlier` are the
    records of former decisions about this head, as far as trusted results hold them.
    """

    approvals: Approvals
    base: str
    base_digest: str | None = None
    earlier: tuple[Mapping[str, Any], ...] = ()
    _own: tuple[Mapping[str, Any], ...] = field(default=(), init=False)
    _ledger: str | None = field(default=None, init=False)

    def sign(self, decision: Decision, policy: OverridePolicy | None) -> Decision:
        """What the signatures make of a decision, read live."""
        self._ledger = policy.ledger if policy else None
        return self.approvals(decision, policy)

    def lines(self, report: Report) -> Iterable[Mapping[str, Any]]:
        """The records of this head, this decision's last."""
        asked = self.approvals.asked
        grounds = Grounds(
            at=self.approvals.now(),
            pull=self.approvals.number,
            head=self.approvals.head,
            base=asked.base if asked else self.base,
            base_digest=self.base_digest,
            backing=self.approvals.backing,
        )
        self._own = tuple(audit_lines(report, grounds))
        return (*self.earlier, *self._own)

    def enter(self) -> Iterator[str]:
        """Put this decision into the ledger, if the policy names one; yields what went wrong."""
        for line in self._own if self._ledger else ():
            try:
                append(self.approvals.api, self._ledger or "", line)
            except GitHubFailed as error:
                yield f"{error} {KEPT}"


@dataclass(frozen=True, slots=True)
class CarriedAudit:
    """The `Signing` of a baseline: nobody signs it, and it carries the records of others."""

    carried: tuple[Mapping[str, Any], ...]

    def sign(self, decision: Decision, _policy: OverridePolicy | None) -> Decision:
        """The decision as it is."""
        return decision

    def lines(self, _report: Report) -> Iterable[Mapping[str, Any]]:
        """What it carries."""
        return self.carried


def signatures(
    api: Api,
    subject: Subject,
    base: Rubric | BarNotCompared,
    found: PublishedResults,
    uses: Callable[[], Sequence[Use]],
    stored: Stored | None = None,
) -> Signatures:
    """What asks for the signatures of a subject's pull request.

    `found` are the results of its head. `uses` are the overrides that the baseline tells of, asked
    only where there is no ledger; `stored` are the results that are decided on again, with their
    records.
    """
    policy = base.override if isinstance(base, Rubric) else None
    ledger = policy.ledger if policy else None
    approvals = Approvals(
        api=api,
        number=subject.number or 0,
        head=subject.head,
        published=found.before,
        uses=(lambda: read_uses(api, ledger)) if ledger else uses,
        now=api.client.now,
        runs=lambda: found.runs,
        statuses=lambda: found.statuses,
        pull=subject.pull,
    )
    digest = base.digest if isinstance(base, Rubric) else None
    earlier = tuple(stored.audit()) if stored else ()
    return Signatures(approvals, getattr(subject.event, "base_sha", ""), digest, earlier)


def uses_of(baseline: Stored | NoBaseline) -> tuple[Use, ...]:
    """The overrides that counted, by the audit that a baseline carries."""
    if isinstance(baseline, NoBaseline):
        return ()
    return tuple(use for line in baseline.audit() if (use := _use(line)) is not None)


def _use(line: Mapping[str, Any]) -> Use | None:
    """A record that counted; None for one that did not, or tells nothing."""
    pull, at = pick_or_none(line, "pull", int), time_or_none(pick_or_none(line, "at", str))
    if line.get("counts") is not True or pull is None or at is None:
        return None
    return Use(pull, at)
