"""Both halves of a fork's gate in the built image, each with the environment it has at GitHub."""

from pathlib import Path

import pytest

from tests.action.other_events import judge_half, sessions_half
from tests.action.stage import Stage, cases
from tests.fakes.github import GithubServer
from tests.fakes.judge import JudgeServer
from tests.image.runner import Image
from tests.image.test_flow import AGENT, KEY, RUBRIC, container

pytestmark = pytest.mark.image

OVERRIDE = """\
override:
  label: rubric-override
  approvers: {users: [mona]}
  allow: [threshold, regression, hard-gate]
"""


@pytest.fixture
def stage(github_server: GithubServer, image: Image, tmp_path: Path) -> Stage:
    """A repository whose runner starts the built image."""
    return Stage(github_server, tmp_path, start=container(image))


def test_a_forks_pull_request_from_its_sessions_to_its_override(
    stage: Stage, judge_server: JudgeServer
) -> None:
    """The first half has no key, the second one judges, and a review is decided on for nothing."""
    rubric = RUBRIC % judge_server.base_url + OVERRIDE
    files = {"eval/rubric.yaml": rubric, "eval/cases.jsonl": cases(), "agent.py": AGENT}
    stage.push(files)
    stage.repo.permit("mona", "write")
    judge_server.score = lambda _prompt, _axis: (0.1, "It is rude.")
    pull = stage.fork_change({"agent.py": AGENT.replace("This is about {name}.", "No. {name}")})

    run, ran = sessions_half(stage, pull)
    assert ran.exit_code == 0, ran.log
    assert judge_server.requests == []
    assert stage.status(pull.head_sha) is None

    judged = judge_half(stage, run, inputs={"judge-api-key": KEY})
    assert (judged.exit_code, judged.outputs["verdict"]) == (1, "fail"), judged.log
    asked = len(judge_server.requests)
    assert asked > 0
    assert (stage.status(pull.head_sha) or ("",))[0] == "failure"

    pull.label("rubric-override", by="dana")
    pull.review("APPROVED", by="mona", body="override: the tone is wanted")
    later, _ = sessions_half(stage, pull, leaves=False)
    signed = judge_half(stage, later, inputs={"judge-api-key": KEY})
    assert (signed.exit_code, signed.outputs["overridden-by"]) == (0, "mona"), signed.log
    assert len(judge_server.requests) == asked
    assert KEY not in ran.log
    for step in (judged, signed):
        assert KEY not in step.log.replace(f"::add-mask::{KEY}", "")
