import base64
import json
from dataclasses import dataclass
from urllib.parse import quote, quote_plus

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from rubric_action.report.redact import redacted, redacted_json, redactor, secrets_of

SECRET = 'p4ss/word+with=marks & ünicode"\\'
PEM = "-----BEGIN KEY-----\nMIIEvQIBADANBgkqhkiG9w0BAQ\nEFAASCBKcwggSjAgEAAoIBAQ\n-----END KEY-----"


@dataclass(frozen=True, slots=True)
class Told:
    """A text deep in other values."""

    text: str
    more: tuple[dict[str, list[str]], ...] = ()
    number: float = 1.0


@pytest.mark.parametrize(
    "disguise",
    [
        SECRET,
        json.dumps(SECRET),
        json.dumps(SECRET, ensure_ascii=False),
        json.dumps(json.dumps(SECRET)),
        quote(SECRET, safe=""),
        quote(SECRET, safe="").lower(),
        quote_plus(SECRET),
        base64.b64encode(SECRET.encode()).decode(),
        base64.b64encode(SECRET.encode()).decode().rstrip("="),
        base64.urlsafe_b64encode(SECRET.encode()).decode(),
        base64.b64encode(f"x:{SECRET}".encode()).decode(),
        base64.b64encode(f"xy:{SECRET}:z".encode()).decode(),
        base64.b64encode(f"xyz:{SECRET}".encode()).decode(),
    ],
)
def test_disguises(disguise: str) -> None:
    """A secret is taken out in every usual disguise, and what is around it stays."""
    clean = redactor([SECRET])(f"before {disguise} after")
    assert clean.startswith("before ")
    assert clean.endswith(" after")
    assert "[redacted]" in clean
    assert len(clean) < len("before [redacted] after") + 12


def test_lines_of_a_key() -> None:
    """A key of several lines is found whole and line by line."""
    redact = redactor([PEM])
    assert redact(f"a {PEM} b") == "a [redacted] b"
    assert redact("MIIEvQIBADANBgkqhkiG9w0BAQ alone") == "[redacted] alone"


def test_longest_first() -> None:
    """A secret that holds another one leaves nothing of itself."""
    assert redactor(["abcdef", "abcdefghij"])("x abcdefghij y") == "x [redacted] y"


def test_nothing_to_hide() -> None:
    """Without secrets every text stays as it is."""
    assert redactor([])("anything") == "anything"


@pytest.mark.parametrize(
    ("name", "value", "secret"),
    [
        ("GITHUB_TOKEN", "ghs_0123456789", True),
        ("RUBRIC_JUDGE_API_KEY", "k-12345678", True),
        ("INPUT_JUDGE-API-KEY", "sk-0123456789", True),
        ("AWS_SECRET_ACCESS_KEY", "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLE", True),
        ("DB_PASSWORD", "Hunter22", True),
        ("DEPLOY_KEY", "a1b2c3d4e5", True),
        ("GITHUB_TOKEN", "ghs", False),
        ("MAX_TOKENS", "100000", False),
        ("SECRET_SCAN_MODE", "baseline", False),
        ("TOKEN_KIND", "hard-gate", False),
        ("PATH", "/usr/local/bin:/usr/bin", False),
        ("MONKEY", "not a secret", False),
    ],
)
def test_which_variables_are_secret(name: str, value: str, secret: bool) -> None:
    """Variables named like secrets count, unless what they hold is a number or a word."""
    assert secrets_of({name: value}) == ((value,) if secret else ())


def test_given_secrets_always_count() -> None:
    """A key that was given is a secret whatever it looks like; absent ones are no trouble."""
    assert secrets_of({}, "baseline", None, "") == ("baseline",)
    assert secrets_of({}, " padded-key \n") == ("padded-key",)


def test_json_stays_json() -> None:
    """Numbers and structure survive, even where a number's digits are a secret."""
    redact = redactor(["1234567890"])
    text = json.dumps({"n": 1234567890, "s": "is 1234567890", "1234567890": [None, True]})
    clean = json.loads(redacted_json(text, redact))
    assert clean == {"n": 1234567890, "s": "is [redacted]", "[redacted]": [None, True]}


@given(
    st.recursive(
        st.text() | st.integers(), lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner)
    )
)
def test_json_without_secrets_is_untouched(value: object) -> None:
    """Where there is no secret, not a character changes."""
    text = json.dumps(value)
    assume("hunter22" not in text)
    assert redacted_json(text, redactor(["hunter22"])) == text


@given(st.text(min_size=8, max_size=30), st.text(max_size=20), st.text(max_size=20))
def test_no_secret_survives(secret: str, before: str, after: str) -> None:
    """Whatever surrounds it, the secret itself is gone."""
    assume(secret not in "[redacted]" and "redacted" not in secret)
    assert secret not in redactor([secret])(f"{before}{secret}{after}").replace("[redacted]", "\0")


def test_values_of_any_depth() -> None:
    """Texts in dataclasses, mappings and sequences are cleaned; what needs no change is kept."""
    redact = redactor(["hunter22"])
    told = Told("hunter22", ({"a hunter22": ["x", "hunter22"]},), 2.0)
    assert redacted(told, redact) == Told(
        "[redacted]", ({"a [redacted]": ["x", "[redacted]"]},), 2.0
    )
    kept = Told("nothing")
    assert redacted(kept, redact) is kept
