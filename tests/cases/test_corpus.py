from pathlib import Path

import pytest

from rubric_action.cases.corpus import load_corpus
from rubric_action.errors import InputError
from tests.cases.samples import said, write_lines


def test_a_corpus_gives_the_day_of_each_source(tmp_path: Path) -> None:
    """Every form of ISO 8601 is taken, and kept so that its day can be read."""
    write_lines(
        tmp_path / "corpus.jsonl",
        {"schema": "rubric-corpus/1"},
        {"source": "a.md", "updated_at": "2026-01-31"},
        {"source": "b.md", "updated_at": "2026W13T10:00:00"},
    )
    assert load_corpus(tmp_path, "corpus.jsonl") == {
        "a.md": "2026-01-31",
        "b.md": "2026-03-23T10:00:00",
    }
    assert load_corpus(tmp_path, None) == {}


@pytest.mark.parametrize(
    "line",
    [
        {"source": "a.md"},
        {"updated_at": "2026-01-31"},
        {"source": 7, "updated_at": "2026-01-31"},
        {"source": "a.md", "updated_at": 2026},
        {"source": "a.md", "updated_at": "soon"},
        {"source": "a.md", "updated_at": "2026-01-31 or so"},
    ],
)
def test_a_line_without_source_or_date_is_refused(tmp_path: Path, line: object) -> None:
    """It says which line, whatever else the file holds."""
    write_lines(tmp_path / "corpus.jsonl", {"source": "b", "updated_at": "2026-01-31"}, line)
    with pytest.raises(InputError) as caught:
        load_corpus(tmp_path, "corpus.jsonl")
    assert said(caught.value.problems) == [
        "corpus.jsonl:2: None: a line of the corpus names a source and its date"
    ]
