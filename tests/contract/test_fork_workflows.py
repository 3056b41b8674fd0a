"""The two halves for forks: what each may not have, and that they find each other."""

from rubric_action.github import fork
from rubric_action.github.inputs import Inputs
from rubric_action.github.results import fork_name
from rubric_action.sources import RESULTS
from tests.contract.expressions import filled
from tests.contract.ready import ACTION, FOLDER, FORKS_RUN, UNTRUSTED, about_pull, ready, steps
from tests.docs.pages import read


def test_the_untrusted_half_has_no_secret() -> None:
    """Neither a key, nor a token that writes, nor a way to hand one over."""
    text = read(FOLDER / UNTRUSTED)
    assert "secrets" not in text.partition("\nname:")[2]
    assert "github.token" not in text
    assert ready(UNTRUSTED)["jobs"]["sessions"]["permissions"] == {"contents": "read"}


def test_the_halves_know_each_other() -> None:
    """The trusted one waits for the other's name, and finds what it stores."""
    sessions = ready(UNTRUSTED)
    assert ready("rubric-judge.yml")["on"]["workflow_run"]["workflows"] == [sessions["name"]]
    (upload,) = steps(sessions, "actions/upload-artifact")
    assert upload["with"]["name"] == fork.ARTIFACT
    results = Inputs.model_fields["results"].default
    assert upload["with"]["path"] == f"{results}/{fork.MEMBER}"
    (gate,) = steps(sessions, ACTION)
    assert gate["with"] == {"mode": "sessions"}


def test_both_halves_look_at_the_forks_head() -> None:
    """A merge with the base might have other cases than the head that is judged."""
    (made,) = steps(ready(UNTRUSTED), "actions/checkout")
    github = about_pull("pull_request", "opened", fork=True)
    assert filled(made["with"]["ref"], github) == "b" * 40
    (judged,) = [
        step for step in ready("rubric-judge.yml")["jobs"]["fork"]["steps"] if "ref" in step["with"]
    ]
    assert filled(judged["with"]["ref"], FORKS_RUN) == "b" * 40


def test_nothing_of_the_fork_runs_beside_its_judge() -> None:
    """The job with the secrets has no step but known actions, and the key goes to one of them."""
    job = ready("rubric-judge.yml")["jobs"]["fork"]
    assert [step["uses"].partition("@")[0] for step in job["steps"]] == [
        "actions/checkout",
        ACTION,
        "actions/upload-artifact",
    ]
    assert job["steps"][0]["with"]["allow-unsafe-pr-checkout"] is True
    assert "secrets." not in str([job["steps"][0], job["steps"][2]])


def test_a_forks_results_are_found_by_its_head() -> None:
    """The run that makes them is on the default branch, and listed under that one's commit."""
    upload = ready("rubric-judge.yml")["jobs"]["fork"]["steps"][-1]
    assert filled(upload["with"]["name"], FORKS_RUN) == fork_name(RESULTS, "b" * 40)
