from collections.abc import Mapping, Sequence
from typing import Any

import pytest

from rubric_action.cases.model import Case, UserTurn
from rubric_action.errors import InputError, Place
from rubric_action.grading.embedding_setup import (
    EmbeddingModel,
    asked_models,
    check_comparisons,
    embedding_model,
    embedding_model_of,
    embeddings_key,
)
from rubric_action.grading.embeddings import LONGEST_TEXT
from rubric_action.grading.keys import judge_keys
from rubric_action.rubric.model import Embeddings, Judge, JudgeModel, Rubric
from rubric_action.rubric.rules import Contains, Rule, SimilarTo
from tests.grading.samples import KEY, a_case, a_rubric

OWN = "https://api.openai.com/v1"
ELSEWHERE = "https://vectors.acme.example/v1"
GATEWAY = "https://gateway.acme.example/v1"
LOCAL = "http://127.0.0.1:8000/v1"
AZURE = "https://acme.openai.azure.com"
SMALL = "text-embedding-3-small"

OPENAI = JudgeModel("openai", "gpt-4o-mini")
ANTHROPIC = JudgeModel("anthropic", "claude-haiku-4-5")
GITHUB = JudgeModel("github", "openai/gpt-4o-mini")
LEXICAL = JudgeModel("lexical")
NEAR = Rule("near", SimilarTo("x", 0.8))


def rubric(
    *judges: JudgeModel, model: str | None = None, base_url: str | None = None, **more: Any
) -> Rubric:
    """A rubric with these judges, and with this section on embeddings."""
    judge = Judge(judges) if judges else None
    return a_rubric(judge=judge, embeddings=Embeddings(model, base_url), **more)


def at(provider: Any, base_url: str) -> JudgeModel:
    """A judge at an address."""
    return JudgeModel(provider, "m", base_url)


def problems(found: Rubric, *cases: Case, **given: Any) -> list[str]:
    """All that is told to be wrong, with its place."""
    with pytest.raises(InputError) as caught:
        check_comparisons(found, cases, **given)
    return [str(problem) for problem in caught.value.problems]


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        (rubric(OPENAI), ("openai", SMALL, OWN, 0)),
        (rubric(OPENAI, model="m"), ("openai", "m", OWN, 0)),
        (rubric(at("openai", f"{GATEWAY}/")), ("openai", SMALL, GATEWAY, 0)),
        (rubric(OPENAI, base_url=ELSEWHERE), ("openai", SMALL, ELSEWHERE, None)),
        (rubric(OPENAI, base_url=f"{OWN}/"), ("openai", SMALL, OWN, 0)),
        (rubric(ANTHROPIC, model="m", base_url=OWN), ("openai", "m", OWN, None)),
        (
            rubric(at("anthropic", GATEWAY), model="m", base_url=GATEWAY),
            ("openai", "m", GATEWAY, 0),
        ),
        (rubric(LEXICAL, model="m", base_url=LOCAL), ("openai", "m", LOCAL, None)),
        (rubric(model="m", base_url=LOCAL), ("openai", "m", LOCAL, None)),
        (rubric(ANTHROPIC, LEXICAL, OPENAI), ("openai", SMALL, OWN, 2)),
        (
            rubric(GITHUB),
            ("github", "openai/text-embedding-3-small", "https://models.github.ai/inference", 0),
        ),
        (rubric(at("azure", AZURE), model="d"), ("azure", "d", AZURE, 0)),
        (
            rubric(at("azure", f"{AZURE}/openai/v1"), model="d"),
            ("azure", "d", f"{AZURE}/openai/v1", 0),
        ),
        (
            rubric(at("azure", f"{AZURE}/openai/deployments/gpt"), model="d"),
            ("azure", "d", f"{AZURE}/openai/v1", 0),
        ),
        (
            rubric(at("azure", AZURE), model="d", base_url=f"{AZURE}/openai/deployments/d"),
            ("azure", "d", f"{AZURE}/openai/deployments/d", 0),
        ),
    ],
)
def test_what_the_rubric_settles_on(
    given: Rubric, expected: tuple[Any, str, str, int | None]
) -> None:
    """The section's own, else the judge's; and the judge whose key opens it."""
    assert embedding_model(given) == EmbeddingModel(*expected)
    assert embedding_model_of(given) == EmbeddingModel(*expected)


@pytest.mark.parametrize(
    ("provider", "base_url", "path"),
    [
        ("openai", OWN, "/embeddings"),
        ("github", "https://models.github.ai/inference", "/embeddings"),
        ("azure", AZURE, "/openai/v1/embeddings"),
        ("azure", f"{AZURE}/openai/v1", "/embeddings"),
        ("azure", f"{AZURE}/openai/deployments/d", "/embeddings?api-version=2024-10-21"),
    ],
)
def test_the_path(provider: Any, base_url: str, path: str) -> None:
    """Each vendor's embeddings stand beside its chat completions."""
    assert EmbeddingModel(provider, "m", base_url, 0).path == path


@pytest.mark.parametrize(
    ("given", "told"),
    [
        (rubric(ANTHROPIC), ["base_url`: it is missing, and `anthropic` makes", "model`: it is"]),
        (rubric(ANTHROPIC, model="m"), ["base_url`: it is missing, and `anthropic` makes"]),
        (rubric(ANTHROPIC, base_url=OWN), ["model`: it is missing"]),
        (rubric(LEXICAL, model="m"), ["`lexical` makes no embeddings"]),
        (rubric(ANTHROPIC, LEXICAL, model="m"), ["`anthropic` and `lexical` make no"]),
        (rubric(), ["base_url`: it is missing, and there is no judge", "model`: it is missing"]),
        (rubric(base_url=LOCAL), ["model`: it is missing"]),
        (rubric(at("azure", AZURE)), ["model`: it is missing"]),
        (rubric(OPENAI, base_url="http://vectors.acme.example"), ["not encrypted"]),
        (rubric(OPENAI, base_url="https://10.0.0.1/v1"), ["where a judge may not be"]),
    ],
)
def test_what_is_left_open(given: Rubric, told: Sequence[str]) -> None:
    """Each is a problem, and none is guessed; who needs no embeddings is not told."""
    with pytest.raises(InputError) as caught:
        embedding_model(given)
    found = [str(problem) for problem in caught.value.problems]
    assert len(found) == len(told)
    for problem, words in zip(found, told, strict=True):
        assert words in problem
        assert "embeddings." in problem
    assert embedding_model_of(given) is None


def test_a_private_address_where_it_is_allowed() -> None:
    """As for a judge."""
    found = embedding_model(rubric(model="m", base_url="https://10.0.0.1/v1"), private=True)
    assert found.base_url == "https://10.0.0.1/v1"


OF_A, OF_O, OF_R = "sk-anthropic", "sk-openai", "sk-rubric"


@pytest.mark.parametrize(
    ("given", "environ", "key"),
    [
        (rubric(OPENAI), {"OPENAI_API_KEY": OF_O}, None),
        (rubric(OPENAI, base_url=f"{OWN}/v2"), {"OPENAI_API_KEY": OF_O}, None),
        (
            rubric(ANTHROPIC, base_url=OWN),
            {"ANTHROPIC_API_KEY": OF_A, "OPENAI_API_KEY": OF_O},
            OF_O,
        ),
        (rubric(ANTHROPIC, base_url=OWN), {"ANTHROPIC_API_KEY": OF_A}, None),
        (
            rubric(ANTHROPIC, base_url=OWN),
            {"RUBRIC_JUDGE_API_KEY": OF_R, "OPENAI_API_KEY": OF_O},
            OF_O,
        ),
        (rubric(ANTHROPIC, base_url=OWN), {"RUBRIC_JUDGE_API_KEY": OF_R}, None),
        (rubric(at("anthropic", GATEWAY), base_url=GATEWAY), {"RUBRIC_JUDGE_API_KEY": OF_R}, None),
        (rubric(OPENAI, base_url=ELSEWHERE), {"OPENAI_API_KEY": OF_O}, None),
        (
            rubric(OPENAI, base_url=ELSEWHERE),
            {"OPENAI_API_KEY": OF_O, "RUBRIC_JUDGE_API_KEY": OF_R},
            OF_R,
        ),
        (rubric(OPENAI, base_url=LOCAL), {"OPENAI_API_KEY": OF_O}, None),
        (rubric(LEXICAL, base_url=OWN), {"OPENAI_API_KEY": OF_O}, OF_O),
        (rubric(LEXICAL, base_url=ELSEWHERE), {"RUBRIC_JUDGE_API_KEY": OF_R}, OF_R),
        (rubric(base_url=ELSEWHERE), {"RUBRIC_JUDGE_API_KEY": OF_R, "OPENAI_API_KEY": OF_O}, OF_R),
        (rubric(base_url=ELSEWHERE), {"OPENAI_API_KEY": " "}, None),
        (rubric(), {"OPENAI_API_KEY": OF_O}, None),
    ],
)
def test_the_key(given: Rubric, environ: Mapping[str, str], key: str | None) -> None:
    """None at a judge's address; elsewhere one that cannot be meant for the judge as well."""
    assert embeddings_key(given, environ) == key
    judges = judge_keys(asked_models(given), environ)[: len(asked_models(given)) - 1]
    assert key is None or key not in judges


def test_who_needs_a_key() -> None:
    """What makes embeddings elsewhere counts as one more judge, so that no key serves both."""
    assert asked_models(rubric(OPENAI)) == (OPENAI,)
    assert asked_models(rubric(OPENAI, base_url=OWN)) == (OPENAI,)
    elsewhere = rubric(OPENAI, model="m", base_url=ELSEWHERE)
    assert asked_models(elsewhere) == (OPENAI, JudgeModel("openai", "m", ELSEWHERE))
    both = {"OPENAI_API_KEY": OF_O, "RUBRIC_JUDGE_API_KEY": OF_R}
    assert judge_keys(asked_models(elsewhere), both) == (OF_O, OF_R)


def test_a_general_key_stands_in_place_of_the_variable() -> None:
    """As the action's input does."""
    assert embeddings_key(rubric(base_url=ELSEWHERE), {}, "sk-input") == "sk-input"


def test_an_endpoint_carries_the_key_of_its_judge() -> None:
    """Its own comes first, and no `repr` shows either."""
    shared = EmbeddingModel("openai", "m", OWN, 1)
    assert shared.endpoint(None, [None, "sk-second"]).key == "sk-second"
    assert shared.endpoint("sk-own", [None, "sk-second"]).key == "sk-own"
    assert EmbeddingModel("openai", "m", OWN, None).endpoint(None, ["sk-first"]).key is None
    assert "sk-" not in repr(shared.endpoint("sk-own", [None, None]))


def test_without_comparisons_nothing_is_needed() -> None:
    """A rubric that compares no texts has no endpoint to settle."""
    other = Rule("fine", Contains("x"))
    check_comparisons(rubric(rules=(other,)), [a_case(rules=(other,))])


@pytest.mark.parametrize(
    ("given", "cases"),
    [
        (rubric(rules=(NEAR,), places={"rules[0]": Place("r.yaml", 4)}), []),
        (rubric(), [a_case(), a_case(rules=(NEAR,), place=Place("r.yaml", 4))]),
        (rubric(), [Case("c", (UserTurn("q", (NEAR,)),), place=Place("r.yaml", 4))]),
        (rubric(LEXICAL, rules=(NEAR,), places={"embeddings": Place("r.yaml", 4)}), []),
    ],
    ids=["rubric", "case", "turn", "section"],
)
def test_what_is_missing_is_told_where_it_is_needed(given: Rubric, cases: list[Case]) -> None:
    """At the section, or at the first rule that compares."""
    found = problems(given, *cases)
    assert len(found) == 2
    assert all(problem.startswith("r.yaml:4: `embeddings.") for problem in found)


def test_each_problem_stands_at_its_key() -> None:
    """An address and a model have places of their own."""
    places = {"embeddings.base_url": Place("r.yaml", 9), "embeddings": Place("r.yaml", 8)}
    found = problems(rubric(base_url="http://a.example", rules=(NEAR,), places=places))
    assert [one.partition(": ")[0] for one in found] == ["r.yaml:8", "r.yaml:9"]


def test_an_endpoint_needs_a_key() -> None:
    """Its own or its judge's, which is told to be missing with the judge; on this machine none."""
    elsewhere = rubric(OPENAI, model="m", base_url=ELSEWHERE, rules=(NEAR,))
    [problem] = problems(elsewhere, keys=[KEY])
    assert "there is no key for `https://vectors.acme.example/v1`" in problem
    assert "RUBRIC_JUDGE_API_KEY or OPENAI_API_KEY" in problem
    check_comparisons(elsewhere, [], key=KEY)
    check_comparisons(rubric(OPENAI, rules=(NEAR,)), [], keys=[KEY])
    check_comparisons(rubric(OPENAI, rules=(NEAR,)), [])
    check_comparisons(rubric(model="m", base_url=LOCAL, rules=(NEAR,)), [])


def test_a_key_has_to_fit_a_header() -> None:
    """A line break would end up in the request."""
    [problem] = problems(rubric(OPENAI, rules=(NEAR,)), keys=["sk\n"])
    assert "no header may hold" in problem


def test_a_limit_needs_a_price() -> None:
    """A model that the library does not know has no limit that could be kept."""
    check_comparisons(rubric(OPENAI, rules=(NEAR,)), [], keys=[KEY], max_cost_usd=1.0)
    own = rubric(OPENAI, model="of-our-own", rules=(NEAR,))
    check_comparisons(own, [], keys=[KEY])
    [problem] = problems(own, keys=[KEY], max_cost_usd=1.0)
    assert "no price is known for `of-our-own`" in problem


def test_a_text_that_no_model_takes() -> None:
    """Each rule with one is told, where it stands."""
    longer = Rule("long", SimilarTo("x" * (LONGEST_TEXT + 1), 0.8))
    places = {"rules[1]": Place("r.yaml", 5)}
    case = a_case(rules=(longer,), place=Place("c.jsonl", 2))
    found = problems(rubric(OPENAI, rules=(NEAR, longer), places=places), case, keys=[KEY])
    assert [one.partition(": ")[0] for one in found] == ["r.yaml:5", "c.jsonl:2"]
    assert "rule `long` compares with a text of 32,001 characters" in found[0]
