"""A suggested bar, and what becomes of the one that there is."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Literal

Change = Literal["new", "stricter", "looser", "kept", "short", "none"]
"""`kept`: the bar there is stays. `short`: so it does, and the agent falls short of it now. `none`:
there is no bar, and nothing to suggest."""

Path = tuple[str, ...]
Write = Callable[[float], str]


@dataclass(frozen=True, slots=True)
class Suggestion:
    """One key of the rubric: its bar now, the bar that is suggested, and the evidence.

    `suggested` is None where nothing is. `floor` says that more is stricter, `short` that the agent
    does not meet the bar of now. `observed` is what each run showed, oldest first; shares, seconds
    or USD, which `write` writes as the rubric has them.
    """

    path: Path
    now: float | None
    suggested: float | None
    why: str
    write: Write
    observed: tuple[float, ...] = ()
    floor: bool = True
    short: bool = False
    change: Change = "none"

    @property
    def key(self) -> str:
        """The path with dots."""
        return ".".join(self.path)


def weighed(one: Suggestion, *, allow_lower: bool) -> Suggestion:
    """A suggestion held against the bar that there is; nothing gets looser unless it may.

    A bar that the agent does not meet is a finding and no reason to lower it.
    """
    value, now = one.suggested, one.now
    change: Change = "short" if one.short else "kept"
    if now is None:
        change = "none" if value is None else "new"
    elif value is not None and value != now:
        if (value > now) == one.floor:
            change = "stricter"
        elif allow_lower:
            change = "looser"
    why = f"the newest run falls short; {one.why}" if one.short else one.why
    made = change in ("new", "stricter", "looser")
    return replace(one, suggested=value if made else None, change=change, why=why)
