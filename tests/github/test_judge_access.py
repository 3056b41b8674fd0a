from dataclasses import replace

import pytest

from rubric_action.errors import InputError, JudgeRefused
from rubric_action.gate.evidence import BarNotCompared
from rubric_action.github.judge_access import JudgeAccess
from rubric_action.grading.preflight import with_judge
from rubric_action.rubric.load import load_rubric
from rubric_action.rubric.model import JudgeModel, Rubric
from tests.action.stage import RUBRIC

NO_BASE = BarNotCompared("the base branch has no rubric yet")
OWN = "https://api.openai.com/v1"
GATEWAY = "https://gateway.acme.example/v1"
EVIL = "https://evil.example/v1"
AZURE = "https://acme.openai.azure.com/openai"
MODELS = "https://models.github.ai/inference"


AXES = "axes: {tone: {ask: Is it polite?}}\n"


def one(base_url: str | None = None, provider: str = "openai") -> str:
    """A judge, at the provider's own address unless another is given."""
    address = f', base_url: "{base_url}"' if base_url else ""
    model = "" if provider == "lexical" else ", model: small"
    return f"{{provider: {provider}{model}{address}}}"


def rubric(base_url: str | None = None, provider: str = "openai") -> Rubric:
    """A rubric with one judge."""
    judge = f"judge: {one(base_url, provider)}\n"
    return load_rubric(RUBRIC + judge + AXES, "eval/rubric.yaml")


def panel(*judges: str) -> Rubric:
    """A rubric with several judges."""
    lines = "\n".join(f"    - {judge}" for judge in judges)
    return load_rubric(f"{RUBRIC}judge:\n  judges:\n{lines}\n{AXES}", "eval/rubric.yaml")


def judgeless() -> Rubric:
    """A rubric that rules settle."""
    return load_rubric(RUBRIC, "eval/rubric.yaml")


def check(
    head: Rubric, base: Rubric | BarNotCompared, workflow: str | None = None, key: str = "sk-key"
) -> None:
    """What the action does before anything is sent."""
    settled = with_judge(head, base_url=workflow)
    JudgeAccess({}, key, workflow).check(settled, base)


@pytest.mark.parametrize(
    ("head", "base", "workflow"),
    [
        (rubric(), rubric(), None),
        (rubric(OWN), rubric(), None),
        (rubric("https://API.OpenAI.com:443/v2"), rubric(), None),
        (rubric("https://api.openai.com./v1"), rubric(), None),
        (rubric(GATEWAY), rubric(GATEWAY), None),
        (rubric("https://gateway.acme.example/v9"), rubric(GATEWAY), None),
        (rubric(EVIL), rubric(), GATEWAY),
        (rubric(), NO_BASE, None),
        (rubric(), judgeless(), None),
        (rubric(GATEWAY), NO_BASE, GATEWAY),
        (judgeless(), rubric(), None),
        (rubric(provider="lexical"), rubric(), None),
        (rubric("http://127.0.0.1:8000/v1"), rubric("http://127.0.0.1:8000/v1"), None),
        (rubric(provider="anthropic"), NO_BASE, None),
        (rubric(AZURE, "azure"), rubric(f"{AZURE}/v1", "azure"), None),
        (rubric(AZURE, "azure"), NO_BASE, AZURE),
    ],
)
def test_the_key_goes_where_the_base_or_the_workflow_says(
    head: Rubric, base: Rubric | BarNotCompared, workflow: str | None
) -> None:
    """Scheme, host and port are what counts; the path may change."""
    check(head, base, workflow)


@pytest.mark.parametrize(
    ("head", "base"),
    [
        (rubric(EVIL), rubric()),
        (rubric(EVIL), rubric(GATEWAY)),
        (rubric(EVIL), NO_BASE),
        (rubric(EVIL), judgeless()),
        (rubric(), rubric(GATEWAY)),
        (rubric("https://api.openai.com:8443/v1"), rubric()),
        (rubric("https://api.openai.com.evil.example/v1"), rubric()),
        (rubric("https://evil.example/api.openai.com"), rubric()),
        (rubric("http://127.0.0.1:8000/v1"), NO_BASE),
        (rubric("http://127.0.0.1:8001/v1"), rubric("http://127.0.0.1:8000/v1")),
        (rubric("http://localhost:8000/v1"), rubric("https://localhost:8000/v1")),
        (rubric(provider="anthropic"), rubric()),
        (rubric(OWN, provider="anthropic"), rubric()),
        (rubric(AZURE, "azure"), NO_BASE),
    ],
)
def test_the_key_goes_nowhere_else(head: Rubric, base: Rubric | BarNotCompared) -> None:
    """Another scheme, host or port is refused at the rubric's line, before anything is sent."""
    with pytest.raises(InputError, match="may not be sent to") as caught:
        check(head, base)
    (problem,) = caught.value.problems
    assert problem.place.file == "eval/rubric.yaml"
    assert "judge-base-url" in problem.mend


@pytest.mark.parametrize(
    "address",
    [
        "https://api.openai.com@evil.example/v1",
        "https://user:pass@api.openai.com/v1",
        "http://api.openai.com/v1",
        "https://api.openai.com\\\\@evil.example/v1",
        "ftp://api.openai.com/v1",
    ],
)
def test_an_address_that_hides_its_host_is_refused(address: str) -> None:
    """User info and plain http never get as far as the comparison."""
    with pytest.raises(InputError):
        check(rubric(address), rubric())


def test_a_key_in_the_environment_is_watched_too() -> None:
    """The provider's usual variable is as good a catch as the input."""
    access = JudgeAccess({"OPENAI_API_KEY": "sk-env"})
    assert access.key_of(rubric()) == "sk-env"
    with pytest.raises(InputError, match="may not be sent"):
        access.check(rubric(EVIL), rubric())


def test_the_input_comes_before_the_environment() -> None:
    """The workflow's own word about the key counts first."""
    assert JudgeAccess({"OPENAI_API_KEY": "sk-env"}, "sk-input").key_of(rubric()) == "sk-input"


def test_a_judge_that_needs_no_key_gets_none() -> None:
    """Rules and the lexical judge have nothing to send."""
    access = JudgeAccess({"OPENAI_API_KEY": "sk-env"}, "sk-input")
    assert access.key_of(judgeless()) is None
    assert access.key_of(rubric(provider="lexical")) is None


def test_without_a_key_there_is_nothing_to_steal() -> None:
    """A first rubric may name a model on the runner itself."""
    JudgeAccess({}).check(rubric("http://127.0.0.1:8000/v1"), NO_BASE)


def test_a_fork_without_secrets_is_told_what_is_missing() -> None:
    """The error says why there is no key, which half this is, and which one it needs."""
    with pytest.raises(JudgeRefused) as caught:
        JudgeAccess({}, secretless=True).check(rubric(), rubric())
    assert "no secrets to a run for a fork or for Dependabot" in caught.value.cause
    for word in ("`mode: sessions`", "`on: workflow_run`", "docs/forks.md"):
        assert word in caught.value.mend


def test_a_fork_may_be_judged_on_the_runner() -> None:
    """A model on loopback needs no secret."""
    local = rubric("http://127.0.0.1:8000/v1")
    JudgeAccess({}, secretless=True).check(local, local)


def test_the_key_is_in_no_repr() -> None:
    """Neither the key nor the environment that may hold one is shown."""
    assert "sk-" not in repr(JudgeAccess({"OPENAI_API_KEY": "sk-env"}, "sk-input"))


KEYS = {"OPENAI_API_KEY": "sk-o", "ANTHROPIC_API_KEY": "sk-a"}


def test_every_judge_of_a_panel_has_its_own_key() -> None:
    """Each provider's variable, and the input for the one that has none."""
    both = panel(one(), one(provider="anthropic"), one(provider="lexical"))
    assert JudgeAccess(KEYS).keys_of(both) == ("sk-o", "sk-a", None)
    access = JudgeAccess({"OPENAI_API_KEY": "sk-o"}, "sk-input")
    assert access.keys_of(both) == ("sk-o", "sk-input", None)
    access.check(both, both)


@pytest.mark.parametrize(
    ("head", "base"),
    [
        (panel(one(), one(EVIL)), panel(one(), one())),
        (panel(one(), one(EVIL, "anthropic")), panel(one(), one(provider="anthropic"))),
        (panel(one(), one(provider="anthropic")), rubric()),
        (panel(one(), one(OWN, "anthropic")), panel(one(), one(provider="anthropic"))),
        (panel(one("https://api.anthropic.com/v1"), one()), panel(one(), one())),
        (panel(one(), one(EVIL, "anthropic")), NO_BASE),
    ],
)
def test_no_judge_of_a_panel_goes_astray(head: Rubric, base: Rubric | BarNotCompared) -> None:
    """Every entry is held against the base: its provider, and that provider's address."""
    access = JudgeAccess({**KEYS, "RUBRIC_JUDGE_API_KEY": "sk-own"})
    with pytest.raises(InputError, match="may not be sent to") as caught:
        access.check(head, base)
    (problem,) = caught.value.problems
    assert problem.key is not None
    assert problem.key.startswith("judge.judges[")
    assert problem.place.line is not None


def test_a_first_panel_may_use_the_providers_own_addresses() -> None:
    """As a first judge may."""
    JudgeAccess(KEYS).check(panel(one(), one(provider="anthropic")), NO_BASE)


TOKEN = "ghs_of_this_job"


@pytest.mark.parametrize("base", [rubric(provider="github"), rubric(), judgeless(), NO_BASE])
def test_the_jobs_token_opens_github_models(base: Rubric | BarNotCompared) -> None:
    """It goes to GitHub alone, so that no base has to name it; a fork's token may do so too."""
    access = JudgeAccess({}, secretless=True, token=TOKEN)
    head = rubric(provider="github")
    assert access.keys_of(head) == (TOKEN,)
    access.check(head, base)


def test_the_jobs_token_does_not_leave_github() -> None:
    """Not to another address, and not to another provider."""
    access = JudgeAccess({}, token=TOKEN)
    for head in (rubric(EVIL, "github"), rubric(EVIL), rubric(), rubric(MODELS)):
        assert access.keys_of(head) == (None,)


def test_the_workflow_may_send_the_jobs_token_elsewhere() -> None:
    """Its `judge-base-url` is the repository's own word."""
    access = JudgeAccess({}, base_url=GATEWAY, token=TOKEN)
    settled = with_judge(rubric(provider="github"), base_url=GATEWAY)
    assert access.keys_of(settled) == (TOKEN,)
    access.check(settled, NO_BASE)


def test_a_key_comes_before_the_jobs_token() -> None:
    """Whoever has a key of his own for GitHub Models means that one, and it is watched."""
    access = JudgeAccess({}, "sk-input", token=TOKEN)
    assert access.keys_of(rubric(provider="github")) == ("sk-input",)
    with pytest.raises(InputError, match="may not be sent"):
        access.check(rubric(EVIL, "github"), rubric(provider="github"))
    assert JudgeAccess({"GITHUB_TOKEN": "g"}).keys_of(rubric(provider="github")) == ("g",)


def test_the_token_is_in_no_repr() -> None:
    """It is a secret like any other."""
    assert TOKEN not in repr(JudgeAccess({}, token=TOKEN))


def test_an_address_that_is_missing_is_told_elsewhere_too() -> None:
    """A judge without an address gets no key; the check before the run says why."""
    head = rubric(AZURE, "azure")
    judge = head.judge
    assert judge is not None
    lost = replace(head, judge=replace(judge, models=(JudgeModel("azure", "m"),)))
    JudgeAccess({"AZURE_OPENAI_API_KEY": "sk"}).check(lost, head)
    with pytest.raises(JudgeRefused, match="no key for the judge `azure`"):
        JudgeAccess({}, secretless=True).check(lost, head)
