"""Reranker over captions: a cross-encoder reads question and caption together. It runs here and sees no picture.

The rule: a visual with a caption scores the mean of what the cross-encoder says and
its relevance from retrieval; one without a caption keeps its relevance. So a caption
moves a visual up or down by what it adds to what the picture showed already, and a
visual that nobody described stays where its picture put it.
"""

from __future__ import annotations

import threading
from collections.abc import Mapping, Sequence
from pathlib import Path

import torch
from torch import Tensor, nn
from transformers import AutoModelForSequenceClassification, AutoTokenizer, PreTrainedTokenizerBase

from rag.encoding.identity import weights_digest
from rag.encoding.precision import choose_device
from rag.encoding.quiet import quiet
from rag.errors import BadSettings
from rag.model import Evidence
from rag.ports import Reranked

LONGEST_PAIR = 256
"""Tokens of question and caption together; the rest of a longer caption is not read."""

CAPTION_SHARE = 0.5
"""What the cross-encoder's word counts beside the relevance from retrieval."""

PASS = 16
"""Pairs in one pass."""


class CrossEncoderReranker:
    """See `rag.ports.Reranker`. Threads take turns."""

    sees_images = False

    def __init__(self, name: str, *, device: str = "auto") -> None:
        """Load a model with one output per pair (as ms-marco, bge-reranker and mxbai-rerank have).

        Args:
            name: a folder with config, weights and tokenizer, or a name on the Hugging Face hub.

        Raises:
            BadSettings: it is not there, cannot be read, or is no cross-encoder.
        """
        self._device = choose_device(device)
        self._model, self._tokenizer = _load(name)
        self._model.to(self._device)
        self._turn = threading.Lock()
        self.id = f"cross-encoder:{Path(name).name}@{weights_digest(self._model)}"

    def rerank(self, question: str, evidence: Sequence[Evidence], pictures: Mapping[int, bytes]) -> list[Reranked]:
        captioned = [item for item in evidence if item.caption]
        said = self._probabilities(question, [item.caption.text for item in captioned if item.caption])
        by_number = {item.number: value for item, value in zip(captioned, said, strict=True)}
        placed = [_placed(item, by_number.get(item.number)) for item in evidence]
        return sorted(placed, key=lambda item: -item.score)

    @torch.inference_mode()
    def _probabilities(self, question: str, captions: Sequence[str]) -> list[float]:
        """One in [0, 1] for each caption: sigmoid of the model's only output."""
        found: list[float] = []
        for start in range(0, len(captions), PASS):
            share = list(captions[start : start + PASS])
            with self._turn:
                tokens = self._tokenizer(
                    [question] * len(share),
                    share,
                    padding=True,
                    truncation=True,
                    max_length=LONGEST_PAIR,
                    return_tensors="pt",
                )
                logits: Tensor = self._model(**tokens.to(self._device)).logits  # (share, 1)
            found += torch.sigmoid(logits.float()).squeeze(-1).tolist()
        return found


def _placed(item: Evidence, said: float | None) -> Reranked:
    if said is None:
        return Reranked(item.number, item.relevance, "no caption to read; its relevance counts")
    score = CAPTION_SHARE * said + (1 - CAPTION_SHARE) * item.relevance
    return Reranked(item.number, score, f"caption {said:.2f}, relevance {item.relevance:.2f}")


def _load(name: str) -> tuple[nn.Module, PreTrainedTokenizerBase]:
    try:
        with quiet():
            model, report = AutoModelForSequenceClassification.from_pretrained(name, output_loading_info=True)
            tokenizer = AutoTokenizer.from_pretrained(name)
    except Exception as error:  # the hub's client, safetensors and the config's reader each raise their own
        raise BadSettings(
            f"PICTUREDESK_RERANKER=cross-encoder:{name} cannot be loaded: {_first_line(error)}; "
            "give a folder with config, weights and tokenizer, or a hub name while the hub can be reached"
        ) from error
    if report["missing_keys"] or model.config.num_labels != 1:
        raise BadSettings(
            f"PICTUREDESK_RERANKER=cross-encoder:{name} is no cross-encoder: it needs one trained output per pair"
        )
    return model.eval().requires_grad_(False), tokenizer


def _first_line(error: Exception) -> str:
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    return (lines[0] if lines else type(error).__name__)[:200].rstrip(".")
