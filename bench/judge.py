"""A local judge that answers after a fixed time, as a process of its own.

It speaks as much of OpenAI's chat completions as the gate asks for. With `--rps` it takes so many
requests a second, a second's worth at once. It tells what is left in the headers that OpenAI sends,
and refuses what is too many with a 429 that asks for a wait in whole seconds. With `--faulty` 5 %
of its replies are a status 500, 2 % are cut in the middle, and 2 % of the connections are reset.
`POST /agent` is an agent that answers after the same time. `GET /told` gives what it has seen and
what it has answered, `POST /forget` starts anew.
"""

import argparse
import asyncio
import json
import math
import re
import socket
import struct
import time
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

from aiohttp import web

from bench.troubles import Bucket, Troubles

CASE = re.compile(r"\bcase-\d+\b")
REASON = "The answer keeps to what it was given, and leaves one part of the question open."
CHARS_A_TOKEN = 4


@dataclass(slots=True)
class Told:
    """What the judge has seen (times in seconds of the epoch) and the scores that it gave."""

    requests: int = 0
    refused: int = 0
    failed: int = 0
    sessions: int = 0
    prompt_tokens: int = 0
    first_request: float = 0.0
    last_reply: float = 0.0
    under_way: int = 0
    most_under_way: int = 0
    scores: dict[str, dict[str, float]] = field(default_factory=dict)


class Judge:
    """Answers every request after `latency_s`, with scores that follow from case and axis."""

    def __init__(self, latency_s: float, rps: float | None, *, faulty: bool) -> None:
        self._latency_s = latency_s
        self._rps = rps
        self._faulty = faulty
        self._forget()

    def _forget(self) -> None:
        self._told = Told()
        self._bucket = Bucket(self._rps) if self._rps else None
        self._troubles = Troubles(seed=1) if self._faulty else None

    async def handle(self, request: web.BaseRequest) -> web.StreamResponse:
        """One request of the gate, or of the benchmark about it."""
        match request.path:
            case "/forget":
                self._forget()
                return web.Response()
            case "/told":
                return web.json_response(asdict(self._told))
            case "/agent":
                return await self._answer(request)
        return await self._grade(request)

    async def _answer(self, request: web.BaseRequest) -> web.Response:
        """The agent's session of a case."""
        asked = json.loads(await request.read())
        self._told.sessions += 1
        await asyncio.sleep(self._latency_s)
        return web.json_response({"output": f"{REASON} " * 7 + str(asked["case"])})

    async def _grade(self, request: web.BaseRequest) -> web.Response:
        told = self._told
        told.first_request = told.first_request or time.time()
        told.requests += 1
        told.under_way += 1
        told.most_under_way = max(told.most_under_way, told.under_way)
        body = await request.read()
        try:
            return await self._reply_in_time(request, body)
        finally:
            told.under_way -= 1
            told.last_reply = time.time()

    async def _reply_in_time(self, request: web.BaseRequest, body: bytes) -> web.Response:
        told = self._told
        refused_s = self._bucket.refused_s() if self._bucket else 0.0
        if refused_s:
            told.refused += 1
            return web.Response(status=429, headers={"Retry-After": str(math.ceil(refused_s))})
        headers = self._bucket.headers() if self._bucket else None
        told.prompt_tokens += len(body) // CHARS_A_TOKEN
        trouble = self._troubles.next() if self._troubles else None
        await asyncio.sleep(self._latency_s)
        told.failed += trouble is not None
        if trouble == "error":
            return web.json_response({"error": {"message": "try again"}}, status=500)
        if trouble == "reset":
            _hang_up(request)
            return web.Response()
        reply = self._reply(json.loads(body), cut=trouble == "malformed")
        return web.Response(
            body=json.dumps(reply).encode(), headers=headers, content_type="application/json"
        )

    def _reply(self, asked: Mapping[str, Any], *, cut: bool) -> dict[str, Any]:
        """Grades of every axis that is asked for; `cut` in the middle they are none."""
        case = _case(asked["messages"])
        axes = asked["response_format"]["json_schema"]["schema"]["required"]
        scores = {axis: zlib.crc32(f"{case} {axis}".encode()) % 1001 / 1000 for axis in axes}
        grades = {axis: {"reason": REASON, "score": score} for axis, score in scores.items()}
        content = json.dumps(grades)
        if cut:
            content = content[: len(content) // 2]
        else:
            self._told.scores.setdefault(case, {}).update(scores)
        message = {"role": "assistant", "content": content}
        return {
            "model": asked["model"],
            "choices": [{"index": 0, "message": message, "finish_reason": "stop"}],
            "usage": {"prompt_tokens": 900, "completion_tokens": 40 * len(axes)},
        }


def _case(messages: Sequence[Mapping[str, str]]) -> str:
    """The case that is named in the last message which names one."""
    named = (CASE.search(message["content"]) for message in reversed(messages))
    return next(found[0] for found in named if found)


def _hang_up(request: web.BaseRequest) -> None:
    """Close the connection as a crash does: with a reset, and nothing said."""
    if request.transport is not None:
        at_once = struct.pack("ii", 1, 0)
        request.transport.get_extra_info("socket").setsockopt(
            socket.SOL_SOCKET, socket.SO_LINGER, at_once
        )
        request.transport.abort()


async def serve(judge: Judge) -> None:
    """Serve on a free port of this machine, told on the first line of standard output."""
    runner = web.ServerRunner(web.Server(judge.handle, access_log=None))
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0, backlog=1024)
    await site.start()
    print(f"http://127.0.0.1:{runner.addresses[0][1]}", flush=True)
    await asyncio.Event().wait()


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--latency-ms", type=float, default=0.0)
    parser.add_argument("--rps", type=float)
    parser.add_argument("--faulty", action="store_true")
    given = parser.parse_args()
    asyncio.run(serve(Judge(given.latency_ms / 1000, given.rps, faulty=given.faulty)))
