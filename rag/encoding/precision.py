"""Which device and number format an encoder runs in."""

from __future__ import annotations

import time
from enum import StrEnum
from pathlib import Path

import torch
from torch import nn

from rag.encoding.cpu import cpu_flags
from rag.encoding.packed import Packed, can_pack, check_int8
from rag.errors import BadSettings

BF16_FLAGS = {"avx512_bf16", "amx_bf16", "bf16"}
WORTH_IT = 1.2
"""How much faster bf16 must be before `auto` takes it: fp32 is exact."""


class Precision(StrEnum):
    """The number format of an image tower's weights. Text towers stay in fp32: a query is short, and stays exact."""

    FP32 = "fp32"
    BF16 = "bf16"
    FP16 = "fp16"
    INT8 = "int8"

    @property
    def dtype(self) -> torch.dtype:
        """What the tower takes and gives; int8 lives inside its layers only."""
        return {Precision.BF16: torch.bfloat16, Precision.FP16: torch.float16}.get(self, torch.float32)


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


def choose_precision(name: str, device: torch.device, model: nn.Module) -> Precision:
    """`auto` is the fastest format that keeps vectors at a cosine of 0.999 and more to fp32.

    That is bf16 on CUDA, and on a CPU where a trial finds it faster. Convolutional
    towers stay in fp32 on the CPU, where bf16 gains them nothing: the demo encoder
    does 550 to 640 images/s in fp32 and 550 to 570 in bf16 (batches of 32, two busy cores).

    Raises:
        BadSettings: unknown, or not possible on this device.
    """
    if name == "auto":
        return _fastest(device, model)
    if name not in list(Precision):
        raise BadSettings(f"Precision {name!r} is unknown: set auto, {', '.join(Precision)}")
    precision = Precision(name)
    if precision is Precision.INT8:
        if device.type != "cpu":
            raise BadSettings(f"Precision int8 is for the CPU, and the device is {device.type}: set auto")
        check_int8()
    return precision


def _fastest(device: torch.device, model: nn.Module) -> Precision:
    if device.type == "cuda":
        return Precision.BF16 if torch.cuda.is_bf16_supported(including_emulation=False) else Precision.FP16
    if device.type == "cpu" and cpu_has_bf16() and not is_convolutional(model) and bf16_is_faster():
        return Precision.BF16
    return Precision.FP32


def is_convolutional(model: nn.Module) -> bool:
    """True where the image tower is a conv net: a transformer has one convolution, its patch embedding."""
    visual = getattr(model, "visual", model)
    return sum(isinstance(part, nn.Conv2d) for part in visual.modules()) > 3


def cpu_has_bf16(cpuinfo: Path = Path("/proc/cpuinfo")) -> bool:
    """Whether Linux lists bf16 arithmetic among the CPU's features; False elsewhere."""
    return not BF16_FLAGS.isdisjoint(cpu_flags(cpuinfo))


@torch.inference_mode()
def bf16_is_faster() -> bool:
    """Try a layer of a ViT-B in both formats, for a tenth of a second.

    CPUs with the same feature flags differ fourfold: of AVX-512 without AMX, some
    multiply bf16 at twice the rate of fp32 and some at half of it.
    """
    if not can_pack(torch.bfloat16):
        return False
    weight, rows = torch.rand(3072, 768), torch.rand(400, 768)
    layers = {dtype: Packed(weight.to(dtype), None) for dtype in (torch.float32, torch.bfloat16)}
    # The fastest of several, in turn: what else the machine does only ever adds time.
    took = [[_seconds(layer, rows.to(dtype)) for dtype, layer in layers.items()] for _ in range(5)]
    exact, rounded = (min(times) for times in zip(*took, strict=True))
    return bool(exact > WORTH_IT * rounded)


def _seconds(layer: nn.Module, rows: torch.Tensor) -> float:
    started = time.perf_counter()
    layer(rows)
    return time.perf_counter() - started
