"""Text to term vectors."""

from __future__ import annotations

import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

import pytest

from rag.indexing.bm25 import AVERAGE_LENGTH, K1, B, document_vector, query_vector
from rag.ports import SparseVector


def found(document: str, question: str) -> bool:
    """Whether every term of the question is one of the document's."""
    terms = set(query_vector(question).indices)
    return bool(terms) and terms <= set(document_vector(document).indices)


@pytest.mark.parametrize(
    ("document", "question"),
    [
        ("A red dress on a beach", "dresses, RED!"),
        ("two dogs running", "dog run"),
        ("Straße in Ärzteviertel, naïve café", "STRASSE cafe naive"),
        ("Ｆｕｌｌｗｉｄｔｈ ＲＥＤ", "fullwidth red"),
        ("IMG_2034.jpg", "2034"),
        ("state-of-the-art", "art state"),
        ("夕焼けの東京タワーと海", "東京"),
        ("夕焼けの東京タワーと海", "タワー"),
        ("夕焼けの東京タワーと海", "海"),
        ("ﾀﾜｰ", "タワー"),
        ("红色裙子的女人在海滩", "裙子"),
        ("바닷가에서 빨간 드레스를 입은 여자", "바닷가 드레스"),
        ("หญิงสาวในชุดสีแดงบนชายหาด", "ชายหาด"),
        ("женщина в Красном платье", "красном ПЛАТЬЕ"),
        ("समुद्र तट पर लाल पोशाक", "लाल पोशाक"),
        ("red赤いdress", "dress 赤い"),
    ],
)
def test_a_question_finds_words_in_other_forms_and_scripts(document: str, question: str) -> None:
    assert found(document, question)


def test_other_words_share_no_terms() -> None:
    assert not set(query_vector("boat 海").indices) & set(document_vector("a red dress, 山").indices)
    assert not found("が", "か")


@pytest.mark.parametrize("text", ["", "  \n", "of the and", "!?… 🎉 —"])
def test_without_words_there_are_no_terms(text: str) -> None:
    assert document_vector(text) == query_vector(text) == SparseVector()


def test_a_documents_weight_is_its_saturated_frequency() -> None:
    vector = document_vector("red red car")
    length_norm = K1 * (1 - B + B * 3 / AVERAGE_LENGTH)
    weights = dict(zip(vector.indices, vector.values, strict=True))
    assert weights[query_vector("red").indices[0]] == pytest.approx(2 * (K1 + 1) / (2 + length_norm))
    assert weights[query_vector("car").indices[0]] == pytest.approx(1 * (K1 + 1) / (1 + length_norm))


def test_each_term_of_a_question_counts_once() -> None:
    vector = query_vector("red red reds car")
    assert vector.values == (1.0, 1.0)


def test_indices_ascend_and_fit_32_bits() -> None:
    vector = document_vector("one two three four five six seven eight nine ten")
    assert list(vector.indices) == sorted(set(vector.indices))
    assert all(0 <= index < 2**32 for index in vector.indices)


def test_terms_are_the_same_in_every_process_and_release() -> None:
    expected = (1749412795, 3333378283)
    assert query_vector("red 海").indices == expected
    other = "from rag.indexing.bm25 import query_vector; print(query_vector('red 海').indices)"
    printed = subprocess.run([sys.executable, "-c", other], capture_output=True, text=True, check=True).stdout
    assert printed.strip() == str(expected)


def test_threads_do_not_mix_up_words() -> None:
    texts = [f"running dogs{number} dresses boats" for number in range(200)]
    with ThreadPoolExecutor(8) as pool:
        together = list(pool.map(document_vector, texts))
    assert together == [document_vector(text) for text in texts]


def test_odd_text_does_no_harm() -> None:
    document_vector("\ud800 \x00 " + "a" * 100_000 + "̈" * 1_000)
