"""Which cases a selector picks, and which axes a case is graded on. Pure."""

from rubric_action.cases.model import Case
from rubric_action.rubric.model import Rubric, Selector

CHARACTERS_A_TOKEN = 4


def context_tokens(case: Case) -> int:
    """Estimate the tokens that the agent is given: four characters a token, context and turns."""
    context = sum(len(item.text) for item in case.context)
    return (context + sum(len(turn.user) for turn in case.turns)) // CHARACTERS_A_TOKEN


def picks(selector: Selector, case: Case) -> bool:
    """Whether every key of the selector holds for the case; the empty one picks all."""
    return all(
        (
            not selector.tags or not selector.sets.tags.isdisjoint(case.tags),
            selector.sets.all_tags.issubset(case.tags),
            selector.stakes in (None, case.stakes),
            selector.source in (None, case.source),
            not selector.ids or case.id in selector.sets.ids,
            selector.min_turns is None or case.most_turns >= selector.min_turns,
            selector.max_turns is None or case.most_turns <= selector.max_turns,
            not selector.min_context_tokens or context_tokens(case) >= selector.min_context_tokens,
            selector.negated is None or not picks(selector.negated, case),
        )
    )


def axes_of(rubric: Rubric, case: Case) -> tuple[str, ...]:
    """Name the axes that apply to the case, in the rubric's order."""
    return tuple(
        name
        for name, axis in rubric.axes.items()
        if axis.applies_to is None or picks(axis.applies_to, case)
    )


def slices_of(rubric: Rubric, case: Case) -> tuple[str, ...]:
    """Name the slices that the case belongs to, in the rubric's order."""
    return tuple(name for name, part in rubric.slices.items() if picks(part.select, case))
