"""What the agent under test may see of our environment: next to nothing."""

import re
from collections.abc import Mapping, Sequence
from typing import Final

from rubric_action.rubric.agent_record import FORBIDDEN_VARIABLES

PASSED: Final = frozenset({"PATH", "HOME", "LANG", "TZ", "TMPDIR"})
"""Passed on as they are, with every `LC_*`."""

_NEVER = re.compile(FORBIDDEN_VARIABLES, re.IGNORECASE)


def agent_environment(environ: Mapping[str, str], names: Sequence[str]) -> dict[str, str]:
    """Pass on `PASSED`, `LC_*` and the named variables, whichever of them are set.

    `FORBIDDEN_VARIABLES` (tokens, the judge's keys, inputs, file commands) stay out even when they
    are named; the rubric refuses to name them.
    """
    passed = {
        name: value
        for name, value in environ.items()
        if (name in PASSED or name.startswith("LC_") or name in names)
        and not _NEVER.fullmatch(name)
    }
    return passed | {"PYTHONUNBUFFERED": "1"}


def named_variables(environ: Mapping[str, str], names: Sequence[str]) -> dict[str, str]:
    """The named variables that are set, `FORBIDDEN_VARIABLES` aside."""
    return {
        name: value
        for name, value in environ.items()
        if name in names and not _NEVER.fullmatch(name)
    }
