"""`gate --shard` and `merge` as processes."""

import json
import shlex
import sys
from pathlib import Path

import pytest

from tests.cli.process import Done, rubric_action
from tests.pipeline.workspace import RULED, Workspace, session

BAD = "api_key=1"
AGENT = """\
import json, sys
for text in sys.stdin:
    line = json.loads(text)
    said = "api_key=1" if line["case"] == "c3" else "Fine."
    print(json.dumps({"case": line["case"], "trial": line["trial"], "output": said}), flush=True)
"""


def shard(ruled: Workspace, written: str, *more: str) -> Done:
    """Run one shard into `shards/I`."""
    folder = f"shards/{written.partition('/')[0]}"
    return rubric_action("gate", "--shard", written, "--results", folder, *more, cwd=ruled.root)


def summary(folder: Path) -> dict[str, object]:
    """`summary.json`, without how long it took."""
    found: dict[str, object] = json.loads((folder / "summary.json").read_text())
    run = found["run"]
    assert isinstance(run, dict)
    return found | {"run": {**run, "seconds": 0, "created_at": ""}}


def test_shards_and_their_merge(ruled: Workspace) -> None:
    """Each shard says what it did and exits 0; the merge exits by the verdict, as one run does."""
    ruled.sessions(*(session(n, BAD if n != 3 else "") for n in range(5)))
    first, second = shard(ruled, "1/2"), shard(ruled, "2/2")
    assert (first.code, second.code) == (0, 0)
    assert first.out.startswith("shard 1 of 2: 3 cases graded, 3 failed; merge decides\n")
    assert second.out.startswith("shard 2 of 2: 2 cases graded, 1 failed; merge decides\n")
    assert "graded 2 of 2" in second.err
    assert "results in shards/2" in second.err
    merged = rubric_action("merge", "shards/1", "shards/2", cwd=ruled.root)
    alone = rubric_action("gate", "--results", "alone", cwd=ruled.root)
    assert merged.code == alone.code == 1
    assert merged.out.splitlines()[:-1] == alone.out.splitlines()[:-1]
    assert "FAIL  Not ready to ship" in merged.out
    assert summary(ruled.root / "rubric-results") == summary(ruled.root / "alone")


def test_a_command_in_shards(ruled: Workspace) -> None:
    """The agent is started for each shard's own cases."""
    agent = ruled.write("agent.py", AGENT)
    command = f"{shlex.quote(sys.executable)} -S -E {shlex.quote(str(agent))}"
    ruled.rubric(RULED, agent={"command": command, "trials": 2})
    for number in (1, 2, 3):
        assert shard(ruled, f"{number}/3").code == 0
    merged = rubric_action("merge", "shards", "--json", cwd=ruled.root)
    assert merged.code == 0
    told = json.loads(merged.out)
    assert told["slices"]["all"]["pass_rate"] == pytest.approx(0.8)
    assert told["spend"]["agent_sessions"] == 10


def test_a_shard_for_machines(ruled: Workspace) -> None:
    """With `--json` standard output is the shard's summary, in which there is no verdict."""
    done = shard(ruled, "1/1", "--json")
    told = json.loads(done.out)
    assert told == json.loads((ruled.root / "shards/1/summary.json").read_text())
    assert told["schema"] == "rubric-shard/1"
    assert "verdict" not in told
    assert "merge decides" in done.err


def test_a_baseline_in_shards(ruled: Workspace) -> None:
    """A failure is recorded and exits 0; later runs are compared with what was joined."""
    ruled.sessions(*(session(n, BAD) for n in range(5)))
    for written in ("1/2", "2/2"):
        assert shard(ruled, written, "--mode", "baseline").code == 0
    made = rubric_action(
        "merge", "shards", "--mode", "baseline", "--results", "base", cwd=ruled.root
    )
    assert made.code == 0
    assert summary(ruled.root / "base")["verdict"] == "fail"
    assert rubric_action("gate", "--baseline", "base", cwd=ruled.root).code == 1


def test_a_shard_that_could_not_do_its_part(ruled: Workspace) -> None:
    """It exits 3 and leaves results that say why; so does the merge."""
    ruled.rubric(RULED, agent={"command": "/no/such/agent"})
    done = shard(ruled, "1/1")
    assert done.code == 3
    assert done.out.startswith("shard 1 of 1 was cut short, 0 cases of 5 graded: ")
    merged = rubric_action("merge", "shards", cwd=ruled.root)
    assert merged.code == 3
    assert "No verdict: Shard 1 of 1: " in merged.out
    assert "/no/such/agent" in merged.out


WRONG = "0/2 3/2 2 1/ /2 01/2 1/02 -1/2 1/2/3 1/0 1.0/2 \uff11/2 a/b 1/1001 1/99999".split()


@pytest.mark.parametrize("written", [*WRONG, "", "1 / 2", "1/2\n"])
def test_what_is_no_shard(ruled: Workspace, written: str) -> None:
    """It is refused before anything runs, with the form that is."""
    done = rubric_action("gate", "--shard", written, cwd=ruled.root)
    assert done.code == 2
    assert "such as `3/8`" in " ".join(done.err.split())
    assert not (ruled.root / "rubric-results").exists()


def test_all_cases_are_checked_in_each_shard(ruled: Workspace) -> None:
    """A mistake in any case, or a session for none, is wrong input for all."""
    ruled.sessions(session(0), session(7))
    done = shard(ruled, "1/2")
    assert done.code == 2
    assert "no case is called `c7`" in done.err


def test_a_merge_of_nothing(ruled: Workspace) -> None:
    """What is missing is named, with exit code 2, and no results are written."""
    shard(ruled, "2/3")
    done = rubric_action("merge", "shards", cwd=ruled.root)
    assert done.code == 2
    assert "shards 1, 3 of 3 left no results" in done.err
    assert rubric_action("merge", cwd=ruled.root).code == 2
    assert not (ruled.root / "rubric-results").exists()
