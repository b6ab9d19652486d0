"""A CLIP small enough to make on the spot, with random weights: for what must hold of any weights."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import open_clip
import torch
from safetensors.torch import save_file

TINY: dict[str, Any] = {
    "embed_dim": 32,
    "vision_cfg": {"image_size": 48, "layers": 2, "width": 64, "head_width": 16, "patch_size": 12},
    "text_cfg": {"context_length": 40, "vocab_size": 49408, "width": 32, "heads": 2, "layers": 3},
}


def tiny_model(*, seed: int = 3, **text: Any) -> torch.nn.Module:
    """Seeded random weights; `text` overrides its text tower's settings, `custom_text` makes that a module."""
    torch.manual_seed(seed)
    custom = text.pop("custom_text", False)
    kind = open_clip.CustomTextCLIP if custom else open_clip.CLIP
    model: torch.nn.Module = kind(
        embed_dim=TINY["embed_dim"], vision_cfg=TINY["vision_cfg"], text_cfg=TINY["text_cfg"] | text
    )
    return model.eval()


def write_tiny_clip(folder: Path, *, seed: int = 3) -> Path:
    """A folder that `local-dir:` understands, holding weights and config."""
    folder.mkdir(parents=True, exist_ok=True)
    config = {"model_cfg": TINY, "preprocess_cfg": {"mean": [0.5] * 3, "std": [0.5] * 3}}
    (folder / "open_clip_config.json").write_text(json.dumps(config))
    weights = {name: value.contiguous() for name, value in tiny_model(seed=seed).state_dict().items()}
    save_file(weights, folder / "open_clip_model.safetensors")
    return folder
