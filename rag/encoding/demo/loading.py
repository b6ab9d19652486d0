"""Loads the demo encoder from the files beside this module."""

from __future__ import annotations

from pathlib import Path

from open_clip.model import CustomTextCLIP
from safetensors import SafetensorError
from safetensors.torch import load_file

from rag.encoding import priors
from rag.encoding.demo import architecture
from rag.encoding.openclip import Loaded
from rag.errors import EncoderBroken

FOLDER = Path(__file__).parent
WEIGHTS = "weights.safetensors"
PRIORS = "priors.json"
DESCRIPTION = (
    "Demo encoder, trained for an hour on drawn scenes: it knows those and nothing else. "
    "For photographs set an open_clip model such as ViT-B-16-SigLIP2/webli."
)


def load(folder: Path = FOLDER) -> Loaded:
    """The demo encoder's model, priors and words.

    Raises:
        EncoderBroken: a file is missing or does not fit.
    """
    model = architecture.build()
    path = folder / WEIGHTS
    try:
        weights = {name: value.float() for name, value in load_file(path).items()}
        missing, unexpected = model.load_state_dict(weights, strict=False)
    except (OSError, SafetensorError, RuntimeError) as error:
        raise EncoderBroken(f"The demo encoder's weights at {path} cannot be read: run make demo-encoder") from error
    foreign = [name for name in missing if not name.startswith(architecture.TEXT_TRANSFORMER)]
    absent = {name for name in model.state_dict() if name.startswith(architecture.TEXT_TRANSFORMER)} - set(missing)
    if foreign or unexpected or absent:
        odd = [*foreign, *unexpected, *sorted(absent)][:3]
        raise EncoderBroken(f"The demo encoder's weights at {path} do not fit its model: {', '.join(odd)}")
    return loaded(model, folder)


def loaded(model: CustomTextCLIP, folder: Path = FOLDER) -> Loaded:
    """A model of the demo encoder's make with everything that goes with it."""
    kept = folder / PRIORS
    return Loaded(
        name="demo",
        model=model,
        tokenizer=architecture.tokenizer(),
        preprocessing=architecture.PREPROCESSING,
        priors=priors.read(kept) if kept.exists() else priors.generic(model),
        description=DESCRIPTION,
        demo=True,
    )
