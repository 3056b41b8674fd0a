"""Addresses of models and agents, checked as text; `grading` and `agent` check where they lead."""

from ipaddress import ip_address
from urllib.parse import urlsplit

from rubric_action.rubric.shapes import Refused


def parse_base_url(text: str) -> str:
    """A model's address: https, or http on loopback; no user info. Its last `/` is dropped.

    Raises `Refused`.
    """
    scheme, host = _parse(text)
    if scheme != "https" and not is_loopback(host):
        raise Refused("plain http would send the key in the open", "Write `https://...`.")
    return text.rstrip("/")


def parse_url(text: str) -> str:
    """An agent's address: http or https, no user info. Raises `Refused`."""
    _parse(text)
    return text


def is_loopback(host: str) -> bool:
    """Whether the host is this machine: `localhost`, 127.0.0.0/8 or ::1."""
    if host == "localhost":
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False


def _parse(text: str) -> tuple[str, str]:
    mend = "Write an address such as `https://models.example.org/v1`."
    try:
        parts = urlsplit(text)
        host = parts.hostname
        _ = parts.port  # its ValueError is the only check of the port that there is
    except ValueError as error:
        raise Refused(f"not an address: {error}", mend) from error
    if parts.scheme not in {"http", "https"} or not host or not text.isprintable() or " " in text:
        raise Refused("expected an http or https address", mend)
    if parts.username is not None or parts.password is not None:
        raise Refused("an address may not carry a user name or password", "Leave them out.")
    if parts.fragment:
        raise Refused("an address may not have a fragment", "Leave out `#` and what follows.")
    return parts.scheme, host
