"""Files of judgements, read as TREC writes them; what is wrong is said with its line."""

from __future__ import annotations

from pathlib import Path

import pytest

from rag.errors import BadSource
from rag.evaluation.judgements import read_qrels, read_questions
from rag.evaluation.suites.library import read_unanswerable, unanswerable_questions


def written(folder: Path, text: str) -> Path:
    path = folder / "file.txt"
    path.write_text(text, encoding="utf-8")
    return path


def test_judgements_are_read_by_question(tmp_path: Path) -> None:
    path = written(tmp_path, "1 0 a.jpg 2\n1 0 my holiday.jpg 0\n\n# a comment\n2\t0\tb.jpg\t1\n")
    assert read_qrels(path) == {"1": {"a.jpg": 2.0, "my holiday.jpg": 0.0}, "2": {"b.jpg": 1.0}}


def test_questions_are_a_number_a_tab_and_words(tmp_path: Path) -> None:
    assert read_questions(written(tmp_path, "1\ta red car\n2\twho is it?\n")) == {"1": "a red car", "2": "who is it?"}


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("1 0 a.jpg", "line 1: a judgement has four fields"),
        ("1 0 a.jpg yes", "line 1: the grade is 'yes'"),
        ("", "no judgement"),
    ],
)
def test_a_line_that_is_no_judgement_is_named(tmp_path: Path, text: str, told: str) -> None:
    with pytest.raises(BadSource, match=told):
        read_qrels(written(tmp_path, text))


def test_a_question_without_words_is_named(tmp_path: Path) -> None:
    with pytest.raises(BadSource, match="line 2: a question is its number, a tab, and its words"):
        read_questions(written(tmp_path, "1\ta red car\n2 without a tab\n"))


def test_a_missing_file_is_one_line(tmp_path: Path) -> None:
    with pytest.raises(BadSource, match="cannot be read"):
        read_qrels(tmp_path / "nowhere.qrels")
    with pytest.raises(BadSource, match="holds no question"):
        read_unanswerable(written(tmp_path, "# nothing\n"))


def test_the_unrelated_questions_are_not_those_that_the_demo_encoder_was_made_with() -> None:
    from rag.encoding.training.strangers import strangers_kept, strangers_to_train_on

    asked = {text.casefold() for text in unanswerable_questions()}
    assert len(asked) == len(unanswerable_questions()) >= 100
    assert asked.isdisjoint(text.casefold() for text in [*strangers_to_train_on(), *strangers_kept()])
