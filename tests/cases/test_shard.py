from pathlib import Path

import pytest

from rubric_action.cases.shard import WHOLE, Shard, read_shard
from tests.cases.samples import load

CASES = [{"id": name, "input": "Hello?"} for name in "abcde"]


@pytest.mark.parametrize(
    ("written", "index", "of"), [("1/1", 1, 1), ("8/8", 8, 8), ("7/1000", 7, 1000)]
)
def test_a_shard_as_it_is_written(written: str, index: int, of: int) -> None:
    """Its number and how many there are, told in words as well."""
    shard = read_shard(written)
    assert shard == Shard(index, of)
    assert str(shard) == f"shard {index} of {of}"


@pytest.mark.parametrize("written", ["0/1", "2/1", "1/1001", "1", "01/2", "1/2 ", "+1/2", "1/2\n"])
def test_what_is_no_shard(written: str) -> None:
    """Nothing is guessed."""
    with pytest.raises(ValueError, match="such as `3/8`"):
        read_shard(written)


@pytest.mark.parametrize("of", [1, 2, 3, 7, 10, 13])
def test_shards_share_the_cases(of: int) -> None:
    """Each case is in one of them, and no shard has two more than another."""
    parts = [Shard(index, of).positions(10) for index in range(1, of + 1)]
    assert sorted(at for part in parts for at in part) == list(range(10))
    sizes = {len(part) for part in parts}
    assert max(sizes) - min(sizes) <= 1


@pytest.mark.parametrize(
    ("shard", "expected"),
    [
        (WHOLE, [(0, "a"), (1, "b"), (2, "c"), (3, "d"), (4, "e")]),
        (Shard(2, 2), [(1, "b"), (3, "d")]),
        (Shard(3, 4), [(2, "c")]),
        (Shard(6, 6), []),
    ],
)
def test_the_cases_of_a_shard(
    tmp_path: Path, shard: Shard, expected: list[tuple[int, str]]
) -> None:
    """Every n-th one, each with its position in the whole."""
    found = shard.cases(load(tmp_path, *CASES))
    assert [(at, case.id) for at, case in found] == expected


def test_the_digest_of_a_suite(tmp_path: Path) -> None:
    """It is the same for the same cases in the same order, and no other."""
    first = load(tmp_path / "1", *CASES).digest
    assert load(tmp_path / "2", *CASES).digest == first
    others = [CASES[::-1], CASES[:4], [*CASES[:4], {**CASES[4], "notes": "new"}]]
    found = {load(tmp_path / str(n), *cases).digest for n, cases in enumerate(others, start=3)}
    assert len({first, *found}) == 4
