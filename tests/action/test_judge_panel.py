"""Keys of several judges, and the job's own token, on their way to where they belong."""

import json

from tests.action.stage import Stage
from tests.fakes.judge import JudgeServer, features

KEYS = {"OPENAI_API_KEY": "sk-openai-0123456", "ANTHROPIC_API_KEY": "sk-anthropic-0123456"}
HEAD = """\
version: 1
cases: eval/cases.jsonl
agent:
  outputs: eval/outputs.jsonl
judge:
%s
axes:
  tone: {ask: Is the answer polite?, pass: 0.5}
slices:
  head: {select: all, min: {tone: 0.5}}
"""


def panel(first: JudgeServer, second: JudgeServer) -> str:
    """A rubric with two judges of two providers."""
    openai = f'{{provider: openai, model: small, base_url: "{first.base_url}"}}'
    claude = f'{{provider: anthropic, model: small, base_url: "{second.origin}"}}'
    return HEAD % f"  vote: mean\n  judges:\n    - {openai}\n    - {claude}"


def test_a_panel_grades_with_a_key_each(stage: Stage) -> None:
    """Both are asked for every case, and no key meets the other's judge."""
    with JudgeServer(lambda *_: 0.8) as first, JudgeServer(lambda *_: 0.6) as second:
        stage.push({"eval/rubric.yaml": panel(first, second)})
        step = stage.gate(stage.change({"agent.py": "2"}), env=KEYS)
        assert step.exit_code == 0, step.log
        assert {asked.key for asked in first.requests} == {KEYS["OPENAI_API_KEY"]}
        assert {asked.key for asked in second.requests} == {KEYS["ANTHROPIC_API_KEY"]}
        assert len(first.requests) == len(second.requests) == 5
    assert step.outputs["judge-calls"] == "10"
    summary = json.loads((step.results / "summary.json").read_text())
    assert summary["slices"]["head"]["axes"]["tone"]["mean"] == 0.7
    assert summary["judge"]["provider"] == "openai+anthropic"


def test_one_judge_of_a_panel_cannot_move(stage: Stage) -> None:
    """The pull request sends one of two judges elsewhere: nobody is asked."""
    with JudgeServer() as first, JudgeServer() as second, JudgeServer() as evil:
        stage.push({"eval/rubric.yaml": panel(first, second)})
        pull = stage.change({"eval/rubric.yaml": panel(first, evil)})
        step = stage.gate(pull, env=KEYS)
        assert [len(one.requests) for one in (first, second, evil)] == [0, 0, 0]
    assert step.exit_code == 2
    assert "the key of the judge `anthropic` may not be sent to" in step.log


GITHUB = HEAD % "  provider: github\n  model: openai/small"


def test_the_jobs_token_goes_where_the_workflow_says(stage: Stage) -> None:
    """Without a key the token opens GitHub's models at the address that the input names."""
    with JudgeServer() as models:
        stage.push({"eval/rubric.yaml": GITHUB})
        address = {"judge-base-url": models.url_for("github")}
        step = stage.gate(stage.change({"agent.py": "2"}), inputs=address)
        assert step.exit_code == 0, step.log
        assert {asked.key for asked in models.requests} == {stage.token.value}


def test_the_jobs_token_stays_where_a_rubric_says_otherwise(stage: Stage) -> None:
    """Not even the base's rubric takes the token from GitHub."""
    with JudgeServer() as models:
        address = f'  base_url: "{models.url_for("github")}"'
        stage.push({"eval/rubric.yaml": HEAD % f"  provider: github\n  model: m\n{address}"})
        stage.gate(stage.change({"agent.py": "2"}))
        assert {asked.key for asked in models.requests} == {None}


def test_what_an_endpoint_lacks_is_a_warning(stage: Stage) -> None:
    """The report says how the judge had to be asked."""
    with JudgeServer() as judge:
        judge.lacks["json_schema"] = features.NO_SCHEMA["vLLM"]
        own = f'  provider: openai\n  model: small\n  base_url: "{judge.base_url}"'
        stage.push({"eval/rubric.yaml": HEAD % own})
        step = stage.gate(stage.change({"agent.py": "2"}), env=KEYS)
    assert step.exit_code == 0, step.log
    told = "The judge `small` does not hold its replies to a JSON Schema"
    summary = json.loads((step.results / "summary.json").read_text())
    assert [one for one in summary["warnings"] if one.startswith(told)]
    assert "does not hold its replies to a JSON Schema" in step.summary
