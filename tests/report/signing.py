"""A pull request on which an override was asked for, as a scenario's `override.json` tells it.

Times are minutes after the head came; its results were published at 5.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from rubric_action.gate.decision import Decision
from rubric_action.gate.override.apply import unknown, with_override
from rubric_action.gate.override.decide import weigh
from rubric_action.gate.override.facts import (
    Asked,
    Backing,
    Contribution,
    LabelEvent,
    Moment,
    Person,
    Published,
    Review,
    Standing,
    Use,
)
from rubric_action.report.model import Report
from rubric_action.rubric.model import OverridePolicy

HEAD = "1a2b3c4" + "0" * 33
ARRIVED = datetime(2026, 11, 23, 9, tzinfo=UTC)
PULL = "https://github.example/acme/support/pull/7"
ARRIVAL = Moment(ARRIVED, "the first workflow run of the head commit")


@dataclass(frozen=True, slots=True)
class Conversation:
    """What was said on a pull request; plays the pipeline's `Signing`."""

    told: Mapping[str, Any]

    def sign(self, decision: Decision, policy: OverridePolicy | None) -> Decision:
        """What this conversation makes of a decision, or that it can't be read."""
        told = self.told
        if "unreadable" in told:
            return unknown(decision, told["unreadable"], told["mend"])
        if policy is None:
            raise ValueError("the scenario's rubric has no override")
        override = weigh(
            decision.findings,
            policy,
            _asked(told, policy.label),
            _backing(told, Published(_at(5), decision.verdict, decision.findings)),
            tuple(Use(100 + n, _at(-60 * 24 * days)) for n, days in enumerate(told["days_ago"])),
            _at(90),
        )
        return with_override(decision, override)

    def lines(self, report: Report) -> tuple[Mapping[str, Any], ...]:
        """Nothing for the audit."""
        return ()


def _asked(told: Mapping[str, Any], label: str) -> Asked:
    setting = told["label"]
    by, at = _person(setting["by"]), _at(setting["at"])
    return Asked(
        number=7,
        head=HEAD,
        base="b" * 40,
        author=_person(told["author"]),
        labels=(label,) if setting["on"] else (),
        events=(LabelEvent(1, label, True, by, at),) if setting["on"] else (),
        reviews=tuple(_review(n, review) for n, review in enumerate(told["reviews"])),
    )


def _backing(told: Mapping[str, Any], published: Published) -> Backing:
    people = told["standings"]
    done = told.get("contributions", {})
    return Backing(
        arrived=ARRIVAL,
        contributions=tuple(Contribution(_person(who), how) for who, how in done.items()),
        nameless=tuple(told.get("nameless", ())),
        standings={_person(who).id: Standing(**standing) for who, standing in people.items()},
        published=(published,),
    )


def _review(number: int, told: Mapping[str, Any]) -> Review:
    return Review(
        id=number,
        author=_person(told["by"]),
        state=told.get("state", "APPROVED"),
        commit=told.get("commit", HEAD),
        at=_at(told["at"]),
        body=told.get("body", ""),
        url=f"{PULL}#pullrequestreview-{number}",
    )


def _person(login: str) -> Person:
    """An account; its number follows from its name."""
    number = int.from_bytes(login.encode("utf-8", "surrogatepass"))
    return Person(number, login, human=not login.endswith("[bot]"))


def _at(minute: float) -> datetime:
    return ARRIVED + timedelta(minutes=minute)
