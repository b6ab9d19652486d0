"""The demo checkpoint: image tower and text head in one small safetensors file; MiniLM stays in its package."""

from __future__ import annotations

from pathlib import Path

from open_clip.model import CustomTextCLIP
from safetensors.torch import save_file

from rag.encoding.demo.architecture import TEXT_TRANSFORMER


def save(model: CustomTextCLIP, path: Path) -> None:
    """Matrices and kernels in fp16, which halves the file; vectors and batch statistics stay fp32."""
    weights = {
        name: (value.half() if value.ndim > 1 else value).contiguous()
        for name, value in model.state_dict().items()
        if not name.startswith(TEXT_TRANSFORMER)
    }
    part = path.with_suffix(".part")
    save_file(weights, part)
    part.chmod(0o644)
    part.replace(path)
