"""The everyday story of a pull request, told on the wire."""

import json

import pytest

from tests.action.stage import RUBRIC, Stage, cases, outputs

BROKEN = {"eval/outputs.jsonl": outputs(refund="No idea.")}
BETTER = {"eval/outputs.jsonl": outputs(hours="All about hours.")}


def test_the_first_pull_request_has_no_baseline(stage: Stage) -> None:
    """It is decided without one, and says so wherever it speaks."""
    pull = stage.change(BETTER)
    step = stage.gate(pull)
    assert step.exit_code == 0, step.log
    assert stage.status(pull.head_sha) == (
        "success",
        "Ready to ship: 5 cases graded, every bar holds",
    )
    (comment,) = pull.comments
    assert comment.user is not None
    assert comment.user.login == "github-actions[bot]"
    assert "no baseline yet" in comment.body
    assert "no baseline yet" in step.summary
    assert step.outputs["verdict"] == "pass"
    assert step.outputs["passed"] == "true"
    assert step.outputs["comment-url"].endswith(f"#issuecomment-{comment.id}")


def test_a_push_makes_the_baseline_that_the_next_change_breaks(stage: Stage) -> None:
    """A case that passes on main and fails in the change blocks it, with before and after."""
    assert stage.main_run().exit_code == 0
    pull = stage.change(BROKEN)
    step = stage.gate(pull)
    assert step.exit_code == 1, step.log
    assert step.outputs["verdict"] == "fail"
    assert step.outputs["regressions"] == "1"
    kinds = [one["kind"] for one in json.loads(step.outputs["findings"])]
    assert kinds == ["hard-gate", "regression"]
    state, description = stage.status(pull.head_sha) or ("", "")
    assert state == "failure"
    assert "refund" in str(description)
    body = pull.comments[0].body
    assert "This is about refund." in body
    assert "No idea." in body


def test_the_annotations_lead_to_the_case_and_to_the_bar(stage: Stage) -> None:
    """GitHub shows the finding at the lines where one would mend it."""
    step = stage.gate(stage.change(BROKEN))
    places = [line.partition("::")[2].partition("::")[0] for line in step.annotations("error")]
    assert any("file=eval/cases.jsonl,line=1" in place for place in places)
    assert any("file=eval/rubric.yaml,line=9" in place for place in places)


def test_the_results_folder_is_left_for_the_upload(stage: Stage) -> None:
    """The output names it relative to the workspace, and it holds what was decided."""
    step = stage.gate(stage.change(BROKEN))
    assert step.outputs["results"] == "rubric-results"
    summary = json.loads((step.results / "summary.json").read_text())
    assert summary["verdict"] == "fail"
    assert summary["run"]["event"] == "pull_request"


def test_a_new_push_updates_the_one_comment(stage: Stage) -> None:
    """Red turns green in the same comment, and the new head has a status of its own."""
    pull = stage.change(BROKEN)
    stage.gate(pull)
    first = pull.comments[0].id
    stage.push(BETTER, "change")
    step = stage.gate(pull)
    assert step.exit_code == 0
    (comment,) = pull.comments
    assert comment.id == first
    assert "Ready to ship" in comment.body.splitlines()[0]
    assert stage.status(pull.head_sha) is not None
    assert stage.status(pull.head_sha) != stage.status(pull.commits[0].sha)


def test_a_pull_request_costs_few_requests(stage: Stage) -> None:
    """Reads and writes are counted, so that a large organisation stays below its limits."""
    stage.main_run()
    pull = stage.change(BROKEN)
    before = len(stage.github.requests)
    stage.gate(pull)
    assert len(stage.github.requests) - before <= 13


def test_a_lowered_bar_blocks(stage: Stage) -> None:
    """The rubric is held against the one at the base commit."""
    pull = stage.change({"eval/rubric.yaml": RUBRIC.replace("0.7", "0.5")})
    step = stage.gate(pull)
    assert step.exit_code == 1
    assert [one["kind"] for one in json.loads(step.outputs["findings"])] == ["bar-lowered"]


def test_a_pull_request_does_not_decide_what_its_findings_weigh(stage: Stage) -> None:
    """Severities are read from the base: to switch a finding off does not switch it off here."""
    switched = RUBRIC + "findings: {hard-gate: off, regression: off, bar-lowered: off}\n"
    pull = stage.change({**BROKEN, "eval/rubric.yaml": switched})
    assert stage.gate(pull).exit_code == 1


def test_a_pull_request_onto_another_branch_is_held_against_the_default_one(stage: Stage) -> None:
    """Its status is the head commit's too, which may be the head of one onto the default branch."""
    lax = {
        "eval/rubric.yaml": RUBRIC.replace("gate: hard", "min_pass_rate: 0").replace("0.7", "0")
        + "findings: {hard-gate: off, regression: off, bar-lowered: off}\n"
    }
    stage.push(lax, "lax")
    pull = stage.change({**lax, **BROKEN})
    assert stage.gate(pull).exit_code == 1
    step = stage.gate(stage.repo.pull("change", base="lax"))
    assert step.exit_code == 1, step.log
    kinds = {one["kind"] for one in json.loads(step.outputs["findings"])}
    assert "bar-lowered" in kinds
    assert (stage.status(pull.head_sha) or ("",))[0] == "failure"


def test_a_change_onto_a_release_branch_may_pass(stage: Stage) -> None:
    """What the default branch asks for is asked for everywhere, and no more."""
    stage.push({"agent.py": "old"}, "release")
    stage.push({"agent.py": "old", **BETTER}, "fix")
    step = stage.gate(stage.repo.pull("fix", base="release"))
    assert step.exit_code == 0, step.log


def test_a_first_rubric_does_not_decide_it_either(stage: Stage) -> None:
    """Without a base rubric the strict defaults hold, and the report says what was not compared."""
    stage.push({"eval/rubric.yaml": None})
    stage.push({"eval/rubric.yaml": RUBRIC + "findings: {hard-gate: warn}\n", **BROKEN}, "change")
    pull = stage.repo.pull("change")
    step = stage.gate(pull)
    assert step.exit_code == 1, step.log
    assert "the base branch has no rubric yet" in pull.comments[0].body


def test_an_invalid_base_rubric_is_stated(stage: Stage) -> None:
    """A base that cannot be read as a rubric is mended by the pull request, under strict rules."""
    stage.push({"eval/rubric.yaml": "version: 1\n"})
    stage.push({"eval/rubric.yaml": RUBRIC}, "change")
    pull = stage.repo.pull("change")
    step = stage.gate(pull)
    assert step.exit_code == 0, step.log
    assert "the rubric on the base branch is not valid" in pull.comments[0].body


def test_cases_that_are_removed_block(stage: Stage) -> None:
    """What the baseline counted on does not vanish."""
    stage.main_run()
    fewer = "".join(f"{line}\n" for line in cases().splitlines()[1:])
    answers = "".join(f"{line}\n" for line in outputs().splitlines()[1:])
    rubric = RUBRIC.replace("  high-stakes: {select: {stakes: high}, gate: hard}\n", "")
    change = {
        "eval/cases.jsonl": fewer,
        "eval/outputs.jsonl": answers,
        "eval/rubric.yaml": rubric,
    }
    step = stage.gate(stage.change(change))
    assert step.exit_code == 1
    kinds = {one["kind"] for one in json.loads(step.outputs["findings"])}
    assert {"case-removed", "bar-lowered"} <= kinds


def test_fail_false_hides_a_fail_and_nothing_else(stage: Stage) -> None:
    """The job is green, the status is not; an error stays an error."""
    pull = stage.change(BROKEN)
    step = stage.gate(pull, inputs={"fail": "false"})
    assert step.exit_code == 0
    assert step.outputs["verdict"] == "fail"
    assert (stage.status(pull.head_sha) or ("",))[0] == "failure"
    missing = stage.change({"eval/outputs.jsonl": outputs().partition("\n")[2]}, "other")
    assert stage.gate(missing, inputs={"fail": "false"}).exit_code == 3


@pytest.mark.parametrize(
    ("choice", "files", "comments"),
    [
        ("on-failure", BETTER, 0),
        ("on-failure", BROKEN, 1),
        ("never", BROKEN, 0),
    ],
)
def test_when_to_comment_is_the_workflows_choice(
    stage: Stage, choice: str, files: dict[str, str], comments: int
) -> None:
    """The step summary has the report in any case."""
    pull = stage.change(files)
    step = stage.gate(pull, inputs={"comment": choice})
    assert len(pull.comments) == comments
    assert step.summary.startswith("## ")


def test_a_status_context_of_ones_own(stage: Stage) -> None:
    """Two gates in one repository don't overwrite each other."""
    pull = stage.change(BETTER)
    stage.gate(pull, inputs={"status-context": "rubric/support"})
    stage.gate(pull)
    assert stage.status(pull.head_sha, "rubric/support") is not None
    assert stage.status(pull.head_sha) is not None
    assert len(pull.comments) == 2
