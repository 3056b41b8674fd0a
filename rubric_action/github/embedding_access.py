"""Where a key for embeddings may go: decided as for the judge, by what the PR cannot change. Pure.

At a judge's address it is that judge's key, which `JudgeAccess` looks after.
"""

from typing import Final

from rubric_action.errors import InputError, JudgeRefused, Place, Problem
from rubric_action.gate.evidence import BarNotCompared
from rubric_action.github.judge_access import (
    FORK_CAUSE,
    FORK_MEND,
    WORKFLOW,
    JudgeAccess,
    Origin,
    origin_of,
    shown,
)
from rubric_action.grading.embedding_setup import asked_models, embeddings_key
from rubric_action.grading.endpoint import is_loopback_host
from rubric_action.grading.providers import provider_for
from rubric_action.rubric.model import Rubric
from rubric_action.rubric.rules import SimilarTo

_KEY: Final = "embeddings.base_url"


def key_for_embeddings(
    access: JudgeAccess, rubric: Rubric, base: Rubric | BarNotCompared
) -> str | None:
    """The key for embeddings, once it is sure that it goes to nobody whom the base does not name.

    The rubrics are those of `JudgeAccess.check`. None where no key is needed: at a judge's address,
    or where no embeddings are named. Raises InputError with the rubric's line, or JudgeRefused
    where GitHub withholds the key that a rule of the rubric needs.
    """
    url = rubric.embeddings.base_url
    if url is None or asked_models(rubric) == (rubric.judge.models if rubric.judge else ()):
        return None
    origin = origin_of(url, _place(rubric), _KEY)
    key = embeddings_key(rubric, access.environ, access.key)
    if key is None:
        _refuse_keyless(access, rubric, origin)
        return None
    allowed = _allowed(access, rubric, base)
    if origin not in allowed:
        raise _refusal(rubric, origin, allowed)
    return key


def _allowed(
    access: JudgeAccess, rubric: Rubric, base: Rubric | BarNotCompared
) -> frozenset[Origin]:
    """What base and workflow name for OpenAI's protocol; if nothing, then OpenAI itself."""
    judges = access.allowed(rubric, base)
    named = {origin for provider, origin in judges if provider == "openai"}
    if access.base_url is not None:
        named.add(origin_of(access.base_url, WORKFLOW))
    if isinstance(base, Rubric) and base.embeddings.base_url is not None:
        named.add(origin_of(base.embeddings.base_url, _place(base), _KEY))
    own = provider_for("openai").default_base_url
    return frozenset(named) or frozenset({origin_of(str(own), WORKFLOW)})


def _refuse_keyless(access: JudgeAccess, rubric: Rubric, origin: Origin) -> None:
    compares = any(isinstance(rule.check, SimilarTo) for rule in rubric.rules)
    if compares and access.secretless and not is_loopback_host(origin[1]):
        raise JudgeRefused(f"There is no key for embeddings: {FORK_CAUSE}.", FORK_MEND)


def _refusal(rubric: Rubric, origin: Origin, allowed: frozenset[Origin]) -> InputError:
    known = ", ".join(f"`{shown(one)}`" for one in sorted(allowed, key=str))
    what = f"the key for embeddings may not be sent to `{shown(origin)}`; the base allows {known}"
    mend = "Merge the address to the base first, in a pull request of its own."
    return InputError(Problem(_place(rubric), what, mend, _KEY))


def _place(rubric: Rubric) -> Place:
    places = rubric.places
    return places.get(_KEY) or places.get("embeddings") or Place("the rubric")
