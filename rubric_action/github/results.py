"""Which of the results that were published for a commit count.

They have to come from a run about that very commit, in this repository itself: of a fork's commit
from the run on the default branch that judged it. That run's status of the commit has to say what
they say, and to name their digest. Any job of a run can store an artifact of this name; only one
that may write statuses can set the status as well.

Where a status of ours names a digest, nobody asks which workflow the run was of: whoever can set
that status could have set it green, without any results. Where none does, or no statuses are
written, the run has to be one of this very workflow. So it has, before anything green rests on its
results, as long as GitHub has not told us whom we write as: `ours` is a guess until then.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property, partial
from typing import cast

from rubric_action.errors import ResultsUnreadable
from rubric_action.gate.model import Finding, Verdict
from rubric_action.gate.override.facts import Published
from rubric_action.github.api import Api
from rubric_action.github.arrival import read_runs
from rubric_action.github.artifacts import RESULTS, download
from rubric_action.github.faults import Operation, Refused
from rubric_action.github.fields import time_or_none
from rubric_action.github.provenance import Origin, Rejected, Workflow
from rubric_action.github.records import Artifact, Status, WorkflowRun
from rubric_action.github.results_doubts import (
    Witness,
    contradicts,
    distrust_artifact,
    distrust_content,
    distrust_run,
    distrust_word,
    is_of,
    names_results,
    page_of,
    url_of,
    vouches,
)
from rubric_action.github.status import under_way
from rubric_action.github.words import GREEN, measuring, word_of
from rubric_action.report import stored as storage
from rubric_action.report.recall import findings_of
from rubric_action.report.stored import Stored, open_zip


@dataclass(frozen=True, slots=True)
class Trust:
    """What makes results trusted, whichever commit they are about.

    `witness` is None where no statuses are written, and so none can vouch.
    """

    api: Api
    origin: Origin
    workflow: Callable[[], Workflow]
    witness: Witness | None


@dataclass(frozen=True, slots=True)
class Held:
    """Trusted results; `at` is when GitHub stored them, `url` the page of their run's attempt."""

    artifact: Artifact
    at: datetime
    url: str
    stored: Stored
    findings: tuple[Finding, ...]

    @property
    def published(self) -> Published:
        """The same as a reviewer could have read it."""
        verdict = cast("Verdict", self.stored.verdict)
        return Published(self.at, verdict, self.findings, self.artifact.id, self.url)


def published(trust: Trust, name: str, head: str) -> "PublishedResults":
    """What runs of this repository's own branches published for a commit."""
    return PublishedResults(trust, lambda: trust.api.artifacts(name, Operation.LIST_RESULTS), head)


def published_for_fork(trust: Trust, name: str, head: str) -> "PublishedResults":
    """What runs on the default branch published for a commit of a fork, or of Dependabot."""
    named = fork_name(name, head)
    return PublishedResults(
        trust, lambda: trust.api.artifacts(named, Operation.LIST_RESULTS), head, for_fork=True
    )


def fork_name(name: str, head: str) -> str:
    """What an artifact is called whose run is not listed under the commit that it is about."""
    return f"{name}-{head}"


class PublishedResults:
    """The trusted results of a commit, newest first.

    Nothing is asked before somebody wants to know, and no artifact is read twice. Those that were
    looked at and turned down are in `rejected`. Every method raises GitHubFailed where GitHub
    cannot be asked, and ResultsUnreadable for bytes other than GitHub announced.
    """

    def __init__(
        self,
        trust: Trust,
        listed: Callable[[], Sequence[Artifact]],
        head: str,
        *,
        for_fork: bool = False,
    ) -> None:
        self.rejected: list[Rejected] = []
        self._trust = trust
        self._listed = listed
        self._head = head
        self._for_fork = for_fork
        self._seen: dict[int, Held | None] = {}
        self._closely = False

    def measured_by(self) -> str | None:
        """The page of another run that measures the commit now, and so decides about it itself."""
        ask = partial(under_way, self._trust.api)
        return measuring(self._told, self._trust.origin.run_id, ask)

    def newest(self) -> Stored | None:
        """The newest ones, to decide on again.

        None as well where a later run decided otherwise and its results are not to be had: what
        was found red is not turned green by forgetting it.
        """
        held = next(self.trusted(), None)
        if held is None:
            return None
        doubt = self._overtaken(held)
        if doubt is not None:
            self.rejected.append(Rejected(held.artifact, doubt))
            return None
        return held.stored

    def before(self, times: Sequence[datetime]) -> tuple[Published, ...]:
        """For each of these times the newest ones that had been stored by then; none twice."""
        if times:
            self._look_closely()
        found = (next(self.trusted(before=time), None) for time in times)
        unique = {held.artifact.id: held.published for held in found if held is not None}
        return tuple(unique.values())

    def trusted(self, before: datetime | None = None) -> Iterator[Held]:
        """All of them, newest first, each opened when its turn comes."""
        for artifact, at in self._candidates:
            if before is not None and at >= before:
                continue
            if artifact.id not in self._seen:
                self._seen[artifact.id] = self._look_at(artifact, at)
            held = self._seen[artifact.id]
            if held is not None:
                yield held

    @cached_property
    def _candidates(self) -> list[tuple[Artifact, datetime]]:
        found = []
        for artifact in self._listed():
            if not self._for_fork and artifact.head_sha != self._head:
                continue
            at = time_or_none(artifact.created_at)
            doubt = distrust_artifact(artifact, self._trust.origin, for_fork=self._for_fork)
            if at is None or doubt is not None:
                self.rejected.append(Rejected(artifact, doubt or "it does not say when it came"))
            else:
                found.append((artifact, at))
        return sorted(found, key=lambda one: (one[1], one[0].id), reverse=True)

    @cached_property
    def _workflow(self) -> Workflow:
        return self._trust.workflow()

    @cached_property
    def statuses(self) -> tuple[Status, ...]:
        """Every status of the commit, newest first, read once."""
        return tuple(self._trust.api.statuses(self._head))

    @cached_property
    def runs(self) -> tuple[WorkflowRun, ...]:
        """Every run that is listed under the commit, read once."""
        return read_runs(self._trust.api, self._head)

    @cached_property
    def _told(self) -> tuple[Status, ...]:
        return self._trust.witness.told(self.statuses) if self._trust.witness else ()

    def _look_at(self, artifact: Artifact, at: datetime) -> Held | None:
        found = self._examined(artifact, at)
        if isinstance(found, Held):
            return found
        self.rejected.append(Rejected(artifact, found))
        return None

    def _examined(self, artifact: Artifact, at: datetime) -> Held | str:
        """The results, or why they do not count."""
        run_id = artifact.run_id or 0
        doubt = self._unwitnessed(run_id) or self._of_another(run_id)
        if doubt is not None:
            return doubt
        data = self._bytes(artifact)
        if data is None:
            return "it has expired"
        try:
            stored = open_zip(data, f"the results artifact of run {run_id}", storage.RESULTS)
            findings = findings_of(stored)
        except ResultsUnreadable as error:
            return error.cause
        doubt = distrust_content(stored, run_id, self._head, for_fork=self._for_fork)
        doubt = doubt or self._unvouched(stored)
        return doubt or Held(artifact, at, url_of(stored), stored, findings)

    def _bytes(self, artifact: Artifact) -> bytes | None:
        """What is stored; None for an artifact that expired after it was listed."""
        try:
            return download(self._trust.api, artifact, RESULTS)
        except Refused as error:
            if error.status == 410:
                return None
            raise

    def _unwitnessed(self, run_id: int) -> str | None:
        """Why results need not even be fetched: none of our statuses is of their run."""
        witness = self._trust.witness
        if witness is None or any(is_of(one, run_id) for one in self._told):
            return None
        return f"its run has set no status `{witness.context}`"

    def _of_another(self, run_id: int) -> str | None:
        """Why the run is none of ours; it is not asked about where our status names its results.

        Such a status has to vouch for these very bytes, or they are turned down when they are here.
        """
        named = [one.state for one in self._told if names_results(one, run_id)]
        green = self._closely or GREEN in named
        if named and (self._sure or not green):
            return None
        return self._distrusted(run_id)

    @property
    def _sure(self) -> bool:
        """Whether GitHub has told whom we write as."""
        return self._trust.api.client.writes_as is not None

    def _look_closely(self) -> None:
        """A signature may turn green what is found from here on, and what was found before."""
        self._closely = True
        found = () if self._sure else tuple(filter(None, self._seen.values()))
        for run_id in (one.artifact.run_id or 0 for one in found):
            doubt = self._distrusted(run_id)
            if doubt is not None:
                cause = f"The results of run {run_id} are not to be decided on: {doubt}."
                raise ResultsUnreadable(cause, storage.RESULTS.mend)

    def _distrusted(self, run_id: int) -> str | None:
        known = (one for one in self.runs if one.id == run_id) if self._closely else ()
        run = next(iter(known), None) or self._trust.api.run(run_id)
        return distrust_run(run, self._trust.origin, self._workflow, for_fork=self._for_fork)

    def _unvouched(self, stored: Stored) -> str | None:
        return distrust_word(stored, self._told) if self._trust.witness else None

    def _overtaken(self, held: Held) -> str | None:
        """Why these are not the last word on the commit."""
        own_run = page_of(self._trust.origin.run_id)
        for status in self._told:
            if vouches(status, held.stored):
                break
            # An attempt of this very run that reached no verdict is what is made up for now.
            no_verdict = status.state == "error" and word_of(status).results is None
            own_trouble = no_verdict and own_run in status.target_url
            if contradicts(status, held.stored) and not own_trouble:
                run = status.target_url.partition("#")[0]
                return f"a later run decided otherwise and left no results: {run}"
        return None
