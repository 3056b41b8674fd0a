"""Whether somebody signed for what fails: the whole rule, over what GitHub knows.

It counts when a person set the label after the floor, an approver approved the head commit after
that (or set the label), said why where that is asked for, could read every failing finding by
then, and no other approver asks for changes. Other open pull requests with the same head share its
status: their authors, contributors and objections are weighed as well. Whoever does not count stays
visible with the reason.
"""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import datetime

from rubric_action.gate.model import Finding, Node, Verdict
from rubric_action.gate.override import quarter, wording
from rubric_action.gate.override.coverage import failing, gaps, not_allowed
from rubric_action.gate.override.facts import Asked, Backing, Person, Sibling, Use
from rubric_action.gate.override.hearing import Hearing, hear
from rubric_action.gate.override.model import Override, Rejected, Signature
from rubric_action.gate.override.objections import Objection, weighed
from rubric_action.gate.override.outcomes import (
    Matter,
    Rated,
    granted,
    objected,
    uncovered,
    unsigned,
)
from rubric_action.gate.override.people import approval, contribution
from rubric_action.gate.override.request import label_is_on
from rubric_action.gate.override.reviews import objections, reason_of
from rubric_action.gate.override.wording import commit, listed
from rubric_action.gate.wording import counted, named
from rubric_action.rubric.model import OverridePolicy


def beforehand(
    verdict: Verdict, findings: Sequence[Finding], policy: OverridePolicy | None
) -> Override | None:
    """What is sure without asking GitHub; None where it has to be asked. `verdict` is measured."""
    error = wording.NO_ERROR if verdict == "error" else ""
    if policy is None:
        told = "the rubric has no `override` section, so nobody can sign for what fails"
        return Override("none", told, error)
    if verdict == "error":
        return Override("impossible", "an error can't be overridden", error)
    if not failing(findings):
        return Override("unneeded", "nothing fails, so none is needed")
    return None


def unasked(findings: Sequence[Finding], policy: OverridePolicy) -> Override:
    """The label is not on the pull request: whether somebody may sign for what fails, and how."""
    fixed = not_allowed(findings, policy)
    if fixed:
        told = (
            f"not possible here: the rubric allows it for {wording.allowed(policy)}, "
            f"not for {wording.finding_names(fixed)}"
        )
        return Override("impossible", told, wording.nobody_may(fixed), left=fixed)
    return Override("open", "nobody has asked for one", wording.how_to_ask(policy))


def people_to_look_up(
    policy: OverridePolicy, asked: Asked, siblings: Sequence[Sibling] = ()
) -> tuple[Person, ...]:
    """Whose standing decides; nobody where no signature could count whoever they are.

    Only where somebody could sign do siblings matter, and so who asks for changes in one.
    """
    approvals = hear(policy, asked).approvals if label_is_on(policy, asked) else ()
    if not approvals:
        return ()
    people = (one.by for one in (*approvals, *objections(asked, siblings)))
    return tuple({one.id: one for one in people}.values())


def times_to_cover(policy: OverridePolicy, asked: Asked) -> tuple[datetime, ...]:
    """When the approvals were given that may count: what was published before each decides."""
    return tuple(one.review.at for one in hear(policy, asked).approvals)


def weigh(
    findings: Sequence[Finding],
    policy: OverridePolicy,
    asked: Asked,
    backing: Backing | None,
    uses: Sequence[Use],
    now: datetime,
) -> Override:
    """Whether a signature counts; `now` is GitHub's time.

    `backing` may be None if `people_to_look_up` is empty; raises ValueError where it is not. One
    that holds no more than `arrived` tells a request that a push made stale all the same.
    """
    errors = any(finding.severity == "error" for finding in findings)
    settled = beforehand("error" if errors else "fail", findings, policy)
    if settled is not None:
        return settled
    if not label_is_on(policy, asked):
        return unasked(findings, policy)
    failed, heard = failing(findings), hear(policy, asked, backing)
    if backing is None:
        if heard.approvals:
            raise ValueError("an approval may count, and nobody looked up whose it is")
        return unsigned(Matter(failed, policy, heard), arrival_known=False)
    against = weighed(objections(asked, backing.siblings), policy, backing)
    heard = _by_standing(heard, policy, backing)
    notes = (*_nameless(backing), *_siblings(backing))
    if not heard.approvals:
        return unsigned(Matter(failed, policy, heard, notes))
    matter = Matter(failed, policy, heard, (*notes, *_unheeded(against)))
    stops = [one for one in against if one.stops]
    if stops:
        return objected(matter, stops)
    return _signed(matter, asked, backing, quarter.step(policy, uses, asked.number, now))


def _by_standing(heard: Hearing, policy: OverridePolicy, backing: Backing) -> Hearing:
    """Leave only the approvals of approvers."""
    rejected = []
    for one in heard.approvals:
        who = approval(one.by, backing.standings.get(one.by.id), policy)
        if not who.may:
            rejected.append(Rejected(one.by.login, who.why, one.review))
    return heard.without(*rejected)


def _signed(matter: Matter, asked: Asked, backing: Backing, quarter_step: Node | None) -> Override:
    """The first approval that covers all that fails is the signature."""
    policy = matter.policy
    rated = [
        Rated(one, gaps(matter.findings, policy, backing.published, one.review.at))
        for one in matter.heard.approvals
    ]
    signer = next((one.opinion for one in rated if not one.gaps), None)
    label = matter.heard.request.event
    if signer is None or label is None:
        return uncovered(matter, rated)
    standing = approval(signer.by, backing.standings.get(signer.by.id), policy).why
    signature = Signature(
        signer.by, signer.review, label, standing, reason_of(signer.review.body), matter.findings
    )
    done = contribution(signer.by, asked, backing)
    if done:
        note = f"{named(signer.by.login)} contributed ({done}), which the rubric permits"
        matter = replace(matter, notes=(*matter.notes, note))
    return granted(matter, signature, rated, quarter_step)


def _nameless(backing: Backing) -> Iterator[str]:
    if backing.nameless:
        count = counted(len(backing.nameless), "commit")
        shas = listed(map(commit, backing.nameless))
        yield f"{count} with an author who has no account, which rules nobody out: {shas}"


def _siblings(backing: Backing) -> Iterator[str]:
    if backing.siblings:
        open_too = listed(f"#{one.number}" for one in backing.siblings)
        yield (
            f"the same commit is open as {open_too} too, where authors, contributors and requests "
            "for changes count as well"
        )


def _unheeded(against: Sequence[Objection]) -> Iterator[str]:
    for one in against:
        if not one.stops:
            yield f"{one.sentence}, which stops no signature"
