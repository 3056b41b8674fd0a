"""The yardstick: the same calls in the shortest loop that aiohttp allows, with nothing checked.

No rules, no retries, no cache, no verdict: what it takes is what asking a judge takes.
"""

import argparse
import asyncio
import json
from collections.abc import Iterator
from pathlib import Path

import aiohttp

AXES = ("faithfulness", "helpfulness", "completeness", "tone", "policy")
GRADE = {
    "type": "object",
    "properties": {"reason": {"type": "string"}, "score": {"type": "number"}},
    "required": ["reason", "score"],
    "additionalProperties": False,
}
SCHEMA = {
    "type": "object",
    "properties": dict.fromkeys(AXES, GRADE),
    "required": list(AXES),
    "additionalProperties": False,
}
FORMAT = {
    "type": "json_schema",
    "json_schema": {"name": "grades", "strict": True, "schema": SCHEMA},
}
SYSTEM = "Grade the answer from 0 to 1 on: " + ", ".join(AXES)


def bodies(folder: Path) -> Iterator[bytes]:
    """The request of each case."""
    with (folder / "cases.jsonl").open() as asked, (folder / "sessions.jsonl").open() as told:
        for line, answer in zip(asked, told, strict=True):
            case, session = json.loads(line), json.loads(answer)
            parts = (case["input"], *case["context"], case["expected"], session["output"])
            messages = [
                {"role": "system", "content": SYSTEM},
                {"role": "user", "content": "\n\n".join(parts)},
            ]
            body = {"model": "gpt-4o-mini", "messages": messages, "response_format": FORMAT}
            yield json.dumps(body).encode()


async def ask_all(folder: Path, url: str, concurrency: int) -> int:
    """Ask for every case and read every score; returns how many scores there were."""
    todo, scores = bodies(folder), 0

    async def work(session: aiohttp.ClientSession) -> None:
        nonlocal scores
        for body in todo:
            async with session.post(url, data=body) as response:
                reply = json.loads(await response.read())
            grades = json.loads(reply["choices"][0]["message"]["content"])
            scores += len([float(grades[axis]["score"]) for axis in AXES])

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
    given = parser.parse_args()
    address = f"{given.base_url}/v1/chat/completions"
    print(asyncio.run(ask_all(given.folder, address, given.concurrency)))
