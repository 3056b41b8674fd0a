import subprocess
import sys

import pytest

from rubric_action.errors import Place
from rubric_action.rubric.declaration import RUBRIC
from rubric_action.rubric.load import load_rubric
from rubric_action.rubric.model import (
    Agent,
    Approver,
    Approvers,
    Axis,
    Ceilings,
    Embeddings,
    Freshness,
    Http,
    Judge,
    JudgeModel,
    Outputs,
    OverridePolicy,
    Prices,
    Regression,
    Rubric,
    Selector,
    Slice,
)
from rubric_action.rubric.record import ABSENT
from rubric_action.rubric.reference import records
from rubric_action.rubric.rules import Contains, MaxChars, NotMatches, Rule
from tests.rubric.samples import FILE, FULL, SMALL, load_plain, plain


def test_every_key_reaches_the_model() -> None:
    """A rubric that uses every key is read into the values that it says."""
    rubric = load_rubric(FULL, FILE)
    assert rubric.cases == ("eval/cases/**/*.jsonl", "eval/more.yaml")
    assert rubric.agent == Agent(
        Http(
            url="http://localhost:8000/chat",
            method="PUT",
            headers={"X-Key": "Bearer ${AGENT_KEY}"},
            body={"question": "{{input}}", "depth": 3},
            output="choices[0].text",
        ),
        trials=3,
        timeout_s=0.8,
        concurrency=4,
        env=("AGENT_KEY",),
    )
    assert rubric.judge == Judge(
        models=(
            JudgeModel("openai", "gpt-5-mini", "https://models.example.org/v1", Prices(0.25, 2)),
        ),
        prompt="Be strict.",
        temperature=0.5,
        timeout_s=30,
        deadline_s=300,
        concurrency=16,
        calibration="eval/calibration.jsonl",
        min_agreement=0.8,
        canaries=20,
        margin=0.1,
    )
    assert rubric.axes == {
        "faithfulness": Axis(
            "faithfulness",
            "Is every claim supported?",
            anchors=((1, "all are"), (0.5, "a minor one is not"), (0, "one is contradicted")),
            pass_mark=0.8,
            isolate=True,
            per="turn",
            applies_to=Selector(tags=("rag",), negated=Selector(stakes="normal")),
            owner="acme/search",
            lexical="support",
        ),
        "policy": Axis("policy", "Does it obey the policy?", pass_mark=1),
    }


def test_every_key_of_the_bar_reaches_the_model() -> None:
    """The same for rules, slices and what is decided by them."""
    rubric = load_rubric(FULL, FILE)
    assert rubric.rules == (
        Rule("no-keys", NotMatches("(?i)api[_-]?key")),
        Rule("contains-1", Contains("sorry"), turn=1),
        Rule("max_chars-1", MaxChars(2000), axis="policy"),
    )
    assert rubric.slices == {
        "head": Slice(
            "head",
            Selector(("head",), ("a", "b"), "high", "trace", ("x",), 2, 7, 8000),
            minimums={"faithfulness": 0.92, "policy": 1},
            min_pass_rate=0.9,
            hard=True,
            max_drop=0.02,
            latency_p95_s=120,
            cost_per_session_usd=0.08,
            owner="mona",
        ),
        "rest": Slice("rest", Selector(), informational=True),
    }
    assert rubric.regression == Regression(0.03, 7, 0.02, 0.9, "warn", 0.8)
    assert rubric.ceilings == Ceilings(4, 0.1)
    assert rubric.freshness == Freshness(0.5, "eval/corpus.jsonl")
    assert rubric.findings == {"latency": "off", "cost": "warn", "judge-unreliable": "fail"}
    assert rubric.embeddings == Embeddings("embed-1", "http://127.0.0.1:9000")
    assert rubric.override == OverridePolicy(
        "rubric-override",
        Approvers((Approver("mona"), Approver("lisa", 7)), ("acme/ai-leads",), "maintain"),
        allow=("threshold", "bar-lowered"),
        reason_required=False,
        contributors=True,
        max_per_quarter=4,
        ledger="rubric/ledger",
    )


def test_what_is_left_out_has_its_default() -> None:
    """A small rubric is the model with its defaults."""
    rubric = load_rubric(SMALL, FILE)
    assert rubric == Rubric(
        cases=("eval/cases.jsonl",),
        agent=Agent(Outputs("eval/outputs.jsonl")),
        slices={"head": Slice("head", Selector(), {"tone": 0.8})},
        axes={"tone": Axis("tone", "Is the answer kind?")},
        judge=Judge((JudgeModel("lexical"),)),
        digest=rubric.digest,
        places=rubric.places,
    )


def test_writing_every_default_out_changes_nothing() -> None:
    """The declared defaults are the model's."""
    written = plain()
    for path, record in records(RUBRIC, "", set()):
        defaults = {key.name: key.default for key in record.keys if key.default is not ABSENT}
        if path in written:
            written[path].update(defaults)
        elif path in {"regression", "ceilings", "freshness", "embeddings"}:
            written[path] = defaults
    written["axes"]["tone"].update(isolate=False, per="conversation", applies_to="all")
    del written["judge"]["vote"], written["axes"]["tone"]["applies_to"]
    assert load_plain(written).digest == load_rubric(SMALL, FILE).digest


@pytest.mark.parametrize(
    ("agent", "source"),
    [
        ({"outputs": "o.jsonl"}, "Outputs"),
        ({"command": "python agent.py"}, "Command"),
        ({"python": "support.agent:answer"}, "PythonFunction"),
        ({"http": {"url": "https://agent.example.org", "openai": True}}, "Http"),
    ],
)
def test_agents(agent: object, source: str) -> None:
    """Each of the four ways to call an agent is a type of its own."""
    loaded = load_plain({**plain(), "agent": agent})
    assert type(loaded.agent.source).__name__ == source


def test_a_panel() -> None:
    """Several judges vote."""
    judges = [{"provider": "openai", "model": "a"}, {"provider": "anthropic", "model": "b"}]
    rubric = load_plain({**plain(), "judge": {"judges": judges, "vote": "mean"}})
    assert rubric.judge == Judge(
        (JudgeModel("openai", "a"), JudgeModel("anthropic", "b")), vote="mean"
    )


def test_rules_that_settle_every_axis_need_no_judge() -> None:
    """The judge is asked for only where an axis is left to it."""
    value = plain()
    del value["judge"]
    value["rules"] = [{"contains": "thanks", "axis": "tone"}]
    assert load_plain(value).judge is None


def test_places() -> None:
    """Every dotted key has its place, rules under their ids as well."""
    places = load_rubric(FULL, FILE).places
    assert places["slices.head.min.faithfulness"] == Place(FILE, 48, 25)
    assert places["rules.contains-1"] == places["rules[1]"] == Place(FILE, 42, 5)
    assert places["override.approvers.users[1].id"].line == 64
    assert places["axes.faithfulness.anchors.0.5"].line == 32


def test_the_digest_is_of_what_is_said() -> None:
    """Comments, layout and the order of keys leave the digest; a threshold does not."""
    digest = load_rubric(SMALL, FILE).digest
    assert digest.startswith("sha256:")
    assert len(digest) == 7 + 64
    reordered = dict(reversed(plain().items()))
    assert load_plain(reordered).digest == digest
    assert load_rubric(f"# why\n{SMALL}", "other.yaml").digest == digest
    assert load_rubric(SMALL.replace("0.8", "0.81"), FILE).digest != digest


def test_loading_imports_nothing_heavy() -> None:
    """A rubric without patterns and schemas is read without the libraries for them."""
    code = (
        "import sys; from tests.rubric.samples import SMALL; "
        "from rubric_action.rubric.load import load_rubric; load_rubric(SMALL, 'r'); "
        "print([m for m in ('regex', 'jsonschema', 'aiohttp', 'github') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"
