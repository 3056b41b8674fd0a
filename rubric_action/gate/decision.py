"""The verdict with everything that it rests on, before and after a signature."""

from collections.abc import Mapping
from dataclasses import dataclass

from rubric_action.gate.doubt import Doubt
from rubric_action.gate.model import Ceiling, Finding, Node, SliceSummary, Verdict
from rubric_action.gate.override.model import Override


@dataclass(frozen=True, slots=True)
class Measured:
    """What the run came to, whoever signs for it afterwards."""

    verdict: Verdict
    headline: str
    next_step: str


@dataclass(frozen=True, slots=True)
class Decision:
    """The verdict with the whole tree it rests on.

    `measured` is the verdict without any override; `override` is None where nobody could have
    signed, on a laptop or for a baseline. `edited` names the committed cases of the baseline whose
    content is not what it was then, `doubts` those that fail now and what they came to.
    """

    verdict: Verdict
    headline: str
    next_step: str
    measured: Measured
    steps: tuple[Node, ...]
    slices: Mapping[str, SliceSummary]
    ceilings: tuple[Ceiling, ...]
    flaky: tuple[str, ...] = ()
    edited: tuple[str, ...] = ()
    doubts: tuple[Doubt, ...] = ()
    override: Override | None = None

    @property
    def findings(self) -> tuple[Finding, ...]:
        """All findings, in the order in which the steps weigh them."""
        return tuple(finding for step in self.steps for finding in step.findings)
