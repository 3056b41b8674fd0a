"""The comment: Markdown for a pull request, always within GitHub's limit."""

import re
from dataclasses import fields
from functools import cache
from typing import TYPE_CHECKING

from rubric_action.report.limits import Limits
from rubric_action.report.model import Report
from rubric_action.report.view import View, view

if TYPE_CHECKING:
    from jinja2 import Template

MOST_CHARS = 65_536
"""GitHub refuses a longer comment."""

SIZES = (
    Limits(broken=20, findings=50, rows=60, text=1200),
    Limits(broken=10, findings=30, rows=40, text=800),
    Limits(broken=5, findings=15, rows=30, text=400),
    Limits(broken=2, findings=5, rows=15, text=200),
    Limits(broken=0, findings=0, rows=0, text=0),
)


def render_comment(report: Report, max_chars: int = MOST_CHARS) -> str:
    """The largest of the `SIZES` that fits; the smallest holds the verdict and the next step."""
    texts = (_print(view(report, limits)) for limits in SIZES)
    fitting = next((text for text in texts if len(text) <= max_chars), None)
    return fitting or _cut(_print(view(report, SIZES[-1])), max_chars)


def _print(shown: View) -> str:
    values = {field.name: getattr(shown, field.name) for field in fields(shown)}
    text = load_template().render(values)
    return re.sub(r"\n{3,}", "\n\n", text).strip() + "\n"


def _cut(text: str, max_chars: int) -> str:
    """As many whole lines as fit, so that no escape is torn."""
    lines = text[:max_chars].rpartition("\n")[0]
    return f"{lines}\n" if lines else text[:max_chars]


@cache
def load_template() -> "Template":
    """The comment's template; foreign text is data in it and never a template."""
    from jinja2 import Environment, PackageLoader, StrictUndefined

    environment = Environment(
        loader=PackageLoader("rubric_action.report"),
        autoescape=False,  # noqa: S701  Markdown: `report.escape` made every value inert
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    return environment.get_template("comment.md.j2")
