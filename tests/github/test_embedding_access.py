import pytest

from rubric_action.errors import InputError, JudgeRefused
from rubric_action.gate.evidence import BarNotCompared
from rubric_action.github.embedding_access import key_for_embeddings
from rubric_action.github.judge_access import JudgeAccess
from rubric_action.rubric.load import load_rubric
from rubric_action.rubric.model import Rubric
from tests.action.stage import RUBRIC

NO_BASE = BarNotCompared("the base branch has no rubric yet")
OWN = "https://api.openai.com/v1"
GATEWAY = "https://gateway.acme.example/v1"
VECTORS = "https://vectors.acme.example/v1"
EVIL = "https://evil.example/v1"
LOCAL = "http://127.0.0.1:8000/v1"
KEYS = {"OPENAI_API_KEY": "sk-openai", "RUBRIC_JUDGE_API_KEY": "sk-general"}
NEAR = "  - {id: near, similar_to: {text: hello, min: 0.8}}\n"


def rubric(
    embeddings: str | None = None, judge: str = "", *, at: str | None = None, rules: str = ""
) -> Rubric:
    """A rubric with embeddings there, and with a judge of this provider."""
    text = RUBRIC.replace("rules:\n", f"rules:\n{rules}")
    if judge:
        model = "" if judge == "lexical" else ", model: small"
        address = f', base_url: "{at}"' if at else ""
        text += f"judge: {{provider: {judge}{model}{address}}}\n"
        text += "axes: {tone: {ask: Is it polite?, lexical: tone}}\n"
    if embeddings:
        text += f'embeddings: {{model: m, base_url: "{embeddings}"}}\n'
    return load_rubric(text, "eval/rubric.yaml")


def key_of(head: Rubric, base: Rubric | BarNotCompared, workflow: str | None = None) -> str | None:
    """The key that the action would send."""
    return key_for_embeddings(JudgeAccess(KEYS, base_url=workflow), head, base)


@pytest.mark.parametrize(
    ("head", "base", "workflow", "key"),
    [
        (rubric(VECTORS), rubric(VECTORS), None, "sk-general"),
        (rubric(f"{VECTORS}/v9"), rubric(VECTORS), None, "sk-general"),
        (rubric(VECTORS, "lexical"), rubric(VECTORS), None, "sk-general"),
        (rubric(VECTORS, "openai"), rubric(VECTORS, "openai"), None, "sk-general"),
        (rubric(OWN, "openai", at=GATEWAY), rubric(OWN, "openai", at=GATEWAY), None, "sk-openai"),
        (rubric(OWN, "anthropic"), rubric(None, "anthropic"), None, "sk-openai"),
        (rubric(OWN), NO_BASE, None, "sk-general"),
        (rubric(OWN), rubric(), None, "sk-general"),
        (rubric(GATEWAY, "lexical"), rubric(None, "openai", at=GATEWAY), None, "sk-general"),
        (rubric(GATEWAY), NO_BASE, GATEWAY, "sk-general"),
        (rubric(VECTORS), rubric(VECTORS), GATEWAY, "sk-general"),
        (rubric(), rubric(VECTORS), None, None),
        (rubric(GATEWAY, "openai", at=GATEWAY), NO_BASE, None, None),
        (rubric(None, "openai"), NO_BASE, None, None),
    ],
)
def test_the_key_goes_where_the_base_says(
    head: Rubric, base: Rubric | BarNotCompared, workflow: str | None, key: str | None
) -> None:
    """Or the workflow; a first rubric may use OpenAI. At a judge's address it is the judge's."""
    assert key_of(head, base, workflow) == key


@pytest.mark.parametrize(
    ("head", "base", "workflow"),
    [
        (rubric(EVIL), rubric(VECTORS), None),
        (rubric(EVIL, "openai"), rubric(None, "openai"), None),
        (rubric(EVIL, "openai"), rubric(VECTORS, "openai"), None),
        (rubric(EVIL), NO_BASE, None),
        (rubric(EVIL), rubric(), None),
        (rubric(EVIL), NO_BASE, GATEWAY),
        (rubric("https://api.openai.com:8443/v1"), NO_BASE, None),
        (rubric(OWN), rubric(VECTORS), None),
        (rubric("https://169.254.169.254/v1"), rubric(VECTORS), None),
    ],
)
def test_the_key_goes_to_nobody_else(
    head: Rubric, base: Rubric | BarNotCompared, workflow: str | None
) -> None:
    """A pull request cannot name an address of its author's, and is told the rubric's line."""
    with pytest.raises(InputError) as caught:
        key_of(head, base, workflow)
    [problem] = caught.value.problems
    assert problem.key == "embeddings.base_url"
    assert problem.place.file == "eval/rubric.yaml"
    assert problem.place.line is not None


def test_who_is_allowed_is_told() -> None:
    """With the address that was asked for."""
    with pytest.raises(InputError) as caught:
        key_of(rubric(EVIL), rubric(VECTORS))
    assert "may not be sent to `https://evil.example`" in str(caught.value)
    assert "the base allows `https://vectors.acme.example`" in str(caught.value)


def test_without_a_key_there_is_nothing_to_guard() -> None:
    """An address that no key goes to is nobody's business."""
    assert key_for_embeddings(JudgeAccess({}), rubric(EVIL), rubric(VECTORS)) is None
    assert key_for_embeddings(JudgeAccess({}), rubric(LOCAL, rules=NEAR), NO_BASE) is None


def test_a_fork_has_no_key() -> None:
    """That is told where a rule needs one, and an endpoint on the machine does not."""
    bare = JudgeAccess({}, secretless=True)
    with pytest.raises(JudgeRefused, match="no key for embeddings"):
        key_for_embeddings(bare, rubric(VECTORS, rules=NEAR), rubric(VECTORS))
    assert key_for_embeddings(bare, rubric(VECTORS), rubric(VECTORS)) is None
    assert key_for_embeddings(bare, rubric(LOCAL, rules=NEAR), rubric(VECTORS)) is None


def test_the_judge_s_key_does_not_serve_embeddings_elsewhere() -> None:
    """A general key goes to one address."""
    head = rubric(VECTORS, "openai")
    access = JudgeAccess({"RUBRIC_JUDGE_API_KEY": "sk-general", "OPENAI_API_KEY": "sk-openai"})
    assert access.keys_of(head) == ("sk-openai",)
    assert key_for_embeddings(access, head, head) == "sk-general"
    assert access.keys_of(rubric(None, "openai")) == ("sk-general",)
