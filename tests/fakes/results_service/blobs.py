"""The blob storage: blocks that are put one by one, and blobs that a list of blocks commits."""

import base64
import binascii
import secrets
import xml.etree.ElementTree as ET
from dataclasses import dataclass, field

from tests.fakes.wire import Request, Response

LONGEST_ID = 64


@dataclass(slots=True)
class Blob:
    """What was put under one signed address."""

    signature: str
    blocks: dict[str, bytes] = field(default_factory=dict)
    data: bytes | None = None
    content_type: str | None = None


class BlobRefusal(Exception):
    """An answer other than success, in Azure's form: the code is in a header and in XML."""

    def __init__(self, status: int, code: str) -> None:
        super().__init__(code)
        body = f'<?xml version="1.0" encoding="utf-8"?><Error><Code>{code}</Code></Error>'
        headers = {"x-ms-error-code": code}
        self.response = Response(status, body.encode(), "application/xml", headers)


class BlobStorage:
    """All blobs, by the path that their address has."""

    def __init__(self) -> None:
        self.blobs: dict[str, Blob] = {}

    def sign(self) -> tuple[str, str]:
        """A new blob: its path, and its path with the signature that lets one write to it."""
        path = f"/actions-results/{secrets.token_hex(8)}/artifact.zip"
        # A signature is Base64, whose `+`, `/` and `=` stand escaped in an address.
        signature = base64.b64encode(secrets.token_bytes(32)).decode()
        self.blobs[path] = Blob(signature)
        escaped = signature.replace("+", "%2B").replace("/", "%2F").replace("=", "%3D")
        return path, f"{path}?sv=2025-01-05&sr=b&sp=cw&sig={escaped}"

    def answer(self, request: Request) -> Response:
        """Answer one request."""
        try:
            self._put(request)
        except BlobRefusal as refusal:
            return refusal.response
        return Response(201, content_type="application/xml")

    def _put(self, request: Request) -> None:
        if "authorization" in request.headers:
            raise BlobRefusal(400, "InvalidAuthenticationInfo")
        blob = self.blobs.get(request.path)
        if blob is None or request.query.get("sig") != blob.signature:
            raise BlobRefusal(403, "AuthenticationFailed")
        if request.method != "PUT":
            raise BlobRefusal(405, "UnsupportedHttpVerb")
        kind = request.query.get("comp")
        if kind == "block":
            _stage(blob, request)
        elif kind == "blocklist":
            _commit(blob, request)
        elif request.headers.get("x-ms-blob-type") == "BlockBlob":
            blob.data = request.body
        else:
            raise BlobRefusal(400, "MissingRequiredHeader")


def _stage(blob: Blob, request: Request) -> None:
    identity = request.query.get("blockid", "")
    try:
        decoded = base64.b64decode(identity, validate=True)
    except binascii.Error as error:
        raise BlobRefusal(400, "InvalidQueryParameterValue") from error
    if not decoded or len(decoded) > LONGEST_ID:
        raise BlobRefusal(400, "InvalidQueryParameterValue")
    if any(len(other) != len(identity) for other in blob.blocks):
        raise BlobRefusal(400, "InvalidBlobOrBlock")
    blob.blocks[identity] = request.body


def _commit(blob: Blob, request: Request) -> None:
    try:
        listed = [one.text or "" for one in ET.fromstring(request.body)]  # noqa: S314 (our own)
    except ET.ParseError as error:
        raise BlobRefusal(400, "InvalidXmlDocument") from error
    if not set(listed) <= blob.blocks.keys():
        raise BlobRefusal(400, "InvalidBlockList")
    blob.data = b"".join(blob.blocks[identity] for identity in listed)
    blob.content_type = request.headers.get("x-ms-blob-content-type")
