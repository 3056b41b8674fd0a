"""Missing permissions, faults of GitHub, wrong input: the verdict stays exact, never green."""

import io
import signal
import sys
from collections.abc import Iterator

import pytest

from rubric_action.action import main
from rubric_action.isolation import agent_user
from tests.action.stage import RUBRIC, Stage, fork_token, link, outputs
from tests.fakes.github import FOREVER, JOB_PERMISSIONS

BROKEN = {"eval/outputs.jsonl": outputs(refund="No idea.")}


def without(name: str) -> dict[str, str]:
    """A job's permissions, but for one."""
    return {key: level for key, level in JOB_PERMISSIONS.items() if key != name}


@pytest.mark.parametrize(("files", "code"), [({}, 0), (BROKEN, 1)])
def test_a_forks_token_changes_nothing_about_the_verdict(
    stage: Stage, files: dict[str, str], code: int
) -> None:
    """Status and comment cannot be written; each is one warning, and the summary has it all."""
    pull = stage.fork_change(files)
    step = stage.gate(pull, token=fork_token(stage))
    assert step.exit_code == code, step.log
    assert stage.status(pull.head_sha) is None
    assert pull.comments == []
    warnings = step.annotations("warning")
    assert len([one for one in warnings if "statuses: write" in one]) == 1
    assert len([one for one in warnings if "pull-requests: write" in one]) == 1
    assert step.summary.startswith("## ")


def test_dependabots_token_is_like_a_forks(stage: Stage) -> None:
    """GitHub gives its runs a token that only reads."""
    step = stage.gate(
        stage.change({}), token=fork_token(stage), env={"GITHUB_ACTOR": "dependabot[bot]"}
    )
    assert step.exit_code == 0, step.log


@pytest.mark.parametrize(("status", "code"), [("", 3), ("best-effort", 0), ("off", 0)])
def test_a_status_that_cannot_be_written(stage: Stage, status: str, code: int) -> None:
    """By default the gate counts for nothing without it, and the line to add is named."""
    token = stage.github.world.token(without("statuses"))
    pull = stage.change({})
    step = stage.gate(pull, token=token, inputs={"status": status})
    assert step.exit_code == code, step.log
    assert step.outputs["verdict"] == "pass"
    assert ("`statuses: " in step.log) is (status != "off")
    assert len(pull.comments) == 1


def test_a_comment_that_cannot_be_written_is_a_warning(stage: Stage) -> None:
    """The verdict stands, the status is written, and one line names the permission."""
    permissions = {
        key: "read" if key in {"pull-requests", "issues"} else level
        for key, level in JOB_PERMISSIONS.items()
    }
    pull = stage.change(BROKEN)
    step = stage.gate(pull, token=stage.github.world.token(permissions))
    assert step.exit_code == 1
    assert (stage.status(pull.head_sha) or ("",))[0] == "failure"
    (warning,) = step.annotations("warning")
    assert "Add `pull-requests: write` under the job's `permissions:`" in warning


@pytest.mark.parametrize(
    ("missing", "line"), [("actions", "`actions: read`"), ("contents", "`contents: read`")]
)
def test_what_the_decision_needs_is_an_error(stage: Stage, missing: str, line: str) -> None:
    """Not to know the baseline or the bar is never taken for having none."""
    stage.main_run()
    pull = stage.change({})
    step = stage.gate(pull, token=stage.github.world.token(without(missing)))
    assert step.exit_code == 3
    assert line in step.log
    assert (stage.status(pull.head_sha) or ("",))[0] == "error"
    assert line.strip("`") in pull.comments[0].body


def test_no_second_comment_after_a_502(stage: Stage) -> None:
    """The comment that was made although GitHub said otherwise is found."""
    pull = stage.change({})
    stage.github.fault("POST", "/comments", status=502, after_effect=True)
    step = stage.gate(pull)
    assert step.exit_code == 0
    assert len(pull.comments) == 1
    assert step.outputs["comment-url"].endswith(str(pull.comments[0].id))


def test_a_limit_without_end_does_not_hold_the_job(stage: Stage) -> None:
    """A wait of an hour is not begun."""
    headers = {"Retry-After": "3600"}
    stage.github.fault("GET", "/contents/", times=FOREVER, status=429, headers=headers)
    step = stage.gate(stage.change({}))
    assert step.exit_code == 3
    assert "rate limit" in step.log


def test_a_head_that_moves_on_keeps_its_comment(stage: Stage) -> None:
    """The verdict goes to the commit it is about, and not before the readers of a newer one."""
    pull = stage.change({})
    stage.gate(pull)
    old, body = pull.head_sha, pull.comments[0].body
    stage.github.fault("POST", "/statuses/", before=lambda: stage.push({"agent.py": "3"}, "change"))
    step = stage.gate(pull)
    assert step.exit_code == 0
    assert pull.head_sha != old
    assert stage.status(pull.head_sha) is None
    assert pull.comments[0].body == body
    assert "has moved to" in step.log


def test_two_hundred_comments_and_a_forged_marker(stage: Stage) -> None:
    """A person who copies our comment does not get it overwritten, nor ours doubled."""
    pull = stage.change(BROKEN)
    for _ in range(120):
        pull.comment("Hm.", by="mona")
    stage.gate(pull)
    ours = pull.comments[-1]
    theirs = pull.comment(ours.body, by="mallory")
    for _ in range(100):
        pull.comment("Hm.", by="mona")
    stage.push({"eval/outputs.jsonl": outputs()}, "change")
    stage.gate(pull)
    assert "Ready to ship" in ours.body.splitlines()[0]
    assert "Not ready" in theirs.body.splitlines()[0]
    assert len(pull.comments) == 222


def test_an_invalid_rubric_is_told_everywhere(stage: Stage) -> None:
    """Every mistake is an annotation on its line; comment and status carry them; no results."""
    bad = RUBRIC.replace("min_pass_rate: 0.7", "min_pas_rate: 7").replace("gate: hard", "gate: 3")
    pull = stage.change({"eval/rubric.yaml": bad})
    step = stage.gate(pull)
    assert step.exit_code == 2
    errors = step.annotations("error")
    assert len(errors) >= 2
    assert all("file=eval/rubric.yaml,line=" in one for one in errors)
    assert pull.comments[0].body.startswith("## ⚠️ No verdict: the input has 2 mistakes")
    assert "<code>min</code>, <code>min&#95;pass&#95;rate</code>" in pull.comments[0].body
    assert (stage.status(pull.head_sha) or ("",))[0] == "error"
    assert step.outputs["verdict"] == "error"
    assert step.outputs["results"] == ""
    assert not step.results.exists()


def test_wrong_inputs_are_told_at_once(stage: Stage) -> None:
    """Each by its name; nothing is asked of GitHub."""
    step = stage.gate(stage.change({}), inputs={"mode": "fast", "concurrency": "many"})
    assert step.exit_code == 2
    assert "`mode`" in step.log
    assert "`concurrency`" in step.log
    assert stage.github.requests == []


def test_a_missing_token_is_an_input_error(stage: Stage) -> None:
    """The message says that leaving the input out is enough."""
    step = stage.gate(stage.change({}), inputs={"github-token": ""})
    assert step.exit_code == 2
    assert "`github-token`" in step.log


def test_a_token_that_github_does_not_know(stage: Stage) -> None:
    """Nothing can be published, and nothing is green."""
    pull = stage.change({})
    step = stage.gate(pull, inputs={"github-token": "ghs_unknown"})
    assert step.exit_code == 3
    assert stage.status(pull.head_sha) is None


def test_an_event_that_the_gate_does_not_know_is_refused(stage: Stage) -> None:
    """The error names what is supported; nothing is written anywhere."""
    sha = stage.repo.branches["main"]
    run = stage.repo.run(sha, event="issue_comment", status="in_progress")
    step = stage.run("issue_comment", run, {}, sha, ref="refs/heads/main")
    assert step.exit_code == 2
    assert "`merge_group` and `workflow_run`" in step.log
    assert stage.github.requests == []


def test_pull_request_target_does_not_run_the_heads_code(stage: Stage) -> None:
    """Secrets and a stranger's code don't meet: it says what to use instead, and is red."""
    pull = stage.fork_change({})
    run = stage.repo.run(pull.base_sha, event="pull_request_target", status="in_progress")
    payload = {
        "pull_request": {
            "number": pull.number,
            "head": {"sha": pull.head_sha, "repo": {"id": 1}},
            "base": {"sha": pull.base_sha, "ref": "main"},
        },
        "repository": {"id": stage.repo.id, "default_branch": "main"},
    }
    step = stage.run("pull_request_target", run, payload, pull.head_sha, ref="refs/heads/main")
    assert step.exit_code == 2
    assert "Use `on: pull_request`" in step.log
    assert (stage.status(pull.head_sha) or ("",))[0] == "error"
    assert not step.results.exists()


def test_secrets_are_in_nothing_that_is_written(stage: Stage) -> None:
    """An answer that echoes the token or the key shows neither, anywhere but in the masks."""
    key = "sk-judge-0123456789"
    echoed = {"eval/outputs.jsonl": outputs(refund=f"{stage.token.value} and {key}")}
    pull = stage.change(echoed)
    step = stage.gate(pull, inputs={"judge-api-key": key})
    assert step.exit_code == 1
    log = [line for line in step.log.splitlines() if not line.startswith("::add-mask::")]
    files = [path.read_text() for path in step.results.iterdir()]
    written = "\n".join([*log, *files, step.summary, *step.outputs.values(), pull.comments[0].body])
    assert stage.token.value not in written
    assert key not in written


@pytest.mark.parametrize(
    ("files", "word"),
    [
        ({"eval/cases.jsonl": '{"id": 1}\n'}, "file=eval/cases.jsonl,line=1"),
        ({"eval/outputs.jsonl": '{"case": "stranger", "output": "x"}\n'}, "stranger"),
        ({"eval/outputs.jsonl": None}, "eval/outputs.jsonl"),
        ({"eval/cases.jsonl": None}, "eval/cases.jsonl"),
        ({"eval/rubric.yaml": None}, "actions/checkout"),
    ],
)
def test_wrong_data_is_an_input_error_with_its_place(
    stage: Stage, files: dict[str, str | None], word: str
) -> None:
    """No traceback, no results folder, and the status says error."""
    pull = stage.change(files)
    step = stage.gate(pull)
    assert step.exit_code == 2, step.log
    assert word in "\n".join(step.annotations("error"))
    assert "Traceback" not in step.log
    assert (stage.status(pull.head_sha) or ("",))[0] == "error"
    assert not step.results.exists()


@pytest.mark.parametrize("given", [{}, {"outputs": "eval/outputs.jsonl"}])
@pytest.mark.parametrize("target", ["/proc/self/environ", "../../outside.jsonl"])
def test_sessions_are_not_read_through_a_link_that_leads_out(
    stage: Stage, target: str, given: dict[str, str]
) -> None:
    """Whether the rubric or the workflow names the file, and though it would be a good one."""
    (stage.folder / "outside.jsonl").write_text(outputs())
    job = stage.pull_job(stage.change({}), inputs=given)
    link(job, {"eval/outputs.jsonl": f"../{target}" if target.startswith(".") else target})
    step = stage.finish(job)
    assert step.exit_code == 2, step.log
    assert "leads out of the repository" in step.log


def test_somebody_elses_green_does_not_keep_our_red_out(stage: Stage) -> None:
    """A status that claims to be of a later run is believed of our own account only."""
    pull = stage.change(BROKEN)
    url = "https://github.com/acme/support/actions/runs/99999999999999"
    stage.repo.status(pull.head_sha, "rubric/gate", "success", "ok", target_url=url, by="mallory")
    assert stage.gate(pull).exit_code == 1
    assert (stage.status(pull.head_sha) or ("",))[0] == "failure"


AGENT = """\
import json, sys
for line in sys.stdin:
    asked = json.loads(line)
    answer = {"case": asked["case"], "trial": asked["trial"], "output": f"On {asked['case']}."}
    print(json.dumps(answer), flush=True)
"""


@pytest.mark.parametrize(("given", "warned"), [({}, True), ({"outputs": "sessions.jsonl"}, False)])
def test_an_agent_that_is_not_kept_apart_is_told_of(
    stage: Stage, given: dict[str, str], warned: bool
) -> None:
    """A command that runs as our own user could read what we hold; one line warns of it."""
    rubric = RUBRIC.replace("outputs: eval/outputs.jsonl", f"command: {sys.executable} agent.py")
    files = {"eval/rubric.yaml": rubric, "agent.py": AGENT, "sessions.jsonl": outputs()}
    step = stage.gate(stage.change(files), inputs=given)
    apart = [one for one in step.annotations("warning") if "is not kept apart" in one]
    assert len(apart) == (warned and agent_user() is None), step.log


class Falling(io.StringIO):
    """A standard output that breaks when something is told, as often as is said."""

    def __init__(self, words: str, times: int = 1) -> None:
        super().__init__()
        self.words, self.times = words, times

    def write(self, text: str) -> int:
        """Write, or break."""
        if text.startswith(self.words) and self.times:
            self.times -= 1
            raise ZeroDivisionError
        return super().write(text)


@pytest.fixture
def own_signals() -> Iterator[None]:
    """The test runner's signal handlers are its own again."""
    kept = {number: signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGINT)}
    yield
    for number, handler in kept.items():
        signal.signal(number, handler)


def test_what_nobody_foresaw_is_an_error_with_its_traceback_folded(
    stage: Stage, own_signals: None
) -> None:
    """A crash is red, and its traceback can be reported."""
    pull = stage.change({})
    out = Falling("baseline:")
    assert main(stage.pull_job(pull).environ, out) == 3
    lines = out.getvalue().splitlines()
    traceback = lines.index("Traceback (most recent call last):")
    assert lines[traceback - 1] == "::group::Traceback"
    assert "report it" in out.getvalue()
    assert (stage.status(pull.head_sha) or ("",))[0] == "error"


def test_a_crash_after_the_verdict_vouches_for_no_results(stage: Stage, own_signals: None) -> None:
    """The status that a verdict had is replaced by an error, which rests on nothing."""
    pull = stage.change(BROKEN)
    out = Falling("::error ")
    assert main(stage.pull_job(pull).environ, out) == 3
    told = [one for one in stage.repo.statuses if one.context == "rubric/gate"]
    assert [one.state for one in told] == ["pending", "failure", "error"]
    assert ["#results=" in (one.target_url or "") for one in told] == [False, True, False]


def test_a_crash_that_cannot_even_leave_a_red_status_ends_in_its_exit_code(
    stage: Stage, own_signals: None
) -> None:
    """The log says what came of it, and nothing escapes."""
    pull = stage.change(BROKEN)
    token = stage.github.world.token(without("statuses"))
    out = Falling("::error title=The commit status is missing", times=2)
    assert main(stage.pull_job(pull, token=token).environ, out) == 3
    assert "error: no red status could be left: ZeroDivisionError()" in out.getvalue()
    assert "report it" in out.getvalue()
    assert stage.status(pull.head_sha) is None
