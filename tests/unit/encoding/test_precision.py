from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch

from rag.encoding import load_encoder
from rag.encoding.canary import canary_picture
from rag.encoding.demo import architecture
from rag.encoding.precision import choose_device, choose_dtype, cpu_has_bf16, is_convolutional
from rag.errors import BadSettings
from tests.unit.encoding.tiny_clip import tiny_model, write_tiny_clip

CPU = torch.device("cpu")


def test_only_towers_made_of_convolutions_count_as_convolutional() -> None:
    assert is_convolutional(architecture.build())
    assert not is_convolutional(tiny_model())


@pytest.mark.parametrize(("has_bf16", "dtype"), [(True, torch.bfloat16), (False, torch.float32)])
def test_a_transformer_takes_bf16_where_the_cpu_has_it(
    has_bf16: bool, dtype: torch.dtype, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("rag.encoding.precision.cpu_has_bf16", lambda: has_bf16)
    assert choose_dtype("auto", CPU, tiny_model()) is dtype
    assert choose_dtype("auto", CPU, architecture.build()) is torch.float32


def test_a_precision_that_is_named_is_taken() -> None:
    assert choose_dtype("bf16", CPU, tiny_model()) is torch.bfloat16
    with pytest.raises(BadSettings, match="fp32, bf16, fp16"):
        choose_dtype("int8", CPU, tiny_model())


@pytest.mark.parametrize(
    ("cpuinfo", "expected"),
    [
        ("flags\t\t: fpu avx512f avx512_bf16 avx512_vnni\n", True),
        ("flags\t\t: fpu avx2 amx_bf16\n", True),
        ("Features\t: fp asimd bf16\n", True),
        ("flags\t\t: fpu avx2\nbugs\t: bf16\n", False),
    ],
)
def test_bf16_is_read_from_the_cpus_flags(cpuinfo: str, expected: bool, tmp_path: Path) -> None:
    (tmp_path / "cpuinfo").write_text(cpuinfo)
    assert cpu_has_bf16(tmp_path / "cpuinfo") is expected


def test_without_cpuinfo_there_is_no_bf16(tmp_path: Path) -> None:
    assert not cpu_has_bf16(tmp_path / "cpuinfo")


@pytest.mark.parametrize("name", ["toaster", "cuda:99"])
def test_a_device_that_is_not_here_is_refused(name: str) -> None:
    with pytest.raises(BadSettings, match="cannot be used"):
        choose_device(name)


@pytest.mark.parametrize("spec", ["demo", "folder"])
def test_bf16_weights_see_what_fp32_weights_see(spec: str, tmp_path: Path) -> None:
    spec = spec if spec == "demo" else f"local-dir:{write_tiny_clip(tmp_path)}"
    exact, rounded = (load_encoder(spec, precision=precision) for precision in ("fp32", "bf16"))
    pictures, texts = [canary_picture()], ["a red car on a beach at night"]
    assert float((exact.images(pictures) * rounded.images(pictures)).sum()) > 0.999
    assert float((exact.texts(texts) * rounded.texts(texts)).sum()) > 0.999
    assert rounded.images(pictures).dtype == np.float32
