"""From the rubric's globs to the cases of a run; every mistake of every file at once."""

from pathlib import Path

from rubric_action.cases.case_set import CaseSet
from rubric_action.cases.coverage import Coverage, place_of
from rubric_action.cases.files import Written, find_files, read_file
from rubric_action.cases.jsonl import Problems
from rubric_action.cases.record import read_case
from rubric_action.errors import InputError, Place, Problem
from rubric_action.rubric.model import Rubric
from rubric_action.rubric.problems import Found


def load_cases(rubric: Rubric, root: Path) -> CaseSet:
    """Read and check all cases that the rubric names, relative to `root`.

    The order is that of the globs, then of the paths, then of the lines. One InputError holds the
    mistakes of all files; only when the files are clean are rubric and cases held together.
    """
    problems, cases, coverage = Problems(), CaseSet(), Coverage(rubric)
    for path in _files(rubric, root, problems):
        name = path.relative_to(root).as_posix()
        for written in read_file(path, name, problems):
            _take(written, cases, coverage, problems)
    problems.raise_any()
    if not cases:
        what, mend = "the files hold no case", "Write one JSON object a line."
        raise InputError(Problem(place_of(rubric, "cases"), what, mend, "cases"))
    problems.add(*coverage.problems())
    problems.raise_any()
    cases.warnings = coverage.warnings()
    return cases


def _files(rubric: Rubric, root: Path, problems: Problems) -> list[Path]:
    files: dict[Path, None] = {}
    for n, pattern in enumerate(rubric.cases):
        try:
            found = find_files(root, pattern, _place_of_glob(rubric, n))
        except InputError as error:
            problems.add(*error.problems)
        else:
            files |= dict.fromkeys(found)
    return list(files)


def _place_of_glob(rubric: Rubric, n: int) -> Place:
    return rubric.places.get(f"cases[{n}]") or place_of(rubric, "cases")


def _take(written: Written, cases: CaseSet, coverage: Coverage, problems: Problems) -> None:
    """Check one case and keep it, or note what is wrong with it."""
    found = Found(written.locate, written.scalars)
    case = read_case(written.value, found, written.place)
    if case is not None:
        slices = coverage.add(case, found)
        if case.id in cases:
            what = f"the id `{case.id}` stands at {cases.place(case.id)} already"
            found.refuse(("id",), what, "Give each case an id of its own.")
        else:
            cases.add(case, written.raw, slices)
    problems.add(*sorted(found.problems, key=_position))


def _position(problem: Problem) -> tuple[int, int]:
    return problem.place.line or 0, problem.place.column or 0
