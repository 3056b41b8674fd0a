"""The rubric as values. `load.py` makes them from YAML; nothing else does.

Durations are in seconds, ages in days, money in USD; scores and thresholds run from 0 to 1.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Literal, NamedTuple

from rubric_action.errors import Place
from rubric_action.rubric.rules import Rule

Stakes = Literal["high", "normal"]
Source = Literal["handwritten", "synthetic", "trace"]
Severity = Literal["fail", "warn", "off"]
Provider = Literal["openai", "anthropic", "github", "azure", "lexical"]
Permission = Literal["write", "maintain", "admin"]


class Sets(NamedTuple):
    """The lists of a selector as sets, where thousands of cases are looked up in each."""

    tags: frozenset[str]
    all_tags: frozenset[str]
    ids: frozenset[str]


@dataclass(frozen=True)  # without slots, which would leave `sets` no room
class Selector:
    """Picks cases; every key that is set has to hold. The empty selector picks all."""

    tags: tuple[str, ...] = ()
    all_tags: tuple[str, ...] = ()
    stakes: Stakes | None = None
    source: Source | None = None
    ids: tuple[str, ...] = ()
    min_turns: int | None = None
    max_turns: int | None = None
    min_context_tokens: int | None = None
    negated: "Selector | None" = None

    @cached_property
    def sets(self) -> Sets:
        """`tags`, `all_tags` and `ids` as sets, made once."""
        return Sets(frozenset(self.tags), frozenset(self.all_tags), frozenset(self.ids))


@dataclass(frozen=True, slots=True)
class Outputs:
    """Sessions that an earlier step produced."""

    path: str


@dataclass(frozen=True, slots=True)
class Command:
    """A long-lived process that reads and writes JSONL."""

    command: str


@dataclass(frozen=True, slots=True)
class Http:
    """An agent behind a URL."""

    url: str
    method: str = "POST"
    headers: Mapping[str, str] = field(default_factory=dict)
    body: Any = None
    output: str | None = None
    openai: bool = False


@dataclass(frozen=True, slots=True)
class PythonFunction:
    """`module:function`, called in a child process."""

    target: str


AgentSource = Outputs | Command | Http | PythonFunction


@dataclass(frozen=True, slots=True)
class Agent:
    """The agent under test and how it is run."""

    source: AgentSource
    trials: int = 1
    timeout_s: float = 60.0
    concurrency: int = 8
    env: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Prices:
    """USD a million tokens."""

    input: float
    output: float


@dataclass(frozen=True, slots=True)
class JudgeModel:
    """One model that grades. `model` is empty for `lexical` only."""

    provider: Provider
    model: str = ""
    base_url: str | None = None
    prices: Prices | None = None


@dataclass(frozen=True, slots=True)
class Judge:
    """Who grades the axes, and how strictly it is itself watched."""

    models: tuple[JudgeModel, ...]
    vote: Literal["majority", "mean"] = "majority"
    prompt: str = ""
    temperature: float = 0.0
    timeout_s: float = 60.0
    deadline_s: float = 600.0
    concurrency: int = 32
    calibration: str | None = None
    min_agreement: float = 0.6
    canaries: int = 12
    margin: float = 0.05


@dataclass(frozen=True, slots=True)
class Axis:
    """One quality graded from 0 to 1."""

    name: str
    ask: str
    anchors: tuple[tuple[float, str], ...] = ()
    pass_mark: float = 0.5
    isolate: bool = False
    per: Literal["conversation", "turn"] = "conversation"
    applies_to: Selector | None = None
    owner: str | None = None
    lexical: str | None = None


@dataclass(frozen=True, slots=True)
class Slice:
    """A named group of cases and the bar that it has to clear."""

    name: str
    select: Selector
    minimums: Mapping[str, float] = field(default_factory=dict)
    min_pass_rate: float | None = None
    hard: bool = False
    max_drop: float | None = None
    latency_p95_s: float | None = None
    cost_per_session_usd: float | None = None
    informational: bool = False
    owner: str | None = None

    @property
    def barred(self) -> bool:
        """Whether falling short here can block a merge."""
        has_bar = self.hard or bool(self.minimums) or self.min_pass_rate is not None
        return has_bar and not self.informational


@dataclass(frozen=True, slots=True)
class Regression:
    """How a fall and a case that used to pass are judged."""

    max_drop: float | None = None
    confirm: int = 5
    alpha: float = 0.01
    confidence: float = 0.95
    unconfirmed: Literal["fail", "warn"] = "fail"
    commit: float = 0.75


@dataclass(frozen=True, slots=True)
class Ceilings:
    """Limits that are weighed only after quality has passed."""

    latency_p95_s: float | None = None
    cost_per_session_usd: float | None = None


@dataclass(frozen=True, slots=True)
class Freshness:
    """How old the context that answers lean on may be."""

    max_context_age_days: float | None = None
    corpus: str | None = None


@dataclass(frozen=True, slots=True)
class Embeddings:
    """The model behind `similar_to`; None is the judge's own."""

    model: str | None = None
    base_url: str | None = None


@dataclass(frozen=True, slots=True)
class Approver:
    """A person by login, pinned by id where the rubric says so."""

    login: str
    id: int | None = None


@dataclass(frozen=True, slots=True)
class Approvers:
    """Who may sign an override; teams are `org/slug`."""

    users: tuple[Approver, ...] = ()
    teams: tuple[str, ...] = ()
    permission: Permission | None = None


@dataclass(frozen=True, slots=True)
class OverridePolicy:
    """Who may ship a known failure, of which kinds, and what is asked of them."""

    label: str
    approvers: Approvers
    allow: tuple[str, ...] = ()
    reason_required: bool = True
    contributors: bool = False
    max_per_quarter: int | None = None
    ledger: str | None = None


@dataclass(frozen=True, slots=True)
class Rubric:
    """The whole file. `places` maps dotted keys (`slices.head.min.tone`) to where they stand."""

    cases: tuple[str, ...]
    agent: Agent
    slices: Mapping[str, Slice]
    axes: Mapping[str, Axis] = field(default_factory=dict)
    rules: tuple[Rule, ...] = ()
    judge: Judge | None = None
    regression: Regression = Regression()
    ceilings: Ceilings = Ceilings()
    freshness: Freshness = Freshness()
    findings: Mapping[str, Severity] = field(default_factory=dict)
    embeddings: Embeddings = Embeddings()
    override: OverridePolicy | None = None
    digest: str = ""
    places: Mapping[str, Place] = field(default_factory=dict)
