"""Every provider over real HTTP, from the request to the grade and its price."""

from typing import Any, cast

import pytest

from rubric_action.errors import JudgeRefused
from rubric_action.grading.model import Scored, Ungraded
from rubric_action.rubric.model import Judge, JudgeModel, Prices, Provider, Rubric
from tests.fakes.judge import JudgeServer, faults
from tests.grading.samples import (
    KEY,
    POLICY,
    TONE,
    FakeTime,
    Outcome,
    a_case,
    a_rubric,
    a_session,
    grade,
)

PATHS = {
    "openai": "/v1/chat/completions",
    "anthropic": "/v1/messages",
    "azure": "/openai/v1/chat/completions",
    "github": "/inference/chat/completions",
}
MODELS = {"anthropic": "claude-haiku-4-5", "github": "openai/gpt-4o-mini"}
each_provider = pytest.mark.parametrize("provider", PATHS)


def rubric_at(server: JudgeServer, provider: str, **fields: Any) -> Rubric:
    """A rubric of two axes whose judge is this server, spoken to as this provider."""
    name = cast("Provider", provider)
    model = JudgeModel(name, MODELS.get(provider, "gpt-4o-mini"), server.url_for(provider))
    return a_rubric(TONE, POLICY, judge=Judge((model,), **fields))


def tone(outcome: Outcome) -> Scored | Ungraded:
    """The last case's grade of the tone."""
    return outcome.graded[-1].grades["tone"]


@each_provider
def test_a_grade(provider: str) -> None:
    """The key goes into the vendor's header, the grades come from its structured field."""
    with JudgeServer(lambda _, axis: (len(axis) / 10, f"about {axis}"), key=KEY) as server:
        outcome = grade(rubric_at(server, provider))
        (asked,) = server.requests
    assert (asked.path, asked.key) == (PATHS[provider], KEY)
    assert sum(KEY in value for value in asked.headers.values()) == 1
    assert list((asked.schema or {})["properties"]) == ["tone", "policy"]
    assert outcome.graded[0].grades == {
        "tone": Scored(0.4, "about tone"),
        "policy": Scored(0.6, "about policy"),
    }


@each_provider
def test_a_wrong_key(provider: str) -> None:
    """One request, an error that says what to do, and the key is not in it."""
    with JudgeServer(key="another") as server:
        with pytest.raises(JudgeRefused, match="does not accept the") as caught:
            grade(rubric_at(server, provider), *[(a_case(), a_session())] * 3)
        assert len(server.requests) == 1
    assert KEY not in str(caught.value)


@pytest.mark.parametrize(
    ("fault", "cause", "requests"),
    [
        (faults.refusal(), "refusal", 2),
        (faults.cut_by_length(), "cut", 3),
        (faults.content("Sure, that is a 1.0"), "reply", 3),
        (faults.missing_axis("tone"), "reply", 3),
        (faults.wrong_score("tone", 1.5), "reply", 3),
        (faults.status(413), "reply", 1),
    ],
)
@each_provider
def test_replies_without_a_grade(
    provider: str, fault: faults.Fault, cause: str, requests: int
) -> None:
    """Each is ungraded after its tries, and no words of a model become a grade."""
    with JudgeServer() as server:
        server.always(fault)
        outcome = grade(rubric_at(server, provider), effects=FakeTime().effects)
        assert outcome.spend.judge_calls == len(server.requests) == requests
    found = tone(outcome)
    assert isinstance(found, Ungraded)
    assert found.cause == cause


@pytest.mark.parametrize("provider", ["openai", "azure"])
@pytest.mark.parametrize("fault", [faults.content_filter(), faults.prompt_filtered()])
def test_content_filters(provider: str, fault: faults.Fault) -> None:
    """A filter before or behind the model refuses the case, and the run goes on."""
    with JudgeServer() as server:
        server.when(lambda prompt: "poison" in prompt, fault)
        pairs = [(a_case(q), a_session()) for q in ("poison", "fine")]
        outcome = grade(rubric_at(server, provider), *pairs)
    first = outcome.graded[0].grades["tone"]
    assert isinstance(first, Ungraded)
    assert first.cause == "refusal"
    assert isinstance(tone(outcome), Scored)


@pytest.mark.parametrize(
    "fault", [faults.error_object(), faults.status(429), faults.status(529), faults.html()]
)
@each_provider
def test_faults_that_pass(provider: str, fault: faults.Fault) -> None:
    """An error object with 200, throttling and a page are tried again."""
    at = FakeTime()
    with JudgeServer() as server:
        server.queue(fault, fault)
        outcome = grade(rubric_at(server, provider), effects=at.effects)
        assert len(server.requests) == 3
    assert isinstance(tone(outcome), Scored)


@pytest.mark.parametrize(("model", "read"), [("gpt-4o-mini", 0.5), ("claude-haiku-4-5", 0.1)])
def test_cached_tokens_cost_less(model: str, read: float) -> None:
    """The second case finds the first one's prefix in the cache, at the library's price for it."""
    provider = "anthropic" if model.startswith("claude") else "openai"
    pairs = [(a_case(q), a_session("Yes.")) for q in ("one", "two")]
    costs = []
    with JudgeServer() as server:
        rubric = rubric_at(server, provider, prompt="Be strict, and fair. " * 4000)
        for pair in pairs:
            outcome = grade(rubric, pair)
            assert outcome.spend.judge_cost_usd is not None
            costs.append((outcome.spend.judge_cost_usd, outcome.spend.input_tokens))
    (first, sent), (second, sent_again) = costs
    assert abs(sent - sent_again) <= 1
    written = 1.25 if provider == "anthropic" else 1.0
    assert second / first == pytest.approx(read / written, rel=0.2)


def test_cached_tokens_at_the_rubrics_own_price() -> None:
    """It knows one price for what is sent, wherever the provider read it from."""
    own = Prices(1.0, 0.0)
    with JudgeServer() as server:
        model = JudgeModel("anthropic", "claude-of-ours", server.url_for("anthropic"), own)
        rubric = a_rubric(judge=Judge((model,), prompt="Be strict, and fair. " * 400))
        found = [grade(rubric, (a_case(q), a_session())) for q in ("one", "two")]
    for outcome in found:
        assert outcome.spend.input_tokens > 2000
        assert outcome.spend.judge_cost_usd == pytest.approx(outcome.spend.input_tokens / 1e6)


def test_a_deployments_address() -> None:
    """The older kind of address takes the version of the API in its query."""
    with JudgeServer(key=KEY) as server:
        url = f"{server.origin}/openai/deployments/judge"
        judge = Judge((JudgeModel("azure", "gpt-4o-mini", url),))
        outcome = grade(a_rubric(judge=judge))
        assert server.requests[0].path.endswith("/chat/completions?api-version=2024-10-21")
    assert isinstance(tone(outcome), Scored)


def test_a_job_without_the_permission() -> None:
    """GitHub's refusal names no permission, the error does."""
    with JudgeServer() as server:
        denied = {"error": {"code": "unauthorized", "message": "Resource not accessible"}}
        server.always(faults.raw(403, denied))
        with pytest.raises(JudgeRefused, match="models: read"):
            grade(rubric_at(server, "github"))


def test_the_job_is_told_that_the_service_is_gone() -> None:
    """A service that was retired is not asked twice."""
    with JudgeServer() as server:
        server.always(faults.raw(410, {"error": {"code": "gone", "message": "Gone"}}))
        with pytest.raises(JudgeRefused, match="GitHub retired it"):
            grade(rubric_at(server, "github"))
        assert len(server.requests) == 1
