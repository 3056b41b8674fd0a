"""Where the judge's key may go: decided before anything is sent, from what the PR cannot change.

The rubric of a pull request names the judges, and so could name its author's own server. A key
goes only to origins that the base rubric names for the same provider, or that the workflow names;
a first rubric may use the provider's own. The job's token opens GitHub Models where no other key
does, and leaves GitHub only for an address of the workflow's. Pure.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final
from urllib.parse import urlsplit

from rubric_action.errors import InputError, JudgeRefused, Place, Problem
from rubric_action.gate.evidence import BarNotCompared
from rubric_action.grading.embedding_setup import asked_models
from rubric_action.grading.endpoint import check_base_url, is_loopback_host
from rubric_action.grading.keys import at_home, judge_keys, stand_of
from rubric_action.grading.providers import provider_for
from rubric_action.rubric.model import JudgeModel, Rubric

PORTS: Final = {"https": 443, "http": 80}
FORK_CAUSE: Final = "GitHub gives no secrets to a run for a fork or for Dependabot"
FORK_MEND: Final = (
    "This is the half that needs none: let it make the sessions with `mode: sessions`. The half "
    "that judges them, `on: workflow_run`, is missing here or runs on its own: docs/forks.md. Or "
    "judge with `lexical`."
)

WORKFLOW: Final = Place("the step's `with:`")
Origin = tuple[str, str, int | None]
"""Scheme, host and port."""
Allowed = frozenset[tuple[str, Origin]]
"""Providers with the origins that their keys may be sent to."""


@dataclass(frozen=True, slots=True)
class JudgeAccess:
    """What the workflow says about the judge; `environ` may hold keys under their usual names.

    `secretless` is set where GitHub withholds the repository's secrets from the run. `token` is the
    job's own.
    """

    environ: Mapping[str, str] = field(repr=False)
    key: str | None = field(default=None, repr=False)
    base_url: str | None = None
    secretless: bool = False
    token: str | None = field(default=None, repr=False)

    def keys_of(self, rubric: Rubric) -> tuple[str | None, ...]:
        """The key that each of the rubric's judges is asked with, in order."""
        keys = judge_keys(asked_models(rubric), self.environ, self.key)
        pairs = zip(_judges(rubric), keys, strict=False)  # what makes embeddings may come last
        return tuple(key or (self.token if self._opens(one) else None) for one, key in pairs)

    def key_of(self, rubric: Rubric) -> str | None:
        """The key that the first of the rubric's judges is asked with."""
        return next(iter(self.keys_of(rubric)), None)

    def check(self, rubric: Rubric, base: Rubric | BarNotCompared) -> None:
        """Refuse a judge that would carry a key to a stranger, or that has no key to carry.

        `rubric` is the settled one, the workflow's `judge-base-url` in it; `base` is what the pull
        request cannot change, and for a trusted run the rubric itself. Raises InputError with the
        rubric's line, or JudgeRefused.
        """
        for index, key in enumerate(self.keys_of(rubric)):
            model, origin = _judges(rubric)[index], _origin(rubric, index)
            if model.provider == "lexical":
                continue
            if key is None:
                self._refuse_keyless(model, origin)
                continue
            allowed = self.allowed(rubric, base)
            at_github = key == self.token and self._opens(model)
            if not at_github and (model.provider, origin) not in allowed:
                raise _refusal(rubric, index, origin, allowed)

    def _opens(self, model: JudgeModel) -> bool:
        """Whether the job's token may be sent to a judge."""
        stand = stand_of(model)
        if model.provider != "github" or stand is None:
            return False
        return at_home(stand) or (self.base_url is not None and model.base_url == self.base_url)

    def allowed(self, rubric: Rubric, base: Rubric | BarNotCompared) -> Allowed:
        """The origins for each provider."""
        if self.base_url is not None:
            named = origin_of(self.base_url, WORKFLOW)
            return frozenset((model.provider, named) for model in _judges(rubric))
        if isinstance(base, Rubric) and _remote(base):
            found = (
                (_judges(base)[index].provider, _origin(base, index)) for index in _remote(base)
            )
        else:
            found = ((_judges(rubric)[i].provider, _own_origin(rubric, i)) for i in _remote(rubric))
        return frozenset((provider, origin) for provider, origin in found if origin)

    def _refuse_keyless(self, model: JudgeModel, origin: Origin | None) -> None:
        if self.secretless and not (origin and is_loopback_host(origin[1])):
            cause = f"There is no key for the judge `{model.provider}`: {FORK_CAUSE}."
            raise JudgeRefused(cause, FORK_MEND)


def origin_of(url: str, place: Place, key: str = "judge.base_url") -> Origin:
    """Scheme, host and port of a base URL; InputError for one that no key may be sent to."""
    parts = urlsplit(check_base_url(url, place, key=key))
    return parts.scheme, (parts.hostname or "").rstrip("."), parts.port or PORTS.get(parts.scheme)


def _judges(rubric: Rubric) -> tuple[JudgeModel, ...]:
    return rubric.judge.models if rubric.judge else ()


def _remote(rubric: Rubric) -> list[int]:
    return [i for i, model in enumerate(_judges(rubric)) if model.provider != "lexical"]


def _origin(rubric: Rubric, index: int) -> Origin | None:
    """Where a judge is asked; None for `lexical`, and for an address that is missing."""
    base_url = _judges(rubric)[index].base_url
    if base_url is None:
        return _own_origin(rubric, index)
    return origin_of(base_url, _place(rubric, index, "base_url"))


def _own_origin(rubric: Rubric, index: int) -> Origin | None:
    """The provider's own address; None where it has none."""
    provider = _judges(rubric)[index].provider
    if provider == "lexical":
        return None
    place = _place(rubric, index, "provider")
    base_url = provider_for(provider, place).default_base_url
    return origin_of(base_url, place) if base_url else None


def _key(rubric: Rubric, index: int, name: str) -> str:
    return f"judge.judges[{index}].{name}" if len(_judges(rubric)) > 1 else f"judge.{name}"


def _place(rubric: Rubric, index: int, name: str) -> Place:
    key = _key(rubric, index, name)
    above = (key, key.rpartition(".")[0], "judge")
    found = next((rubric.places[one] for one in above if one in rubric.places), None)
    return found or Place("the rubric")


def _refusal(rubric: Rubric, index: int, origin: Origin | None, allowed: Allowed) -> InputError:
    provider = _judges(rubric)[index].provider
    known = sorted(f"`{shown(one)}` for `{name}`" for name, one in allowed)
    told = ", ".join(known) or "no address"
    place = f"`{shown(origin)}`" if origin else "an address that is missing"
    what = f"the key of the judge `{provider}` may not be sent to {place}; the base allows {told}"
    mend = "Name the address in the workflow's `judge-base-url`, or merge it to the base first."
    where = _place(rubric, index, "base_url")
    return InputError(Problem(where, what, mend, _key(rubric, index, "base_url")))


def shown(origin: Origin) -> str:
    """An origin as a reader writes it."""
    scheme, host, port = origin
    return f"{scheme}://{host}" + ("" if port == PORTS.get(scheme) else f":{port}")
