"""`upload: true`: the results folder stored as the run's artifact, without a step for it.

It is a convenience on a road that GitHub does not document. So it is off by default, it changes no
verdict, and where it fails it says so in one line and names the documented way.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from rubric_action.errors import CannotDecide, Interrupted
from rubric_action.github.results_access import access_from
from rubric_action.github.results_service import ResultsService
from rubric_action.github.results_wire import Limits, NotStored, Wire
from rubric_action.github.zipping import NotPacked, Room, packed
from rubric_action.report.folder import FINISHED
from rubric_action.report.redact import redactor
from rubric_action.report.stored import JOURNALS, SUMMARY

MEMBERS: Final = tuple(sorted({*FINISHED, *JOURNALS}))
"""What of the folder is stored: what a run writes, and nothing that lies beside it."""
INSTEAD: Final = (
    "Use a step with `actions/upload-artifact` instead, with `if: always()` and the results "
    "folder as its `path`."
)
_FORBIDDEN: Final = frozenset('":<>|*?\\/')


@dataclass(frozen=True, slots=True)
class Uploaded:
    """The artifact; `size` is the zip's in bytes, `digest` is `sha256:` and hex."""

    name: str
    id: int
    size: int
    digest: str


@dataclass(frozen=True, slots=True)
class NotUploaded:
    """Why the results were not stored, and what to do about it: one line without secrets."""

    reason: str


def upload_results(
    environ: Mapping[str, str],
    folder: Path,
    name: str,
    limits: Limits | None = None,
    room: Room | None = None,
) -> Uploaded | NotUploaded:
    """Store a finished results folder as the artifact `name` of this run. Raises Interrupted alone.

    A folder without `summary.json` is not stored: under the name of the baseline it would stop
    every later run, as one that cannot be read.
    """
    try:
        return _upload(environ, folder, name, limits or Limits(), room or Room())
    except Interrupted:
        raise
    except CannotDecide as error:
        cause, mend = error.cause, error.mend
    except OSError as error:
        cause, mend = f"The results cannot be read or packed: {error.strerror or error}.", ""
    except Exception as error:  # noqa: BLE001 (not even a mistake of ours may change the verdict)
        # Its own text may hold the signed address.
        cause, mend = f"A mistake in the action, {type(error).__name__}, ended the upload.", ""
    told = f"The results are not stored as the artifact `{name}`. {cause} {mend or INSTEAD}"
    return NotUploaded(" ".join(told.split()))


def _upload(
    environ: Mapping[str, str], folder: Path, name: str, limits: Limits, room: Room
) -> Uploaded:
    if not name or not name.isprintable() or _FORBIDDEN & set(name):
        cause = 'That is no name for an artifact: none of `":<>|*?\\/` may be in it.'
        raise NotStored(cause, "Give the input `baseline-artifact` another name.")
    access = access_from(environ)
    if not (folder / SUMMARY).is_file():
        raise NotPacked(f"There is no `{SUMMARY}`: the run did not finish.")
    redact = redactor([access.token])
    with packed(folder, MEMBERS, room) as zipped, Wire(limits, redact) as wire:
        identity = ResultsService(access, wire).store(name, zipped)
        return Uploaded(name, identity, zipped.size, zipped.digest)
