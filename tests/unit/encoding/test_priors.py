from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pytest
import torch
from torch import nn

from rag.encoding import priors
from rag.encoding.training.fitting import fit_sigmoid
from rag.model import Channel
from rag.ports import Sigmoid


def test_siglip_brings_its_own_slope_and_bias() -> None:
    model = nn.Module()
    model.logit_scale = nn.Parameter(torch.tensor(math.log(100.0)))
    model.logit_bias = nn.Parameter(torch.tensor(-15.0))
    found = priors.generic(model)[Channel.IMAGE]
    assert found.slope == pytest.approx(100.0)
    assert found.midpoint == pytest.approx(0.15)


def test_clip_gets_the_documented_guess() -> None:
    model = nn.Module()
    model.logit_scale = nn.Parameter(torch.tensor(4.6))
    model.register_parameter("logit_bias", None)
    assert priors.generic(model)[Channel.IMAGE] == priors.CLIP_IMAGE


def test_what_is_written_is_read(tmp_path: Path) -> None:
    kept = {Channel.IMAGE: Sigmoid(20.0, 0.4), Channel.CAPTION: Sigmoid(10.0, 0.7)}
    priors.write(kept, tmp_path / "priors.json")
    assert priors.read(tmp_path / "priors.json") == kept


def test_fitting_finds_the_sigmoid_that_drew_the_labels() -> None:
    rng = np.random.default_rng(1)
    scores = rng.uniform(0, 1, 40_000)
    relevant = rng.random(40_000) < 1 / (1 + np.exp(-20 * (scores - 0.6)))
    found = fit_sigmoid(scores, relevant, prior=float(relevant.mean()))
    assert found.slope == pytest.approx(20, rel=0.05)
    assert found.midpoint == pytest.approx(0.6, abs=0.01)


def test_rarer_relevance_asks_for_higher_scores() -> None:
    rng = np.random.default_rng(2)
    scores = np.concatenate([rng.normal(0.7, 0.1, 500), rng.normal(0.2, 0.1, 500)])
    relevant = np.arange(1000) < 500
    assert fit_sigmoid(scores, relevant, prior=0.02).midpoint > fit_sigmoid(scores, relevant, prior=0.5).midpoint
