"""How a cosine reads as a probability before a library has its own calibration."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from pathlib import Path

from torch import nn

from rag.model import Channel
from rag.ports import Sigmoid

CLIP_IMAGE = Sigmoid(slope=40.0, midpoint=0.25)
"""Matching pictures and texts of CLIP models lie near 0.30, others near 0.15 to 0.20: a guess until calibrated."""

CAPTIONS = Sigmoid(slope=15.0, midpoint=0.80)
"""Text towers put any two sentences close together; only near paraphrases pass 0.8: a guess until calibrated."""


def generic(model: nn.Module) -> Mapping[Channel, Sigmoid]:
    """Priors for a model that brings none.

    SigLIP learned a slope and a bias that make sigmoid(slope * cosine + bias) the
    probability of a match, so those are taken; CLIP learned none.
    """
    bias, scale = getattr(model, "logit_bias", None), getattr(model, "logit_scale", None)
    if bias is None or scale is None:
        return {Channel.IMAGE: CLIP_IMAGE, Channel.CAPTION: CAPTIONS}
    slope = math.exp(float(scale.detach()))
    return {Channel.IMAGE: Sigmoid(slope, -float(bias.detach()) / slope), Channel.CAPTION: CAPTIONS}


def read(path: Path) -> Mapping[Channel, Sigmoid]:
    """Priors as `write` keeps them."""
    return {Channel(name): Sigmoid(**values) for name, values in json.loads(path.read_text()).items()}


def write(priors: Mapping[Channel, Sigmoid], path: Path) -> None:
    """One JSON object: channel to slope and midpoint."""
    rows = {str(channel): {"slope": s.slope, "midpoint": s.midpoint} for channel, s in priors.items()}
    path.write_text(json.dumps(rows, indent=2) + "\n")
