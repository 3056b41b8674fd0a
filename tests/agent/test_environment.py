import pytest

from rubric_action.agent.environment import agent_environment, named_variables

RUNNER = {
    "PATH": "/bin",
    "HOME": "/root",
    "LANG": "C.UTF-8",
    "LC_ALL": "C",
    "LC_TIME": "de_DE",
    "TZ": "UTC",
    "TMPDIR": "/tmp",  # noqa: S108 - a value
    "MODEL": "small",
    "AGENT_API_KEY": "k1",
    "OPENAI_API_KEY": "k2",
    "PYTHONPATH": "/evil",
    "LD_PRELOAD": "/evil.so",
    "GITHUB_TOKEN": "t1",
    "GH_TOKEN": "t2",
    "GITHUB_OUTPUT": "/o",
    "GITHUB_ENV": "/e",
    "GITHUB_PATH": "/p",
    "GITHUB_STATE": "/s",
    "GITHUB_STEP_SUMMARY": "/y",
    "GITHUB_SHA": "abc",
    "INPUT_GITHUB-TOKEN": "t3",
    "INPUT_JUDGE_API_KEY": "k3",
    "ACTIONS_RUNTIME_TOKEN": "t4",
    "ACTIONS_ID_TOKEN_REQUEST_TOKEN": "t5",
    "RUBRIC_JUDGE_API_KEY": "k4",
    "input_lower": "t6",
}
PLAIN = {
    name: RUNNER[name] for name in ("PATH", "HOME", "LANG", "LC_ALL", "LC_TIME", "TZ", "TMPDIR")
}


@pytest.mark.parametrize(
    ("names", "more"),
    [
        ((), {}),
        (("MODEL", "AGENT_API_KEY"), {"MODEL": "small", "AGENT_API_KEY": "k1"}),
        (("GITHUB_SHA",), {"GITHUB_SHA": "abc"}),
        (("UNSET",), {}),
        (tuple(name for name in RUNNER if name.startswith(("INPUT_", "ACTIONS_", "input_"))), {}),
        (("GITHUB_TOKEN", "GH_TOKEN", "RUBRIC_JUDGE_API_KEY"), {}),
        (
            (
                "GITHUB_OUTPUT",
                "GITHUB_ENV",
                "GITHUB_PATH",
                "GITHUB_STATE",
                "GITHUB_STEP_SUMMARY",
            ),
            {},
        ),
    ],
)
def test_the_agent_sees_what_is_named_and_nothing_that_steers_the_job(
    names: tuple[str, ...], more: dict[str, str]
) -> None:
    """Tokens, inputs, runtime and file-command variables stay out even when they are named."""
    assert agent_environment(RUNNER, names) == PLAIN | more | {"PYTHONUNBUFFERED": "1"}


def test_named_variables_are_those_that_are_set_and_allowed() -> None:
    """A header gets what the agent itself may see, and no more."""
    names = ("MODEL", "AGENT_API_KEY", "NOT_SET", "GITHUB_TOKEN", "input_lower", "OPENAI_API_KEY")
    assert named_variables(RUNNER, names) == {"MODEL": "small", "AGENT_API_KEY": "k1"}
    assert named_variables(RUNNER, ()) == {}
