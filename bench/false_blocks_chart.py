"""The table of `false_blocks.py` as a chart, in SVG that is readable in light and dark."""

from collections.abc import Mapping, Sequence
from html import escape

WIDTH, HEIGHT = 720, 360
LEFT, RIGHT, TOP, BOTTOM = 56, 150, 28, 44
COLOURS = ("#1a7f37", "#cf222e", "#bf8700", "#0969da")
GREY = "#7d8590"
STYLE = "text{font:12px system-ui,sans-serif;fill:#7d8590}path{fill:none;stroke-width:2}"


def chart(rows: Sequence[Mapping[str, float]], rules: Sequence[str]) -> str:
    """Blocked pull requests of an unchanged agent, a line a rule, over the runs of history."""
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" role="img">',
        "<title>Pull requests of an unchanged agent that are blocked, by runs of history</title>",
        f"<style>{STYLE}</style>",
        text(LEFT, TOP - 10, "blocked pull requests of an unchanged agent"),
        *grid(),
        *(text(x(row["runs"]), HEIGHT - BOTTOM + 18, f"{row['runs']}", "middle") for row in rows),
        text((LEFT + WIDTH - RIGHT) / 2, HEIGHT - 8, "runs of history", "middle"),
    ]
    for rule, colour in zip(rules, COLOURS, strict=True):
        points = " L".join(f"{x(row['runs']):.1f} {y(row[rule]):.1f}" for row in rows)
        parts.append(f'<path d="M{points}" stroke="{colour}"/>')
    parts += labels(rows[-1], rules)
    return "\n".join([*parts, "</svg>", ""])


def grid() -> list[str]:
    """A line and a figure for every quarter."""
    parts = []
    for share in (0.0, 0.25, 0.5, 0.75, 1.0):
        line = f"M{LEFT} {y(share):.1f} H{WIDTH - RIGHT}"
        parts.append(f'<path d="{line}" stroke="{GREY}" stroke-width="1" opacity="0.3"/>')
        parts.append(text(LEFT - 8, y(share) + 4, f"{share:.0%}", "end"))
    return parts


def labels(last: Mapping[str, float], rules: Sequence[str]) -> list[str]:
    """The name of each line at its end, apart from the next one."""
    parts, floor = [], float("inf")
    order = sorted(zip(rules, COLOURS, strict=True), key=lambda one: last[one[0]])
    for rule, colour in order:
        floor = min(y(last[rule]) + 4, floor - 15)
        told = escape(f"{rule} {last[rule]:.1%}")
        at = f'x="{WIDTH - RIGHT + 8}" y="{floor:.1f}"'
        parts.append(f'<text {at} style="fill:{colour}">{told}</text>')
    return parts


def text(left: float, top: float, told: str, anchor: str = "start") -> str:
    """A text at a point."""
    return f'<text x="{left:.1f}" y="{top:.1f}" text-anchor="{anchor}">{escape(told)}</text>'


def x(runs: float) -> float:
    """From runs of history, 1 to 20, to the page."""
    return LEFT + (runs - 1) / 19 * (WIDTH - LEFT - RIGHT)


def y(share: float) -> float:
    """From a share to the page."""
    return HEIGHT - BOTTOM - share * (HEIGHT - TOP - BOTTOM)
