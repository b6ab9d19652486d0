"""Which device and number format an encoder runs in."""

from __future__ import annotations

from pathlib import Path

import torch
from torch import nn

from rag.errors import BadSettings

DTYPES = {"fp32": torch.float32, "bf16": torch.bfloat16, "fp16": torch.float16}
_BF16_FLAGS = {"avx512_bf16", "amx_bf16", "bf16"}


def choose_device(name: str) -> torch.device:
    """`auto` is CUDA, then Apple's MPS, then the CPU.

    Raises:
        BadSettings: no such device here.
    """
    if name == "auto":
        if torch.cuda.is_available():
            return torch.device("cuda")
        return torch.device("mps" if torch.backends.mps.is_available() else "cpu")
    try:
        device = torch.device(name)
        torch.empty(1, device=device)
    except (RuntimeError, AssertionError, NotImplementedError) as error:
        raise BadSettings(f"Device {name!r} cannot be used on this machine: set auto, cpu, cuda or mps") from error
    return device


def choose_dtype(precision: str, device: torch.device, model: nn.Module) -> torch.dtype:
    """`auto` is the fastest format that keeps vectors at a cosine of 0.999 and more to fp32.

    bf16 weights on CUDA and on CPUs with bf16 arithmetic, where transformers run
    2.3 times faster (ViT-B/32: 14.7 to 33.6 images/s on two cores). Convolutional
    towers stay in fp32 on the CPU, where bf16 gains them nothing: the demo encoder
    does 550 to 640 images/s in fp32 and 550 to 570 in bf16, one picture at a time 160
    and 80 to 125, and 410 to 440 against 250 texts/s (batches of 32, two busy cores).

    Raises:
        BadSettings: unknown precision.
    """
    if precision != "auto":
        if precision not in DTYPES:
            raise BadSettings(f"Precision {precision!r} is unknown: set auto, {', '.join(DTYPES)}")
        return DTYPES[precision]
    if device.type == "cuda":
        return torch.bfloat16 if torch.cuda.is_bf16_supported(including_emulation=False) else torch.float16
    if device.type == "cpu" and cpu_has_bf16() and not is_convolutional(model):
        return torch.bfloat16
    return torch.float32


def is_convolutional(model: nn.Module) -> bool:
    """True where the image tower is a conv net: a transformer has one convolution, its patch embedding."""
    visual = getattr(model, "visual", model)
    return sum(isinstance(part, nn.Conv2d) for part in visual.modules()) > 3


def cpu_has_bf16(cpuinfo: Path = Path("/proc/cpuinfo")) -> bool:
    """Whether Linux lists bf16 arithmetic among the CPU's features; False elsewhere."""
    try:
        lines = cpuinfo.read_text().splitlines()
    except OSError:
        return False
    return any(_BF16_FLAGS & set(line.split()) for line in lines if line.startswith(("flags", "Features")))
