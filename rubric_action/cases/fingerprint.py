"""What a case asks, as digests: to tell a changed case, and a case that asks less than before.

A digest is the first 16 hex digits of SHA-256 over canonical JSON; it marks change and is no proof
against forgery.
"""

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, fields
from typing import Any, cast

from rubric_action.cases.model import Case
from rubric_action.cases.plain import plain
from rubric_action.rubric.model import Stakes
from rubric_action.rubric.rules import Rule

DIGEST_DIGITS = 16
_NOT_CONTENT = frozenset({"id", "tags", "origin", "notes", "place", "user"})
_CONTENT = tuple(one.name for one in fields(Case) if one.name not in _NOT_CONTENT)
_CANONICAL = json.JSONEncoder(
    sort_keys=True, ensure_ascii=False, separators=(",", ":"), check_circular=False
).encode


@dataclass(frozen=True, slots=True)
class CaseBar:
    """What a case demands. `rules` and `expects` map a digest to the name shown for it.

    `settles` names the axes that the case's own rules take from the judge.
    """

    stakes: Stakes
    rules: Mapping[str, str] = field(default_factory=dict)
    expects: Mapping[str, str] = field(default_factory=dict)
    settles: tuple[str, ...] = ()

    def lost_rules(self, now: "CaseBar") -> tuple[str, ...]:
        """Name the rules of this bar that `now` no longer holds, changed ones among them."""
        return tuple(name for digest, name in self.rules.items() if digest not in now.rules)

    def lost_expectations(self, now: "CaseBar") -> tuple[str, ...]:
        """Name the expectations of this bar that `now` no longer holds."""
        return tuple(name for digest, name in self.expects.items() if digest not in now.expects)

    def as_json(self) -> dict[str, Any]:
        """Give plain JSON that `from_json` reads back."""
        return {
            "stakes": self.stakes,
            "rules": dict(self.rules),
            "expects": dict(self.expects),
            "settles": list(self.settles),
        }

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> "CaseBar":
        """Read what `as_json` gave; a ValueError says that it did not come from there.

        A record of an earlier version, without `settles`, is read as settling nothing.
        """
        stakes, rules, expects = (value.get(key) for key in ("stakes", "rules", "expects"))
        named = (_names(rules), _names(expects))
        if stakes not in ("high", "normal"):
            raise ValueError(f"stakes are `high` or `normal`, not {stakes!r}")
        return cls(cast("Stakes", stakes), *named, _axes(value.get("settles", [])))


def fingerprint(case: Case) -> str:
    """Digest the content of a case; id, tags, origin, notes and place are no part of it."""
    content = {name: getattr(case, name) for name in _CONTENT}
    content["context"] = [plain(item) for item in case.context]
    content["rules"] = [_rule_digest(rule) for rule in case.rules]
    content["turns"] = [
        [turn.user, [_rule_digest(rule) for rule in turn.rules]] for turn in case.turns
    ]
    if case.user:  # left out where there is none, so that a baseline's digests go on
        content["user"] = plain(case.user)
    return _digest(content)


def case_bar(case: Case) -> CaseBar:
    """Digest what the case demands, so that a later version of it can be held against this."""
    rules = [*case.rules, *(rule for turn in case.turns for rule in turn.rules)]
    return CaseBar(
        case.stakes,
        {_rule_digest(rule): rule.id for rule in rules},
        dict(_expectations(case)),
        tuple(sorted({rule.axis for rule in rules if rule.axis is not None})),
    )


def _expectations(case: Case) -> Iterator[tuple[str, str]]:
    """Digest and name of each; that of `as_of` leaves out the day, since a refresh moves it."""
    if case.expected is not None:
        yield _digest(["expected", case.expected]), "expected"
    for n, fact in enumerate(case.facts):
        yield _digest(["fact", fact]), f"facts[{n}]"
    if case.as_of is not None:
        yield _digest(["as_of"]), "as_of"


def _rule_digest(rule: Rule) -> str:
    """Digest a check with its kind, turn and axis; its id is only a name."""
    return _digest([type(rule.check).__name__, plain(rule.check), rule.turn, rule.axis])


def _digest(value: object) -> str:
    digest = hashlib.sha256(_CANONICAL(value).encode("utf-8")).hexdigest()
    return f"sha256:{digest[:DIGEST_DIGITS]}"


def _names(value: object) -> dict[str, str]:
    if isinstance(value, dict):
        return {str(digest): str(name) for digest, name in value.items()}
    raise ValueError(f"digests with their names are an object, not {value!r}")


def _axes(value: object) -> tuple[str, ...]:
    if isinstance(value, list) and all(isinstance(name, str) for name in value):
        return tuple(value)
    raise ValueError(f"the axes that a case settles are a list of names, not {value!r}")
