"""What a request for an override comes to, with the steps that led there."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from rubric_action.gate.model import Finding, Node
from rubric_action.gate.override import wording
from rubric_action.gate.override.coverage import Gap, not_allowed
from rubric_action.gate.override.hearing import Hearing
from rubric_action.gate.override.model import Override, Rejected, Signature
from rubric_action.gate.override.objections import Objection
from rubric_action.gate.override.reviews import Opinion, order
from rubric_action.gate.override.wording import day, moment
from rubric_action.gate.wording import counted, named
from rubric_action.rubric.model import OverridePolicy

UNOPPOSED: Final = Node("objections", "pass", "no other approver asks for changes")


@dataclass(frozen=True, slots=True)
class Matter:
    """What every outcome is told from; `findings` are those that fail."""

    findings: tuple[Finding, ...]
    policy: OverridePolicy
    heard: Hearing
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Rated:
    """An approver's approval, and what it leaves uncovered."""

    opinion: Opinion
    gaps: tuple[Gap, ...]

    @property
    def shortfall(self) -> str:
        """What it does not cover, and why; of one or more gaps."""
        told = [f"{wording.finding_name(gap.finding)}: {gap.why}" for gap in self.gaps]
        more = f", and {counted(len(told) - 1, 'more finding')}" if len(told) > 1 else ""
        return f"it does not cover {told[0]}{more}"


def unsigned(matter: Matter, *, arrival_known: bool = True) -> Override:
    """The request does not count, or there is no approval that somebody could have signed by.

    While nobody asked when the head came, the label may turn out to be older than that.
    """
    asking = matter.heard.request
    if asking.fault:
        how = wording.how_to_ask_again(matter.policy)
        return _refused(matter, f"the request does not count: {asking.fault}", how)
    why = _unsigned(matter.heard.rejected)
    step = Node("sign-off", "fail", why)
    how = wording.how_to_sign(matter.policy, sure_of_label=arrival_known)
    return _refused(matter, why, how, (step,))


def objected(matter: Matter, objections: Sequence[Objection]) -> Override:
    """Other approvers ask for changes."""
    why = wording.listed(one.sentence for one in objections)
    approve = wording.listed(one.withdrawn for one in objections)
    how = f"To ship it all the same: have {approve}, or the request for changes dismissed."
    rejected = [Rejected(one.by.login, why, one.review) for one in matter.heard.approvals]
    steps = _sign_off(matter.heard.approvals), Node("objections", "fail", why)
    return _refused(matter, why, how, steps, rejected)


def uncovered(matter: Matter, rated: Sequence[Rated]) -> Override:
    """No approval covers all that fails; the one that leaves least is told of."""
    best = min(rated, key=lambda one: len(one.gaps))
    left = tuple(gap.finding for gap in best.gaps)
    why = f"{named(best.opinion.by.login)} approved, and {best.shortfall}"
    steps = (
        _sign_off(matter.heard.approvals),
        UNOPPOSED,
        Node("findings", "fail", f"not covered: {wording.finding_names(left)}", left),
    )
    rejected = [Rejected(one.opinion.by.login, one.shortfall, one.opinion.review) for one in rated]
    return _refused(matter, why, wording.how_to_sign(matter.policy), steps, rejected, left)


def granted(
    matter: Matter, signature: Signature, rated: Sequence[Rated], quarter: Node | None
) -> Override:
    """A signature counts; `rated` are all approvals, its own among them."""
    signer, count = named(signature.by.login), counted(len(signature.covered), "finding")
    why = wording.because(signature.reason)
    steps = (
        _label(matter.heard, matter.policy),
        _sign_off((Opinion(signature.by, signature.review),)),
        UNOPPOSED,
        Node("findings", "pass", f"covers {count}, published before and no better then"),
        *([quarter] if quarter else []),
    )
    return Override(
        "granted",
        f"signed by {signer} ({signature.standing}) on {day(signature.review.at)}{why}",
        steps=steps,
        signature=signature,
        label=signature.label,
        floor=matter.heard.floor,
        rejected=_ordered((*matter.heard.rejected, *_others(rated, signature))),
        notes=matter.notes,
        warnings=tuple(f"{step.sentence}." for step in steps if step.status == "warn"),
    )


def _others(rated: Sequence[Rated], signature: Signature) -> Iterator[Rejected]:
    for one in rated:
        by, review = one.opinion.by, one.opinion.review
        if one.gaps:
            yield Rejected(by.login, one.shortfall, review)
        elif review != signature.review:
            yield Rejected(by.login, f"not needed: {named(signature.by.login)} signed", review)


def _refused(
    matter: Matter,
    why: str,
    how: str,
    steps: Sequence[Node] = (),
    rejected: Sequence[Rejected] = (),
    left: tuple[Finding, ...] = (),
) -> Override:
    fixed = not_allowed(matter.findings, matter.policy)
    if fixed and not left:
        why = f"the rubric lets nobody sign for {wording.finding_names(fixed)}"
    asking = matter.heard.request
    return Override(
        "refused",
        f"{_asked_for(matter.heard, matter.policy)}, not signed: {why}",
        wording.nobody_may(fixed) if fixed else how,
        steps=(_label(matter.heard, matter.policy), *steps),
        label=asking.event,
        floor=matter.heard.floor,
        rejected=_ordered((*matter.heard.rejected, *rejected)),
        left=left or fixed,
        notes=matter.notes,
    )


def _unsigned(rejected: Sequence[Rejected]) -> str:
    if not rejected:
        return "needs sign-off, and nobody has approved it"
    last = _ordered(rejected)[-1]
    told = f"needs sign-off; {named(last.who)} does not count: {last.reason}"
    more = len(rejected) - 1
    return f"{told}; nor {'does' if more == 1 else 'do'} {counted(more, 'other')}" if more else told


def _asked_for(heard: Hearing, policy: OverridePolicy) -> str:
    event = heard.request.event
    if event is None or event.actor is None:
        return f"asked for by the label {named(policy.label)}"
    return f"asked for by {named(event.actor.login)} on {day(event.at)}"


def _label(heard: Hearing, policy: OverridePolicy) -> Node:
    event, fault = heard.request.event, heard.request.fault
    when = f" ({moment(event.at)})" if event else ""
    told = f"{_asked_for(heard, policy)}{when}"
    if fault:
        return Node("label", "fail", f"{told}, which does not count: {fault}")
    return Node("label", "pass", told)


def _sign_off(approvals: Iterable[Opinion]) -> Node:
    who = (f"{named(one.by.login)} at {moment(one.review.at)}" for one in approvals)
    return Node("sign-off", "pass", f"approved by {wording.listed(who)}")


def _ordered(rejected: Sequence[Rejected]) -> tuple[Rejected, ...]:
    """Those without a review first, then by review, oldest first."""
    asking = [one for one in rejected if one.review is None]
    reviews = [(order(one.review), one) for one in rejected if one.review is not None]
    return (*asking, *(one for _, one in sorted(reviews, key=lambda pair: pair[0])))
