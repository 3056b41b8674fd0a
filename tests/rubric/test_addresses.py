import pytest

from rubric_action.rubric.addresses import is_loopback, parse_base_url, parse_url
from rubric_action.rubric.shapes import Refused


@pytest.mark.parametrize(
    ("text", "url"),
    [
        ("https://api.example.org/v1", "https://api.example.org/v1"),
        ("https://api.example.org/v1/", "https://api.example.org/v1"),
        ("http://localhost:11434/v1", "http://localhost:11434/v1"),
        ("http://127.0.0.2", "http://127.0.0.2"),
        ("http://[::1]:8000", "http://[::1]:8000"),
    ],
)
def test_base_urls(text: str, url: str) -> None:
    """A model is reached over https, or over http on this machine."""
    assert parse_base_url(text) == url


@pytest.mark.parametrize(
    "text",
    [
        "http://api.example.org",
        "http://localhost.example.org",
        "http://127.0.0.1@example.org",
        "https://key@example.org",
        "https://:pw@example.org",
        "https://",
        "ftp://example.org",
        "example.org/v1",
        "https://example.org:port",
        "https://[::1",
        "https://example.org/#x",
        "https://exa mple.org",
        "https://example.org/\x7f",
        "file:///etc/passwd",
        "",
    ],
)
def test_refused_base_urls(text: str) -> None:
    """Anything else would send a key where it should not go."""
    with pytest.raises(Refused) as caught:
        parse_base_url(text)
    assert caught.value.mend


def test_an_agent_may_be_reached_over_plain_http() -> None:
    """No key of the gate goes to an agent."""
    assert parse_url("http://agent.internal:8000/chat") == "http://agent.internal:8000/chat"
    with pytest.raises(Refused):
        parse_url("http://me@agent.internal")


@pytest.mark.parametrize(
    ("host", "loopback"),
    [("localhost", True), ("127.9.9.9", True), ("::1", True), ("10.0.0.1", False), ("x", False)],
)
def test_loopback(host: str, loopback: bool) -> None:
    """Loopback is this machine and nothing else."""
    assert is_loopback(host) is loopback
