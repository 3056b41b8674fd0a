from ipaddress import ip_address

import pytest

from rubric_action.errors import InputError, Place
from rubric_action.grading.endpoint import Endpoint, check_base_url, may_connect
from tests.grading.samples import KEY

PLACE = Place("eval/rubric.yaml", 7)


@pytest.mark.parametrize(
    "url",
    [
        "https://api.openai.com/v1",
        "https://gateway.example:8443/v1",
        "http://localhost:11434/v1",
        "http://127.0.0.1:8000",
        "http://127.8.8.8/v1",
        "http://[::1]:8000/v1",
        "https://8.8.8.8/v1",
    ],
)
def test_urls_that_may_have_the_key(url: str) -> None:
    """Https anywhere, http on this machine only; a trailing slash is dropped."""
    assert check_base_url(f"{url}/", PLACE) == url


@pytest.mark.parametrize(
    ("url", "what"),
    [
        ("http://api.openai.com/v1", "not encrypted"),
        ("http://localhost.evil.example/v1", "not encrypted"),
        ("http://127.0.0.1.evil.example/v1", "not encrypted"),
        ("ftp://localhost/v1", "not encrypted"),
        ("api.openai.com/v1", "no host"),
        ("", "no host"),
        ("https://", "no host"),
        ("https://user:pass@api.openai.com/v1", "user name"),
        ("https://api.openai.com@evil.example/v1", "user name"),
        ("https://api.openai.com/v1?key=1", "query"),
        ("https://api.openai.com/v1#x", "fragment"),
        ("https://api.openai.com/v1 ", "space"),
        ("https://api.open\nai.com/v1", "control"),
        ("https://api.openai.com:99999/v1", "cannot be read"),
        ("https://[::1/v1", "cannot be read"),
        ("https://169.254.169.254/latest", "may not be"),
        ("https://[fe80::1]/v1", "may not be"),
        ("https://[::ffff:169.254.169.254]/v1", "may not be"),
        ("https://0.0.0.0/v1", "may not be"),
        ("https://10.0.0.5/v1", "may not be"),
    ],
)
def test_urls_that_may_not(url: str, what: str) -> None:
    """Each refused URL is one problem at the rubric's line that says what is wrong with it."""
    with pytest.raises(InputError) as caught:
        check_base_url(url, PLACE)
    (problem,) = caught.value.problems
    assert what in problem.what
    assert problem.place is PLACE


def test_a_private_address_may_be_allowed() -> None:
    """Whoever runs the gate may name a judge in his own network, but never the metadata host."""
    assert check_base_url("https://10.0.0.5/v1", PLACE, private=True)
    with pytest.raises(InputError):
        check_base_url("https://169.254.169.254/v1", PLACE, private=True)


@pytest.mark.parametrize(
    ("address", "loopback", "private", "allowed"),
    [
        ("8.8.8.8", False, False, True),
        ("2001:4860:4860::8888", False, False, True),
        ("127.0.0.1", False, True, False),
        ("127.0.0.1", True, False, True),
        ("::1", True, False, True),
        ("::ffff:127.0.0.1", False, True, False),
        ("10.1.2.3", True, False, False),
        ("10.1.2.3", False, True, True),
        ("100.64.0.1", False, False, False),
        ("fd00::1", False, False, False),
        ("169.254.169.254", True, True, False),
        ("fe80::1", True, True, False),
        ("224.0.0.1", True, True, False),
        ("0.0.0.0", True, True, False),  # noqa: S104 (an address to refuse)
    ],
)
def test_addresses(address: str, loopback: bool, private: bool, allowed: bool) -> None:
    """Link-local never, loopback and private only where they are meant."""
    assert may_connect(ip_address(address), loopback=loopback, private=private) is allowed


def test_a_key_is_not_shown() -> None:
    """The representation of an endpoint holds no key."""
    assert KEY not in repr(Endpoint("https://api.openai.com/v1", KEY))
