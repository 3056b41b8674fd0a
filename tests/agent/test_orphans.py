import os
import subprocess
import sys
from pathlib import Path

import pytest

from rubric_action.agent.orphans import Orphanage
from tests.agent.scripts import alive, pids_in

DAEMON = """\
import os, sys, time
for _ in range(int(sys.argv[1])):
    if os.fork() == 0:
        os.setsid()
        if os.fork() == 0:
            with open("pids", "a") as file:
                file.write(f"{os.getpid()}\\n")
            time.sleep(60)
        os._exit(0)
"""

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="orphans are adopted on Linux only")


def daemons(folder: Path, count: int) -> list[int]:
    """Start processes that leave their parent, group and session, and wait for their ids."""
    command = [sys.executable, "-S", "-E", "-c", DAEMON, str(count)]
    subprocess.run(command, cwd=folder, check=True, start_new_session=True)
    return pids_in(folder / "pids", count)


def test_daemons_are_killed_and_reaped(tmp_path: Path) -> None:
    """What left its parent inside the context is gone after it, and leaves no zombie."""
    with Orphanage():
        pids = daemons(tmp_path, 3)
        assert all(alive(pid) for pid in pids)
    assert not any(Path(f"/proc/{pid}").exists() for pid in pids)


def test_daemons_are_killed_when_the_run_breaks(tmp_path: Path) -> None:
    """An exception does not let them live."""
    pids: list[int] = []

    def run() -> None:
        with Orphanage():
            pids.extend(daemons(tmp_path, 1))
            raise LookupError

    with pytest.raises(LookupError):
        run()
    assert not alive(pids[0])


def test_older_children_and_helpers_are_left_alone() -> None:
    """Only strangers that came inside the context are killed."""
    older = subprocess.Popen(["sleep", "60"], start_new_session=True)
    with Orphanage():
        helper = subprocess.Popen(["sleep", "60"])
    assert (older.poll(), helper.poll()) == (None, None)
    for process in (older, helper):
        process.kill()
        process.wait()


def test_nobody_is_adopted_after_the_end(tmp_path: Path) -> None:
    """Afterwards orphans go to init again, as everywhere else."""
    with Orphanage():
        pass
    [pid] = daemons(tmp_path, 1)
    stat = Path(f"/proc/{pid}/stat").read_text(encoding="ascii")
    parent = int(stat.rpartition(")")[2].split()[1])
    os.kill(pid, 9)
    assert parent != os.getpid()
