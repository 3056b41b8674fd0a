"""The providers' request and reply shapes, a module each; the client around them knows none."""

from rubric_action.errors import InputError, Place, Problem
from rubric_action.grading.providers.protocol import Feature, Provider

__all__ = ["Feature", "Provider", "provider_for"]


def provider_for(name: str, place: Place = Place("the rubric")) -> Provider:
    """The provider of that name; `InputError` for one that is no model behind an address."""
    if name == "openai":
        from rubric_action.grading.providers.openai import OpenAIChat

        return OpenAIChat()
    if name == "anthropic":
        from rubric_action.grading.providers.anthropic import AnthropicMessages

        return AnthropicMessages()
    if name == "azure":
        from rubric_action.grading.providers.azure import AzureChat

        return AzureChat()
    if name == "github":
        from rubric_action.grading.providers.github import GitHubModels

        return GitHubModels()
    mend = "Use `openai`, `anthropic`, `azure` or `github`"
    raise InputError(Problem(place, f"`{name}` is no provider of models", mend, "judge.provider"))
