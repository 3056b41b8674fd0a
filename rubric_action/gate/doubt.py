"""The committed cases that fail now: which of them are broken, and which may have had bad luck."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Literal, NamedTuple

from rubric_action.gate.conviction import Tally, Trial, convicted
from rubric_action.gate.evidence import Evidence
from rubric_action.gate.marks import lowest_passing, only_marks_rose
from rubric_action.gate.model import CaseResult
from rubric_action.gate.wording import counted, likelihood

Outcome = Literal["strict", "unconfirmed", "unended", "broken", "surprise", "luck"]
"""`strict`: one failure convicts. `unconfirmed`: one trial, and none more to be had. `unended`: the
re-runs could not be graded. `broken`: all trials failed. `surprise`: so few passes are no luck, by
its history. `luck`: not convicted."""


Flip = Literal["judge", "agent"]


@dataclass(frozen=True, slots=True)
class Doubt:
    """A committed case that fails now: its past and its trials now, and what they came to.

    `flipped` says whose noise it was, as far as another grade of the same answer (`judge`) or
    another run (`agent`) came out otherwise.
    """

    case: str
    past: Tally
    now: Tally
    outcome: Outcome
    flipped: Flip | None = None

    @property
    def convicted(self) -> bool:
        """Whether it is held against the change."""
        return self.outcome in ("strict", "unconfirmed", "broken", "surprise")

    @property
    def trial(self) -> Trial:
        """What there is for and against it."""
        return Trial(self.past, self.now)

    @property
    def told(self) -> str:
        """What its trials are, then and now."""
        past, now = self.past, self.now
        then = f"it passed {past.passes} of {counted(past.trials, 'trial')} on the baseline"
        if now.trials == 1:
            return then
        chance = f", which an unchanged agent does {likelihood(self.trial.chance)}"
        return f"{then}, and passes {now.passes} of {now.trials} now{chance}"


class Doubted(NamedTuple):
    """A doubt with the case that it is about, now and on the baseline."""

    doubt: Doubt
    case: CaseResult
    before: CaseResult


def doubted(evidence: Evidence) -> tuple[Doubted, ...]:
    """Every case in doubt, in the order of the cases, each with what it came to."""
    found = list(_suspects(evidence))
    tried = [at for at, one in enumerate(found) if one.doubt.outcome == "luck"]
    trials = [found[at].doubt.trial for at in tried]
    verdicts = convicted(trials, evidence.rubric.regression.alpha)
    for at, guilty in zip(tried, verdicts, strict=True):
        if guilty:
            doubt = found[at].doubt
            outcome: Outcome = "broken" if doubt.now.all_failed else "surprise"
            found[at] = found[at]._replace(doubt=replace(doubt, outcome=outcome))
    return tuple(found)


def to_run_again(evidence: Evidence) -> Iterator[Doubted]:
    """The cases in doubt that further trials could clear."""
    return (one for one in _suspects(evidence) if one.doubt.outcome == "luck")


def _suspects(evidence: Evidence) -> Iterator[Doubted]:
    """Every committed case that fails now; one that only its trials decide on stands as luck."""
    passed, axes = lowest_passing(evidence.before.values()), evidence.rubric.axes
    for case in evidence.cases:
        if case.passed is not False:
            continue
        before = evidence.before.get(case.id)
        if before is None or not evidence.counts_on(before):
            continue
        if not only_marks_rose(case, before, axes, passed):
            outcome = _outcome(case, before, evidence)
            tallies = past_of(case, before), now_of(case)
            yield Doubted(Doubt(case.id, *tallies, outcome, _flipped(case)), case, before)


def _outcome(case: CaseResult, before: CaseResult, evidence: Evidence) -> Outcome:
    if case.promoted or before.promoted or evidence.hard_slices(case):
        return "strict"
    if case.confirmation is not None and case.confirmation.cause is not None:
        return "unended"
    if not evidence.rerunnable and now_of(case).trials == 1:
        return "unconfirmed"
    return "luck"


def _flipped(case: CaseResult) -> Flip | None:
    again = case.confirmation
    if again is None:
        return None
    if again.regrade:
        return "judge"
    return "agent" if any(again.trials) else None


def past_of(case: CaseResult, before: CaseResult) -> Tally:
    """The history that counts: none of a case that asks something else now."""
    if case.fingerprint != before.fingerprint:
        return Tally()
    return Tally(before.history.passes, before.history.trials)


def now_of(case: CaseResult) -> Tally:
    """The trials of this run, those that were run again among them."""
    again = case.confirmation.trials if case.confirmation else ()
    outcomes = [*(trial.passed is True for trial in case.trials), *again]
    return Tally(sum(outcomes), len(outcomes))
