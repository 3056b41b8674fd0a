"""Whose word about a commit counts: pure, from where the statuses of this gate lead.

The address of a status names the attempt of a run that set it, and behind a `#` what it rests on:

    .../actions/runs/7/attempts/1#results=<SHA-256 of summary.json>&findings=<mark>&again

A run without `again` measured the commit, or was about to. One with it has only decided anew on
what another run measured, so its word never stands in the way of a measurement's, whichever run
has the higher number. Among measurements the later run has the word, even while it is under way.
"""

import hashlib
import json
import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from rubric_action.gate.model import Finding
from rubric_action.github.records import Status

PENDING: Final = "pending"
GREEN: Final = "success"
NEWER: Final = "a newer run has already set the status of this commit"
MEASURED_SINCE: Final = "another run has measured this commit since, and found something else"
_ADDRESS: Final = re.compile(r"/actions/runs/(\d+)(?:/attempts/(\d+))?(?:#(.*))?$")
_MARK_LENGTH: Final = 16


@dataclass(frozen=True, slots=True)
class Seal:
    """What a status vouches for: the SHA-256 of `summary.json` in hex, and what it found."""

    results: str
    findings: str


@dataclass(frozen=True, slots=True)
class Word:
    """What an address tells; zeros where it leads to no run, None where nothing is vouched for."""

    run_id: int
    attempt: int
    results: str | None = None
    findings: str | None = None
    again: bool = False

    @property
    def order(self) -> tuple[int, int]:
        """Runs by number, and attempts within a run."""
        return self.run_id, self.attempt


@dataclass(frozen=True, slots=True)
class Asks:
    """What is asked of GitHub only where it decides.

    `began` tells when this attempt did, None for a run's first: another run's word from before
    that is not newer, whatever their numbers. `under_way` tells whether a run is not over yet.
    """

    began: Callable[[], datetime | None]
    under_way: Callable[[int], bool]


def address(run_url: str, seal: Seal | None = None, *, again: bool = False) -> str:
    """Where a status leads: to its run, and to what it rests on."""
    parts = [f"results={seal.results}", f"findings={seal.findings}"] if seal else []
    told = "&".join([*parts, "again"] if again else parts)
    return f"{run_url}#{told}" if told else run_url


def word_of(status: Status) -> Word:
    """What the address of a status tells."""
    match = _ADDRESS.search(status.target_url)
    if match is None:
        return Word(0, 0)
    told = dict(part.partition("=")[::2] for part in (match[3] or "").split("&"))
    run_id, attempt = int(match[1]), int(match[2] or 1)
    return Word(run_id, attempt, told.get("results"), told.get("findings"), "again" in told)


def mark_of(findings: Iterable[Finding]) -> str:
    """A short digest of what was found: what, how bad, and by which value.

    The same results decided anew give the same one; another failure, or a deeper one, another.
    """
    told = sorted(map(_told, findings))
    return hashlib.sha256("\n".join(told).encode()).hexdigest()[:_MARK_LENGTH]


def why_not(wanted: Status, said: Iterable[Status], asks: Asks, *, signed: bool) -> str | None:
    """Why a status is not to be set; None where it is.

    `said` are the statuses of this gate that are believed, newest first. `signed` is a verdict
    that is green by a signature alone.
    """
    if word_of(wanted).again:
        return _against_a_decision(word_of(wanted), said, asks)
    return _against_a_measurement(word_of(wanted), iter(said), asks.began, signed)


def measuring(said: Iterable[Status], own_run: int, under_way: Callable[[int], bool]) -> str | None:
    """The page of another run that measures the commit now; None where there is none."""
    for status in said:
        word = word_of(status)
        if not word.again and status.state != PENDING:
            return None
        if not word.again and _is_another(word, own_run) and under_way(word.run_id):
            return status.target_url
    return None


def _against_a_measurement(
    ours: Word, said: Iterator[Status], began: Callable[[], datetime | None], signed: bool
) -> str | None:
    for status in said:
        word = word_of(status)
        if word.again:
            # It may know of a signature that was taken back while we measured.
            if signed and status.state != GREEN and _is_newer(status, ours, began):
                return NEWER
        elif word.run_id == ours.run_id:
            return NEWER if word.attempt > ours.attempt else None
        else:
            # A run that is run again has a low number, and may have begun after ours.
            after = word.attempt > 1 and any(_is_begin(one, ours) for one in said)
            return NEWER if after or _is_newer(status, ours, began) else None
    return None


def _against_a_decision(ours: Word, said: Iterable[Status], asks: Asks) -> str | None:
    for status in said:
        word = word_of(status)
        if word.again:
            if _is_newer(status, ours, asks.began):
                return NEWER
        elif status.state == PENDING:
            if _is_another(word, ours.run_id) and asks.under_way(word.run_id):
                return f"the verdict follows from the run that measures now, {status.target_url}"
        elif word.results is not None:
            return None if ours.findings in {None, word.findings} else MEASURED_SINCE
    return None


def _is_newer(status: Status, ours: Word, began: Callable[[], datetime | None]) -> bool:
    word = word_of(status)
    if word.order <= ours.order:
        return False
    since = began() if word.run_id != ours.run_id else None
    return since is None or status.created_at is None or status.created_at >= since


def _is_another(word: Word, own_run: int) -> bool:
    return word.run_id not in {0, own_run}


def _is_begin(status: Status, ours: Word) -> bool:
    return status.state == PENDING and word_of(status).order == ours.order


def _told(finding: Finding) -> str:
    """Several changes of a rubric share an identity; their sentences tell them apart."""
    sentence = finding.sentence if finding.kind == "bar-lowered" else None
    known = (*finding.identity, finding.severity, finding.observed, finding.key, sentence)
    return json.dumps(known)
