"""Judgements files, in TREC's format."""

from __future__ import annotations

from pathlib import Path

import pytest

from rag.errors import BadSource
from rag.migration.judgements import read_judgements


def written(folder: Path, qrels: str, topics: str = "1\tred car\n2\tblue dress at night\n") -> tuple[Path, Path]:
    (folder / "qrels").write_text(qrels)
    (folder / "topics").write_text(topics)
    return folder / "qrels", folder / "topics"


def test_judgements_are_read_with_their_questions(tmp_path: Path) -> None:
    found = read_judgements(*written(tmp_path, "1 0 a.jpg 2\n1 0 b.jpg 0\n\n2 0 c.jpg 1\n"))
    assert found == [
        {"text": "red car", "grades": {"a.jpg": 2.0, "b.jpg": 0.0}},
        {"text": "blue dress at night", "grades": {"c.jpg": 1.0}},
    ]


@pytest.mark.parametrize(
    ("qrels", "topics", "said"),
    [
        ("1 0 a.jpg\n", "1\tred car\n", "line 1"),
        ("1 0 a.jpg high\n", "1\tred car\n", "'high'"),
        ("7 0 a.jpg 1\n", "1\tred car\n", "topic '7'"),
        ("1 0 a.jpg 1\n", "1 red car\n", "TAB"),
    ],
    ids=["short", "grade", "topic", "tab"],
)
def test_a_line_that_is_none_is_named(tmp_path: Path, qrels: str, topics: str, said: str) -> None:
    with pytest.raises(BadSource, match=said):
        read_judgements(*written(tmp_path, qrels, topics))


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(BadSource, match="nowhere cannot be read"):
        read_judgements(tmp_path / "nowhere", tmp_path / "nowhere")
