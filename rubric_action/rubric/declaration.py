"""The whole key list of a rubric, declared once: loader, JSON Schema and reference come from it."""

from typing import Any, Final

from rubric_action.rubric.agent_record import AGENT
from rubric_action.rubric.bar_record import (
    AXES,
    CEILINGS,
    FINDINGS,
    FRESHNESS,
    REGRESSION,
    SLICES,
)
from rubric_action.rubric.checks import CHECKS
from rubric_action.rubric.decode import Only
from rubric_action.rubric.judge_record import (
    EMBEDDINGS,
    JUDGE,
)
from rubric_action.rubric.model import Axis, Rubric, Slice
from rubric_action.rubric.override_record import (
    OVERRIDE,
)
from rubric_action.rubric.record import Key, Record
from rubric_action.rubric.rule_record import RULES
from rubric_action.rubric.shapes import ListOf
from rubric_action.rubric.words import PATH

VERSION: Final = 1
"""The version of the rubric's format that this release reads."""

RUBRIC_KEYS: Final = (
    Key(
        "version",
        Only(VERSION, f"This release reads version {VERSION}."),
        "the format's version",
        required=True,
    ),
    Key(
        "cases",
        ListOf(PATH, "a glob or a list of globs", at_least=1, single=True),
        "one glob or a list, relative to the repository's root",
        required=True,
    ),
    Key("agent", AGENT, "the agent under test", required=True),
    Key("judge", JUDGE, "who grades; needed unless rules settle every axis"),
    Key("axes", AXES, "the qualities that are graded, by name"),
    Key("rules", RULES, "deterministic checks of every case", default=[]),
    Key("slices", SLICES, "groups of cases and their bars, by name", required=True),
    Key("regression", REGRESSION, "how a fall, and a case that used to pass, are judged"),
    Key("ceilings", CEILINGS, "limits that are weighed only after quality has passed"),
    Key("freshness", FRESHNESS, "how old context may be"),
    Key("findings", FINDINGS, "severities, by kind of finding", default={}),
    Key("embeddings", EMBEDDINGS, "the model of `similar_to` and `gap`"),
    Key("override", OVERRIDE, "who may ship a known failure", otherwise="no override exists"),
)


def _rubric(**fields: Any) -> Rubric:
    del fields["version"]
    axes, slices = fields.pop("axes", {}), fields.pop("slices")
    return Rubric(
        axes={name: Axis(name, **axis) for name, axis in axes.items()},
        slices={name: Slice(name, **part) for name, part in slices.items()},
        **fields,
    )


RUBRIC: Final = Record(_rubric, RUBRIC_KEYS, expected="a rubric", constraints=CHECKS)
