"""What holds between the sections of a rubric. Each check sees plain values, decoded or not.

So a rubric with a mistake in one section still hears of every other mistake at once.
"""

from collections.abc import Iterable
from typing import Any, Final

from rubric_action.rubric.problems import Found, Path
from rubric_action.rubric.record import Constraint


def mapping(value: object) -> dict[str, Any]:
    """The value where it is a mapping, else an empty one."""
    return value if isinstance(value, dict) else {}


class _Beyond:
    """A check that JSON Schema cannot express."""

    def schema(self) -> dict[str, Any]:
        """Nothing."""
        return {}


class AnAxisOrARule:
    """There is something to grade by."""

    def check(self, value: dict[str, Any], at: Path, found: Found) -> None:
        """Note a rubric with neither."""
        if "axes" not in value and not value.get("rules"):
            what = "a rubric without an axis or a rule grades nothing"
            found.refuse(at, what, "Add `axes:` with one axis, or `rules:` with one rule.")

    def schema(self) -> dict[str, Any]:
        """Axes, or a rule."""
        a_rule = {"required": ["rules"], "properties": {"rules": {"minItems": 1}}}
        return {"anyOf": [{"required": ["axes"]}, a_rule]}


class SlicesNameAxes(_Beyond):
    """`slices.<name>.min` speaks of axes that are there."""

    def check(self, value: dict[str, Any], at: Path, found: Found) -> None:
        """Note each axis that is not."""
        axes = mapping(value.get("axes"))
        for name, part in mapping(value.get("slices")).items():
            for axis in mapping(mapping(part).get("min")):
                if axis not in axes:
                    path = (*at, "slices", name, "min", axis)
                    found.refuse_key(path, "unknown axis", found.suggest(axis, axes, "axes"))


class RulesNameAxes(_Beyond):
    """A rule settles an axis that is there."""

    def check(self, value: dict[str, Any], at: Path, found: Found) -> None:
        """Note each axis that is not."""
        axes = mapping(value.get("axes"))
        for n, axis in settled_axes(value.get("rules")):
            if axis not in axes:
                what = f"unknown axis `{axis}`"
                found.refuse((*at, "rules", n, "axis"), what, found.suggest(axis, axes, "axes"))


class JudgeIfNeeded(_Beyond):
    """An axis that no rule settles has a judge."""

    def check(self, value: dict[str, Any], at: Path, found: Found) -> None:
        """Note axes that nobody would grade."""
        if "judge" in value:
            return
        settled = {axis for _, axis in settled_axes(value.get("rules"))}
        left = [f"`{name}`" for name in mapping(value.get("axes")) if name not in settled]
        if left:
            what = f"`judge` is missing: no rule settles {', '.join(left)}"
            mend = "Add `judge: {provider: openai, model: gpt-5-mini}`, or `provider: lexical`."
            found.refuse((*at, "axes"), what, mend)


class ABarSomewhere(_Beyond):
    """Some slice can fail."""

    def check(self, value: dict[str, Any], at: Path, found: Found) -> None:
        """Note a rubric whose slices all only inform."""
        slices = mapping(value.get("slices"))
        if slices and all(mapping(part).get("informational") is True for part in slices.values()):
            what = "every slice is informational, so that nothing can fail"
            found.refuse((*at, "slices"), what, "Give one of them a bar.")


def settled_axes(rules: object) -> Iterable[tuple[int, str]]:
    """The index and the axis of each plain rule that settles one."""
    for n, rule in enumerate(rules if isinstance(rules, list) else ()):
        axis = mapping(rule).get("axis")
        if isinstance(axis, str):
            yield n, axis


CHECKS: Final[tuple[Constraint, ...]] = (
    AnAxisOrARule(),
    SlicesNameAxes(),
    RulesNameAxes(),
    JudgeIfNeeded(),
    ABarSomewhere(),
)
