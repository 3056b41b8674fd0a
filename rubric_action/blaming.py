"""`rubric-action blame`: who moved the bar and when, and who overrode it how often."""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Final

import click

from rubric_action.cases.jsonl import open_file
from rubric_action.errors import EXIT_PASS, CannotDecide, InputError, Place, Problem
from rubric_action.finished import Finished, finished, unreadable
from rubric_action.gate.override.usage import Decided, usage
from rubric_action.git_history import Blob, Git, History, Repository
from rubric_action.messages import say
from rubric_action.report.blame import Blame, Scores, as_json
from rubric_action.report.blame_told import lines
from rubric_action.report.decided import decided, records
from rubric_action.report.recall_parts import ceilings_from, slice_from
from rubric_action.report.stored import AUDIT
from rubric_action.report.typed import as_object, need
from rubric_action.rubric.history import Version, moves
from rubric_action.rubric.load import load_rubric
from rubric_action.rubric.model import OverridePolicy
from rubric_action.rubric.source import decode_text

GONE: Final = "the file was taken away"
GIVE_AUDIT: Final = f"Give the ledger's `{AUDIT}`, or results folders that hold one."

Source = tuple[str, Iterable[Mapping[str, Any]]]
"""Records of decisions, and where they lie."""


@dataclass(frozen=True, slots=True)
class Options:
    """What `rubric-action blame` was called with. `since` leaves out what came before it."""

    root: Path = Path()
    rubric: str = "eval/rubric.yaml"
    since: datetime | None = None
    ledger: Path | None = None
    audit: tuple[Path, ...] = ()
    results: tuple[Path, ...] = ()
    as_json: bool = False


def blame_here(options: Options, environ: Mapping[str, str], now: datetime) -> int:
    """Tell the history of the bar and of its overrides; the exit code is 0."""
    told = blamed(options, environ, now)
    say("\n".join(lines(told)), environ, err=options.as_json)
    if options.as_json:
        click.echo(json.dumps(as_json(told)).replace("##[", "#\\u0023["))
    return EXIT_PASS


def blamed(options: Options, environ: Mapping[str, str], now: datetime) -> Blame:
    """The history, as far as git, results and records tell it."""
    repository = Repository.around(options.root, Git(environ))
    history = repository.history(options.root, options.rubric)
    versions = [_version(blob, options.rubric) for blob in history.blobs]
    policy = _policy(versions)
    runs = finished(options.results) if options.results else ()
    found = _decided(options, repository, policy, runs)
    if options.since:
        found = found and [one for one in found if one.at >= options.since]
    most = policy.max_per_quarter if policy else None
    return Blame(
        rubric=options.rubric,
        versions=tuple(_since(versions, options.since)) or tuple(versions[-1:]),
        moves=tuple(
            one for one in moves(versions) if not options.since or one.commit.at >= options.since
        ),
        scores=tuple(map(_scores, runs)),
        usage=None if found is None else usage(found, now, most),
        notes=tuple(_notes(options, history, policy, found is not None)),
    )


def _version(blob: Blob, name: str) -> Version:
    if blob.data is None:
        return Version(blob.commit, None, GONE)
    try:
        return Version(blob.commit, load_rubric(decode_text(blob.data, name), name))
    except InputError as error:
        first, *more = error.problems
        others = f" (and {len(more)} more)" if more else ""
        return Version(blob.commit, None, f"no valid rubric: {first}{others}")


def _since(versions: Iterable[Version], since: datetime | None) -> Iterator[Version]:
    return (one for one in versions if since is None or one.commit.at >= since)


def _policy(versions: Sequence[Version]) -> OverridePolicy | None:
    """The override policy of the newest version that is valid."""
    return next((one.rubric.override for one in reversed(versions) if one.rubric), None)


def _decided(
    options: Options,
    repository: Repository,
    policy: OverridePolicy | None,
    runs: Sequence[Finished],
) -> list[Decided] | None:
    """Every decision about an override that is on record; None where there is no record."""
    sources = [*_ledgers(options, repository, policy), *_kept(options, runs)]
    found: list[Decided] = []
    problems: list[Problem] = []
    for name, told in sources:
        try:
            found += map(decided, told)
        except ValueError as error:
            problems.append(Problem(Place(name), f"it is no audit: {error}", GIVE_AUDIT))
        except CannotDecide as error:
            problems.append(unreadable(name, error))
    if problems:
        raise InputError(*problems)
    return found if sources else None


def _ledgers(
    options: Options, repository: Repository, policy: OverridePolicy | None
) -> Iterator[Source]:
    """The file that is given, or else the branch that the rubric names, where it is here."""
    if options.ledger:
        if not options.ledger.exists():
            place = Place(str(options.ledger))
            raise InputError(Problem(place, "there is no such file", GIVE_AUDIT))
        with open_file(options.ledger, str(options.ledger)) as file:
            yield str(options.ledger), records(file.read())
    elif policy and policy.ledger:
        for name, data in repository.branch_files(policy.ledger, AUDIT):
            yield name, records(data)


def _kept(options: Options, runs: Sequence[Finished]) -> Iterator[Source]:
    """What results folders keep of requests."""
    audited = finished(options.audit, errored=True) if options.audit else ()
    for one in (*audited, *runs):
        yield one.name, one.stored.audit()


def _scores(one: Finished) -> Scores:
    def read(summary: Mapping[str, Any]) -> Scores:
        slices = need(summary, "slices", as_object)
        return Scores(
            one.run.sha,
            one.at,
            {name: slice_from(name, value) for name, value in slices.items()},
            need(summary, "ceilings", ceilings_from),
        )

    try:
        return one.stored.said(read)
    except CannotDecide as error:
        raise InputError(unreadable(one.name, error)) from None


def _notes(
    options: Options, history: History, policy: OverridePolicy | None, known: bool
) -> Iterator[str]:
    if history.cut:
        yield history.cut
    if _edited(options, history.blobs[-1]):
        yield f"{options.rubric} has changes here that are not committed"
    if not known and policy and policy.ledger:
        yield f"the ledger is not here: `git fetch origin {policy.ledger}` gets its branch"
    elif not known and policy:
        yield "no record of overrides is given: `--audit` takes results, `--ledger` a file"


def _edited(options: Options, newest: Blob) -> bool:
    """Whether the file here is another one than the newest commit's."""
    try:
        here = (options.root / options.rubric).read_bytes()
    except OSError:
        return newest.data is not None
    return newest.data is not None and here.splitlines() != newest.data.splitlines()
