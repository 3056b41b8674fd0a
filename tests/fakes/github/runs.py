"""Workflow runs and the artifacts that they upload."""

import hashlib
import io
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tests.fakes.github.repo import Repo

DEFAULT_WORKFLOW = (161_335, ".github/workflows/rubric.yml")


@dataclass(slots=True)
class WorkflowRun:
    """One run; for a pull request from a fork `head_repo` is the fork."""

    repo: "Repo" = field(repr=False)
    id: int
    workflow_id: int
    path: str
    event: str
    head_branch: str
    head_sha: str
    head_repo: "Repo" = field(repr=False)
    status: str
    conclusion: str | None
    run_attempt: int
    created_at: datetime
    started_at: datetime | None = None
    artifacts: list["Artifact"] = field(default_factory=list)

    def artifact(
        self,
        name: str,
        content: bytes | Mapping[str, str | bytes],
        *,
        expired: bool = False,
        at: datetime | None = None,
        digest: str | None = None,
    ) -> "Artifact":
        """Upload an artifact: the zip's bytes, or its members by name."""
        data = content if isinstance(content, bytes) else zip_of(content)
        announced = digest or f"sha256:{hashlib.sha256(data).hexdigest()}"
        number, moment = self.repo.world.next_id(), at or self.repo.world.tick()
        made = Artifact(self, number, name, data, expired, moment, announced)
        self.artifacts.append(made)
        return made


@dataclass(slots=True)
class Artifact:
    """An uploaded zip; `digest` is what the API announces, true or not."""

    run: WorkflowRun = field(repr=False)
    id: int
    name: str
    data: bytes = field(repr=False)
    expired: bool
    created_at: datetime
    digest: str


def zip_of(members: Mapping[str, str | bytes]) -> bytes:
    """The bytes of a zip with these members."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return buffer.getvalue()
