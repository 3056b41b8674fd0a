"""Where a judge lives and with which key: checked before anything is sent. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from ipaddress import IPv4Address, IPv6Address, ip_address
from urllib.parse import SplitResult, urlsplit

from rubric_action.errors import InputError, Place, Problem

KEY_VARIABLE = "RUBRIC_JUDGE_API_KEY"
"""The variable that holds the judge's key, whoever the provider is."""

PROVIDER_KEYS: Mapping[str, str] = {
    "openai": "OPENAI_API_KEY",
    "anthropic": "ANTHROPIC_API_KEY",
    "github": "GITHUB_TOKEN",
    "azure": "AZURE_OPENAI_API_KEY",
}
"""The provider's own usual variable, read when `KEY_VARIABLE` is not set."""

Address = IPv4Address | IPv6Address


@dataclass(frozen=True, slots=True)
class Endpoint:
    """A base URL that passed `check_base_url`, and the key, which no `repr` shows."""

    base_url: str
    key: str | None = field(default=None, repr=False)

    @property
    def loopback(self) -> bool:
        """Whether the endpoint is on this machine by its very name."""
        return is_loopback_host(urlsplit(self.base_url).hostname or "")


def check_base_url(
    url: str, place: Place, *, private: bool = False, key: str = "judge.base_url"
) -> str:
    """The URL without a trailing slash; `InputError` unless it is https, or http on loopback.

    An address in place of a name has to be one that `may_connect` allows. `key` is where the rubric
    has it.
    """
    problem = _url_problem(url) or _address_problem(url, private=private)
    if problem:
        mend = "Give an https URL such as https://api.openai.com/v1 (http only on loopback)"
        raise InputError(Problem(place, problem, mend, key=key))
    return url.rstrip("/")


def is_loopback_host(host: str) -> bool:
    """Whether a host name or a literal address means this machine."""
    if host == "localhost" or host.endswith(".localhost"):
        return True
    address = literal_address(host)
    return address is not None and address.is_loopback


def literal_address(host: str) -> Address | None:
    """The address that a host is written as; None for a name."""
    try:
        return _unmapped(ip_address(host))
    except ValueError:
        return None


def may_connect(address: Address, *, loopback: bool, private: bool) -> bool:
    """Whether a judge may stand at an address.

    Link-local addresses (cloud metadata among them) never; loopback only when the URL itself names
    it, so that a rebound name does not get there; private ones only where they are allowed.
    """
    address = _unmapped(address)
    if address.is_loopback:
        return loopback
    if address.is_link_local or address.is_multicast or address.is_unspecified:
        return False
    return private or address.is_global


def _unmapped(address: Address) -> Address:
    mapped = address.ipv4_mapped if isinstance(address, IPv6Address) else None
    return mapped or address


def _url_problem(url: str) -> str | None:
    try:
        parts = urlsplit(url)
        parts.port  # noqa: B018 (raises for a port that is no number)
    except ValueError as error:
        return f"the URL cannot be read: {error}"
    if any(character.isspace() or not character.isprintable() for character in url):
        return "the URL holds a space or a control character"
    if "@" in parts.netloc:
        return "the URL holds a user name or a password"
    if parts.query or parts.fragment:
        return "the URL holds a query or a fragment"
    return _origin_problem(parts)


def _address_problem(url: str, *, private: bool) -> str | None:
    address = literal_address(urlsplit(url).hostname or "")
    if address is None or may_connect(address, loopback=True, private=private):
        return None
    return f"the URL names the address {address}, where a judge may not be"


def _origin_problem(parts: SplitResult) -> str | None:
    host = parts.hostname
    if not host:
        return "the URL names no host"
    if parts.scheme == "https" or (parts.scheme == "http" and is_loopback_host(host)):
        return None
    return f"the URL would send the key over {parts.scheme or 'no scheme'}, which is not encrypted"
