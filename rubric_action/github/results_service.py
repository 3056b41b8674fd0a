"""The runner's results service, which keeps artifacts, spoken to as `actions/upload-artifact` does.

GitHub documents none of it. CreateArtifact reserves a name and gives a signed address in a blob
storage; the zip goes there in blocks; FinalizeArtifact makes an artifact of it. A reserved name
stays taken for the whole run, whatever becomes of it, so none is before the zip is ready.
"""

import base64
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any, Final
from urllib.parse import quote, urlsplit

from rubric_action.github.client import FaultyReply
from rubric_action.github.faults import Fault
from rubric_action.github.results_access import Access, is_encrypted
from rubric_action.github.results_wire import NotStored, Wire
from rubric_action.github.zipping import Packed

BLOCK_BYTES: Final = 8 << 20
"""What is sent, and held in memory, at once."""
VERSION: Final = 4
"""The version of `actions/upload-artifact` that this behaves as."""

_PATH: Final = "twirp/github.actions.results.api.v1.ArtifactService"
_ID: Final = re.compile(r"[1-9]\d{0,18}", re.ASCII)


@dataclass(frozen=True, slots=True)
class ResultsService:
    """The service, for one job."""

    access: Access
    wire: Wire

    def store(self, name: str, packed: Packed) -> int:
        """Store a zip as the run's artifact, and give the artifact's id. Raises NotStored."""
        address = self.wire.persist(
            "announce the artifact to the results service", lambda: self._create(name)
        )
        for identity, block in _blocks(packed):
            put = partial(self._put, address, identity, block)
            self.wire.persist("send the zip to the storage", put)
        commit = partial(self._commit, address, _block_list(packed))
        self.wire.persist("put the zip together in the storage", commit)
        return self.wire.persist(
            "finish the artifact",
            lambda: self._finalize(name, packed),
            # Asked twice, the service would keep two artifacts of one name.
            lambda: self._landed(name, packed),
        )

    def _create(self, name: str) -> str:
        try:
            reply = self._call("CreateArtifact", name=name, version=VERSION)
        except FaultyReply as error:
            if _is_taken(error.fault):
                raise NameTaken(name) from error
            raise
        address = _part(_agreed(reply, "announce the artifact"), "signed_upload_url")
        if not isinstance(address, str) or not is_encrypted(address):
            raise NotStored("The results service named no https address to send the zip to.")
        return address

    def _put(self, address: str, identity: str, block: bytes) -> None:
        headers = {"Content-Type": "application/octet-stream"}
        url = f"{_with_query(address)}comp=block&blockid={quote(identity, safe='')}"
        self.wire.send("PUT", url, headers, block)

    def _commit(self, address: str, block_list: bytes) -> None:
        headers = {"Content-Type": "application/xml", "x-ms-blob-content-type": "application/zip"}
        self.wire.send("PUT", f"{_with_query(address)}comp=blocklist", headers, block_list)

    def _finalize(self, name: str, packed: Packed) -> int:
        # Protobuf writes numbers of 64 bits as text.
        size = str(packed.size)
        reply = self._call("FinalizeArtifact", name=name, size=size, hash=packed.digest)
        identity = _id(_part(_agreed(reply, "finish the artifact"), "artifact_id"))
        if identity is None:
            raise _unreadable()
        return identity

    def _landed(self, name: str, packed: Packed) -> int | None:
        """The id of the artifact, if the service has made it although its answer was lost."""
        try:
            listed = self._call("ListArtifacts", name_filter=name).get("artifacts")
        except FaultyReply:
            return None
        for one in listed if isinstance(listed, list) else []:
            if isinstance(one, dict) and self._is_ours(one, name, packed):
                return _id(_part(one, "database_id"))
        return None

    def _is_ours(self, one: Mapping[str, Any], name: str, packed: Packed) -> bool:
        """Whether a listed artifact is the zip that we sent; older services tell no digest."""
        ours = {"name": name, "size": str(packed.size), "workflow_run_backend_id": self.access.run}
        same = all(str(_part(one, key)) == ours[key] for key in ours)
        return same and _part(one, "digest") in (None, packed.digest)

    def _call(self, method: str, **fields: object) -> Mapping[str, Any]:
        """One call of the service; FaultyReply for everything that is no JSON object."""
        ids = {
            "workflow_run_backend_id": self.access.run,
            "workflow_job_run_backend_id": self.access.job,
        }
        headers = {
            "Authorization": f"Bearer {self.access.token}",
            "Content-Type": "application/json",
            "Accept": "application/json",
        }
        body = json.dumps({**ids, **fields}).encode()
        data = self.wire.send("POST", f"{self.access.url}/{_PATH}/{method}", headers, body)
        try:
            reply = json.loads(data)
        except (ValueError, RecursionError) as error:
            raise _unreadable() from error
        if not isinstance(reply, dict):
            raise _unreadable()
        return reply


class NameTaken(NotStored):
    """A name that is reserved, or in use, for this run."""

    def __init__(self, name: str) -> None:
        super().__init__(
            f"The name `{name}` is taken in this run: by another step or job, or by a try whose "
            "answer was lost.",
            "Let one step store it, or set `upload: false` and use `actions/upload-artifact` with "
            "another name.",
        )


def _blocks(packed: Packed) -> Iterator[tuple[str, bytes]]:
    """The zip's pieces with their identities."""
    packed.file.seek(0)
    for identity in _identities(packed):
        yield identity, packed.file.read(BLOCK_BYTES)


def _identities(packed: Packed) -> list[str]:
    """Base64, all of one length, as the storage asks for."""
    count = -(-packed.size // BLOCK_BYTES)
    return [base64.b64encode(f"{number:08}".encode()).decode() for number in range(count)]


def _block_list(packed: Packed) -> bytes:
    latest = "".join(f"<Latest>{identity}</Latest>" for identity in _identities(packed))
    return f'<?xml version="1.0" encoding="utf-8"?><BlockList>{latest}</BlockList>'.encode()


def _with_query(address: str) -> str:
    return f"{address}{'&' if urlsplit(address).query else '?'}"


def _part(reply: Mapping[str, Any], name: str) -> Any:
    """A field of a reply, in either of the two spellings that protobuf allows in JSON."""
    first, *rest = name.split("_")
    return reply.get(name, reply.get(first + "".join(word.title() for word in rest)))


def _agreed(reply: Mapping[str, Any], doing: str) -> Mapping[str, Any]:
    if reply.get("ok") is not True:
        raise NotStored(f"Could not {doing}: the results service said no.")
    return reply


def _id(value: Any) -> int | None:
    """An id: text, or a number where the service writes it as one."""
    text = str(value) if type(value) in {str, int} else ""
    return int(text) if _ID.fullmatch(text) else None


def _is_taken(fault: Fault) -> bool:
    return fault.status == 409 or "already exists" in fault.message.lower()


def _unreadable() -> FaultyReply:
    return FaultyReply(Fault(0, "its reply cannot be read", {}))
