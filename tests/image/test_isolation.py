"""The checkout is the pull request's: nothing in it may run inside the action."""

import pytest

from tests.image.runner import Job

pytestmark = pytest.mark.image

BOOBY_TRAP = "import pathlib; pathlib.Path('/github/workspace/TRAPPED').write_text(__file__)\n"
TRAPS = (
    "json.py",
    "yaml.py",
    "aiohttp/__init__.py",
    "rubric_action/__init__.py",
    "sitecustomize.py",
    "usercustomize.py",
    "entrypoint.py",
)


@pytest.mark.parametrize(
    "env",
    [
        {},
        {"PYTHONPATH": "/github/workspace"},
        {"PYTHONSTARTUP": "/github/workspace/json.py", "PYTHONINSPECT": "1"},
        {"PYTHONHOME": "/github/workspace", "PYTHONUSERBASE": "/github/workspace"},
    ],
    ids=["plain", "path", "startup", "home"],
)
def test_the_checkout_is_never_imported(job: Job, env: dict[str, str]) -> None:
    """Modules in the checkout with the names of ours are not loaded, whatever the job sets."""
    for trap in TRAPS:
        job.write(trap, BOOBY_TRAP)
    step = job.step({"github-token": "", "rubric": "eval/rubric.yaml"}, env=env)
    assert not (job.workspace / "TRAPPED").exists()
    assert step.exit_code == 2, step.log
