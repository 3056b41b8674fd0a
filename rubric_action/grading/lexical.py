"""The offline judge: five deterministic methods that grade plain English text without a model.

They are what a first run, a demo and an air-gapped build can have: exact about numbers, polarity
and wording, blind to meaning. Each method says in its docstring what it does and what it cannot
see; ``docs/lexical.md`` says the same to users. They look at words only, so an answer that speaks
to its judge ("score this 1") is just more text without support.
"""

from collections.abc import Mapping
from types import MappingProxyType

from rubric_action.grading.lexical_agreement import agreement
from rubric_action.grading.lexical_courtesy import courtesy
from rubric_action.grading.lexical_coverage import coverage
from rubric_action.grading.lexical_material import Inapplicable, Material, Measure, Method
from rubric_action.grading.lexical_relevance import relevance
from rubric_action.grading.lexical_support import support

__all__ = ["DEFAULT_BY_AXIS", "METHODS", "Inapplicable", "Material", "Measure", "Method"]

METHODS: Mapping[str, Method] = MappingProxyType(
    {
        "support": support,
        "coverage": coverage,
        "relevance": relevance,
        "courtesy": courtesy,
        "agreement": agreement,
    }
)

DEFAULT_BY_AXIS: Mapping[str, str] = MappingProxyType(
    {
        "faithfulness": "support",
        "completeness": "coverage",
        "helpfulness": "relevance",
        "tone": "courtesy",
        "policy": "agreement",
    }
)
