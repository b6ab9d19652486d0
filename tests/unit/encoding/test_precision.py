from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch

from rag.encoding import load_encoder
from rag.encoding.canary import canary_picture
from rag.encoding.demo import architecture
from rag.encoding.precision import (
    Precision,
    bf16_is_faster,
    choose_device,
    choose_precision,
    cpu_has_bf16,
    is_convolutional,
)
from rag.errors import BadSettings
from tests.unit.encoding.kernels import INT8, needs_bf16, needs_int8
from tests.unit.encoding.tiny_clip import tiny_model, write_tiny_clip

CPU = torch.device("cpu")


def test_only_towers_made_of_convolutions_count_as_convolutional() -> None:
    assert is_convolutional(architecture.build())
    assert not is_convolutional(tiny_model())


@pytest.mark.parametrize(("faster", "precision"), [(True, Precision.BF16), (False, Precision.FP32)])
def test_a_transformer_takes_bf16_where_the_cpu_is_faster_with_it(
    faster: bool, precision: Precision, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("rag.encoding.precision.cpu_has_bf16", lambda: True)
    monkeypatch.setattr("rag.encoding.precision.bf16_is_faster", lambda: faster)
    assert choose_precision("auto", CPU, tiny_model()) is precision
    assert choose_precision("auto", CPU, architecture.build()) is Precision.FP32


@needs_bf16
def test_the_trial_of_bf16_follows_the_clock(monkeypatch: pytest.MonkeyPatch) -> None:
    took = {torch.float32: 0.030, torch.bfloat16: 0.010}
    monkeypatch.setattr("rag.encoding.precision._seconds", lambda layer, rows: took[rows.dtype])
    assert bf16_is_faster()
    took[torch.bfloat16] = 0.029
    assert not bf16_is_faster()


def test_a_precision_that_is_named_is_taken() -> None:
    assert choose_precision("bf16", CPU, tiny_model()) is Precision.BF16
    with pytest.raises(BadSettings, match="fp32, bf16, fp16, int8"):
        choose_precision("int4", CPU, tiny_model())


@needs_int8
def test_int8_is_taken_where_the_cpu_has_it() -> None:
    assert choose_precision("int8", CPU, tiny_model()) is Precision.INT8


def test_int8_is_for_the_cpu() -> None:
    with pytest.raises(BadSettings, match="device is cuda"):
        choose_precision("int8", torch.device("cuda"), tiny_model())


@needs_int8
def test_int8_sees_what_fp32_sees(tmp_path: Path) -> None:
    spec = f"local-dir:{write_tiny_clip(tmp_path)}"
    exact, rounded = (load_encoder(spec, precision=precision) for precision in ("fp32", "int8"))
    assert rounded.id == exact.id
    pictures = [canary_picture(), canary_picture().rotate(90)]
    assert float((exact.images(pictures) * rounded.images(pictures)).sum(axis=1).min()) > 0.995
    assert np.allclose(rounded.images(pictures)[0], rounded.images(pictures[:1])[0], atol=1e-5)


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


@pytest.mark.parametrize("precision", ["bf16", "fp16", INT8])
@pytest.mark.parametrize("spec", ["demo", "folder"])
def test_every_precision_sees_what_fp32_sees_and_reads_exactly_what_it_reads(
    spec: str, precision: str, tmp_path: Path
) -> None:
    spec = spec if spec == "demo" else f"local-dir:{write_tiny_clip(tmp_path)}"
    exact, rounded = (load_encoder(spec, precision=one) for one in ("fp32", precision))
    pictures, texts = [canary_picture()], ["a red car on a beach at night"]
    assert float((exact.images(pictures) * rounded.images(pictures)).sum()) > 0.999
    assert float((exact.texts(texts) * rounded.texts(texts)).sum()) > 0.99999
    assert rounded.images(pictures).dtype == np.float32
    assert rounded.id == exact.id
