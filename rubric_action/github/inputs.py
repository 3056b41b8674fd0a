"""The action's inputs, read from the `INPUT_*` variables that GitHub's runner sets."""

from collections.abc import Mapping
from typing import Annotated, Any, Final, Literal

from pydantic import AfterValidator, BeforeValidator, Field, SecretStr, ValidationError
from pydantic_settings import (
    BaseSettings,
    EnvSettingsSource,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
)

from rubric_action.cases.shard import EXPECTED, Shard, read_shard
from rubric_action.errors import InputError, Place, Problem
from rubric_action.rubric.problems import quoted

PREFIX: Final = "INPUT_"
SECRETS: Final = ("github_token", "judge_api_key")
PLACE: Final = Place("the step's `with:`")
LONGEST_CONTEXT: Final = 100

_WORDS = {"true": True, "false": False}


def _switch(value: Any) -> Any:
    """Booleans as YAML 1.2 and GitHub write them: `true`, `True`, `TRUE`, never `yes` or `1`."""
    known = isinstance(value, str) and value in (value.lower(), value.upper(), value.title())
    return _WORDS.get(value.lower(), value) if known else value


def _printable(value: str) -> str:
    if not value.isprintable():
        raise ValueError("holds a control character")
    return value


def _one_word(value: SecretStr) -> SecretStr:
    secret = value.get_secret_value()
    if not secret.isprintable() or " " in secret:
        raise ValueError("holds a space or a control character")
    return value


Secret = Annotated[SecretStr, AfterValidator(_one_word)]
Switch = Annotated[bool, BeforeValidator(_switch), Field(strict=True)]
Text = Annotated[str, AfterValidator(_printable)]
Part = Annotated[Shard, BeforeValidator(read_shard)]


def _input(default: Any, name: str, expected: str, **limits: Any) -> Any:
    return Field(default, validation_alias=PREFIX + name.upper(), description=expected, **limits)


class Inputs(BaseSettings):
    """Every input of action.yml. An empty one was not given, as GitHub cannot tell them apart."""

    model_config = SettingsConfigDict(frozen=True, extra="ignore")

    github_token: Secret = _input(..., "github-token", "the token alone, on one line")
    rubric: Text = _input("eval/rubric.yaml", "rubric", "a path below the repository's root")
    mode: Literal["auto", "gate", "again", "baseline", "sessions", "merge"] = _input(
        "auto", "mode", "`auto`, `gate`, `again`, `baseline`, `sessions` or `merge`"
    )
    outputs: Text | None = _input(
        None, "outputs", "the path of a sessions file, or of a folder with shards"
    )
    judge_api_key: Secret | None = _input(None, "judge-api-key", "the key alone, on one line")
    judge_base_url: Text | None = _input(
        None, "judge-base-url", "an https URL, or http on loopback"
    )
    judge_model: Text | None = _input(None, "judge-model", "a model's name")
    baseline_artifact: Text = _input("rubric-baseline", "baseline-artifact", "an artifact's name")
    baseline: Text | None = _input(None, "baseline", "the path of a results folder or zip")
    require_baseline: Switch = _input(False, "require-baseline", "`true` or `false`")
    results: Text = _input("rubric-results", "results", "a path below the repository's root")
    comment: Literal["always", "on-failure", "never"] = _input(
        "always", "comment", "`always`, `on-failure` or `never`"
    )
    status: Literal["required", "best-effort", "off"] = _input(
        "required", "status", "`required`, `best-effort` or `off`"
    )
    status_context: Text = _input(
        "rubric/gate", "status-context", "up to 100 characters", max_length=LONGEST_CONTEXT
    )
    fail: Switch = _input(True, "fail", "`true` or `false`")
    upload: Switch = _input(False, "upload", "`true` or `false`")
    max_judge_cost: float | None = _input(
        None, "max-judge-cost", "an amount in USD such as `2.50`", gt=0, allow_inf_nan=False
    )
    concurrency: int | None = _input(
        None, "concurrency", "a whole number from 1 to 1000", ge=1, le=1000
    )
    shard: Part | None = _input(None, "shard", f"{EXPECTED}, such as `3/8`")

    @property
    def secrets(self) -> tuple[SecretStr, ...]:
        """The inputs that may appear nowhere."""
        return (self.github_token, *([self.judge_api_key] if self.judge_api_key else []))

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],  # noqa: ARG003 (the signature is pydantic's)
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,  # noqa: ARG003
        dotenv_settings: PydanticBaseSettingsSource,  # noqa: ARG003
        file_secret_settings: PydanticBaseSettingsSource,  # noqa: ARG003
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Take nothing but what `read_inputs` was given: no dotenv file of the checkout counts."""
        return (init_settings,)


def input_name(field: str) -> str:
    """The name in action.yml of a field of `Inputs`."""
    return field.replace("_", "-")


def read_inputs(environ: Mapping[str, str]) -> Inputs:
    """The inputs, or an InputError that names everything wrong with them at once."""
    source = EnvSettingsSource(Inputs)
    given = {name: value.strip() for name, value in environ.items() if name.startswith(PREFIX)}
    source.env_vars = {name.lower(): value for name, value in given.items() if value}
    try:
        return Inputs(**source())
    except ValidationError as error:
        raise InputError(*_problems(error)) from None


def _problems(error: ValidationError) -> list[Problem]:
    fields = {str(info.validation_alias): name for name, info in Inputs.model_fields.items()}
    return [_problem(fields[str(one["loc"][0])], one) for one in error.errors()]


def _problem(field: str, error: Mapping[str, Any]) -> Problem:
    """One mistake; the value of a secret is never quoted."""
    expected, name = str(Inputs.model_fields[field].description), input_name(field)
    if error["type"] == "missing":
        mend = "Leave the input out: it defaults to the job's own token."
        return Problem(PLACE, "it is empty", mend, name)
    value = "the value" if field in SECRETS else f"`{quoted(str(error['input']))}`"
    return Problem(PLACE, f"{value} is not {expected}", f"Write {expected}.", name)
