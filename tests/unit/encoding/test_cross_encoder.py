"""A local cross-encoder over captions, with seeded weights: loading, order, and visuals that nobody described."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch
from transformers import AutoModelForSequenceClassification, AutoTokenizer

from rag.encoding.cross_encoder import CrossEncoderReranker
from rag.errors import BadSettings
from tests.unit.answering.evidence import evidence
from tests.unit.encoding.tiny_cross_encoder import write_tiny_cross_encoder

CAPTIONS = ("a red car", "a blue dress on a beach", "a boat", "night")
QUESTION = "a red dress"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_tiny_cross_encoder(tmp_path_factory.mktemp("cross"))


@pytest.fixture(scope="module")
def reranker(folder: Path) -> CrossEncoderReranker:
    return CrossEncoderReranker(str(folder), device="cpu")


def said_by_transformers(folder: Path, caption: str) -> float:
    """The same pair alone through the library itself: what the score must come from."""
    model = AutoModelForSequenceClassification.from_pretrained(folder).eval()
    tokens = AutoTokenizer.from_pretrained(folder)(QUESTION, caption, return_tensors="pt")
    with torch.inference_mode():
        return float(torch.sigmoid(model(**tokens).logits[0, 0]))


def test_a_caption_scores_the_mean_of_the_model_and_the_relevance(reranker: CrossEncoderReranker, folder: Path) -> None:
    items = [evidence(at, text, relevance=0.6) for at, text in enumerate(CAPTIONS, start=1)]
    placed = reranker.rerank(QUESTION, items, {})
    said = {at: said_by_transformers(folder, text) for at, text in enumerate(CAPTIONS, start=1)}
    assert max(said.values()) - min(said.values()) > 0.1  # else nothing is shown here
    assert [item.number for item in placed] == sorted(said, key=lambda at: -said[at])
    for item in placed:
        assert item.score == pytest.approx(0.5 * said[item.number] + 0.3, abs=1e-5)


def test_a_visual_without_a_caption_keeps_its_relevance_and_is_not_pushed_to_the_end(
    reranker: CrossEncoderReranker,
) -> None:
    items = [evidence(1, None, relevance=0.95), *(evidence(at, CAPTIONS[at - 2], relevance=0.2) for at in (2, 3, 4))]
    placed = reranker.rerank(QUESTION, items, {})
    assert (placed[0].number, placed[0].score) == (1, 0.95)
    assert "no caption" in placed[0].reason


def test_nothing_but_pictures_without_captions_stays_as_it_was(reranker: CrossEncoderReranker) -> None:
    items = [evidence(at, None, relevance=1 - at / 10) for at in range(1, 5)]
    assert [item.number for item in reranker.rerank(QUESTION, items, {})] == [1, 2, 3, 4]


def test_its_id_names_the_weights_and_no_folder(reranker: CrossEncoderReranker, folder: Path) -> None:
    assert reranker.id.startswith(f"cross-encoder:{folder.name}@")
    assert str(folder.parent) not in reranker.id


def test_a_model_with_several_outputs_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BadSettings, match="no cross-encoder"):
        CrossEncoderReranker(str(write_tiny_cross_encoder(tmp_path, outputs=3)), device="cpu")


def test_a_model_without_a_trained_output_is_refused_rather_than_given_a_random_one(tmp_path: Path) -> None:
    from transformers import BertConfig, BertModel

    write_tiny_cross_encoder(tmp_path)
    BertModel(BertConfig.from_pretrained(tmp_path)).save_pretrained(tmp_path)
    with pytest.raises(BadSettings, match="no cross-encoder"):
        CrossEncoderReranker(str(tmp_path), device="cpu")


def test_a_folder_that_is_not_there_is_a_setting_to_mend(tmp_path: Path) -> None:
    with pytest.raises(BadSettings, match="PICTUREDESK_RERANKER=cross-encoder:") as caught:
        CrossEncoderReranker(str(tmp_path / "nothing"), device="cpu")
    assert "\n" not in str(caught.value)
