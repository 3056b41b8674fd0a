"""The kinds of findings that a rubric may name."""

from typing import Final

OVERRIDABLE: Final = (
    "hard-gate",
    "regression",
    "threshold",
    "drop",
    "freshness",
    "bar-lowered",
    "case-removed",
    "latency",
    "cost",
)
"""The kinds that fail the gate by default, and that `override.allow` may list."""

SETTABLE: Final = ("judge-unreliable", *OVERRIDABLE)
"""The kinds under `findings:`; `missing` and `ungraded` are errors whatever a rubric says."""
