import pytest

from rubric_action.github.faults import NotFound
from rubric_action.github.provenance import Workflow, own_workflow
from rubric_action.github.records import WorkflowRun
from tests.github.conftest import Scene

RUN = WorkflowRun(50, 161_335, ".github/workflows/rubric.yml", "push", "completed", "main", 7, 7)


@pytest.mark.parametrize(
    ("workflow", "ours"),
    [
        (Workflow(".github/workflows/rubric.yml"), True),
        (Workflow(".github/workflows/rubric.yml", id=2), True),
        (Workflow(".github/workflows/other.yml"), False),
        (Workflow(".github/workflows/other.yml", id=161_335), False),
        (Workflow(id=161_335), True),
        (Workflow(id=2), False),
        (Workflow(), False),
    ],
)
def test_a_workflow_is_known_by_its_file(workflow: Workflow, ours: bool) -> None:
    """The id counts only where no path is known; nothing at all trusts nobody."""
    assert workflow.ran(RUN) is ours


def test_the_own_workflow_is_known_by_the_environment(scene: Scene) -> None:
    """The runner says which file it is, so that GitHub need not be asked."""
    path = ".github/workflows/rubric.yml"
    assert own_workflow(scene.api, 4, path) == Workflow(path)
    assert scene.github.requests == []


def test_without_a_path_the_own_run_says_which_workflow_it_is(scene: Scene) -> None:
    """And where there is no such run, there is nothing to trust by."""
    run = scene.repo.run(scene.repo.branches["main"], status="in_progress")
    assert own_workflow(scene.api, run.id, None) == Workflow(id=run.workflow_id)
    with pytest.raises(NotFound):
        own_workflow(scene.api, 4, None)
