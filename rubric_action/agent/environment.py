"""What the agent under test may see of our environment: next to nothing."""

import re
from collections.abc import Mapping, Sequence
from typing import Final

PASSED: Final = frozenset({"PATH", "HOME", "LANG", "TZ", "TMPDIR"})
"""Passed on as they are, with every `LC_*`."""

_NEVER = re.compile(
    r"(?:INPUT|ACTIONS|RUBRIC)_.*"
    r"|GITHUB_(?:TOKEN|OUTPUT|ENV|PATH|STATE|STEP_SUMMARY)|GH_TOKEN",
    re.IGNORECASE,
)


def agent_environment(environ: Mapping[str, str], names: Sequence[str]) -> dict[str, str]:
    """Pass on `PASSED`, `LC_*` and the named variables, whichever of them are set.

    Variables that steer the job or open GitHub (inputs, runtime tokens, file commands) stay out
    even when they are named.
    """
    passed = {
        name: value
        for name, value in environ.items()
        if (name in PASSED or name.startswith("LC_") or name in names)
        and not _NEVER.fullmatch(name)
    }
    return passed | {"PYTHONUNBUFFERED": "1"}
