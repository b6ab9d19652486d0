"""A cross-encoder small enough to make on the spot: a one-layer BERT with seeded weights and a word vocabulary."""

from __future__ import annotations

import json
from pathlib import Path

import torch
from transformers import BertConfig, BertForSequenceClassification

WORDS = "[PAD] [UNK] [CLS] [SEP] [MASK] a red blue car dress on beach boat night".split()  # noqa: SIM905


def write_tiny_cross_encoder(folder: Path, outputs: int = 1) -> Path:
    """A folder as `AutoModelForSequenceClassification.from_pretrained` reads it: config, weights, tokenizer."""
    torch.manual_seed(4)
    config = BertConfig(
        vocab_size=len(WORDS),
        hidden_size=16,
        num_hidden_layers=1,
        num_attention_heads=2,
        intermediate_size=32,
        initializer_range=1.0,
    )
    config.num_labels = outputs
    BertForSequenceClassification(config).save_pretrained(folder)
    (folder / "vocab.txt").write_text("\n".join(WORDS) + "\n")
    (folder / "tokenizer_config.json").write_text(json.dumps({"tokenizer_class": "BertTokenizer"}))
    return folder
