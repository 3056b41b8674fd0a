"""Azure OpenAI: chat completions at a customer's own address, with the key in its own header."""

from collections.abc import Mapping
from typing import ClassVar, Final
from urllib.parse import urlsplit

from rubric_action.grading.failures import Finals
from rubric_action.grading.providers.openai import OpenAIChat

API_VERSION: Final = "2024-10-21"
"""The last dated version that is no preview; the `/openai/v1` address needs none."""
_CHECK_DEPLOYMENT: Final = (
    "Check the deployment's name: `judge.model` with an address that ends in `/openai/v1`, the end "
    "of `judge.base_url` with one that holds `/deployments/`."
)


class AzureChat(OpenAIChat):
    """OpenAI's models on Azure, at either kind of address."""

    default_base_url: str | None = None
    finals: ClassVar[Finals] = {
        "DeploymentNotFound": ("the judge's resource has no such deployment", _CHECK_DEPLOYMENT),
        "OperationNotSupported": ("the judge's deployment does not chat", _CHECK_DEPLOYMENT),
        404: ("the judge's resource has no such address", _CHECK_DEPLOYMENT),
    }

    def path(self, base_url: str) -> str:
        """A deployment's address takes a dated version; a resource's own leads to its `v1`."""
        path = urlsplit(base_url).path
        if "/deployments/" in path:
            return f"/chat/completions?api-version={API_VERSION}"
        return "/chat/completions" if path else "/openai/v1/chat/completions"

    def headers(self, key: str | None) -> Mapping[str, str]:
        """The resource's key, in the header that Azure has for it."""
        return {"api-key": key} if key else {}
