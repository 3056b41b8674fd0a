"""One long-lived child process that takes a line and gives a line, and that surely dies.

The process leads a session and a process group of its own, so that what it forked dies with it.
"""

import asyncio
import contextlib
import os
import signal
from collections.abc import Awaitable, Callable, Coroutine, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, TypeVar

from rubric_action.errors import AgentUnavailable

T = TypeVar("T")

MAX_ANSWER_BYTES: Final = 4 * 1024 * 1024
STDERR_KEPT_BYTES: Final = 2048
GRACE_S: Final = 1.0
"""How long a process may take to end after its input is closed, and again after SIGTERM."""
_CHUNK_BYTES: Final = 64 * 1024
_POLL_S: Final = 0.02
_LAST_WORDS_S: Final = 0.2


class NoAnswer(Exception):
    """The process gave no line; `str()` says why."""


@dataclass(frozen=True, slots=True)
class Launch:
    """How a process is started: no shell, this environment only, as `uid` and `gid` if given.

    `greeting` is awaited before the first question, where the process tells first that it is ready:
    it raises NoAnswer or AgentUnavailable otherwise. `key` is where the rubric names the agent.
    """

    argv: tuple[str, ...]
    cwd: Path
    environment: Mapping[str, str]
    ids: tuple[int, int] | None = None
    greeting: "Callable[[LineProcess], Awaitable[None]] | None" = None
    key: str = "agent.command"


class LineProcess:
    """A running process. `start` makes it, `ask` talks to it, `stop` ends it with its group."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self._process = process
        self._stderr = b""
        self._draining = {asyncio.create_task(self._keep_stderr())}

    @classmethod
    async def start(cls, launch: Launch) -> "LineProcess":
        """Start the process; AgentUnavailable when the system refuses."""
        ids: dict[str, Any] = {}
        if launch.ids:
            ids = {"user": launch.ids[0], "group": launch.ids[1], "extra_groups": []}
        try:
            process = await asyncio.create_subprocess_exec(
                *launch.argv,
                stdin=asyncio.subprocess.PIPE,
                stdout=asyncio.subprocess.PIPE,
                stderr=asyncio.subprocess.PIPE,
                limit=MAX_ANSWER_BYTES,
                cwd=launch.cwd,
                env=launch.environment,
                start_new_session=True,
                **ids,
            )
        except (OSError, ValueError) as error:
            cause = f"The agent `{launch.argv[0]}` cannot be started: {error}."
            raise AgentUnavailable(cause, f"Mend `{launch.key}` in the rubric.") from error
        started = cls(process)
        await started._greet(launch)
        return started

    async def ask(self, line: bytes) -> bytes:
        """Send one line and give the next line that is not blank; NoAnswer when none comes."""
        return await self._heard(self._exchange(line))

    async def hear(self) -> bytes:
        """Give the next line that is not blank, without a question; NoAnswer when none comes."""
        return await self._heard(self._next_line())

    async def _greet(self, launch: Launch) -> None:
        """Wait until the process is ready; it is dead when this raises."""
        if launch.greeting is None:
            return
        try:
            await launch.greeting(self)
        except BaseException as error:
            await self.stop(politely=False)
            self.abandon()
            if not isinstance(error, NoAnswer):
                raise
            tail = f" Its standard error ends: {self.stderr_tail}" if self.stderr_tail else ""
            cause = f"The agent of `{launch.key}` cannot be started: {error}.{tail}"
            raise AgentUnavailable(cause, f"Mend `{launch.key}`, or what it names.") from None

    async def _heard(self, work: Coroutine[Any, Any, bytes]) -> bytes:
        try:
            answer = await self._unless_gone(work)
        except ValueError:
            cause = f"the agent printed a line of over {MAX_ANSWER_BYTES // 2**20} MiB"
            raise NoAnswer(cause) from None
        if not answer:
            await self._gone_within(_LAST_WORDS_S)
            raise NoAnswer(f"the agent {self._ending()} before it answered")
        return answer

    @property
    def stderr_tail(self) -> str:
        """The last words on standard error, on one line."""
        return " ".join(self._stderr.decode("utf-8", "replace").split())

    async def stop(self, *, politely: bool) -> None:
        """End the process and its group; `politely` closes its input and waits before signals."""
        try:
            _pipe(self._process.stdin).close()
            if politely:
                await self._gone_within(GRACE_S)
            self._signal(signal.SIGTERM)
            await self._gone_within(GRACE_S)
        finally:
            self._signal(signal.SIGKILL)
        await self._gone_within(GRACE_S)
        self._draining.add(asyncio.create_task(self._skip_stdout()))
        await asyncio.wait(self._draining, timeout=_LAST_WORDS_S)

    async def released(self) -> bool:
        """Wait until the pipes are closed too; False when a stranger holds them for `GRACE_S`."""
        _, held = await asyncio.wait(self._draining, timeout=GRACE_S)
        return not held

    def abandon(self) -> None:
        """Stop waiting for pipes that a stranger still holds."""
        for task in self._draining:
            task.cancel()

    async def _exchange(self, line: bytes) -> bytes:
        stdin = _pipe(self._process.stdin)
        with contextlib.suppress(ConnectionError):
            stdin.write(line)
            await stdin.drain()
        return await self._next_line()

    async def _next_line(self) -> bytes:
        stdout = _pipe(self._process.stdout)
        answer = b"\n"
        while answer.isspace():
            answer = await stdout.readline()
            await asyncio.sleep(0)  # so that a flood of blank lines can't hold off the timeout
        return answer

    async def _unless_gone(self, work: Coroutine[Any, Any, bytes]) -> bytes | None:
        """The result of the work, or None when the process ended and left nothing to read.

        A forked child may hold the pipes open, so the end of the process is watched for itself.
        """
        working = asyncio.ensure_future(work)
        ending = asyncio.ensure_future(self._gone())
        try:
            await asyncio.wait({working, ending}, return_when=asyncio.FIRST_COMPLETED)
            if not working.done():
                await asyncio.wait({working}, timeout=_LAST_WORDS_S)
            return working.result() if working.done() else None
        finally:
            working.cancel()
            ending.cancel()

    async def _gone(self) -> None:
        """Wait for the end of the process itself; `Process.wait` may wait for its pipes too."""
        while self._process.returncode is None:  # noqa: ASYNC110 - there is no event to wait for
            await asyncio.sleep(_POLL_S)

    async def _gone_within(self, seconds: float) -> None:
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._gone(), seconds)

    async def _keep_stderr(self) -> None:
        stderr = _pipe(self._process.stderr)
        while chunk := await stderr.read(_CHUNK_BYTES):
            self._stderr = (self._stderr + chunk)[-STDERR_KEPT_BYTES:]

    async def _skip_stdout(self) -> None:
        """Read on to the end, since a pipe that is not read is not seen to close."""
        stdout = _pipe(self._process.stdout)
        while await stdout.read(_CHUNK_BYTES):
            pass

    def _ending(self) -> str:
        code = self._process.returncode
        if code is None:
            return "closed its output"
        return f"was killed by {signal.Signals(-code).name}" if code < 0 else f"ended with {code}"

    def _signal(self, number: signal.Signals) -> None:
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(self._process.pid, number)


def _pipe(pipe: T | None) -> T:
    if pipe is None:
        raise RuntimeError("the process was started without pipes")
    return pipe
