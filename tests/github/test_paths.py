from contextlib import nullcontext
from pathlib import Path

import pytest

from rubric_action.errors import CannotDecide, InputError
from rubric_action.github.paths import (
    check_sessions_file,
    check_sessions_made,
    in_repository,
    in_workspace,
    read_rubric,
    results_folder,
)
from rubric_action.rubric.load import load_rubric
from tests.action.stage import RUBRIC


@pytest.mark.parametrize(
    ("given", "path"),
    [
        ("eval/rubric.yaml", "eval/rubric.yaml"),
        ("./eval//rubric.yaml", "eval/rubric.yaml"),
        ("eval/../rubric.yaml", "rubric.yaml"),
        ("eval/rübric 1.yaml", "eval/rübric 1.yaml"),
    ],
)
def test_the_rubric_has_one_name(given: str, path: str) -> None:
    """However it was written, API and annotations call it the same."""
    assert in_repository(given) == path


@pytest.mark.parametrize(
    ("given", "agent", "missing"),
    [
        (None, "outputs: eval/outputs.jsonl", "eval/outputs.jsonl"),
        (None, "outputs: there.jsonl", None),
        ("made.jsonl", "outputs: there.jsonl", "made.jsonl"),
        ("there.jsonl", "outputs: eval/outputs.jsonl", None),
        (None, "command: python agent.py", None),
        ("made.jsonl", "command: python agent.py", "made.jsonl"),
    ],
)
def test_sessions_that_nobody_made_are_missed(
    tmp_path: Path, given: str | None, agent: str, missing: str | None
) -> None:
    """The input's file goes before the rubric's, and a command makes its own."""
    (tmp_path / "there.jsonl").touch()
    rubric = load_rubric(RUBRIC.replace("outputs: eval/outputs.jsonl", agent), "rubric.yaml")
    raises = pytest.raises(CannotDecide, match=f"Commit abcdef0 has no results .* no `{missing}`")
    with raises if missing else nullcontext():
        check_sessions_made(tmp_path, given, rubric, "abcdef0" * 5)


@pytest.mark.parametrize("given", ["/etc/passwd", "../rubric.yaml", "eval/../../x", ".", ".."])
def test_a_rubric_outside_of_the_repository_is_refused(given: str) -> None:
    """It could not be read at the base commit."""
    with pytest.raises(InputError, match="not a path below"):
        in_repository(given)


def test_a_link_does_not_lead_out(tmp_path: Path) -> None:
    """A checkout may hold a link to anywhere; it is not followed."""
    workspace = tmp_path / "workspace"
    workspace.mkdir()
    (tmp_path / "secret.yaml").write_text("token: ghs_secret")
    (workspace / "rubric.yaml").symlink_to(tmp_path / "secret.yaml")
    (workspace / "out").symlink_to(tmp_path)
    for given in ("rubric.yaml", "out/secret.yaml", "out", "../secret.yaml"):
        with pytest.raises(InputError, match="leads out of the repository"):
            in_workspace(workspace, given, "results")


def test_a_link_within_the_checkout_is_fine(tmp_path: Path) -> None:
    """Only where it leads counts."""
    (tmp_path / "real").mkdir()
    (tmp_path / "link").symlink_to("real")
    assert in_workspace(tmp_path, "link", "results") == tmp_path / "link"


def test_an_absolute_path_is_the_workflows_own_word(tmp_path: Path) -> None:
    """A baseline may lie anywhere that the workflow names outright."""
    assert in_workspace(tmp_path / "w", str(tmp_path / "b"), "baseline") == tmp_path / "b"


def test_a_rubric_that_is_checked_out_is_read(tmp_path: Path) -> None:
    """Its places name it as the input does."""
    (tmp_path / "rubric.yaml").write_text(RUBRIC)
    rubric = read_rubric(tmp_path, "rubric.yaml")
    assert rubric.places["slices"].file == "rubric.yaml"


def test_a_rubric_that_is_not_there_says_how_to_get_one(tmp_path: Path) -> None:
    """The usual cause is a missing checkout step."""
    with pytest.raises(InputError, match="actions/checkout"):
        read_rubric(tmp_path, "eval/rubric.yaml")


def test_a_folder_is_no_rubric(tmp_path: Path) -> None:
    """What cannot be read is told with the system's reason."""
    (tmp_path / "rubric.yaml").mkdir()
    with pytest.raises(InputError, match="cannot be read"):
        read_rubric(tmp_path, "rubric.yaml")


def test_a_rubric_without_end_is_read_only_so_far(tmp_path: Path) -> None:
    """The limit holds before the file is in memory."""
    (tmp_path / "rubric.yaml").write_bytes(b"#" * 3_000_000)
    with pytest.raises(InputError, match=r"rubric\.yaml"):
        read_rubric(tmp_path, "rubric.yaml")


READ = {"rubric": "eval/rubric.yaml", "outputs": None, "baseline": "old/results"}


@pytest.mark.parametrize(
    ("given", "path"),
    [
        ("rubric-results", "rubric-results"),
        ("./out//results/", "out/results"),
        ("eval/../results", "results"),
        ("eval/results", "eval/results"),
        ("eval/rubric", "eval/rubric"),
    ],
)
def test_the_results_have_a_folder_of_their_own(tmp_path: Path, given: str, path: str) -> None:
    """Anywhere below the workspace, and beside whatever else."""
    assert results_folder(tmp_path, given, READ) == tmp_path / path


@pytest.mark.parametrize("given", [".", "..", "x/..", "../x", "/", "/etc", "eval", "old", "out/x"])
def test_a_folder_that_may_not_be_emptied_is_refused(tmp_path: Path, given: str) -> None:
    """It holds the workspace, one of the inputs, or lies outside."""
    workspace = tmp_path / "workspace"
    workspace.mkdir()
    (workspace / "out").symlink_to(tmp_path)
    with pytest.raises(InputError, match="`results`"):
        results_folder(workspace, given, READ)


def test_a_link_in_the_results_place_is_not_followed(tmp_path: Path) -> None:
    """It is to be taken away itself, wherever it leads."""
    (tmp_path / "eval").mkdir()
    (tmp_path / "rubric-results").symlink_to("eval")
    assert results_folder(tmp_path, "rubric-results", READ) == tmp_path / "rubric-results"


@pytest.mark.parametrize(("given", "key"), [("out/x", "outputs"), (None, "agent.outputs")])
def test_sessions_come_from_the_repository(tmp_path: Path, given: str | None, key: str) -> None:
    """Neither the workflow's relative path nor the rubric's may be bent by a link."""
    rubric = load_rubric(RUBRIC.replace("eval/outputs", "out/outputs"), "eval/rubric.yaml")
    workspace = tmp_path / "workspace"
    workspace.mkdir()
    check_sessions_file(workspace, given, rubric)
    (workspace / "out").symlink_to(tmp_path)
    with pytest.raises(InputError, match=f"`{key}`: .* leads out of the repository"):
        check_sessions_file(workspace, given, rubric)
