"""Where the judge's key may go: decided before anything is sent, from what the PR cannot change.

The rubric of a pull request names the judge, and so could name its author's own server. The key
goes only to origins that the base rubric or the workflow names; a first rubric may use the
provider's own. Pure.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final
from urllib.parse import urlsplit

from rubric_action.errors import InputError, JudgeRefused, Place, Problem
from rubric_action.gate.evidence import BarNotCompared
from rubric_action.grading.endpoint import check_base_url, is_loopback_host, judge_key
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


@dataclass(frozen=True, slots=True)
class JudgeAccess:
    """What the workflow says about the judge; `environ` may hold a key under its usual name.

    `secretless` is set where GitHub withholds the repository's secrets from the run.
    """

    environ: Mapping[str, str] = field(repr=False)
    key: str | None = field(default=None, repr=False)
    base_url: str | None = None
    secretless: bool = False

    def key_of(self, rubric: Rubric) -> str | None:
        """The key that the rubric's judge is asked with."""
        return next((self._key_for(model) for model in _remote(rubric)), None)

    def check(self, rubric: Rubric, base: Rubric | BarNotCompared) -> None:
        """Refuse a judge that would carry the key to a stranger, or that has no key to carry.

        `rubric` is the settled one, the workflow's `judge-base-url` in it; `base` is what the pull
        request cannot change, and for a trusted run the rubric itself. Raises InputError with the
        rubric's line, or JudgeRefused.
        """
        for model in _remote(rubric):
            origin = _origin_of_model(model, rubric)
            if self._key_for(model) is None:
                self._refuse_keyless(model, origin)
                continue
            allowed = self._allowed(rubric, base)
            if origin not in allowed:
                raise _refusal(rubric, origin, allowed)

    def _key_for(self, model: JudgeModel) -> str | None:
        return self.key or judge_key(model.provider, self.environ)

    def _allowed(self, rubric: Rubric, base: Rubric | BarNotCompared) -> frozenset[Origin]:
        if self.base_url is not None:
            return frozenset({origin_of(self.base_url, WORKFLOW)})
        if isinstance(base, Rubric) and _remote(base):
            return frozenset(_origin_of_model(model, base) for model in _remote(base))
        return frozenset(_own_origin(model, rubric) for model in _remote(rubric))

    def _refuse_keyless(self, model: JudgeModel, origin: Origin) -> None:
        if self.secretless and not is_loopback_host(origin[1]):
            cause = f"There is no key for the judge `{model.provider}`: {FORK_CAUSE}."
            raise JudgeRefused(cause, FORK_MEND)


def origin_of(url: str, place: Place) -> Origin:
    """Scheme, host and port of a base URL; InputError for one that no key may be sent to."""
    parts = urlsplit(check_base_url(url, place))
    return parts.scheme, (parts.hostname or "").rstrip("."), parts.port or PORTS.get(parts.scheme)


def _remote(rubric: Rubric) -> tuple[JudgeModel, ...]:
    models = rubric.judge.models if rubric.judge else ()
    return tuple(model for model in models if model.provider != "lexical")


def _origin_of_model(model: JudgeModel, rubric: Rubric) -> Origin:
    if model.base_url is None:
        return _own_origin(model, rubric)
    return origin_of(model.base_url, _place(rubric, "judge.base_url"))


def _own_origin(model: JudgeModel, rubric: Rubric) -> Origin:
    place = _place(rubric, "judge.provider")
    return origin_of(provider_for(model.provider, place).default_base_url, place)


def _place(rubric: Rubric, key: str) -> Place:
    return rubric.places.get(key) or rubric.places.get("judge") or Place("the rubric")


def _refusal(rubric: Rubric, origin: Origin, allowed: frozenset[Origin]) -> InputError:
    known = ", ".join(f"`{_shown(one)}`" for one in sorted(allowed, key=str))
    what = f"the judge's key may not be sent to `{_shown(origin)}`; the base allows {known}"
    mend = "Name the address in the workflow's `judge-base-url`, or merge it to the base first."
    return InputError(Problem(_place(rubric, "judge.base_url"), what, mend, "judge.base_url"))


def _shown(origin: Origin) -> str:
    scheme, host, port = origin
    return f"{scheme}://{host}" + ("" if port == PORTS.get(scheme) else f":{port}")
