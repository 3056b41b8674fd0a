from typing import Any

import pytest

from rubric_action.rubric.bar_change import BarChange
from rubric_action.rubric.declaration import RUBRIC
from rubric_action.rubric.decode import Decoder
from rubric_action.rubric.record import Record
from rubric_action.rubric.reference import records
from rubric_action.rubric.shapes import Named
from tests.rubric.bars import NONE, changes, put, sample
from tests.rubric.samples import FULL, plain

DOWN, UP, BOTH, NEITHER = (True, False), (False, True), (True, True), (False, False)
"""Which way lowers the bar: from the first value to the second, back, both, or neither."""

# key of the declaration, where it stands in the sample, two values, which way lowers the bar
TABLE: list[tuple[str, str, Any, Any, tuple[bool, bool]]] = [
    ("cases", "cases", ["a.jsonl", "b.jsonl"], ["a.jsonl"], DOWN),
    ("cases", "cases", "a.jsonl", "b.jsonl", BOTH),
    ("agent.outputs", "agent", {"outputs": "a"}, {"outputs": "b"}, NEITHER),
    ("agent.command", "agent", {"outputs": "a"}, {"command": "b"}, UP),
    ("agent.python", "agent", {"python": "a:b"}, {"command": "b"}, NEITHER),
    ("agent.http.url", "agent.http.url", "http://a", "http://b", NEITHER),
    ("agent.http.method", "agent.http.method", "POST", "GET", NEITHER),
    ("agent.http.headers", "agent.http.headers", {}, {"X": "y"}, NEITHER),
    ("agent.http.body", "agent.http.body", {"a": 1}, {"a": 2}, NEITHER),
    ("agent.http.output", "agent.http.output", "a", NONE, NEITHER),
    ("agent.http.openai", "agent.http.openai", True, False, NEITHER),
    ("agent.trials", "agent.trials", 3, 2, DOWN),
    ("agent.trials", "agent.trials", 3, NONE, DOWN),
    ("agent.timeout", "agent.timeout", "60s", "90s", NEITHER),
    ("agent.concurrency", "agent.concurrency", 8, 9, NEITHER),
    ("agent.env", "agent.env", ["AGENT_KEY"], ["AGENT_KEY", "B"], NEITHER),
    ("judge.provider", "judge.provider", "openai", "anthropic", NEITHER),
    ("judge.model", "judge.model", "a", "b", NEITHER),
    ("judge.base_url", "judge.base_url", "https://a", NONE, NEITHER),
    ("judge.prices.input", "judge.prices.input", 1, 2, NEITHER),
    ("judge.prices.output", "judge.prices.output", 1, 2, NEITHER),
    ("judge.vote", "judge.vote", "mean", "majority", NEITHER),
    ("judge.judges[].provider", "judge.judges.0.provider", "openai", "anthropic", NEITHER),
    ("judge.judges[].model", "judge.judges.0.model", "a", "b", NEITHER),
    ("judge.judges[].base_url", "judge.judges.0.base_url", "https://a", NONE, NEITHER),
    ("judge.judges[].prices", "judge.judges.0.prices", {"input": 1, "output": 1}, NONE, NEITHER),
    ("judge.prompt", "judge.prompt", "Be strict.", "Be kind.", NEITHER),
    ("judge.temperature", "judge.temperature", 0, 1, NEITHER),
    ("judge.timeout", "judge.timeout", "60s", "30s", NEITHER),
    ("judge.deadline", "judge.deadline", "10m", "5m", NEITHER),
    ("judge.concurrency", "judge.concurrency", 32, 16, NEITHER),
    ("judge.calibration", "judge.calibration", "a.jsonl", NONE, DOWN),
    ("judge.calibration", "judge.calibration", "a.jsonl", "b.jsonl", NEITHER),
    ("judge.min_agreement", "judge.min_agreement", 0.8, 0.7, DOWN),
    ("judge.canaries", "judge.canaries", 12, 11, DOWN),
    ("judge.margin", "judge.margin", 0.1, 0, NEITHER),
    ("axes.<name>.ask", "axes.policy.ask", "A?", "B?", NEITHER),
    ("axes.<name>.anchors", "axes.policy.anchors", {"1": "a"}, NONE, NEITHER),
    ("axes.<name>.pass", "axes.policy.pass", 0.8, 0.7, DOWN),
    ("axes.<name>.pass", "axes.policy.pass", 0.8, NONE, DOWN),
    ("axes.<name>.isolate", "axes.policy.isolate", True, False, NEITHER),
    ("axes.<name>.per", "axes.policy.per", "turn", "conversation", DOWN),
    ("axes.<name>.applies_to", "axes.policy.applies_to", NONE, {"stakes": "high"}, DOWN),
    ("axes.<name>.applies_to", "axes.policy.applies_to", {"tags": ["a"]}, {"tags": ["b"]}, BOTH),
    ("axes.<name>.owner", "axes.policy.owner", "a", NONE, NEITHER),
    ("axes.<name>.lexical", "axes.policy.lexical", "a", "b", NEITHER),
    ("slices.<name>.select", "slices.head.select", {"tags": ["a", "b"]}, {"tags": ["a"]}, DOWN),
    ("slices.<name>.min", "slices.head.min.policy", 0.92, 0.8, DOWN),
    ("slices.<name>.min", "slices.head.min.policy", 0.92, NONE, DOWN),
    ("slices.<name>.min_pass_rate", "slices.head.min_pass_rate", 0.9, 0.8, DOWN),
    ("slices.<name>.min_pass_rate", "slices.head.min_pass_rate", 0.9, NONE, DOWN),
    ("slices.<name>.gate", "slices.head.gate", "hard", NONE, DOWN),
    ("slices.<name>.max_drop", "slices.head.max_drop", 0.02, 0.05, DOWN),
    ("slices.<name>.max_drop", "slices.head.max_drop", 0.02, NONE, DOWN),
    ("slices.<name>.max_drop", "slices.head.max_drop", 0.2, NONE, UP),
    ("slices.<name>.latency_p95", "slices.head.latency_p95", "2s", "3s", DOWN),
    ("slices.<name>.latency_p95", "slices.head.latency_p95", "2s", NONE, DOWN),
    ("slices.<name>.cost_per_session", "slices.head.cost_per_session", 0.1, 0.2, DOWN),
    ("slices.<name>.informational", "slices.head.informational", NONE, True, DOWN),
    ("slices.<name>.owner", "slices.head.owner", "a", "b", NEITHER),
    ("regression.max_drop", "regression.max_drop", 0.03, 0.04, DOWN),
    ("regression.max_drop", "regression.max_drop", 0.03, NONE, DOWN),
    ("regression.confirm", "regression.confirm", 5, 6, BOTH),
    ("regression.alpha", "regression.alpha", 0.02, 0.01, DOWN),
    ("regression.confidence", "regression.confidence", 0.9, 0.95, DOWN),
    ("regression.unconfirmed", "regression.unconfirmed", "fail", "warn", DOWN),
    ("regression.commit", "regression.commit", 0.75, 0.9, DOWN),
    ("ceilings.latency_p95", "ceilings.latency_p95", "4s", "5s", DOWN),
    ("ceilings.latency_p95", "ceilings.latency_p95", "4s", NONE, DOWN),
    ("ceilings.cost_per_session", "ceilings.cost_per_session", 0.08, 0.09, DOWN),
    ("freshness.max_context_age", "freshness.max_context_age", "90d", "91d", DOWN),
    ("freshness.max_context_age", "freshness.max_context_age", "90d", NONE, DOWN),
    ("freshness.corpus", "freshness.corpus", "a.jsonl", NONE, DOWN),
    ("freshness.corpus", "freshness.corpus", "a.jsonl", "b.jsonl", BOTH),
    ("findings", "findings.drop", "fail", "warn", DOWN),
    ("findings", "findings.drop", "warn", "off", DOWN),
    ("findings", "findings.drop", NONE, "off", DOWN),
    ("findings", "findings.judge-unreliable", NONE, "fail", DOWN),
    ("embeddings.model", "embeddings.model", "a", "b", NEITHER),
    ("embeddings.base_url", "embeddings.base_url", "https://a", "https://b", NEITHER),
    ("override.label", "override.label", "a", "b", NEITHER),
    ("override.allow", "override.allow", ["drop"], ["drop", "cost"], DOWN),
    ("override.reason", "override.reason", "required", "optional", DOWN),
    ("override.contributors", "override.contributors", False, True, DOWN),
    ("override.max_per_quarter", "override.max_per_quarter", 4, 5, DOWN),
    ("override.max_per_quarter", "override.max_per_quarter", 4, NONE, DOWN),
    ("override.ledger", "override.ledger", "a", NONE, NEITHER),
    ("override.approvers.teams", "override.approvers.teams", ["a/b"], ["a/b", "a/c"], DOWN),
    ("override.approvers.permission", "override.approvers.permission", "admin", "write", DOWN),
    ("override.approvers.permission", "override.approvers.permission", NONE, "admin", DOWN),
    ("override.approvers.users[].login", "override.approvers.users", ["a"], ["a", "b"], DOWN),
    ("override.approvers.users[].login", "override.approvers.users", ["a"], ["b"], BOTH),
    (
        "override.approvers.users[].id",
        "override.approvers.users",
        [{"login": "a", "id": 1}],
        ["a"],
        DOWN,
    ),
    (
        "override.approvers.users[].id",
        "override.approvers.users",
        [{"login": "a", "id": 1}],
        [{"login": "a", "id": 2}],
        BOTH,
    ),
    ("rules", "rules", [{"contains": "a"}, {"cites": "b"}], [{"contains": "a"}], DOWN),
    ("rules", "rules", [{"id": "x", "contains": "a"}], [{"id": "x", "contains": "b"}], BOTH),
    ("rules", "rules", [{"id": "x", "contains": "a"}], [{"id": "y", "contains": "a"}], NEITHER),
]

NOT_COMPARED = {"version"}
"""There is one version, so that it cannot differ."""


@pytest.mark.parametrize(("key", "path", "one", "other", "lowers"), TABLE)
def test_every_key_both_ways(
    key: str, path: str, one: Any, other: Any, lowers: tuple[bool, bool]
) -> None:
    """A change of any key is told, and lowers the bar the way that the table says."""
    base, head = put(sample(path), path, one), put(sample(path), path, other)
    there, back = changes(base, head), changes(head, base)
    assert (any(c.lowered for c in there), any(c.lowered for c in back)) == lowers
    renamed = key == "rules" and lowers == NEITHER
    assert bool(there) is bool(back) is not renamed
    stem = path.split(".", maxsplit=1)[0]
    assert all(c.key.startswith(stem) and f"`{c.key}`" in c.sentence for c in there + back)


def leads_to_a_record(decoder: Decoder[Any]) -> bool:
    """Whether a key has keys of its own, selectors and rules aside."""
    if isinstance(decoder, Record):
        return True
    if isinstance(decoder, Named):
        return False
    return any(leads_to_a_record(part) for _, part in decoder.parts())


def test_the_table_holds_every_key() -> None:
    """A key that is added to the declaration has to be classed here."""
    declared = set()
    for path, record in records(RUBRIC, "", set()):
        if path == "selector" or path.startswith("rules"):
            continue
        prefix = "" if path == "the file" else f"{path}."
        declared |= {prefix + key.name for key in record.keys if not leads_to_a_record(key.decoder)}
    declared |= {"rules", "judge.judges[].prices"}
    assert {key for key, *_ in TABLE} | NOT_COMPARED == declared


def test_no_change() -> None:
    """A rubric compared with itself, however it is laid out, has no changes."""
    value = plain(FULL)
    assert changes(value, dict(reversed(value.items()))) == ()


@pytest.mark.parametrize(
    ("path", "one", "other", "sentence"),
    [
        ("slices.head.min.policy", 0.92, 0.8, "`slices.head.min.policy` goes from 0.92 to 0.80"),
        ("slices.head.max_drop", 0.02, NONE, "`slices.head.max_drop` is removed; it was 0.02"),
        ("slices.head.gate", "hard", NONE, "`slices.head.gate` is removed; it was hard"),
        ("ceilings.latency_p95", "4s", "90s", "`ceilings.latency_p95` goes from 4s to 90s"),
        ("ceilings.cost_per_session", NONE, 0.08, "`ceilings.cost_per_session` is added: $0.08"),
        (
            "freshness.max_context_age",
            "90d",
            "36h",
            "`freshness.max_context_age` goes from 90d to 36h",
        ),
        ("findings.drop", NONE, "off", "`findings.drop` goes from fail to off"),
        ("judge.prompt", "x" * 200, "y", "`judge.prompt` changes"),
        ("agent.http.headers", {}, {"X": "secret"}, "`agent.http.headers` changes"),
        ("override.allow", ["drop"], ["cost", "drop"], "`override.allow` is added: cost"),
        (
            "slices.head.select",
            {"tags": ["a"], "not": {"min_turns": 4}},
            "all",
            "`slices.head.select` goes from {tags: [a], not: {min_turns: 4}} to all",
        ),
        (
            "rules",
            [{"contains": "sorry"}],
            [{"not_contains": "sorry", "turn": 2}],
            '`rules.contains-1` is removed; it was {"contains": "sorry"}',
        ),
        (
            "axes.policy.anchors",
            {"1": "all", "0": "none"},
            NONE,
            "`axes.policy.anchors` is removed; it was {1: all, 0: none}",
        ),
    ],
)
def test_sentences(path: str, one: Any, other: Any, sentence: str) -> None:
    """Each change reads as a sentence."""
    value = sample(path)
    told = changes(put(value, path, one), put(value, path, other))
    assert sentence in [change.sentence for change in told]


def test_a_change_names_its_slice_and_axis() -> None:
    """A finding about the bar can be shown beside the slice that it loosens."""
    [change] = changes(plain(FULL), put(plain(FULL), "slices.head.min.policy", 0.5))
    assert change == BarChange(
        "slices.head.min.policy",
        "1.00",
        "0.50",
        True,
        "`slices.head.min.policy` goes from 1.00 to 0.50",
        slice="head",
        axis="policy",
    )


@pytest.mark.parametrize(
    ("path", "lowered"), [("slices.head", True), ("slices.rest", True), ("override", False)]
)
def test_whole_sections_removed(path: str, lowered: bool) -> None:
    """A slice that goes lowers the bar; an override policy that goes does not."""
    value = sample(path)
    [gone] = changes(value, put(value, path, NONE))
    assert (gone.key, gone.lowered) == (path, lowered)
    [back] = changes(put(value, path, NONE), value)
    assert (back.key, back.lowered) == (path, path == "override")


def test_an_axis_removed() -> None:
    """An axis that goes lowers the bar, and so does each threshold that went with it."""
    value = sample("")
    head = put(put(value, "axes.policy", NONE), "slices.head.min.policy", NONE)
    assert [(c.key, c.lowered) for c in changes(value, head)] == [
        ("axes.policy", True),
        ("slices.head.min.policy", True),
    ]
    assert [c.lowered for c in changes(head, value)] == [False, False]


def test_a_judge_removed() -> None:
    """Taking the judge away matters to the bar where people's grades kept a watch on it."""
    watched = put(
        sample(""),
        "rules",
        [
            {"contains": "a", "axis": "policy"},
            {"contains": "b", "axis": "faithfulness"},
        ],
    )
    [gone] = changes(watched, put(watched, "judge", NONE))
    assert (gone.key, gone.lowered) == ("judge", True)
    unwatched = put(watched, "judge.calibration", NONE)
    [gone] = changes(unwatched, put(unwatched, "judge", NONE))
    assert not gone.lowered


def test_a_rule_that_takes_an_axis_from_the_judge() -> None:
    """One more rule is stricter, unless it settles what the judge graded until now."""
    value = sample("")
    plain_rule = [*value["rules"], {"cites": "a"}]
    assert [c.lowered for c in changes(value, put(value, "rules", plain_rule))] == [False]
    settling = [*value["rules"], {"id": "easy", "contains": "a", "axis": "policy"}]
    [change] = changes(value, put(value, "rules", settling))
    assert change.lowered
    assert change.sentence == "`rules.easy` takes the axis `policy` from the judge"
    second = [*settling, {"cites": "b", "axis": "policy"}]
    assert [
        c.lowered for c in changes(put(value, "rules", settling), put(value, "rules", second))
    ] == [False]


def test_an_informational_slice_holds_no_bar() -> None:
    """What a slice that only informs asks for may change; that it goes may not."""
    value = sample("")
    value["slices"]["rest"] |= {"min": {"policy": 0.9}, "max_drop": 0.1, "latency_p95": "2s"}
    for path, new in (
        ("slices.rest.min.policy", 0.1),
        ("slices.rest.max_drop", 0.5),
        ("slices.rest.latency_p95", NONE),
        ("slices.rest.select", {"tags": ["x"]}),
    ):
        [change] = changes(value, put(value, path, new))
        assert not change.lowered


def test_a_slice_s_own_drop_is_weighed_against_what_held_before() -> None:
    """Without a limit of its own a slice has the rubric's, so that a wider one is looser."""
    base = put(sample(""), "slices.head.max_drop", NONE)
    assert [c.lowered for c in changes(base, put(base, "slices.head.max_drop", 0.04))] == [True]
    assert [c.lowered for c in changes(base, put(base, "slices.head.max_drop", 0.01))] == [False]
