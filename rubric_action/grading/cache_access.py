"""Whether the cache folder may be used, and what signs its lines. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from rubric_action.grading.cache_folder import CacheFolder
from rubric_action.rubric.model import JudgeModel

CACHE_VARIABLE: Final = "RUBRIC_CACHE"
"""The variable that names the folder; without it, or blank, none is used."""

_UNUSED: Final = f"`{CACHE_VARIABLE}` is not used: "


@dataclass(frozen=True, slots=True)
class CacheAccess:
    """The folder that may be used, or a `note` that says why not; neither where none is named.

    `secret` signs the lines. It is empty on a laptop without a key, where nobody else writes.
    """

    folder: Path | None = None
    secret: str = field(default="", repr=False)
    note: str | None = None

    def open(self, kind: str) -> CacheFolder | None:
        """Open the folder for one kind of line; the caller closes it."""
        return CacheFolder(self.folder, kind, self.secret) if self.folder else None


def cache_access(
    environ: Mapping[str, str],
    root: Path,
    models: Sequence[JudgeModel],
    keys: Sequence[str | None],
    *,
    hosted: bool,
) -> CacheAccess:
    """What the variable names, relative to `root`; `keys` are those of the judges, in order.

    In a job (`hosted`) the code of the graded change may have written the folder, so that a key
    has to sign. The job's own token signs nothing there: the next job has another one.
    """
    named = environ.get(CACHE_VARIABLE, "").strip()
    if not named:
        return CacheAccess()
    providers = [model.provider for model in models]
    if providers and set(providers) == {"lexical"}:
        return CacheAccess()  # it costs nothing, and nothing of it is kept
    lasting = [
        key
        for provider, key in zip(providers, keys, strict=False)
        if key and not (hosted and provider == "github")
    ]
    if lasting or not hosted:
        return CacheAccess(root / named, lasting[0] if lasting else "")
    return CacheAccess(note=_UNUSED + _why_not(providers))


def _why_not(providers: Sequence[str]) -> str:
    if "github" in providers:
        return "the job's token signs what is kept, and the next job has another one."
    return "without a judge's key, the graded change could have written what is kept."
