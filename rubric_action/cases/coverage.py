"""Whether rubric and cases fit: every slice has cases, every case has something that grades it."""

from collections import Counter

from rubric_action.cases.model import Case
from rubric_action.cases.select import axes_of, slices_of
from rubric_action.errors import Place, Problem
from rubric_action.rubric.model import Outputs, Rubric, Selector
from rubric_action.rubric.problems import Found, Path, suggestion
from rubric_action.rubric.rules import Rule

LISTED = 10
"""How many ids a warning lists."""


class Coverage:
    """Takes the cases one by one, then says which parts of the rubric none of them meets."""

    def __init__(self, rubric: Rubric) -> None:
        self._rubric = rubric
        self._slices: Counter[str] = Counter()
        self._axes: Counter[tuple[str, str]] = Counter()
        self._named = {id_ for part in rubric.slices.values() for id_ in _ids(part.select)}
        self._unbarred: Counter[str] = Counter()
        self._short: dict[int, Case] = {}

    def add(self, case: Case, found: Found) -> tuple[str, ...]:
        """Count the case in, note its own mistakes, and give the slices that it belongs to."""
        axes, slices = axes_of(self._rubric, case), slices_of(self._rubric, case)
        own = [*case.rules, *(rule for turn in case.turns for rule in turn.rules)]
        self._check_axes(case, found)
        self._check_user(case, found)
        if not (axes or own or self._rubric.rules):
            mend = "Give it `rules`, or let an axis apply to it."
            found.refuse(("id",), f"nothing grades the case `{case.id}`", mend)
        self._slices.update(slices)
        self._axes.update((name, axis) for name in slices for axis in axes)
        self._named.discard(case.id)
        if not any(self._rubric.slices[name].barred for name in slices):
            self._count_unbarred(case.id)
        for n, rule in enumerate(self._rubric.rules):
            if rule.turn is not None and rule.turn > case.most_turns:
                self._short.setdefault(n, case)
        return slices

    def problems(self) -> list[Problem]:
        """What no case meets, each at the line of the rubric that asks for it."""
        return [*self._empty_slices(), *self._idle_minimums(), *self._far_rules()]

    def warnings(self) -> tuple[str, ...]:
        """Cases that can't block anything, and ids that no case has."""
        count = self._unbarred.total()
        unbarred = f"{_cases(count)} in no slice with a bar: {_listed(list(self._unbarred), count)}"
        named = sorted(self._named)
        unknown = f"slices select ids that no case has: {_listed(named, len(named))}"
        return (*([unbarred] if count else []), *([unknown] if named else []))

    def _check_axes(self, case: Case, found: Found) -> None:
        placed: list[tuple[Path, tuple[Rule, ...]]] = [(("rules",), case.rules)]
        placed += [(("turns", n, "rules"), turn.rules) for n, turn in enumerate(case.turns)]
        for path, rules in placed:
            for n, rule in enumerate(rules):
                if rule.axis is not None and rule.axis not in self._rubric.axes:
                    what = f"there is no axis `{rule.axis}`"
                    mend = suggestion(rule.axis, self._rubric.axes, "axes")
                    found.refuse((*path, n, "axis"), what, mend)

    def _check_user(self, case: Case, found: Found) -> None:
        """The judge's model plays a simulated user, unless the sessions are there already."""
        if case.user is None or isinstance(self._rubric.agent.source, Outputs):
            return
        judge = self._rubric.judge
        if judge is None or all(one.provider == "lexical" for one in judge.models):
            nobody = "the lexical judge cannot" if judge else "there is no judge that could"
            what = f"{nobody} play the simulated user of case `{case.id}`"
            found.refuse(("user",), what, "Set a model as the `judge`, or script the `turns`.")

    def _count_unbarred(self, case_id: str) -> None:
        listed = case_id if len(self._unbarred) < LISTED else next(iter(self._unbarred))
        self._unbarred[listed] += 1

    def _empty_slices(self) -> list[Problem]:
        return [
            self._problem(
                f"slices.{name}.select",
                "the slice picks no case",
                "Loosen the selector, add a case that it picks, or drop the slice.",
            )
            for name in self._rubric.slices
            if not self._slices[name]
        ]

    def _idle_minimums(self) -> list[Problem]:
        return [
            self._problem(
                f"slices.{name}.min.{axis}",
                f"the axis `{axis}` applies to no case of the slice",
                "Drop this minimum, or widen the axis' `applies_to`.",
            )
            for name, part in self._rubric.slices.items()
            for axis in part.minimums
            if self._slices[name] and not self._axes[name, axis]
        ]

    def _far_rules(self) -> list[Problem]:
        return [
            self._problem(
                f"rules[{n}].turn",
                f"the rule looks at turn {self._rubric.rules[n].turn} of every case, but case "
                f"`{case.id}` has {case.most_turns}",
                "Leave `turn` out (the last turn), or move the rule into the cases.",
            )
            for n, case in self._short.items()
        ]

    def _problem(self, key: str, what: str, mend: str) -> Problem:
        return Problem(place_of(self._rubric, key), what, mend, key)


def place_of(rubric: Rubric, key: str) -> Place:
    """Where a dotted key stands in the rubric, or the nearest key above it that is written."""
    while key and key not in rubric.places:
        key = key.rpartition(".")[0]
    return rubric.places.get(key, Place("rubric"))


def _ids(selector: Selector) -> set[str]:
    return {*selector.ids, *(_ids(selector.negated) if selector.negated else ())}


def _cases(count: int) -> str:
    return "1 case is" if count == 1 else f"{count} cases are"


def _listed(names: list[str], count: int) -> str:
    more = count - len(names[:LISTED])
    return ", ".join(names[:LISTED]) + (f" and {more} more" if more else "")
