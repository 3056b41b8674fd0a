import pytest

from rubric_action.grading.keys import judge_keys
from rubric_action.rubric.model import JudgeModel

OPENAI = JudgeModel("openai", "gpt")
OTHER = JudgeModel("openai", "gpt-mini")
CLAUDE = JudgeModel("anthropic", "claude")
GITHUB = JudgeModel("github", "openai/gpt")
LEXICAL = JudgeModel("lexical")
ROUTER = JudgeModel("openai", "m", "https://router.example/v1")
SECOND_ROUTER = JudgeModel("openai", "m", "https://second.example/v1")
LOCAL = JudgeModel("openai", "m", "http://localhost:11434/v1")
DEPLOYED = JudgeModel("azure", "a", "https://acme.openai.azure.com/openai/deployments/a")
DEPLOYED_TOO = JudgeModel("azure", "b", "https://acme.openai.azure.com/openai/deployments/b")
GITHUB_ELSEWHERE = JudgeModel("github", "m", "https://models.acme.example/inference")

OWN = {"RUBRIC_JUDGE_API_KEY": "own"}
USUAL = {"OPENAI_API_KEY": "o", "ANTHROPIC_API_KEY": "a", "GITHUB_TOKEN": "g"}
BOTH = OWN | USUAL


@pytest.mark.parametrize(
    ("models", "environ", "keys"),
    [
        # One address: as for one judge, our own variable first.
        ([OPENAI], BOTH, ["own"]),
        ([OPENAI], USUAL, ["o"]),
        ([OPENAI], {}, [None]),
        ([OPENAI], {"RUBRIC_JUDGE_API_KEY": " \n", "OPENAI_API_KEY": "o\n"}, ["o"]),
        ([OPENAI, OTHER], BOTH, ["own", "own"]),
        ([OPENAI, LEXICAL], BOTH, ["own", None]),
        ([DEPLOYED, DEPLOYED_TOO], OWN, ["own", "own"]),
        ([ROUTER], USUAL, ["o"]),
        ([LEXICAL], BOTH, [None]),
        # Several: each its provider's, and ours for the one that has none.
        ([OPENAI, CLAUDE], BOTH, ["o", "a"]),
        ([OPENAI, CLAUDE], OWN | {"OPENAI_API_KEY": "o"}, ["o", "own"]),
        ([CLAUDE, OPENAI, OTHER], OWN | {"ANTHROPIC_API_KEY": "a"}, ["a", "own", "own"]),
        ([OPENAI, CLAUDE], OWN, [None, None]),
        ([OPENAI, CLAUDE], USUAL, ["o", "a"]),
        # A provider at several addresses: its variable is for its own.
        ([OPENAI, ROUTER], USUAL, ["o", None]),
        ([OPENAI, ROUTER], BOTH, ["o", "own"]),
        ([ROUTER, SECOND_ROUTER], BOTH, [None, None]),
        ([CLAUDE, ROUTER], USUAL, ["a", "o"]),
        # A judge on this machine needs none, and so takes none from another.
        ([CLAUDE, LOCAL], OWN, ["own", None]),
        ([CLAUDE, LOCAL], OWN | {"ANTHROPIC_API_KEY": "a"}, ["a", "own"]),
        ([LOCAL], OWN, ["own"]),
        # GitHub's token opens more than models, and stays there.
        ([GITHUB], USUAL, ["g"]),
        ([GITHUB, CLAUDE], USUAL, ["g", "a"]),
        ([GITHUB_ELSEWHERE], USUAL, [None]),
        ([GITHUB_ELSEWHERE], BOTH, ["own"]),
        # An address that is missing or cannot be read has its own error elsewhere.
        ([JudgeModel("azure", "m"), OPENAI], USUAL, [None, "o"]),
        ([JudgeModel("openai", "m", "https://x.example:99999/v1")], OWN, ["own"]),
    ],
)
def test_which_key_opens_which_judge(
    models: list[JudgeModel], environ: dict[str, str], keys: list[str | None]
) -> None:
    """Each judge gets a key that is meant for its address, or none."""
    assert list(judge_keys(models, environ)) == keys


def test_a_given_key_takes_the_place_of_our_variable() -> None:
    """A workflow's own word comes before the environment, and goes by the same rules."""
    assert judge_keys([OPENAI], BOTH, "given") == ("given",)
    assert judge_keys([OPENAI, CLAUDE], USUAL, "given") == ("o", "a")
    assert judge_keys([OPENAI, ROUTER], BOTH, "given") == ("o", "given")
    assert judge_keys([], BOTH, "given") == ()
