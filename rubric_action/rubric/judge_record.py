"""The `judge` and `embeddings` sections as they are written."""

from typing import Any, Final

from rubric_action.rubric.decode import Choice, Number, Text, Whole
from rubric_action.rubric.model import Embeddings, Judge, JudgeModel, Prices
from rubric_action.rubric.problems import Found, Path
from rubric_action.rubric.record import ExactlyOne, Key, OnlyWith, Record
from rubric_action.rubric.shapes import ListOf
from rubric_action.rubric.words import BASE_URL, DURATION, FRACTION, PATH, TEXT

PROVIDERS: Final = ("openai", "anthropic", "github", "azure", "lexical")

PRICES_KEYS: Final = (
    Key("input", Number(0), "USD a million tokens in", required=True),
    Key("output", Number(0), "USD a million tokens out", required=True),
)

_PROVIDER = Key("provider", Choice(*PROVIDERS), "who serves the model")
_MODEL = Key("model", TEXT, "the model's name; `lexical` has none")
_BASE_URL = Key(
    "base_url",
    BASE_URL,
    "any endpoint that speaks the provider's protocol; `azure` needs one",
    otherwise="the provider's",
)
_PRICES = Key(
    "prices",
    Record(Prices, PRICES_KEYS, expected="a mapping `{input, output}`"),
    "`{input, output}` in USD a million tokens",
    otherwise="the price library",
)


class NamesItsModel:
    """A provider has what it needs: a model, for `azure` an address, and `lexical` nothing."""

    def check(self, value: dict[str, Any], at: Path, found: Found) -> None:
        """Note what is missing, or means nothing to this provider."""
        provider = value.get("provider")
        if provider == "lexical":
            for name in ("model", "base_url", "prices"):
                if name in value:
                    mend = "Leave it out, or name another provider."
                    found.refuse_key((*at, name), "`lexical` has no such thing", mend)
        elif provider in PROVIDERS and "model" not in value:
            mend = "Add it: the name of a model, such as `gpt-5-mini`."
            found.refuse(at, f"`model` is missing, which `{provider}` needs", mend)
        if provider == "azure" and "base_url" not in value:
            mend = "Add it: the address of your deployment."
            found.refuse(at, "`base_url` is missing, which `azure` needs", mend)

    def schema(self) -> dict[str, Any]:
        """What each provider requires and excludes."""
        needs = {"openai": ["model"], "anthropic": ["model"], "github": ["model"]}
        needs["azure"] = ["model", "base_url"]
        is_lexical = {"properties": {"provider": {"const": "lexical"}}, "required": ["provider"]}
        none = {"properties": dict.fromkeys(("model", "base_url", "prices"), False)}
        cases = [
            {
                "if": {"properties": {"provider": {"const": name}}, "required": ["provider"]},
                "then": {"required": keys},
            }
            for name, keys in needs.items()
        ]
        return {"allOf": [*cases, {"if": is_lexical, "then": none}]}


JUDGES_KEYS: Final = (
    Key("provider", _PROVIDER.decoder, _PROVIDER.meaning, required=True),
    _MODEL,
    _BASE_URL,
    _PRICES,
)

_PANELIST = Record(
    JudgeModel,
    JUDGES_KEYS,
    expected="a mapping `{provider, model}`",
    constraints=(NamesItsModel(),),
)

JUDGE_KEYS: Final = (
    _PROVIDER,
    _MODEL,
    _BASE_URL,
    _PRICES,
    Key(
        "judges",
        ListOf(_PANELIST, "a list of judges", at_least=2),
        "a panel, in place of `provider`",
    ),
    Key(
        "vote",
        Choice("majority", "mean"),
        "how a panel's scores become one",
        default="majority",
    ),
    Key("prompt", Text(longest=20_000), "calibration prompt, put before every axis"),
    Key("temperature", Number(0, 2), "the judge's sampling temperature", default=0),
    Key(
        "timeout", DURATION, "the longest that one call may take", default="60s", field="timeout_s"
    ),
    Key(
        "deadline",
        DURATION,
        "the longest that one case may take with all its retries",
        default="10m",
        field="deadline_s",
    ),
    Key("concurrency", Whole(1, 1000), "calls at a time", default=32),
    Key("calibration", PATH, "a JSONL file of answers that people graded"),
    Key(
        "min_agreement",
        FRACTION,
        "Cohen's kappa below this makes the verdict unreliable",
        default=0.6,
    ),
    Key("canaries", Whole(0), "calibration items that each run grades afresh", default=12),
    Key(
        "margin",
        FRACTION,
        "a score this near its pass mark is sampled again before it decides",
        default=0.05,
    ),
)


def _judge(**fields: Any) -> Judge:
    single = {
        name: fields.pop(name)
        for name in ("provider", "model", "base_url", "prices")
        if name in fields
    }
    models = fields.pop("judges", None) or (JudgeModel(**single),)
    return Judge(models, **fields)


class PanelNamesItsModels:
    """Beside `judges`, what belongs to one model stands in its own entry."""

    def check(self, value: dict[str, Any], at: Path, found: Found) -> None:
        """Note the keys of a single judge beside a panel."""
        for name in ("model", "base_url", "prices"):
            if "judges" in value and name in value:
                what = "means nothing beside `judges`"
                found.refuse_key((*at, name), what, "Write it into each entry of `judges`.")

    def schema(self) -> dict[str, Any]:
        """A panel excludes these keys."""
        none = {"properties": dict.fromkeys(("model", "base_url", "prices"), False)}
        return {"if": {"required": ["judges"]}, "then": none}


JUDGE: Final = Record(
    _judge,
    JUDGE_KEYS,
    expected="a mapping `{provider, model}`",
    constraints=(
        ExactlyOne("provider", "judges"),
        NamesItsModel(),
        PanelNamesItsModels(),
        OnlyWith("judges", "vote"),
    ),
)

EMBEDDINGS_KEYS: Final = (
    Key("model", TEXT, "the model of `similar_to` and `gap`", otherwise="the judge's provider's"),
    Key("base_url", BASE_URL, "where it is served", otherwise="the judge's"),
)

EMBEDDINGS: Final = Record(Embeddings, EMBEDDINGS_KEYS, expected="a mapping `{model, base_url}`")
