"""GitHub Models: chat completions that are opened by the token of a workflow's job."""

from typing import ClassVar, Final

from rubric_action.grading.failures import Finals
from rubric_action.grading.providers.openai import OpenAIChat

_PERMIT: Final = (
    "Give the job `permissions: {models: read}`, and see that its owner allows GitHub Models."
)
_CHECK_NAME: Final = "Write `judge.model` as publisher and name, such as `openai/gpt-4o-mini`."


class GitHubModels(OpenAIChat):
    """The models that GitHub hosts."""

    default_base_url: str | None = "https://models.github.ai/inference"
    finals: ClassVar[Finals] = {
        "no_access": ("GitHub Models does not let this token use the model", _PERMIT),
        "unknown_model": ("GitHub Models does not know the model", _CHECK_NAME),
        "unavailable_model": ("GitHub Models does not have the model", _CHECK_NAME),
        401: ("GitHub Models does not accept the token", _PERMIT),
        403: ("GitHub Models does not let this token grade", _PERMIT),
        410: (
            "GitHub Models is gone: GitHub retired it on July 30, 2026",
            "Name another provider in `judge`: docs/judges.md.",
        ),
    }
