"""The `agent` section as it is written."""

import re
from typing import Any, Final

from rubric_action.rubric.decode import Anything, Choice, Flag, Text, Whole
from rubric_action.rubric.model import Agent, Command, Http, Outputs, PythonFunction
from rubric_action.rubric.problems import Found, Path
from rubric_action.rubric.record import ExactlyOne, Key, Record
from rubric_action.rubric.shapes import ListOf, MapOf, Parsed, Refused
from rubric_action.rubric.words import DURATION, PATH, TEXT, URL

FORBIDDEN_VARIABLES: Final = (
    r"RUBRIC_.*|INPUT_.*|ACTIONS_.*|RUNNER_TOKEN|GH_TOKEN|OPENAI_API_KEY|ANTHROPIC_API_KEY"
    r"|AZURE_OPENAI_API_KEY|GITHUB_(TOKEN|ENV|OUTPUT|PATH|STATE|STEP_SUMMARY)"
)
"""Variables that no agent sees, in any case: the token, the judge's keys, the runner's channels."""

_VARIABLE_PATTERN = "[A-Za-z_][A-Za-z0-9_]*"
_IN_HEADER = re.compile(r"\$\{([^}]*)\}")


def _allowed_variable(name: str) -> str:
    if re.fullmatch(FORBIDDEN_VARIABLES, name, re.IGNORECASE):
        what = f"`{name}` belongs to the gate, and no agent may see it"
        raise Refused(what, "Give the agent's own key another name, such as `AGENT_API_KEY`.")
    return name


VARIABLE: Final = Parsed(
    Text("the name of a variable", pattern=_VARIABLE_PATTERN),
    _allowed_variable,
    "the name of a variable",
    {"not": {"pattern": f"^({FORBIDDEN_VARIABLES})$"}},
)

HTTP_KEYS: Final = (
    Key("url", URL, "the full address that is called", required=True),
    Key("method", Choice("POST", "PUT", "PATCH", "GET"), "the HTTP method", default="POST"),
    Key(
        "headers",
        MapOf(
            Text("a header's value", pattern=r"[^\r\n]*", blank=True),
            "a mapping of headers",
            names="[!#$%&'*+.^_`|~0-9A-Za-z-]+",
            names_are="a header's name",
        ),
        "headers; a value may hold `${NAME}` of a variable that `agent.env` lists",
        default={},
    ),
    Key(
        "body",
        Anything(),
        "a JSON template whose texts may hold `{{input}}`, `{{turns}}` and `{{case.id}}`",
    ),
    Key(
        "output",
        TEXT,
        "the dotted path to the answer, `[n]` for lists",
        otherwise="the whole reply, a session",
    ),
    Key("openai", Flag(), "post a chat completion with the conversation so far", default=False),
)

HTTP: Final = Record(Http, HTTP_KEYS, expected="a mapping with a `url`")

_FUNCTION = Text(
    "a function as `module:function`",
    pattern=r"[A-Za-z_][A-Za-z0-9_]*(\.[A-Za-z_][A-Za-z0-9_]*)*:[A-Za-z_][A-Za-z0-9_]*",
)

AGENT_KEYS: Final = (
    Key("outputs", PATH, "a JSONL file of sessions that an earlier step produced"),
    Key("http", HTTP, "an agent behind an address"),
    Key("command", TEXT, "a command that reads cases and writes sessions, a JSON line each"),
    Key("python", _FUNCTION, "a function `module:function`, called in a process of its own"),
    Key("trials", Whole(1, 100), "sessions of each case", default=1),
    Key(
        "timeout", DURATION, "the longest that a session may take", default="60s", field="timeout_s"
    ),
    Key("concurrency", Whole(1, 1000), "sessions at a time", default=8),
    Key(
        "env",
        ListOf(VARIABLE, "a list of names of variables"),
        "names of variables that the agent may see; never the token's or the judge's",
        default=[],
    ),
)


class HeadersNameTheirVariables:
    """`${NAME}` in a header stands for a variable that `env` lists."""

    def check(self, value: dict[str, Any], at: Path, found: Found) -> None:
        """Note each variable that is not listed."""
        http, env = value.get("http"), value.get("env")
        headers = http.get("headers") if isinstance(http, dict) else None
        listed = env if isinstance(env, list) else []
        for name, header in headers.items() if isinstance(headers, dict) else ():
            for variable in _IN_HEADER.findall(header) if isinstance(header, str) else ():
                if variable not in listed:
                    what = f"`${{{variable}}}` is not a variable that `agent.env` lists"
                    mend = f"Add it: `env: [{variable}]`."
                    found.refuse((*at, "http", "headers", name), what, mend)

    def schema(self) -> dict[str, Any]:
        """Out of JSON Schema's reach."""
        return {}


_SOURCES = {"outputs": Outputs, "http": None, "command": Command, "python": PythonFunction}


def _agent(**fields: Any) -> Agent:
    kind = next(kind for kind in _SOURCES if kind in fields)
    wrap, source = _SOURCES[kind], fields.pop(kind)
    return Agent(wrap(source) if wrap else source, **fields)


AGENT: Final = Record(
    _agent,
    AGENT_KEYS,
    expected="a mapping with one of `outputs`, `http`, `command` and `python`",
    constraints=(ExactlyOne(*_SOURCES), HeadersNameTheirVariables()),
)
