"""Which model makes embeddings, where, and with whose key: settled before anything is sent. Pure.

Any endpoint that speaks OpenAI's `/embeddings` will do. What the rubric leaves open is the judge's,
if the judge's provider makes embeddings.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from rubric_action.cases.model import Case
from rubric_action.errors import InputError, Place, Problem
from rubric_action.grading.embeddings import LONGEST_TEXT
from rubric_action.grading.endpoint import KEY_VARIABLE, PROVIDER_KEYS, Endpoint, check_base_url
from rubric_action.grading.keys import address_of, judge_keys
from rubric_action.grading.prices import PriceList
from rubric_action.grading.providers import provider_for
from rubric_action.grading.rules import rules_for
from rubric_action.rubric.model import JudgeModel, Provider, Rubric
from rubric_action.rubric.rules import Rule, SimilarTo

USUAL_MODELS: Final[Mapping[str, str | None]] = {
    "openai": "text-embedding-3-small",
    "github": "openai/text-embedding-3-small",
    "azure": None,  # deployments are called as their owner likes
}
"""The judges' providers that make embeddings too, each with the model that is asked by default."""

_NOWHERE: Final = Place("the rubric")
_BASE_URL: Final = "embeddings.base_url"
_DEPLOYMENTS: Final = "/openai/deployments/"
_V1: Final = "/openai/v1"


@dataclass(frozen=True, slots=True)
class EmbeddingModel:
    """A model and where it is served; `provider` says how a key is carried there.

    `judge` is the index of the judge at the same address, whose key opens it; None is nobody's.
    """

    provider: Provider
    model: str
    base_url: str
    judge: int | None

    @property
    def path(self) -> str:
        """What comes behind the base URL."""
        chat = provider_for(self.provider).path(self.base_url)
        return chat.replace("/chat/completions", "/embeddings")

    @property
    def priced(self) -> JudgeModel:
        """What the price library is asked about."""
        return JudgeModel(self.provider, self.model, self.base_url)

    def endpoint(self, key: str | None, judges: Sequence[str | None]) -> Endpoint:
        """Where it is asked: with a `key` of its own, else with that of the judge beside it.

        `judges` are the keys of all judges, in order.
        """
        shared = judges[self.judge] if self.judge is not None else None
        return Endpoint(self.base_url, key or shared)


def embedding_model(
    rubric: Rubric, needed_at: Place = _NOWHERE, *, private: bool = False
) -> EmbeddingModel:
    """The model that the rubric settles on; `InputError` names all that it leaves open.

    `needed_at` is told where the rubric has no section on embeddings.
    """
    judge = _judge(rubric)
    host = _judges(rubric)[judge] if judge is not None else None
    provider = host.provider if host and host.provider in USUAL_MODELS else "openai"
    base_url = rubric.embeddings.base_url or (_shared_url(host) if host else None)
    model = rubric.embeddings.model or _usual_model(rubric, host)
    problems = list(_missing(rubric, needed_at, base_url, model))
    if base_url is not None:
        place = rubric.places.get(_BASE_URL, needed_at)
        try:
            base_url = check_base_url(base_url, place, private=private, key=_BASE_URL)
        except InputError as error:
            problems += error.problems
    if problems:
        raise InputError(*problems)
    return EmbeddingModel(provider, str(model), str(base_url), judge)


def embedding_model_of(rubric: Rubric, *, private: bool = False) -> EmbeddingModel | None:
    """The model that the rubric settles on, or None: no rule needs one, or the check told why."""
    try:
        return embedding_model(rubric, private=private)
    except InputError:
        return None


def asked_models(rubric: Rubric) -> tuple[JudgeModel, ...]:
    """Whoever needs a key, for `judge_keys`: the judges, and what makes embeddings elsewhere.

    At a judge's address the judge's key opens it, so that it counts for none.
    """
    base_url = rubric.embeddings.base_url
    if base_url is None or _judge(rubric) is not None:
        return _judges(rubric)
    return (*_judges(rubric), JudgeModel("openai", rubric.embeddings.model or "", base_url))


def embeddings_key(
    rubric: Rubric, environ: Mapping[str, str], general: str | None = None
) -> str | None:
    """The key of what makes embeddings elsewhere than at a judge's address; the judges' is theirs.

    `general` is a key for whoever is asked, in place of `RUBRIC_JUDGE_API_KEY`.
    """
    judges = len(_judges(rubric))
    own = judge_keys(asked_models(rubric), environ, general)[judges:]
    return own[0] if own else None


def check_comparisons(
    rubric: Rubric,
    cases: Iterable[Case],
    *,
    key: str | None = None,
    keys: Sequence[str | None] = (),
    max_cost_usd: float | None = None,
    private: bool = False,
) -> None:
    """Raise one `InputError` with all that stands in the way of rules that compare embeddings.

    `cases` are those with rules of their own. `key` is that of the embeddings' endpoint; `keys` are
    the judges', in order, of which one may serve it too. Call it before any work.
    """
    near = list(_of_rubric(rubric))
    first = near[0][1] if near else None
    problems = [problem for rule, place in near for problem in _length_problems(rule, place)]
    for case in cases:
        for rule in rules_for((), case):
            if isinstance(rule.check, SimilarTo):
                first = first or case.place
                problems += _length_problems(rule, case.place)
    if first is not None:
        given = _in_order(rubric, keys)
        problems += _endpoint_problems(rubric, first, key, given, max_cost_usd, private=private)
    if problems:
        raise InputError(*problems)


def _in_order(rubric: Rubric, keys: Sequence[str | None]) -> tuple[str | None, ...]:
    """A key or None for each judge."""
    return (*keys, *(None for _ in _judges(rubric)))


def _judges(rubric: Rubric) -> tuple[JudgeModel, ...]:
    return rubric.judge.models if rubric.judge else ()


def _judge(rubric: Rubric) -> int | None:
    """The judge who is asked for embeddings as well, or stands at the same address."""
    own = rubric.embeddings.base_url
    for index, model in enumerate(_judges(rubric)):
        if own is None and model.provider in USUAL_MODELS:
            return index
        url = _shared_url(model)
        if own is not None and url is not None and address_of(own) == address_of(url):
            return index
    return None


def _shared_url(judge: JudgeModel) -> str | None:
    """The base URL of a judge, as it serves embeddings too."""
    if judge.provider == "lexical":
        return None
    base_url = judge.base_url or provider_for(judge.provider).default_base_url
    if base_url is None or judge.provider != "azure":
        return base_url
    resource, deployments, _ = base_url.partition(_DEPLOYMENTS)
    return f"{resource}{_V1}" if deployments else base_url


def _usual_model(rubric: Rubric, host: JudgeModel | None) -> str | None:
    """The model to ask where the rubric names none."""
    if rubric.embeddings.base_url is None:
        return USUAL_MODELS.get(host.provider) if host else None
    served = any(judge.provider == "openai" for judge in _judges(rubric))
    return USUAL_MODELS["openai"] if served else None


def _missing(
    rubric: Rubric, needed_at: Place, base_url: str | None, model: str | None
) -> Iterator[Problem]:
    if base_url is None:
        names = [f"`{judge.provider}`" for judge in _judges(rubric)]
        makes = "makes" if len(names) == 1 else "make"
        who = f"{' and '.join(names)} {makes} no embeddings" if names else "there is no judge"
        mend = "Set it, and `model`, to an endpoint that speaks OpenAI's `/embeddings`"
        yield _problem(rubric, needed_at, "base_url", f"it is missing, and {who}", mend)
    if model is None:
        mend = "Set it to the name of a model, such as `text-embedding-3-small`"
        yield _problem(rubric, needed_at, "model", "it is missing", mend)


def _of_rubric(rubric: Rubric) -> Iterator[tuple[Rule, Place]]:
    for index, rule in enumerate(rubric.rules):
        if isinstance(rule.check, SimilarTo):
            yield rule, rubric.places.get(f"rules[{index}]", _NOWHERE)


def _length_problems(rule: Rule, place: Place) -> Iterator[Problem]:
    length = len(rule.check.text) if isinstance(rule.check, SimilarTo) else 0
    if length > LONGEST_TEXT:
        what = f"rule `{rule.id}` compares with a text of {length:,} characters"
        mend = f"Give it at most {LONGEST_TEXT:,}, which is about what models take"
        yield Problem(place, what, mend, "similar_to")


def _endpoint_problems(
    rubric: Rubric,
    first: Place,
    key: str | None,
    keys: Sequence[str | None],
    max_cost_usd: float | None,
    *,
    private: bool,
) -> Iterator[Problem]:
    """What the endpoint lacks; `first` is where it is needed."""
    try:
        model = embedding_model(rubric, first, private=private)
    except InputError as error:
        yield from error.problems
        return
    endpoint = model.endpoint(key, keys)
    if not endpoint.key and not endpoint.loopback and model.judge is None:
        what = f"there is no key for `{endpoint.base_url}`, which makes the embeddings"
        mend = f"Set the environment variable {KEY_VARIABLE} or {PROVIDER_KEYS['openai']}"
        yield _problem(rubric, first, "base_url", what, mend)
    if endpoint.key and not (endpoint.key.isascii() and endpoint.key.isprintable()):
        what = "the key for embeddings holds a character that no header may hold"
        mend = "Set it again, without quotes or line breaks around or in it"
        yield _problem(rubric, first, "base_url", what, mend)
    if max_cost_usd is not None and not PriceList(model.priced).limitable:
        what = f"no price is known for `{model.model}`, so that the cost limit cannot be kept"
        mend = "Name a model that the price library knows, or leave the limit out"
        yield _problem(rubric, first, "model", what, mend)


def _problem(rubric: Rubric, needed_at: Place, name: str, what: str, mend: str) -> Problem:
    key = f"embeddings.{name}"
    place = rubric.places.get(key) or rubric.places.get("embeddings") or needed_at
    return Problem(place, what, mend, key)
