"""How often the rule about regressions blocks an agent that nobody changed, and what it catches.

`python bench/false_blocks.py` takes the recorded trials of `trials.json`: each case passes as often
as it did there, every trial by itself. A suite is drawn from these cases, has a history of some
runs on the default branch, and is run once more for a pull request. It prints tables in Markdown;
`--chart FILE` draws the first of them. The rules that it is held against:

- naive: a case that passed in the last run and fails now blocks;
- best of four: the same, where a case is run four times each time and one pass is enough;
- McNemar: the runs as a whole, blocked where the one-sided exact test is below .05.
"""

import argparse
import json
import random
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import mean

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent))

from bench.false_blocks_chart import chart  # noqa: E402
from rubric_action.gate.conviction import Tally, Trial, convicted, settled  # noqa: E402
from rubric_action.gate.history import counted_on  # noqa: E402
from rubric_action.gate.statistics.paired import mcnemar  # noqa: E402
from rubric_action.rubric.model import Regression  # noqa: E402

RULE = Regression()
RUNS = (1, 2, 3, 4, 5, 7, 10, 15, 20)
SIZES = (25, 50, 100, 200, 400, 800)
SUITE = 50
MOST_FALSE, LEAST_BROKEN, LEAST_WEAKENED, MOST_EXTRA = 0.05, 0.99, 0.60, 0.15
WEAKENED = 0.3
"""How often a case still passes that used to pass always."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """One pull request: whether it was blocked, and the sessions that re-runs took."""

    blocked: bool
    extra: int = 0


Rule = Callable[[Sequence[float], Sequence[float], int, random.Random], Outcome]
"""From the chances of each case then and now, and the runs of history, to what became of it."""


def gate(then: Sequence[float], now: Sequence[float], runs: int, chance: random.Random) -> Outcome:
    """The gate's rule: committed cases that fail are run again, and judged once at the end."""
    trials, extra = [], 0
    for before, after in zip(then, now, strict=True):
        past = Tally(passes(before, runs, chance), runs)
        if counted_on(past.passes, past.trials, RULE.commit) and chance.random() >= after:
            again = confirmed(past, after, chance)
            trials.append(Trial(past, Tally(again.passes, 1 + RULE.confirm)))
            extra += again.trials
    return Outcome(any(convicted(trials, RULE.alpha)), extra)


def confirmed(past: Tally, rate: float, chance: random.Random) -> Tally:
    """The re-runs of a case that failed once, until conviction is out of reach."""
    won = 0
    for done in range(RULE.confirm):
        if settled(Tally(won, 1 + done), RULE.confirm - done, past, RULE.alpha):
            return Tally(won, done)
        won += chance.random() < rate
    return Tally(won, RULE.confirm)


def naive(then: Sequence[float], now: Sequence[float], runs: int, chance: random.Random) -> Outcome:
    """What passed last time and fails now blocks."""
    del runs
    pairs = zip(then, now, strict=True)
    return Outcome(any(chance.random() < a and chance.random() >= b for a, b in pairs))


def best_of_four(
    then: Sequence[float], now: Sequence[float], runs: int, chance: random.Random
) -> Outcome:
    """The same where one pass of four is enough, then and now."""
    del runs
    pairs = zip(then, now, strict=True)
    lost = [passes(a, 4, chance) > 0 and passes(b, 4, chance) == 0 for a, b in pairs]
    return Outcome(any(lost), 3 * len(now))


def mcnemar_alone(
    then: Sequence[float], now: Sequence[float], runs: int, chance: random.Random
) -> Outcome:
    """The last run against this one, as a whole."""
    del runs
    flips = [(chance.random() < a) - (chance.random() < b) for a, b in zip(then, now, strict=True)]
    return Outcome(mcnemar(flips.count(1), flips.count(-1)) <= 0.05)


RULES: dict[str, Rule] = {
    "gate": gate,
    "naive": naive,
    "best of four": best_of_four,
    "McNemar": mcnemar_alone,
}


def passes(rate: float, trials: int, chance: random.Random) -> int:
    """How many of so many trials pass."""
    return sum(chance.random() < rate for _ in range(trials))


def recorded(path: Path) -> dict[str, list[float]]:
    """By agent, the share of passing trials of each case."""
    agents = json.loads(path.read_text())
    return {
        name: [mean(map(int, trials)) for trials in agent["cases"].values()]
        for name, agent in agents.items()
    }


def drawn(rates: Sequence[float], size: int, chance: random.Random) -> list[float]:
    """A suite of this size; cases are drawn with replacement."""
    return chance.choices(rates, k=size)


def unchanged(
    rule: Rule, rates: Sequence[float], size: int, runs: int, times: int
) -> tuple[float, float]:
    """The share of pull requests of an unchanged agent that are blocked, and of extra sessions."""
    chance = random.Random(f"{rule.__name__} {size} {runs}")  # noqa: S311 (reproducible, no secret)
    done = []
    for _ in range(times):
        suite = drawn(rates, size, chance)
        done.append(rule(suite, suite, runs, chance))
    return mean(one.blocked for one in done), mean(one.extra for one in done) / size


def detected(rule: Rule, runs: int, left: float, times: int) -> float:
    """How often a case that always passed is caught, which passes `left` of the time now.

    It stands in a suite whose other cases are all well, so that only its own block counts.
    """
    chance = random.Random(f"{rule.__name__} {runs} {left}")  # noqa: S311 (as above)
    suite = [1.0] * SUITE
    return mean(rule(suite, [left, *suite[1:]], runs, chance).blocked for _ in range(times))


def by_history(agents: dict[str, list[float]], times: int) -> list[dict[str, float]]:
    """For each length of history the worst agent's false blocks and extra sessions, and catches."""
    rows = []
    for runs in RUNS:
        row: dict[str, float] = {"runs": runs}
        for name, rule in RULES.items():
            found = [unchanged(rule, rates, SUITE, runs, times) for rates in agents.values()]
            row[name] = max(blocked for blocked, _ in found)
            row[f"{name} extra"] = max(extra for _, extra in found)
            row[f"{name} broken"] = detected(rule, runs, 0.0, times)
            row[f"{name} weakened"] = detected(rule, runs, WEAKENED, times)
        rows.append(row)
    return rows


def by_size(agents: dict[str, list[float]], times: int) -> list[tuple[int, list[float]]]:
    """For each size of a suite the gate's false blocks, by agent, and the naive rule's worst."""
    rows = []
    for size in SIZES:
        few = max(50, times * SUITE // size)
        cells = [unchanged(gate, rates, size, 5, few)[0] for rates in agents.values()]
        cells += [unchanged(gate, rates, size, 20, few)[0] for rates in agents.values()]
        cells.append(max(unchanged(naive, rates, size, 5, few)[0] for rates in agents.values()))
        rows.append((size, cells))
    return rows


def table(header: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """A table in Markdown."""
    lines = [" | ".join(cells) for cells in (header, ["--:"] * len(header), *rows)]
    return "\n".join(f"| {line} |" for line in lines)


def percent(share: float) -> str:
    """A share in percent."""
    return f"{share:.1%}"


def told(rows: Sequence[dict[str, float]]) -> str:
    """The table by history."""
    header = [
        "runs of history",
        *(f"blocked: {name}" for name in RULES),
        "extra sessions",
        "caught: always fails",
        "caught: passes 30 %",
    ]
    cells = [
        [
            str(row["runs"]),
            *(percent(row[name]) for name in RULES),
            percent(row["gate extra"]),
            percent(row["gate broken"]),
            percent(row["gate weakened"]),
        ]
        for row in rows
    ]
    return table(header, cells)


def broken_promises(rows: Sequence[dict[str, float]]) -> list[str]:
    """What does not hold from five runs of history on; a weakened case needs all twenty."""
    found = []
    for row in rows:
        if row["runs"] < 5:
            continue
        at = f"with {row['runs']} runs of history"
        if row["gate"] > MOST_FALSE:
            found.append(f"{percent(row['gate'])} of unchanged pull requests blocked {at}")
        if row["gate extra"] > MOST_EXTRA:
            found.append(f"{percent(row['gate extra'])} more sessions {at}")
        if row["gate broken"] < LEAST_BROKEN:
            found.append(f"only {percent(row['gate broken'])} of broken cases caught {at}")
    if rows[-1]["gate weakened"] < LEAST_WEAKENED:
        found.append(f"only {percent(rows[-1]['gate weakened'])} of weakened cases caught")
    return found


def main() -> None:
    """Print the tables, draw the chart, and end with 1 where a promise is broken."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--times", type=int, default=2000, help="pull requests a cell")
    parser.add_argument("--chart", type=Path, help="an SVG file to draw into")
    given = parser.parse_args()
    agents = recorded(HERE / "trials.json")
    rows = by_history(agents, given.times)
    print(f"{SUITE} cases, the worst of {len(agents)} agents, {given.times} pull requests a cell\n")
    print(told(rows), "\n")
    sizes = by_size(agents, given.times)
    header = ["cases", *(f"{n}, 5 runs" for n in agents), *(f"{n}, 20 runs" for n in agents)]
    print(table([*header, "naive, worst"], [[str(n), *map(percent, cells)] for n, cells in sizes]))
    if given.chart:
        given.chart.write_text(chart(rows, list(RULES)))
    for promise in (found := broken_promises(rows)):
        print(f"BROKEN: {promise}")
    sys.exit(1 if found else 0)


if __name__ == "__main__":
    main()
