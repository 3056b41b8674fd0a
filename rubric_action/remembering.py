"""What was paid for before: in the results folder, in the baseline, in a folder that lives on."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from rubric_action.gate.model import NoBaseline
from rubric_action.grading.cache import KIND, ReplyJournal
from rubric_action.grading.cache_access import CacheAccess, cache_access
from rubric_action.grading.cache_folder import CacheFolder
from rubric_action.grading.embedding_cache import VectorJournal
from rubric_action.grading.judge import Memory
from rubric_action.report.folder import ResultsFolder
from rubric_action.report.stored import Stored
from rubric_action.rubric.model import Rubric

VECTORS: Final = "embeddings"
"""What a cache folder calls the lines of embeddings."""


@dataclass(frozen=True, slots=True)
class Places:
    """Where a run looks for what was paid for.

    `keys` are the judges'; `hosted` says whether the code of the graded change may have run on
    this machine before.
    """

    environ: Mapping[str, str] = field(repr=False)
    root: Path
    baseline: Stored | NoBaseline
    keys: Sequence[str | None] = field(repr=False)
    hosted: bool

    def cache(self, rubric: Rubric) -> CacheAccess:
        """The folder that outlives runs, if one is named and may be used."""
        models = rubric.judge.models if rubric.judge else ()
        return cache_access(self.environ, self.root, models, self.keys, hosted=self.hosted)


@contextmanager
def remembered(
    places: Places, rubric: Rubric, folder: ResultsFolder, note: Callable[[str], None]
) -> Iterator[Memory]:
    """The memory of a run, whose own part is in its results folder; `note` is told of trouble."""
    stored = places.baseline if isinstance(places.baseline, Stored) else None
    access = places.cache(rubric)
    if access.note:
        note(access.note)
    caches: list[CacheFolder] = []
    with ExitStack() as stack:

        def cache(kind: str) -> CacheFolder | None:
            opened = access.open(kind)
            if opened is not None:
                caches.append(stack.enter_context(opened))
            return opened

        past = stored.replies() if stored else None
        replies = ReplyJournal(folder.replies, [past] if past else [], cache(KIND))
        vectors = VectorJournal(folder.vectors, stored.vectors if stored else None, cache(VECTORS))
        yield Memory(
            stack.enter_context(replies),
            redact=folder.redact,
            vectors=stack.enter_context(vectors),
            resumed=folder.resumed,
        )
    for one in dict.fromkeys(warning for each in caches for warning in each.warnings):
        note(one)
