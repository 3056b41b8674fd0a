"""The results of all shards joined into the decision that one run would have come to."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import fields, replace
from itertools import chain, groupby
from pathlib import Path
from typing import Any

from rubric_action.agent.model import Session
from rubric_action.cases.case_set import CaseSet
from rubric_action.cases.load import load_cases
from rubric_action.cases.model import Case
from rubric_action.gate.evidence import Stopped
from rubric_action.gate.model import CaseResult
from rubric_action.grading.model import Spend
from rubric_action.keeping import Keeper
from rubric_action.pipeline import Request, decided, results_of, settled
from rubric_action.report.copying import copied_lines
from rubric_action.report.folder import ResultsFolder
from rubric_action.report.model import Report
from rubric_action.report.stored import CASES, EMBEDDINGS, GRADES, SESSIONS
from rubric_action.rubric.model import Rubric
from rubric_action.shard_set import Part, all_parts


def merge(request: Request, folders: Sequence[Path]) -> Report:
    """Join what the shards graded, decide on it, and write the results folder.

    Each of `folders` is what a shard left, a zip of it, or a folder with several of them. Nothing
    is run and nobody is asked. What leans on the day or on the baseline, a case's age and its
    history, is worked out here. Raises InputError unless these are all shards of this very suite,
    ResultsUnreadable for one that cannot be read, and otherwise like `pipeline.run`.
    """
    started = request.clock()
    cases = load_cases(request.rubric, request.root)
    parts = all_parts(folders, request, cases)
    said = parts[0].told
    rubric = settled(replace(request, judge_model=said.judge_model, outputs=said.outputs))
    results = results_of(replace(request, resume=False), rubric, cases)
    for part in parts:
        _join(part, cases, rubric, results.keeper)
    results.folder.write_lines(GRADES, _lines(parts, GRADES))
    _write_vectors(results.folder, _lines(parts, EMBEDDINGS))
    joined = replace(
        results,
        spend=_spent(parts),
        stopped=_stopped(parts),
        warnings=tuple(warning for part in parts for warning in part.told.warnings),
    )
    return decided(request, joined, started)


def _join(part: Part, cases: CaseSet, rubric: Rubric, keeper: Keeper) -> None:
    """Keep every result of a shard: those of its cases, in their order, and no others."""
    groups = groupby(part.stored.sessions(), lambda session: session.case)
    group = next(groups, None)
    own = part.told.shard.cases(cases)
    for result in part.stored.cases():
        position, case = next(own, (0, None))
        doubt = _doubt(result, case, cases, rubric)
        if case is None or doubt:
            raise part.stored.unreadable(f"{CASES} has a record that {doubt}")
        sessions: list[Session] = []
        if group is not None and group[0] == case.id:
            sessions, group = list(group[1]), next(groups, None)
        keeper.join(position, case, replace(result, place=case.place), sessions)
    if group is not None:
        raise part.stored.unreadable(f"{SESSIONS} has a session of `{group[0]}` out of its place")


def _doubt(result: CaseResult, due: Case | None, cases: CaseSet, rubric: Rubric) -> str | None:
    """Why a record cannot be what the gate made of the case that is due."""
    if due is None or result.id != due.id:
        return f"is of `{result.id}`, where {f'`{due.id}`' if due else 'nothing more'} is due"
    axes = {*result.axes, *(name for trial in result.trials for name in trial.scores)}
    if result.slices != cases.slices_of(due.id) or not axes <= rubric.axes.keys():
        return f"puts `{due.id}` under slices or axes that are not its own"
    passed = [trial.passed for trial in result.trials]
    if result.passed is not (None if None in passed else all(passed)):
        return f"contradicts itself about `{due.id}`"
    return None


def _lines(parts: Iterable[Part], member: str) -> Iterator[str]:
    return chain.from_iterable(copied_lines(part.stored, member) for part in parts)


def _write_vectors(folder: ResultsFolder, lines: Iterator[str]) -> None:
    """Only where texts were compared is there a file of embeddings."""
    first = next(lines, None)
    if first is not None:
        folder.write_lines(EMBEDDINGS, chain([first], lines))


def _spent(parts: Sequence[Part]) -> Spend:
    """All shards together; what one of them does not know is unknown."""
    totals: dict[str, Any] = {}
    for field in fields(Spend):
        amounts = [getattr(part.told.spend, field.name) for part in parts]
        totals[field.name] = None if None in amounts else sum(amounts)
    return Spend(**totals)


def _stopped(parts: Sequence[Part]) -> Stopped | None:
    """Why the first of the shards that were cut short was."""
    for part in parts:
        if part.told.stopped:
            cause = f"{part.told.shard}: {part.told.stopped.cause}"
            return Stopped(f"{cause[0].upper()}{cause[1:]}", part.told.stopped.mend)
    return None
