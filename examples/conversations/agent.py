"""A desk that converses: a line in holds what was said so far, a line out the answers that lack.

Of a scripted case all turns come at once, without answers. Of a simulated user they come one by
one, and the earlier ones hold the answers that were given.
"""

import json
import sys


def answer(said: list[str]) -> str:
    """What the desk says after these words of the user; it remembers all of them."""
    asked = f" You first asked: {said[0]!r}." if len(said) > 1 else ""
    return f"Friday it is, for Mona Lee, booking K7Q2, on an aisle seat.{asked} What else can I do?"


for text in sys.stdin:
    line = json.loads(text)
    said = [turn["user"] for turn in line["turns"]]
    turns = [
        {"output": answer(said[:number])}
        for number, turn in enumerate(line["turns"], start=1)
        if "output" not in turn
    ]
    print(json.dumps({"case": line["case"], "trial": line["trial"], "turns": turns}), flush=True)
