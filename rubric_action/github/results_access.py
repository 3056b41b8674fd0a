"""What the runner tells an action of its results service: where it is, and a token for it."""

import base64
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final
from urllib.parse import urlsplit

from rubric_action.github.results_wire import NotStored
from rubric_action.rubric.addresses import parse_base_url
from rubric_action.rubric.shapes import Refused

TOKEN: Final = "ACTIONS_RUNTIME_TOKEN"  # noqa: S105 (the variable's name)
URL: Final = "ACTIONS_RESULTS_URL"

_JWT: Final = re.compile(r"[\w=-]+\.([\w-]+)=*\.[\w=-]*", re.ASCII)
_SCOPE: Final = re.compile(r"Actions\.Results:([\w.-]+):([\w.-]+)", re.ASCII)


@dataclass(frozen=True, slots=True)
class Access:
    """Where the service is, and the token for it; `run` and `job` are its own names for ours."""

    url: str
    token: str = field(repr=False)
    run: str
    job: str


def access_from(environ: Mapping[str, str]) -> Access:
    """What the runner tells an action of the service. Raises NotStored without a usable part."""
    missing = [f"`{name}`" for name in (URL, TOKEN) if not environ.get(name, "").strip()]
    if missing:
        raise NotStored(f"The runner gave no {' and no '.join(missing)}.")
    url, token = environ[URL].strip(), environ[TOKEN].strip()
    if not is_encrypted(url):
        raise NotStored(f"`{URL}` is no https address.")
    parts = urlsplit(url)
    run, job = _scope_of(token)
    return Access(f"{parts.scheme}://{parts.netloc}", token, run, job)


def _scope_of(token: str) -> tuple[str, str]:
    """The service's names for our run and job, which the token's claim `scp` holds."""
    found = _JWT.fullmatch(token)
    payload = found[1] if found else ""
    try:
        claims = json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))
    except (ValueError, RecursionError):
        claims = None
    scopes = claims.get("scp") if isinstance(claims, dict) else None
    for scope in scopes.split() if isinstance(scopes, str) else ():
        if match := _SCOPE.fullmatch(scope):
            return match[1], match[2]
    raise NotStored(f"`{TOKEN}` does not say which run and job it is for.")


def is_encrypted(url: str) -> bool:
    """Whether a URL is https, or http on loopback, with no user name in it."""
    try:
        parse_base_url(url)
    except Refused:
        return False
    return url.isascii()
