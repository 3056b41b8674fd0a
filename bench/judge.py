"""A local judge that answers after a fixed time, as a process of its own.

It speaks as much of OpenAI's chat completions as the gate asks for. `GET /told` gives what it has
seen and what it has answered, `POST /forget` starts anew.
"""

import argparse
import asyncio
import json
import re
import time
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

from aiohttp import web

CASE = re.compile(r"\bcase-\d+\b")
REASON = "The answer keeps to what it was given, and leaves one part of the question open."


@dataclass(slots=True)
class Told:
    """What the judge has seen (times in seconds of the epoch) and the scores that it gave."""

    requests: int = 0
    first_request: float = 0.0
    last_reply: float = 0.0
    under_way: int = 0
    most_under_way: int = 0
    scores: dict[str, dict[str, float]] = field(default_factory=dict)


class Judge:
    """Answers every request after `latency_s`, with scores that follow from case and axis."""

    def __init__(self, latency_s: float) -> None:
        self._latency_s = latency_s
        self._told = Told()

    async def handle(self, request: web.BaseRequest) -> web.StreamResponse:
        """One request of the gate, or of the benchmark about it."""
        if request.path == "/forget":
            self._told = Told()
            return web.Response()
        if request.path == "/told":
            return web.json_response(asdict(self._told))
        return await self._grade(request)

    async def _grade(self, request: web.BaseRequest) -> web.Response:
        told = self._told
        told.first_request = told.first_request or time.time()
        told.requests += 1
        told.under_way += 1
        told.most_under_way = max(told.most_under_way, told.under_way)
        asked = json.loads(await request.read())
        await asyncio.sleep(self._latency_s)
        reply = self._reply(asked)
        told.under_way -= 1
        told.last_reply = time.time()
        return web.Response(body=json.dumps(reply).encode(), content_type="application/json")

    def _reply(self, asked: Mapping[str, Any]) -> dict[str, Any]:
        case = _case(asked["messages"])
        axes = asked["response_format"]["json_schema"]["schema"]["required"]
        scores = {axis: zlib.crc32(f"{case} {axis}".encode()) % 1001 / 1000 for axis in axes}
        self._told.scores.setdefault(case, {}).update(scores)
        grades = {axis: {"reason": REASON, "score": score} for axis, score in scores.items()}
        message = {"role": "assistant", "content": json.dumps(grades)}
        return {
            "model": asked["model"],
            "choices": [{"index": 0, "message": message, "finish_reason": "stop"}],
            "usage": {"prompt_tokens": 900, "completion_tokens": 40 * len(axes)},
        }


def _case(messages: Sequence[Mapping[str, str]]) -> str:
    """The case that is named in the last message which names one."""
    named = (CASE.search(message["content"]) for message in reversed(messages))
    return next(found[0] for found in named if found)


async def serve(latency_s: float) -> None:
    """Serve on a free port of this machine, told on the first line of standard output."""
    runner = web.ServerRunner(web.Server(Judge(latency_s).handle, access_log=None))
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0, backlog=1024)
    await site.start()
    print(f"http://127.0.0.1:{runner.addresses[0][1]}", flush=True)
    await asyncio.Event().wait()


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--latency-ms", type=float, default=0.0)
    asyncio.run(serve(parser.parse_args().latency_ms / 1000))
