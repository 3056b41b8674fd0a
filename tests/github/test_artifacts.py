import hashlib
from dataclasses import replace

import pytest

from rubric_action.errors import (
    BaselineUnreadable,
    CannotDecide,
    GitHubFailed,
    ResultsUnreadable,
)
from rubric_action.github.artifacts import BASELINE, RESULTS, SESSIONS, Kind, Limits, download
from rubric_action.github.faults import PermissionMissing, Refused
from rubric_action.github.records import Artifact
from tests.fakes.github import FOREVER
from tests.github.conftest import Scene

DATA = b"PK" + bytes(range(256)) * 40


def stored(scene: Scene, *, digest: str | None = None, expired: bool = False) -> Artifact:
    """An artifact with some bytes, as the API lists it."""
    run = scene.repo.run(scene.repo.branches["main"])
    run.artifact("rubric-baseline", DATA, digest=digest, expired=expired)
    (found,) = scene.api.artifacts("rubric-baseline")
    return found


def fetch(scene: Scene, artifact: Artifact, limits: Limits | None = None) -> bytes:
    """Its bytes, as the baseline is fetched."""
    return download(scene.api, artifact, BASELINE, limits)


def test_the_token_stays_at_the_api(scene: Scene) -> None:
    """The storage host gets the signed address, and no credential of any kind."""
    assert fetch(scene, stored(scene)) == DATA
    (request,) = scene.github.storage.requests
    assert "authorization" not in request.headers
    assert "cookie" not in request.headers
    assert scene.api.client.token not in str(request)


def test_a_netrc_file_is_not_read(
    scene: Scene, monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """Credentials that lie about on the runner are not sent along."""
    netrc = tmp_path_factory.mktemp("home") / ".netrc"
    netrc.write_text("machine 127.0.0.1 login mona password secret\n")
    monkeypatch.setenv("NETRC", str(netrc))
    assert fetch(scene, stored(scene)) == DATA
    assert all(
        "Basic" not in request.headers.get("authorization", "")
        for request in (*scene.github.requests, *scene.github.storage.requests)
    )


def test_an_expired_redirect_is_asked_for_again(scene: Scene) -> None:
    """A signed address that is refused costs one more request for another."""
    scene.github.storage.fault("GET", "sig=", status=403, body=b"<Error/>")
    assert fetch(scene, stored(scene)) == DATA
    assert [r.path[-4:] for r in scene.github.requests].count("/zip") == 2


def test_a_storage_that_refuses_is_an_error(scene: Scene) -> None:
    """Two refused addresses are not a missing permission of ours, but an error all the same."""
    scene.github.storage.fault("GET", "sig=", times=FOREVER, status=404, body=b"<Error/>")
    with pytest.raises(Refused, match="download the baseline artifact"):
        fetch(scene, stored(scene))


def test_a_storage_hiccup_is_waited_out(scene: Scene) -> None:
    """Server errors and lost connections of the storage host are tried again."""
    scene.github.storage.fault("GET", "sig=", status=503)
    scene.github.storage.fault("GET", "sig=", reset=True)
    assert fetch(scene, stored(scene)) == DATA
    assert len(scene.slept) == 2


def test_a_digest_that_differs_is_an_error(scene: Scene) -> None:
    """Bytes other than GitHub announced are not read."""
    artifact = stored(scene, digest=f"sha256:{'0' * 64}")
    with pytest.raises(BaselineUnreadable, match="digest differs"):
        fetch(scene, artifact)


@pytest.mark.parametrize("announced", ["md5:abc", "sha256:", "nonsense"])
def test_a_digest_that_cannot_be_checked_is_an_error(scene: Scene, announced: str) -> None:
    """An announced digest of a kind that we don't know is not passed over."""
    artifact = stored(scene, digest=announced)
    with pytest.raises(BaselineUnreadable):
        fetch(scene, artifact)


def test_a_digest_in_capitals_is_the_same(scene: Scene) -> None:
    """Hex digits have no case."""
    digest = f"sha256:{hashlib.sha256(DATA).hexdigest().upper()}"
    assert fetch(scene, stored(scene, digest=digest)) == DATA


def test_an_expired_artifact_says_so(scene: Scene) -> None:
    """What is gone is told by its status, so that the next older one can be tried."""
    with pytest.raises(Refused) as caught:
        fetch(scene, stored(scene, expired=True))
    assert caught.value.status == 410


def test_a_missing_permission_is_named(scene: Scene) -> None:
    """A token that may not read artifacts ends in the line to add."""
    artifact = stored(scene)
    scene.api = scene.api_for(scene.github.world.token({}).value)
    with pytest.raises(PermissionMissing, match="`actions: read`"):
        fetch(scene, artifact)


def test_an_artifact_that_is_too_large_is_not_fetched(scene: Scene) -> None:
    """The announced size is looked at before a byte is asked for."""
    artifact = stored(scene)
    with pytest.raises(BaselineUnreadable, match="larger than"):
        fetch(scene, artifact, Limits(bytes=len(DATA) - 1))
    assert scene.github.storage.requests == []


def test_a_size_that_was_a_lie_is_found_out(scene: Scene) -> None:
    """The bytes are counted while they come."""
    small = replace(stored(scene), size=1)
    with pytest.raises(BaselineUnreadable, match="larger than"):
        fetch(scene, small, Limits(bytes=100))


def test_a_download_that_drips_is_given_up(scene: Scene) -> None:
    """A steady drip does not hold the job up past its deadline."""
    moments = iter(range(0, 10_000_000, 1_000))
    with pytest.raises(GitHubFailed, match="the download took over 300 s"):
        fetch(scene, stored(scene), Limits(clock=lambda: next(moments)))


@pytest.mark.parametrize("location", ["ftp://storage/x.zip", "file:///etc/passwd", "", "x.zip"])
def test_a_redirect_to_anything_but_the_web_is_refused(scene: Scene, location: str) -> None:
    """Only https, or the API's own scheme, is followed."""
    artifact = stored(scene)
    scene.github.fault("GET", "/zip", status=302, headers={"Location": location}, body=b"")
    with pytest.raises(GitHubFailed, match="not https"):
        fetch(scene, artifact)


@pytest.mark.parametrize(
    ("kind", "error", "noun", "mend"),
    [
        (BASELINE, BaselineUnreadable, "baseline artifact", "leaves a new baseline"),
        (RESULTS, ResultsUnreadable, "results artifact", "leaves new results"),
        (SESSIONS, CannotDecide, "sessions artifact", "leaves new sessions"),
    ],
)
def test_each_kind_is_told_by_its_name(
    scene: Scene, kind: Kind, error: type[CannotDecide], noun: str, mend: str
) -> None:
    """What cannot be read, or not be had, is named with what to do about it."""
    artifact = stored(scene, digest=f"sha256:{'0' * 64}")
    with pytest.raises(CannotDecide, match=f"The {noun} .* digest differs") as raised:
        download(scene.api, artifact, kind)
    assert type(raised.value) is error
    assert mend in raised.value.mend
    scene.github.fault("GET", "/zip", times=FOREVER, status=500)
    with pytest.raises(GitHubFailed, match=f"Could not {kind.fetching.doing}"):
        download(scene.api, artifact, kind)


def test_an_artifact_without_a_digest_is_taken(scene: Scene) -> None:
    """GitHub did not announce any at first."""
    assert fetch(scene, replace(stored(scene), digest=None)) == DATA
