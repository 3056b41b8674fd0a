"""A checked case as bytes, and back: nothing is parsed or checked a second time.

The bytes stay in the process that made them.
"""

import marshal
from collections.abc import Sequence
from typing import Any, Final, get_args

from rubric_action.cases.model import Case, ContextItem, SimulatedUser, UserTurn
from rubric_action.errors import Place
from rubric_action.rubric.rules import Check, Rule

_CHECKS: Final = {kind.__name__: kind for kind in get_args(Check)}

Fields = tuple[Any, ...]


def packed(case: Case) -> bytes:
    """All of a case but its place."""
    fields: Fields = (
        case.id,
        [(turn.user, _rules(turn.rules)) for turn in case.turns],
        case.tags,
        case.stakes,
        case.source,
        case.expected,
        case.facts,
        pack_context(case.context),
        _rules(case.rules),
        case.weight,
        case.as_of,
        case.metadata,
        case.origin,
        case.notes,
        None if case.user is None else _user(case.user),
    )
    return marshal.dumps(fields)


def unpacked(record: bytes, place: Place) -> Case:
    """The case that `packed` made the record of, at its place."""
    (
        case_id,
        turns,
        tags,
        stakes,
        source,
        expected,
        facts,
        context,
        rules,
        weight,
        as_of,
        metadata,
        origin,
        notes,
        user,
    ) = marshal.loads(record)  # noqa: S302 (written by `packed`, and kept in this process)
    return Case(
        case_id,
        tuple([UserTurn(said, _rules_of(checks)) for said, checks in turns]),
        tags,
        stakes,
        source,
        expected,
        facts,
        unpack_context(context),
        _rules_of(rules),
        weight,
        as_of,
        metadata,
        origin,
        notes,
        place,
        None if user is None else SimulatedUser(*user),
    )


def pack_context(items: Sequence[ContextItem]) -> list[Fields]:
    """Context items as plain values."""
    return [(item.text, item.source, item.updated_at) for item in items]


def unpack_context(items: Sequence[Fields]) -> tuple[ContextItem, ...]:
    """The context items that `pack_context` was given."""
    return tuple([ContextItem(*item) for item in items])


def _user(user: SimulatedUser) -> Fields:
    return user.persona, user.goal, user.stop, user.max_turns, user.seed


def _rules(rules: Sequence[Rule]) -> list[Fields]:
    return [(rule.id, *_check(rule.check), rule.turn, rule.axis) for rule in rules]


def _check(check: Check) -> tuple[str, Fields]:
    return type(check).__name__, tuple(getattr(check, name) for name in check.__slots__)


def _rules_of(rules: Sequence[Fields]) -> tuple[Rule, ...]:
    return tuple(
        [Rule(id_, _CHECKS[kind](*given), turn, axis) for id_, kind, given, turn, axis in rules]
    )
