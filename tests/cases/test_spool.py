import gc
import os
import tempfile
from pathlib import Path

import pytest

from rubric_action.cases.spool import Spool
from rubric_action.errors import CannotDecide


@pytest.mark.parametrize("buffer_bytes", [1, 100, 10**6])
def test_records_come_back_by_number(buffer_bytes: int) -> None:
    """Records are the same from memory and from disk, in any order, while more are added."""
    spool = Spool(buffer_bytes)
    records = [bytes([n]) * n for n in range(50)]
    for n, record in enumerate(records):
        assert spool.append(record) == n
        assert spool[n // 2] == records[n // 2]
    assert len(spool) == 50
    assert [spool[n] for n in reversed(range(50))] == records[::-1]


def test_the_file_has_no_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A spool that went to disk leaves nothing in the folder that an agent could open."""
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    spool = Spool(1)
    spool.append(b"secret")
    assert spool[0] == b"secret"
    assert os.listdir(tmp_path) == []  # noqa: PTH208 - hidden names too


def test_a_forgotten_spool_closes_its_file() -> None:
    """Dropping the last reference closes the file, without a resource warning."""
    spool = Spool(1)
    spool.append(b"12")
    del spool
    gc.collect()


def test_a_full_disk_is_a_sentence() -> None:
    """When nothing can be written the run stops with cause and mend, not with a traceback."""
    spool = Spool(1)
    with open("/dev/full", "r+b", buffering=0) as full:  # noqa: PTH123
        spool._file = full
        with pytest.raises(CannotDecide, match=r"No space left.*TMPDIR"):
            spool.append(b"1")


def test_a_temporary_folder_that_is_gone_is_a_sentence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where no file can be made, the run stops with cause and mend as well."""
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "gone"))
    with pytest.raises(CannotDecide, match=r"No such file.*TMPDIR"):
        Spool(1).append(b"1")


def test_a_closed_spool_holds_nothing() -> None:
    """What was kept is gone with the end of the spool, on disk and in memory."""
    for buffer_bytes in (1, 10**6):
        spool = Spool(buffer_bytes)
        spool.append(b"12")
        spool.close()
        assert len(spool) == 0
