"""Samples near a pass mark are kept like any reply, and found by the run that paid for them."""

from pathlib import Path

import pytest

from rubric_action.grading.cache import ReplyJournal
from rubric_action.grading.judge import Memory, sampled
from tests.grading.test_sampling import moody, run, watched


def test_an_unchanged_answer_costs_nothing(tmp_path: Path) -> None:
    """All samples of an answer are kept, so that a later run comes to the same at no cost."""
    scores = [0.78, 0.82, 0.9, 0.81, 0.84, 0.83, 0.95]
    with moody(tone=[*scores, 0.1]) as server:
        found = []
        for _ in range(2):
            with ReplyJournal(tmp_path / "grades.jsonl") as journal:
                found.append(run(watched(server), memory=Memory(journal)))
        first, second = found
        assert len(server.requests) == 7
    assert first.grade() == second.grade()
    assert (second.spend.judge_calls, second.spend.judge_cached) == (0, 7)


@pytest.mark.parametrize(("resumed", "calls"), [(False, 16), (True, 13)])
def test_samples_of_a_named_sample(tmp_path: Path, resumed: bool, calls: int) -> None:
    """They are its own: asked afresh, unless the run that asked them was killed.

    The reply to one of the four samples of `again` was lost.
    """
    with moody(tone=[0.81]) as server:
        rubric = watched(server)
        with ReplyJournal(tmp_path / "all.jsonl") as journal:
            run(rubric, "", "again", memory=Memory(journal))
        whole = (tmp_path / "all.jsonl").read_text().splitlines(keepends=True)
        assert len(whole) == 1 + 4 + 4
        (tmp_path / "killed.jsonl").write_text("".join(whole[:-1]))
        with ReplyJournal(tmp_path / "killed.jsonl") as journal:
            run(rubric, "again", "more", memory=Memory(journal, resumed=resumed))
        assert len(server.requests) == calls


def test_samples_have_names_of_their_own() -> None:
    """No draw of a sample shares its key with another, nor with the request itself."""
    names = [(sample, draw) for sample in ("", "again", "near 1") for draw in range(3)]
    keys = {sampled("key", sample, draw) for sample, draw in names}
    assert len(keys) == len(names)
    assert sampled("key", "") == "key"
