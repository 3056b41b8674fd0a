"""Processes that the agent's processes left behind by leaving their group.

On Linux we adopt them for the time that the agent runs, so that they can be found and killed: the
verdict is made after the agent is dead. Elsewhere only the process groups are killed.
"""

import contextlib
import ctypes
import os
import signal
import sys
import time
from pathlib import Path
from types import TracebackType
from typing import Final, Self

SWEEP_S: Final = 5.0
_PR_SET_CHILD_SUBREAPER: Final = 36


class Orphanage:
    """Adopts what is orphaned inside the `with`, and kills it at the end."""

    def __init__(self) -> None:
        self._ours: frozenset[int] = frozenset()

    def __enter__(self) -> Self:
        self._ours = frozenset(_children())
        _adopt(on=True)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        deadline = time.monotonic() + SWEEP_S
        while (strays := self._strays()) and time.monotonic() < deadline:
            for pid in strays:
                with contextlib.suppress(ProcessLookupError, ChildProcessError):
                    os.kill(pid, signal.SIGKILL)
                    os.waitpid(pid, 0)
        _adopt(on=False)

    def _strays(self) -> list[int]:
        """Our children of other sessions that were not there before; our own helpers share ours."""
        session = os.getsid(0)
        return [pid for pid in _children() if pid not in self._ours and _session(pid) != session]


def _adopt(*, on: bool) -> None:
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_CHILD_SUBREAPER, int(on), 0, 0, 0)


def _children() -> list[int]:
    """The ids of our children, by any of our threads; none where the system does not tell."""
    pids = []
    for path in Path("/proc/self/task").glob("*/children"):
        with contextlib.suppress(OSError):  # the thread has ended
            pids += [int(pid) for pid in path.read_text(encoding="ascii").split()]
    return pids


def _session(pid: int) -> int | None:
    with contextlib.suppress(ProcessLookupError):
        return os.getsid(pid)
    return None
