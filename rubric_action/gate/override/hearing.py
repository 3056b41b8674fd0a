"""Request and approvals by what the conversation shows, before anybody's standing is asked."""

from collections.abc import Iterable
from dataclasses import dataclass, replace

from rubric_action.gate.override.facts import Asked, Backing, Moment, Review, Sibling
from rubric_action.gate.override.floor import latest, stale
from rubric_action.gate.override.model import Rejected
from rubric_action.gate.override.people import contribution
from rubric_action.gate.override.request import UNSEEN, Request, request
from rubric_action.gate.override.reviews import Opinion, candidates, reason_of
from rubric_action.gate.override.wording import commit, moment
from rubric_action.rubric.model import OverridePolicy

GONE = "a deleted account"


@dataclass(frozen=True, slots=True)
class Hearing:
    """The request, the approvals that nothing speaks against so far, and all others."""

    request: Request
    floor: Moment | None
    approvals: tuple[Opinion, ...]
    rejected: tuple[Rejected, ...]

    def without(self, *rejected: Rejected) -> "Hearing":
        """The same, with these turned down as well."""
        out = {one.review for one in rejected}
        left = tuple(one for one in self.approvals if one.review not in out)
        return replace(self, approvals=left, rejected=(*self.rejected, *rejected))


def hear(policy: OverridePolicy, asked: Asked, backing: Backing | None = None) -> Hearing:
    """Sort the approvals out. What `backing` adds can only turn down more of them."""
    floor = latest((*asked.floor, *_arrival(backing)))
    asking = request(policy, asked, floor)
    if backing is not None and backing.arrived is None:
        asking = replace(asking, fault=asking.fault or UNSEEN)
    approvals: list[Opinion] = []
    rejected = [_rejected_request(asking)] if asking.fault else []
    for review in candidates(asked.reviews):
        who = review.author.login if review.author else GONE
        reason = (
            _author(review, asked, backing.siblings if backing else ())
            or _itself(review, asked, floor)
            or _here(review, policy, asked, backing, asking)
        )
        if reason or review.author is None:
            rejected.append(Rejected(who, reason, review))
        else:
            approvals.append(Opinion(review.author, review))
    return Hearing(asking, floor, tuple(approvals), tuple(rejected))


def _arrival(backing: Backing | None) -> tuple[Moment, ...]:
    return (backing.arrived,) if backing and backing.arrived else ()


def _rejected_request(asking: Request) -> Rejected:
    if asking.event is None:
        return Rejected("the label", asking.fault)
    actor = asking.event.actor
    return Rejected(actor.login if actor else GONE, f"the label: {asking.fault}")


def _author(review: Review, asked: Asked, siblings: Iterable[Sibling]) -> str:
    """Why whoever wrote a review can't sign, whatever it says; empty where they may be able to."""
    if review.author is None:
        return "the account is gone"
    if not review.author.human:
        return "a bot or an app signs for nobody"
    if asked.author is not None and asked.author.id == review.author.id:
        return "the pull request is theirs"
    for one in siblings:
        if one.author is not None and one.author.id == review.author.id:
            return f"pull request #{one.number}, which shows the same commit, is theirs"
    return ""


def _itself(review: Review, asked: Asked, floor: Moment | None) -> str:
    """Why a review is no approval of the head; empty where it is one."""
    if review.state == "DISMISSED":
        return "the review was dismissed"
    if review.state == "CHANGES_REQUESTED":
        return "they asked for changes afterwards"
    if review.commit != asked.head:
        of = commit(review.commit) if review.commit else "a commit that is gone"
        return f"stale, since the review is of {of}, not of {commit(asked.head)}"
    return stale(review.at, floor)


def _here(
    review: Review, policy: OverridePolicy, asked: Asked, backing: Backing | None, asking: Request
) -> str:
    """Why an approval is no answer to this request; empty where it is one."""
    if asking.fault or asking.event is None or review.author is None:
        return "there is no request that counts"
    if not asking.is_by(review.author) and review.at <= asking.event.at:
        return f"the approval did not come after the request ({moment(asking.event.at)})"
    done = contribution(review.author, asked, backing)
    if done and not policy.contributors:
        return f"they contributed to the pull request: {done}"
    if policy.reason_required and not reason_of(review.body):
        return "the review has no line `override: <why>`"
    return ""
