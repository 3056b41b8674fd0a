"""A session that brings nothing along: for hosts that must not see the token, or only when told."""

from typing import TYPE_CHECKING

from rubric_action.github.client import USER_AGENT

if TYPE_CHECKING:
    from requests import PreparedRequest, Session


def bare_session() -> "Session":
    """A session without credentials of its own; the caller closes it."""
    import requests

    session = requests.Session()
    # An `auth` of our own keeps .netrc out, while proxies and CA bundles still count.
    session.auth = _no_auth
    session.headers["User-Agent"] = USER_AGENT
    return session


def _no_auth(request: "PreparedRequest") -> "PreparedRequest":
    return request
