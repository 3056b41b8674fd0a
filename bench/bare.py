"""The yardstick: the same calls in the shortest loop that aiohttp allows, with nothing checked.

No rules, no retries, no cache, no verdict: what it takes is what asking a judge takes.
"""

import argparse
import asyncio
import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import aiohttp

AXES = ("faithfulness", "helpfulness", "completeness", "tone", "policy")
GRADE = {
    "type": "object",
    "properties": {"reason": {"type": "string"}, "score": {"type": "number"}},
    "required": ["reason", "score"],
    "additionalProperties": False,
}


def frame(axes: Sequence[str]) -> tuple[dict[str, Any], str]:
    """The form of a reply about these axes, and what the judge is told."""
    schema = {
        "type": "object",
        "properties": dict.fromkeys(axes, GRADE),
        "required": list(axes),
        "additionalProperties": False,
    }
    form = {"name": "grades", "strict": True, "schema": schema}
    told = "Grade the answer from 0 to 1 on: " + ", ".join(axes)
    return {"type": "json_schema", "json_schema": form}, told


def bodies(folder: Path, groups: Sequence[Sequence[str]]) -> Iterator[bytes]:
    """The requests of each case: one a group of axes."""
    frames = [frame(axes) for axes in groups]
    with (folder / "cases.jsonl").open() as asked, (folder / "sessions.jsonl").open() as told:
        for line, answer in zip(asked, told, strict=True):
            case, session = json.loads(line), json.loads(answer)
            parts = (case["input"], *case["context"], case["expected"], session["output"])
            for form, system in frames:
                messages = [
                    {"role": "system", "content": system},
                    {"role": "user", "content": "\n\n".join(parts)},
                ]
                body = {"model": "gpt-4o-mini", "messages": messages, "response_format": form}
                yield json.dumps(body).encode()


async def ask_all(todo: Iterator[bytes], url: str, concurrency: int) -> int:
    """Send every request and read every score; returns how many scores there were."""
    scores = 0

    async def work(session: aiohttp.ClientSession) -> None:
        nonlocal scores
        for body in todo:
            async with session.post(url, data=body) as response:
                reply = json.loads(await response.read())
            grades = json.loads(reply["choices"][0]["message"]["content"])
            scores += len([float(grade["score"]) for grade in grades.values()])

    connector = aiohttp.TCPConnector(limit=concurrency)
    async with aiohttp.ClientSession(
        connector=connector, headers={"Content-Type": "application/json"}
    ) as session:
        await asyncio.gather(*(work(session) for _ in range(concurrency)))
    return scores


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--base-url", required=True)
    parser.add_argument("--concurrency", type=int, default=32)
    parser.add_argument("--apart", action="store_true", help="a call an axis")
    given = parser.parse_args()
    address = f"{given.base_url}/v1/chat/completions"
    requests = bodies(given.folder, [[axis] for axis in AXES] if given.apart else [AXES])
    print(asyncio.run(ask_all(requests, address, given.concurrency)))
