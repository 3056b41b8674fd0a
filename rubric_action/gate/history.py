"""What a case's past says: whether the team counts on it, and what one more run adds."""

from dataclasses import replace

from rubric_action.gate.model import CaseResult, History

RUNS_KEPT = 20


def committed(case: CaseResult, hard: bool, commit: float) -> bool:
    """Whether the team counts on this case passing.

    A case of a hard slice, or a promoted one, from its first pass. Any other whose history is all
    passes, or whose rate with one pass and one failure added, (1 + s) / (2 + n), reaches `commit`.
    """
    history = case.history
    if history.committed or (history.passes and (hard or case.promoted)):
        return True
    return counted_on(history.passes, history.trials, commit)


def counted_on(passes: int, trials: int, commit: float) -> bool:
    """Whether so many passes are enough for an ordinary case; never without a trial."""
    if not trials:
        return False
    return passes == trials or (1 + passes) / (2 + trials) >= commit


def flaky(case: CaseResult, hard: bool, commit: float) -> bool:
    """Both outcomes, and not counted on."""
    mixed = 0 < case.history.passes < case.history.trials
    return mixed and not committed(case, hard, commit)


def carried(case: CaseResult, before: CaseResult | None, was_committed: bool) -> History:
    """The history after this run; what was run again counts too.

    An edit of the case restarts the counts, not the commitment.
    """
    past = before.history if before else History()
    if before and before.fingerprint != case.fingerprint:
        past = History(committed=was_committed)
    if case.passed is None:
        return past
    again = case.confirmation.trials if case.confirmation else ()
    outcomes = [*(trial.passed is True for trial in case.trials), *again]
    return replace(past, runs=(*past.runs, (sum(outcomes), len(outcomes)))[-RUNS_KEPT:])
