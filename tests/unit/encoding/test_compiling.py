from __future__ import annotations

import logging
from pathlib import Path

import pytest
import torch

from rag.encoding import load_encoder
from rag.encoding.canary import canary_picture
from rag.errors import BadSettings
from tests.unit.encoding.kernels import needs_int8
from tests.unit.encoding.tiny_clip import write_tiny_clip


def test_without_a_compiler_it_runs_all_the_same_and_says_so_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr("torch._inductor.config.cpp.cxx", ("no-such-compiler",))
    monkeypatch.setenv("TORCHINDUCTOR_CACHE_DIR", str(tmp_path / "cache"))
    torch._dynamo.reset()
    spec = f"local-dir:{write_tiny_clip(tmp_path / 'tiny')}"
    with caplog.at_level(logging.WARNING, logger="rag"):
        compiled = load_encoder(spec, precision="fp32", compile=True)
        found = compiled.images([canary_picture()] * 3)
    said = [record.getMessage() for record in caplog.records if record.name.startswith("rag.")]
    assert len(said) == 1
    assert "without torch.compile" in said[0]
    assert "\n" not in said[0]
    plain = load_encoder(spec, precision="fp32").images([canary_picture()])
    assert float((found * plain).sum(axis=1).min()) > 0.9999


@needs_int8
def test_int8_is_not_compiled(tmp_path: Path) -> None:
    with pytest.raises(BadSettings, match="PICTUREDESK_COMPILE"):
        load_encoder(f"local-dir:{write_tiny_clip(tmp_path)}", precision="int8", compile=True)
