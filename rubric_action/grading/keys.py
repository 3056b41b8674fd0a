"""Which key opens which judge of a rubric. Pure.

A key belongs to one address: where a panel has several, none goes to an address that it may not be
meant for.
"""

from collections.abc import Mapping, Sequence
from urllib.parse import urlsplit

from rubric_action.grading.endpoint import KEY_VARIABLE, PROVIDER_KEYS, is_loopback_host
from rubric_action.grading.providers import provider_for
from rubric_action.rubric.model import JudgeModel

Stand = tuple[str, str]
"""A provider and an address: scheme, host and port."""

_PORTS = {"https": 443, "http": 80}


def judge_keys(
    models: Sequence[JudgeModel], environ: Mapping[str, str], general: str | None = None
) -> tuple[str | None, ...]:
    """A key or None for each judge, in order; blank variables count as absent.

    `general` is a key for whoever the judge is, in place of `RUBRIC_JUDGE_API_KEY`. It comes first
    where all judges share one provider and address. In any other panel each judge takes its
    provider's own variable, and the general key serves those that are left without one, if they
    share an address. A provider's variable that could be meant for several addresses serves the
    provider's own; `GITHUB_TOKEN`, which opens more than models, never leaves GitHub's.
    """
    general = general or _value(environ, KEY_VARIABLE)
    stands = [stand_of(model) for model in models]
    known = dict.fromkeys(stand for stand in stands if stand)
    usual = {stand: _usual(stand, known, environ) for stand in known}
    if len(known) == 1:
        found = {stand: general or key for stand, key in usual.items()}
    else:
        found = usual | dict.fromkeys(_left_out(usual), general)
    return tuple(found[stand] if stand else None for stand in stands)


def stand_of(model: JudgeModel) -> Stand | None:
    """Where a judge is asked; None for `lexical`, and for an address that is missing."""
    if model.provider == "lexical":
        return None
    base_url = model.base_url or provider_for(model.provider).default_base_url
    return (model.provider, address_of(base_url)) if base_url else None


def address_of(base_url: str) -> str:
    """Scheme, host and port of a base URL, which may not have been checked yet."""
    parts = urlsplit(base_url)
    try:
        port = parts.port or _PORTS.get(parts.scheme)
    except ValueError:
        port = None
    return f"{parts.scheme}://{(parts.hostname or '').rstrip('.')}:{port}"


def at_home(stand: Stand) -> bool:
    """Whether the address is the provider's own."""
    provider, address = stand
    own = provider_for(provider).default_base_url
    return own is not None and address == address_of(own)


def _usual(stand: Stand, known: Mapping[Stand, None], environ: Mapping[str, str]) -> str | None:
    provider, _ = stand
    rivals = [one for one in known if one[0] == provider]
    if not at_home(stand) and (len(rivals) > 1 or provider == "github"):
        return None
    return _value(environ, PROVIDER_KEYS[provider])


def _left_out(usual: Mapping[Stand, str | None]) -> list[Stand]:
    """The one address that has no key; on this machine only where no other needs one."""
    left = [stand for stand, key in usual.items() if key is None]
    far = [stand for stand in left if not _is_here(stand)]
    needy = far or left
    return needy if len(needy) == 1 else []


def _is_here(stand: Stand) -> bool:
    return is_loopback_host(urlsplit(stand[1]).hostname or "")


def _value(environ: Mapping[str, str], name: str) -> str | None:
    return environ.get(name, "").strip() or None
