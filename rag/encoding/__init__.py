"""Encoders: pictures and texts to vectors of one space, by open_clip.

`load_encoder` reads a name and gives the port `Encoder`. Importing this package
loads no torch; loading an encoder does.
"""

from __future__ import annotations

from rag.ports import Encoder


def load_encoder(
    spec: str,
    *,
    device: str = "auto",
    precision: str = "auto",
    compile: bool = False,  # noqa: A002 - as the setting is called
) -> Encoder:
    """The encoder that `spec` names, ready to use.

    Args:
        spec: `demo`; `MODEL/PRETRAINED` of open_clip, such as `ViT-B-16-SigLIP2/webli`;
            `hf-hub:ORG/NAME`; `local-dir:/path`; or `MODEL//path/to/checkpoint.safetensors`
            for an open_clip architecture with local weights.
        device: `auto` (CUDA, MPS, CPU in this order), or what torch calls it.
        precision: `auto`, `fp32`, `bf16`, `fp16`, or `int8` on a CPU with VNNI. The id is the same in each.
        compile: run the image tower through torch.compile; without a compiler it runs as it is, with a warning.

    Raises:
        BadSettings: a name, device or precision that cannot work.
        EncoderBroken: weights that cannot be fetched, read or trusted.
    """
    from rag.encoding.loading import load
    from rag.encoding.openclip import OpenClipEncoder

    return OpenClipEncoder(load(spec), device=device, precision=precision, compile_it=compile)
