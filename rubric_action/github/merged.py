"""The audit that a baseline carries forward: the last one's, and that of the pull requests since.

The results of a pull request are kept for as long as GitHub keeps artifacts; who signed for what
then outlives them in the baselines. Trouble here is told and costs lines, but never the baseline.
"""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import islice
from typing import Any, Final

from rubric_action.errors import CannotDecide
from rubric_action.gate.model import NoBaseline
from rubric_action.github.api import Api
from rubric_action.github.faults import Operation
from rubric_action.github.fields import part, pick, pick_or_none, pick_time, time_or_none
from rubric_action.github.provenance import Rejected
from rubric_action.github.records import Artifact, Author
from rubric_action.github.results import PublishedResults, Trust, published_for_fork
from rubric_action.report.stored import Stored

MOST_PULLS: Final = 500
"""Closed pull requests that are looked through, first those that were touched last."""
MARGIN: Final = timedelta(hours=1)
"""What was merged so long before the last baseline is read again. It may have been missed, and the
time of a baseline may be that of a runner whose clock was off."""
FIRST_LOOK: Final = timedelta(days=92)
"""How far back is looked without a baseline: a quarter, over which overrides are counted."""

Line = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class MergedPull:
    """A pull request that was merged; a head repository that is gone has no id."""

    number: int
    head_sha: str
    merged_at: datetime
    head_repository_id: int | None
    by_bot: bool


@dataclass(frozen=True, slots=True)
class Carried:
    """The lines for the next baseline, oldest first, and what was lost on the way."""

    lines: tuple[Line, ...] = ()
    warnings: tuple[str, ...] = ()


def carried_audit(trust: Trust, name: str, previous: Stored | NoBaseline) -> Carried:
    """The audit for a baseline of the default branch; `name` is that of the results artifacts.

    Raises BaselineUnreadable for a previous one whose own lines cannot be read.
    """
    before = () if isinstance(previous, NoBaseline) else tuple(previous.audit())
    api, main = trust.api, trust.origin.default_branch
    try:
        pulls = merged_since(api, main, since_of(previous) or api.client.now() - FIRST_LOOK)
        listed = api.artifacts(name, Operation.LIST_RESULTS) if pulls else []
    except CannotDecide as error:
        return Carried(_unique(before), (f"Nothing new was added to the audit. {error}",))
    found = [_audit_of(trust, name, listed, pull) for pull in pulls]
    lines = (*before, *(line for one in found for line in one.lines))
    return Carried(_unique(lines), tuple(told for one in found for told in one.warnings))


def merged_since(api: Api, branch: str, since: datetime) -> tuple[MergedPull, ...]:
    """The pull requests merged onto a branch from a time on, the oldest merge first.

    At most `MOST_PULLS` closed ones are looked through. Raises GitHubFailed.
    """
    found = []
    for data in islice(_closed(api, branch), MOST_PULLS):
        if pick_time(data, "updated_at") < since:
            break
        merged_at = time_or_none(pick_or_none(data, "merged_at", str))
        if merged_at is not None and merged_at >= since:
            found.append(_merged(data, merged_at))
    return tuple(sorted(found, key=lambda one: (one.merged_at, one.number)))


def since_of(previous: Stored | NoBaseline) -> datetime | None:
    """From when on merges may be news to the last baseline; None where it does not say."""
    if isinstance(previous, NoBaseline):
        return None
    began = time_or_none(pick_or_none(previous.summary, "run.created_at", str))
    times = [one for one in (began, time_or_none(previous.stored_at)) if one is not None]
    return min(times) - MARGIN if times else None


def _closed(api: Api, branch: str) -> Iterator[Any]:
    return api.client.pages(
        Operation.READ_MERGED,
        api.path("/pulls"),
        state="closed",
        base=branch,
        sort="updated",
        direction="desc",
    )


def _merged(data: Any, merged_at: datetime) -> MergedPull:
    author = Author.of(part(data, "user"))
    return MergedPull(
        number=pick(data, "number", int),
        head_sha=pick(data, "head.sha", str),
        merged_at=merged_at,
        head_repository_id=pick_or_none(data, "head.repo.id", int),
        by_bot=author is not None and author.bot,
    )


def _audit_of(trust: Trust, name: str, listed: Sequence[Artifact], pull: MergedPull) -> Carried:
    """The audit of one pull request: that of the newest trusted results of its head."""
    rejected: list[Rejected] = []
    try:
        for results in _results_of(trust, name, listed, pull):
            held = next(results.trusted(), None)
            if held is not None:
                return Carried(tuple(held.stored.audit()))
            rejected += results.rejected
    except CannotDecide as error:
        return Carried(warnings=(f"The audit lacks pull request #{pull.number}. {error}",))
    if not rejected:
        return Carried()
    why = f"its results are turned down, {rejected[0].reason}"
    return Carried(warnings=(f"The audit lacks pull request #{pull.number}: {why}.",))


def _results_of(
    trust: Trust, name: str, listed: Sequence[Artifact], pull: MergedPull
) -> Iterator[PublishedResults]:
    """Where its results may be; Dependabot's are judged like a fork's."""
    own = pull.head_repository_id == trust.origin.repository_id
    if own:
        yield PublishedResults(trust, lambda: listed, pull.head_sha)
    if not own or pull.by_bot:
        yield published_for_fork(trust, name, pull.head_sha)


def _unique(lines: Iterable[Line]) -> tuple[Line, ...]:
    """Every line once, where it stood first."""
    unique: dict[str, Line] = {}
    for line in lines:
        unique.setdefault(json.dumps(line, sort_keys=True), line)
    return tuple(unique.values())
