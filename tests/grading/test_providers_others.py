import json

import pytest

from rubric_action.errors import InputError, Place
from rubric_action.grading.answers import Response, Stop
from rubric_action.grading.prompt import Prompt
from rubric_action.grading.providers import provider_for
from rubric_action.grading.providers.azure import AzureChat
from rubric_action.grading.providers.github import GitHubModels
from rubric_action.grading.providers.openai import OpenAIChat
from rubric_action.grading.providers.schema import common
from rubric_action.grading.reply import parse_reply, reply_schema
from rubric_action.rubric.model import Axis

NAMES = ["openai", "anthropic", "azure", "github"]
AXES = [Axis("tone", "?"), Axis("format", "?"), Axis("style", "?", per="turn")]
RESOURCE = "https://acme.openai.azure.com"


def stopped(provider: OpenAIChat, status: int, error: object = None) -> str:
    """The cause and mend of an error that ends everything."""
    body = b"" if error is None else json.dumps({"error": error}).encode()
    answer = provider.read(Response(status, {}, body))
    assert isinstance(answer, Stop)
    return str(answer.error)


@pytest.mark.parametrize("name", NAMES)
def test_every_provider_has_its_class(name: str) -> None:
    """Each name of the rubric that is a model behind an address is spoken to."""
    assert provider_for(name).headers(None) is not None


def test_a_name_that_is_none() -> None:
    """What cannot be spoken to is an input error before anything is spent."""
    with pytest.raises(InputError, match=r"r\.yaml:3.*`lexical` is no provider"):
        provider_for("lexical", Place("r.yaml", 3))


@pytest.mark.parametrize("name", NAMES)
def test_nothing_of_a_case_stands_in_what_cases_share(name: str) -> None:
    """Two cases with the same axes differ in the user's message alone, so that caches hit."""
    schema = reply_schema(AXES, 2)
    one, other = (
        provider_for(name).body("m", 0.0, Prompt("system", user, schema)) for user in ("a", "b")
    )
    said = [body.pop("messages")[-1]["content"] for body in (one, other)]
    assert said == ["a", "b"]
    assert one == other


@pytest.mark.parametrize("name", NAMES)
def test_the_schema_is_common_ground(name: str) -> None:
    """No bounds, which strict modes refuse; an axis may be called like one of them."""
    text = json.dumps(provider_for(name).body("m", 0.0, Prompt("s", "u", reply_schema(AXES, 2))))
    assert "minimum" not in text
    assert '"format": {"type": "object"' in text
    told = '{"tone": {"reason": "r", "score": 2}}'
    assert "between 0 and 1" in str(parse_reply(told, AXES[:1], 1))


def test_bounds_are_left_out_at_any_depth() -> None:
    """In lists too, and in no name of ours."""
    items = {"type": "string", "pattern": "a", "minLength": 1}
    schema = {"type": "array", "items": items, "properties": {"pattern": {"maximum": 1}}}
    expected = {"type": "array", "items": {"type": "string"}, "properties": {"pattern": {}}}
    assert common(schema) == expected


@pytest.mark.parametrize(
    ("base_url", "url"),
    [
        (f"{RESOURCE}/openai/v1", f"{RESOURCE}/openai/v1/chat/completions"),
        (RESOURCE, f"{RESOURCE}/openai/v1/chat/completions"),
        (
            f"{RESOURCE}/openai/deployments/judge",
            f"{RESOURCE}/openai/deployments/judge/chat/completions?api-version=2024-10-21",
        ),
        ("https://gw.example/azure", "https://gw.example/azure/chat/completions"),
    ],
)
def test_addresses_of_azure(base_url: str, url: str) -> None:
    """A deployment's address takes a version of the API, the newer kind none."""
    assert base_url + AzureChat().path(base_url) == url


def test_azure_has_its_own_header() -> None:
    """The key goes there and nowhere else."""
    assert AzureChat().headers("k") == {"api-key": "k"}
    assert AzureChat().headers(None) == {}


@pytest.mark.parametrize(
    ("status", "code", "told"),
    [
        (404, "DeploymentNotFound", "no such deployment"),
        (400, "OperationNotSupported", "does not chat"),
        (404, "404", "no such address"),
        (401, "401", "does not accept the key"),
    ],
)
def test_errors_of_azure(status: int, code: str, told: str) -> None:
    """A wrong deployment ends the run, and the error says where its name belongs."""
    cause = stopped(AzureChat(), status, {"code": code, "message": "m"})
    assert told in cause
    assert ("deployment" in cause) is (status != 401)


@pytest.mark.parametrize(
    ("status", "error", "told"),
    [
        (401, {"code": "unauthorized", "message": "Resource not accessible"}, "models: read"),
        (403, {"code": "no_access", "message": "No access to model: o1"}, "models: read"),
        (403, None, "models: read"),
        (400, {"code": "unknown_model", "message": "Unknown model: x"}, "openai/gpt-4o-mini"),
        (400, {"code": "unavailable_model"}, "openai/gpt-4o-mini"),
        (410, {"code": "gone", "message": "retired"}, "Name another provider"),
    ],
)
def test_errors_of_github_models(status: int, error: object, told: str) -> None:
    """A permission that is missing is named, and so is the end of the service."""
    assert told in stopped(GitHubModels(), status, error)


def test_github_models_take_a_bearer_token() -> None:
    """The job's token, as GitHub's other APIs take it."""
    assert GitHubModels().headers("t") == {"Authorization": "Bearer t"}
    url = f"{GitHubModels().default_base_url}{GitHubModels().path('')}"
    assert url == "https://models.github.ai/inference/chat/completions"
