import base64
import hashlib
import json
import os
import zipfile
from collections.abc import Callable
from io import BytesIO
from pathlib import Path

import pytest

from rubric_action.agent.environment import agent_environment
from rubric_action.github.inputs import read_inputs
from rubric_action.github.results_service import BLOCK_BYTES
from rubric_action.github.upload import MEMBERS, NotUploaded, Uploaded
from rubric_action.github.zipping import Room
from rubric_action.report.redact import secrets_of
from rubric_action.report.stored import open_zip
from tests.fakes.results_service.tokens import token_of
from tests.github.storing import CREATE, FINALIZE, NAME, Job, fill, noise


def test_the_folder_becomes_the_runs_artifact(job: Job) -> None:
    """What is stored can be read back as a baseline is, and is told with its size and digest."""
    outcome = job.uploaded()
    (artifact,) = job.results.artifacts
    assert (artifact.name, artifact.run, artifact.job) == (NAME, "run-1", "job-1")
    digest = f"sha256:{hashlib.sha256(artifact.data).hexdigest()}"
    assert artifact.digest == digest
    assert outcome == Uploaded(NAME, artifact.id, len(artifact.data), digest)
    stored = open_zip(artifact.data)
    assert stored.verdict == "fail"
    assert stored.replies() == (job.folder / "grades.jsonl").read_bytes()
    assert list(stored.cases()) == []
    (blob,) = job.results.blobs.blobs.values()
    assert blob.content_type == "application/zip"
    assert job.results.calls == [CREATE, FINALIZE]


def test_the_requests_are_those_of_upload_artifact(job: Job) -> None:
    """Names, types and spelling of the fields are what the service knows from its own client."""
    outcome = job.uploaded()
    create, finalize = (request.json for request in job.results.service.requests)
    ids = {"workflow_run_backend_id": "run-1", "workflow_job_run_backend_id": "job-1"}
    assert create == {**ids, "name": NAME, "version": 4}
    assert finalize == {**ids, "name": NAME, "size": str(outcome.size), "hash": outcome.digest}


def test_the_token_stays_at_the_service(job: Job) -> None:
    """The storage host gets the signed address: no credential, and no cookie of the other host."""
    job.results.headers["Set-Cookie"] = "session=secret; Path=/"
    job.uploaded()
    assert job.results.storage.requests
    for request in job.results.storage.requests:
        assert not {"authorization", "cookie"} & request.headers.keys()
        assert job.environ["ACTIONS_RUNTIME_TOKEN"] not in str(request)
    assert all("cookie" not in request.headers for request in job.results.service.requests)


def test_a_netrc_file_is_not_read(
    job: Job, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Credentials that lie about on the runner go to neither host."""
    (tmp_path / ".netrc").write_text("machine 127.0.0.1 login mona password secret\n")
    monkeypatch.setenv("NETRC", str(tmp_path / ".netrc"))
    job.uploaded()
    requests = (*job.results.service.requests, *job.results.storage.requests)
    assert all("Basic" not in one.headers.get("authorization", "") for one in requests)


def test_only_what_a_run_writes_is_stored(job: Job) -> None:
    """Other files in the folder, and those that a killed run left half written, stay behind."""
    (job.folder / "notes.txt").write_text("mine")
    (job.folder / ".unfinished-summary.json.x").write_text("{")
    (job.folder / "more").mkdir()
    (job.folder / "comment.md").unlink()
    job.uploaded()
    members = zipfile.ZipFile(BytesIO(job.results.artifacts[0].data)).infolist()
    assert {one.compress_type for one in members} == {zipfile.ZIP_DEFLATED}
    names = [one.filename for one in members]
    assert set(names) == {"summary.json", "cases.jsonl", "sessions.jsonl", "grades.jsonl"}
    assert set(names) | {"comment.md"} <= set(MEMBERS)


def test_the_same_files_make_the_same_zip(job: Job, tmp_path: Path) -> None:
    """Times, modes and the order on the disk leave no trace."""
    first = job.uploaded()
    again = tmp_path / "again"
    fill(again)
    os.utime(again / "summary.json", (1, 1))
    (again / "cases.jsonl").chmod(0o600)
    second = Job(job.results, again, job.results.environ(run="run-2"), job.clock)
    assert second.uploaded().digest == first.digest


def test_an_unfinished_folder_is_not_stored(job: Job) -> None:
    """Without a summary it would be a baseline that nobody can read; nothing is announced."""
    (job.folder / "summary.json").unlink()
    assert "no `summary.json`: the run did not finish" in job.reason()
    assert job.asked() == 0


def no_folder(job: Job) -> None:
    """Nothing was written at all."""
    job.folder = job.folder / "gone"


def folder_link(job: Job) -> None:
    """The folder is a link to one."""
    (job.folder.parent / "link").symlink_to(job.folder)
    job.folder = job.folder.parent / "link"


def file_link(job: Job) -> None:
    """A file is a link out of the folder."""
    (job.folder / "grades.jsonl").unlink()
    (job.folder / "grades.jsonl").symlink_to("/etc/passwd")


def pipe(job: Job) -> None:
    """A file is a named pipe that nobody writes to."""
    (job.folder / "comment.md").unlink()
    os.mkfifo(job.folder / "comment.md")


def directory(job: Job) -> None:
    """A file is a folder."""
    (job.folder / "comment.md").unlink()
    (job.folder / "comment.md").mkdir()


@pytest.mark.parametrize("spoil", [no_folder, folder_link, file_link, pipe, directory])
def test_nothing_else_than_plain_files_is_read(job: Job, spoil: Callable[[Job], None]) -> None:
    """A link may lead anywhere and a pipe never ends; nothing is announced."""
    spoil(job)
    job.reason()
    assert job.asked() == 0


def test_a_large_zip_is_sent_in_blocks(job: Job) -> None:
    """Memory follows the block: the zip arrives in pieces of at most its size, in order."""
    replies = noise(2 * BLOCK_BYTES + 12_345)
    (job.folder / "grades.jsonl").write_bytes(replies)
    outcome = job.uploaded()
    sizes = [len(request.body) for request in job.results.storage.requests[:-1]]
    assert sizes == [BLOCK_BYTES, BLOCK_BYTES, outcome.size - 2 * BLOCK_BYTES]
    assert open_zip(job.results.artifacts[0].data).replies() == replies


def test_what_fits_exactly_is_stored(job: Job) -> None:
    """The most is within the room."""
    inside = sum(file.stat().st_size for file in job.folder.iterdir())
    outcome = job.upload(room=Room(inside=inside))
    assert isinstance(outcome, Uploaded)
    job.environ = job.results.environ(run="run-2")
    assert isinstance(job.upload(room=Room(packed=outcome.size)), Uploaded)
    job.environ = job.results.environ(run="run-3")
    assert isinstance(job.upload(room=Room(packed=outcome.size - 1)), NotUploaded)


@pytest.mark.parametrize(
    ("room", "how"), [(Room(inside=100), "100 bytes together"), (Room(packed=99), "99 bytes pack")]
)
def test_what_no_later_run_would_read_is_not_stored(job: Job, room: Room, how: str) -> None:
    """The limits are those of reading a baseline, and nothing is announced."""
    assert how in job.reason(room=room)
    assert job.asked() == 0


@pytest.mark.parametrize(
    ("missing", "told"),
    [
        (["ACTIONS_RESULTS_URL"], "gave no `ACTIONS_RESULTS_URL`."),
        (["ACTIONS_RUNTIME_TOKEN"], "gave no `ACTIONS_RUNTIME_TOKEN`."),
        (
            ["ACTIONS_RESULTS_URL", "ACTIONS_RUNTIME_TOKEN"],
            "gave no `ACTIONS_RESULTS_URL` and no `ACTIONS_RUNTIME_TOKEN`.",
        ),
    ],
)
@pytest.mark.parametrize("blank", [False, True])
def test_a_runner_without_the_service_is_named(
    job: Job, missing: list[str], told: str, blank: bool
) -> None:
    """The line says what is missing and which documented step to use instead."""
    for name in missing:
        del job.environ[name]
        job.environ |= {name: " "} if blank else {}
    reason = job.reason()
    assert told in reason
    assert "Use a step with `actions/upload-artifact` instead" in reason


@pytest.mark.parametrize(
    "token",
    [
        "ghs_plain",
        "a.b",
        "a.!!!.c",
        "a.bm90IGpzb24.c",
        "a.b.c\nX-Evil: 1",
        f"a.{base64.urlsafe_b64encode(b'[' * 50_000).decode()}.c",
        f"a.{base64.urlsafe_b64encode(bytes([255, 254])).decode()}.c",
        token_of([]),
        token_of({}),
        token_of({"scp": ["Actions.Results:a:b"]}),
        token_of({"scp": "Actions.GenericRead:a"}),
        token_of({"scp": "Actions.Results:a"}),
        token_of({"scp": "Actions.Results:a:b:c"}),
        token_of({"scp": "Actions.Results::b"}),
        token_of({"scp": "xActions.Results:a:b"}),
    ],
)
def test_a_token_of_another_kind_is_not_sent(job: Job, token: str) -> None:
    """A token that does not name run and job goes nowhere, and stays out of the line."""
    job.environ["ACTIONS_RUNTIME_TOKEN"] = token
    reason = job.reason()
    assert "does not say which run and job it is for" in reason
    assert token not in reason
    assert job.asked() == 0


@pytest.mark.parametrize(
    "url",
    [
        "http://results.example.com/",
        "results.example.com",
        "ftp://127.0.0.1/",
        "https://mona:secret@results.example.com/",
        "https://results.example.com:port/",
        "https://r\u00e9sultats.example.com/",
        "https://",
    ],
)
def test_the_token_goes_to_https_alone(job: Job, url: str) -> None:
    """Any other address is turned down before a request is made."""
    job.environ["ACTIONS_RESULTS_URL"] = url
    assert "`ACTIONS_RESULTS_URL` is no https address" in job.reason()
    assert job.asked() == 0


def test_the_address_may_have_a_path(job: Job) -> None:
    """Only its origin counts, as for the service's own client, and no white space around it."""
    job.environ["ACTIONS_RESULTS_URL"] += "some/where?x=1\n"
    job.environ["ACTIONS_RUNTIME_TOKEN"] += "\n"
    job.uploaded()


@pytest.mark.parametrize("name", ["", "a/b", "a\\b", "a:b", 'a"b', "a*b", "a?b", "<a>", "a|b"])
def test_a_name_that_the_service_refuses_is_not_sent(job: Job, name: str) -> None:
    """The line names the input that holds the name."""
    assert "Give the input `baseline-artifact` another name." in job.reason(name=name)
    assert job.asked() == 0


def test_a_name_with_a_line_end_is_told_on_one_line(job: Job) -> None:
    """Whatever the name, the log gets one line."""
    outcome = job.upload(name="a\n b")
    assert isinstance(outcome, NotUploaded)
    assert "\n" not in outcome.reason
    assert job.asked() == 0


def test_a_taken_name_says_what_to_do(job: Job) -> None:
    """Two steps that store one name are a mistake in the workflow, told and not retried."""
    job.uploaded()
    reason = job.reason()
    assert "The name `rubric-results` is taken in this run" in reason
    assert "Let one step store it" in reason
    assert job.results.calls == [CREATE, FINALIZE, CREATE]
    assert job.clock.slept == []


def test_another_run_has_names_of_its_own(job: Job) -> None:
    """A second run stores the same name, and so does another job under another name."""
    job.uploaded()
    job.environ = job.results.environ(run="run-2", job="job-2")
    job.uploaded()
    outcome = job.upload(name="rubric-baseline")
    assert isinstance(outcome, Uploaded)
    assert [one.name for one in job.results.artifacts] == [NAME, NAME, "rubric-baseline"]


def test_a_disk_that_is_full_ends_in_a_line(job: Job, monkeypatch: pytest.MonkeyPatch) -> None:
    """No place for the zip is said as the system says it, and nothing is announced."""
    monkeypatch.setattr("tempfile.tempdir", str(job.folder / "nowhere"))
    assert "The results cannot be read or packed: No such file" in job.reason()
    assert job.asked() == 0


def test_the_token_is_a_secret(job: Job) -> None:
    """The redactor knows the runtime token by its variable's name."""
    assert job.environ["ACTIONS_RUNTIME_TOKEN"] in secrets_of(job.environ)


def test_the_agent_sees_neither_variable(job: Job) -> None:
    """Not even where the rubric names them."""
    seen = agent_environment(job.environ, list(job.environ))
    assert not {name for name in seen if name.startswith("ACTIONS_")}


def test_it_is_off_unless_asked_for() -> None:
    """The road is undocumented, so nobody is sent along it."""
    token = {"INPUT_GITHUB-TOKEN": "ghs_x"}
    assert read_inputs(token).upload is False
    assert read_inputs(token | {"INPUT_UPLOAD": "true"}).upload is True


def test_requests_are_json(job: Job) -> None:
    """The bodies are what `json` reads, and the address of a block is escaped once."""
    job.uploaded()
    for request in job.results.service.requests:
        assert request.headers["content-type"] == "application/json"
        assert json.loads(request.body)
    block, _ = (request.target for request in job.results.storage.requests)
    assert block.endswith("&comp=block&blockid=MDAwMDAwMDA%3D")
    assert "%25" not in block
