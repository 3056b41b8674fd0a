"""The cases in doubt: committed ones that fail now, what their trials were and what came of it."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from rubric_action.gate.conviction import Tally
from rubric_action.gate.doubt import Doubt, Outcome
from rubric_action.gate.model import Finding
from rubric_action.gate.wording import likelihood
from rubric_action.report import numbers
from rubric_action.report.escape import code, prose

ORDER: Final[tuple[Outcome, ...]] = ("unended", "broken", "surprise", "unconfirmed", "luck")
"""What weighs most first. A `strict` case is in no doubt: one failure is enough there."""
LIGHTS: Final = ("⚠️", "🔴", "🟣", "🟡", "⚪")
"""Worst first: not decided, blocks, signed for, warns, only told."""
BLANK: Final = "\u00a0"
"""Keeps `18 of 20` on one line, however narrow the table."""
CALLED: Final[Mapping[Outcome, str]] = {
    "unended": "undecided",
    "broken": "broken",
    "surprise": "worse than before",
    "unconfirmed": "not confirmed",
    "luck": "bad luck",
}
JUDGES_NOISE: Final = "judge's noise"
CONVICTS: Final = (
    "A case is held against this change if it fails every time, or if so few passes are hardly "
    "bad luck, given its history."
)
CONFIRM: Final = (
    "One recorded trial can't tell a broken case from bad luck. To let the gate tell: put several "
    "trials of each case into the sessions file (`trial`), or let the gate run the agent itself "
    "(`agent.command`, `agent.http` or `agent.python`)."
)


@dataclass(frozen=True, slots=True)
class DoubtRow:
    """A case in doubt, ready to print."""

    light: str
    name: str
    past: str
    now: str
    luck: str
    became: str


@dataclass(frozen=True, slots=True)
class DoubtsView:
    """All cases in doubt; without any, `told` is empty. `left_out` had no room."""

    light: str = ""
    told: str = ""
    rows: tuple[DoubtRow, ...] = ()
    notes: tuple[str, ...] = ()
    left_out: int = 0


def doubts_view(doubts: Sequence[Doubt], findings: Sequence[Finding], most: int) -> DoubtsView:
    """At most `most` of them, what weighs most first."""
    open_ = in_doubt(doubts)
    if not open_:
        return DoubtsView()
    about = {one.case: one for one in findings if one.kind in ("regression", "ungraded")}
    rows = [_row(one, about.get(one.case)) for one in open_]
    return DoubtsView(
        light=min((row.light for row in rows), key=LIGHTS.index),
        told=f"<b>{numbers.count(len(open_), 'case')} in doubt</b>: {counts(open_)}",
        rows=tuple(rows[:most]),
        notes=tuple(prose(note) for note in _notes(open_)),
        left_out=max(0, len(open_) - most),
    )


def in_doubt(doubts: Sequence[Doubt]) -> list[Doubt]:
    """Those that the re-runs, or the trials of the sessions file, had to decide on."""
    found = [one for one in doubts if one.outcome in ORDER]
    return sorted(found, key=lambda one: ORDER.index(one.outcome))


def counts(doubts: Sequence[Doubt]) -> str:
    """How many of each outcome: `1 broken, 2 bad luck`."""
    return ", ".join(f"{n:,} {name}" for name, n in Counter(map(_called, doubts)).items())


def became(doubt: Doubt) -> str:
    """What a case in doubt came to, in words."""
    if doubt.outcome == "unconfirmed":
        return "not confirmed: there is one trial, and no more to be had"
    if doubt.outcome == "unended":
        return "undecided: it could not be run again"
    if doubt.outcome == "luck":
        return f"{_cleared(doubt)}; not held against this change"
    again = "; the same answer passed when graded again" if doubt.flipped == "judge" else ""
    return f"{_convicted(doubt)}{again}"


def trials_told(doubt: Doubt) -> str:
    """Its trials then and now, and what they are worth, in a line."""
    told = f"{_past(doubt.past)}, {_of(doubt.now)} here"
    if doubt.outcome == "strict":
        return f"{told}; one failure is enough, since it is of a hard slice or promoted"
    luck = _luck(doubt)
    return f"{told}; by bad luck {luck}" if luck else told


def lines(doubts: Sequence[Doubt], most: int) -> Iterator[str]:
    """In short, for a terminal: the counts, the cleared ones by name, what the gate would need."""
    open_ = in_doubt(doubts)
    if not open_:
        return
    yield f"in doubt: {counts(open_)}"
    cleared = [one for one in open_ if one.outcome == "luck"]
    if cleared:
        named = [f"{one.case} ({_of(one.now)} pass)".replace(BLANK, " ") for one in cleared[:most]]
        more = [f"{len(cleared) - most:,} more"] if len(cleared) > most else []
        yield f"not held against this change: {', '.join([*named, *more])}"
    if any(one.outcome == "unconfirmed" for one in open_):
        yield CONFIRM


def _row(doubt: Doubt, finding: Finding | None) -> DoubtRow:
    return DoubtRow(
        light=_light(finding),
        name=code(doubt.case, 120),
        past=_of(doubt.past) if doubt.past.trials else "starts anew",
        now=_of(doubt.now),
        luck=_luck(doubt),
        became=became(doubt),
    )


def _light(finding: Finding | None) -> str:
    """What the finding about it does; without one it is only told."""
    if finding is None:
        return "⚪"
    if finding.overridden:
        return "🟣"
    return {"error": "⚠️", "fail": "🔴", "warn": "🟡"}[finding.severity]


def _notes(doubts: Sequence[Doubt]) -> tuple[str, ...]:
    outcomes = {one.outcome for one in doubts}
    convicts = (CONVICTS,) if outcomes & {"broken", "surprise", "luck"} else ()
    return (*convicts, CONFIRM) if "unconfirmed" in outcomes else convicts


def _called(doubt: Doubt) -> str:
    judge = doubt.outcome == "luck" and doubt.flipped == "judge"
    return JUDGES_NOISE if judge else CALLED[doubt.outcome]


def _cleared(doubt: Doubt) -> str:
    if doubt.flipped == "judge":
        return "the judge's noise: the same answer passed when graded again"
    if doubt.flipped == "agent":
        return "bad luck: the agent passed when run again"
    return "bad luck: other trials passed"


def _convicted(doubt: Doubt) -> str:
    if doubt.outcome == "surprise":
        return "worse than before: it used to pass more often"
    if doubt.now.trials == 1:
        return "broken: it fails, and was not run again"
    return "broken: it fails every time"


def _past(past: Tally) -> str:
    if not past.trials:
        return "its history starts anew"
    return f"passed {_of(past)} {'trial' if past.trials == 1 else 'trials'} on the baseline"


def _luck(doubt: Doubt) -> str:
    """How often an unchanged agent has so few passes; nothing where that is not known."""
    known = doubt.past.trials and doubt.outcome != "unended"
    return likelihood(doubt.trial.chance) if known else ""


def _of(tally: Tally) -> str:
    return f"{tally.passes}{BLANK}of{BLANK}{tally.trials}"
