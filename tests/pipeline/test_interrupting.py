"""Signals: heard in good order, or where a busy loop hears nothing."""

import asyncio
import os
import signal
import subprocess
import time

import pytest

from rubric_action.errors import Interrupted
from rubric_action.interrupting import SIGNALS, UNHEARD_S
from rubric_action.running import run_to_end
from tests.cli.process import command, environment
from tests.pipeline.workspace import Workspace, case

HANGING = 60
"""Patterns that each take their half second: far more than a signal has to wait for."""


async def signalled(number: signal.Signals, times: int = 1) -> None:
    """Send signals to ourselves, and wait."""
    for _ in range(times):
        os.kill(os.getpid(), number)
    await asyncio.sleep(30)


@pytest.mark.parametrize("number", SIGNALS)
@pytest.mark.parametrize("times", [1, 3])
def test_a_signal_ends_the_work(number: signal.Signals, times: int) -> None:
    """One signal or several: the work is cancelled at once and the user is told."""
    started = time.monotonic()
    with pytest.raises(Interrupted, match="was paid for is kept"):
        run_to_end(signalled(number, times))
    assert time.monotonic() - started < 2


@pytest.mark.parametrize("interrupted", [True, False])
def test_the_handlers_are_given_back(interrupted: bool) -> None:
    """After the loop, a signal means what it meant before, and no alarm is left behind."""
    heard: list[int] = []
    before = {
        number: signal.signal(number, lambda number, _: heard.append(number)) for number in SIGNALS
    }
    try:
        if interrupted:
            with pytest.raises(Interrupted):
                run_to_end(signalled(signal.SIGTERM))
        else:
            run_to_end(asyncio.sleep(0))
        for number in SIGNALS:
            os.kill(os.getpid(), number)
        assert heard == list(SIGNALS)
        assert signal.getitimer(signal.ITIMER_REAL) == (0.0, 0.0)
        assert signal.getsignal(signal.SIGALRM) is signal.SIG_DFL
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def test_a_busy_loop_is_ended(ruled: Workspace) -> None:
    """SIGTERM ends a run with 130 also while rules keep its loop from hearing anything."""
    rules = [{"id": f"r{n}", "matches": f"(a|aa)+{n}$"} for n in range(HANGING)]
    ruled.cases(case(0, rules=rules))
    ruled.sessions({"case": "c0", "output": "a" * 80 + "!"})
    process = subprocess.Popen(
        command("gate"), cwd=ruled.root, env=environment(), stderr=subprocess.PIPE, text=True
    )
    while not (ruled.root / "rubric-results/grades.jsonl").exists():
        assert process.poll() is None
        time.sleep(0.01)
    time.sleep(0.3)
    started = time.monotonic()
    process.send_signal(signal.SIGTERM)
    _, err = process.communicate(timeout=3 * UNHEARD_S)
    assert process.returncode == 130, err
    assert time.monotonic() - started < UNHEARD_S + 3
    assert "Interrupted" in err
    assert "Traceback" not in err
