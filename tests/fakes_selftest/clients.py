"""The real clients that the self-tests point at the fakes."""

import requests
from github import Auth, Github

from tests.fakes.github import GithubServer, Token


def api_client(server: GithubServer, token: Token | None = None) -> Github:
    """PyGithub without its pauses and retries; by default with the job's own token."""
    auth = Auth.Token((token or server.world.token()).value)
    return Github(
        base_url=server.url,
        auth=auth,
        retry=None,
        seconds_between_requests=None,
        seconds_between_writes=None,
    )


def get(
    server: GithubServer,
    path: str,
    *,
    token: Token | None = None,
    accept: str = "application/vnd.github+json",
) -> requests.Response:
    """One plain request, to see the answer before a client makes something of it."""
    value = (token or server.world.token()).value
    headers = {"Authorization": f"Bearer {value}", "Accept": accept}
    return requests.get(server.url + path, headers=headers, timeout=5, allow_redirects=False)
