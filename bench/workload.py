"""Writes a workspace to be gated: cases, the agent's sessions, and a rubric with five axes."""

import argparse
import json
import random
from pathlib import Path

AXES = {
    "faithfulness": "Does everything that the answer says follow from the context?",
    "helpfulness": "Can the customer go on from this answer without asking again?",
    "completeness": "Is every part of the question answered?",
    "tone": "Is the answer friendly and to the point?",
    "policy": "Does the answer promise only what the policy allows?",
}
TAGS = ("billing", "shipping", "returns", "account", "technical")
WORDS = """
account address after agent amount answer balance before cancel card carrier change charge charger
colour confirm courier credit customer damaged date day deliver device discount email exchange
express fee form gift holiday invoice item label letter limit month number open order owner parcel
part password pay photo price proof receive refund renew repair replace request return seal send
ship size stock store subscription support term track upgrade warehouse warranty week within year
""".split()
RUBRIC = """\
version: 1
cases: cases.jsonl
agent: {agent}
judge:
  provider: openai
  model: gpt-4o-mini
  base_url: {base_url}/v1
  concurrency: {concurrency}
axes:
{axes}
slices:
  all: {{select: all, min: {{tone: 0.1}}}}
"""


def text(chance: random.Random, length: int) -> str:
    """Sentences of about `length` characters."""
    told = ""
    while len(told) < length:
        told += " ".join(chance.choices(WORDS, k=chance.randint(6, 14))).capitalize() + ". "
    return told[:length].rstrip()


def write(folder: Path, cases: int, seed: int) -> None:
    """Write `cases.jsonl` and `sessions.jsonl`: about 3,000 characters a case in all."""
    chance = random.Random(seed)  # noqa: S311 (filler, not a secret)
    with (folder / "cases.jsonl").open("w") as asked, (folder / "sessions.jsonl").open("w") as told:
        for number in range(cases):
            case = {
                "id": f"case-{number}",
                "input": f"case-{number}: {text(chance, 160)}?",
                "context": [text(chance, 1000), text(chance, 1000)],
                "expected": text(chance, 200),
                "tags": [TAGS[number % len(TAGS)]],
            }
            session = {"case": case["id"], "output": text(chance, 600), "latency_s": 1.5}
            asked.write(json.dumps(case) + "\n")
            told.write(json.dumps(session) + "\n")


def rubric(base_url: str, concurrency: int, *, asked: bool) -> str:
    """The rubric; an agent that is `asked` stands at the judge's address."""
    agent = "{outputs: sessions.jsonl}"
    if asked:
        agent = f'{{http: {{url: "{base_url}/agent"}}, concurrency: {concurrency}}}'
    axes = "\n".join(f'  {name}: {{ask: "{ask}"}}' for name, ask in AXES.items())
    return RUBRIC.format(agent=agent, base_url=base_url, concurrency=concurrency, axes=axes)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--cases", type=int, default=800)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--base-url", default="http://127.0.0.1:1")
    parser.add_argument("--concurrency", type=int, default=32)
    parser.add_argument("--agent", action="store_true", help="ask an agent for the sessions")
    given = parser.parse_args()
    given.folder.mkdir(parents=True, exist_ok=True)
    write(given.folder, given.cases, given.seed)
    (given.folder / "rubric.yaml").write_text(
        rubric(given.base_url, given.concurrency, asked=given.agent)
    )
