from __future__ import annotations

import logging
import shutil
from pathlib import Path

import open_clip
import pytest
import torch

from rag.encoding import load_encoder
from rag.encoding.demo import architecture, loading
from rag.errors import BadSettings, EncoderBroken
from tests.unit.encoding.tiny_clip import TINY, tiny_model, write_tiny_clip


@pytest.fixture
def tiny(monkeypatch: pytest.MonkeyPatch) -> str:
    """An open_clip architecture that loads in no time."""
    monkeypatch.setitem(open_clip.factory._MODEL_CONFIGS, "tiny-clip", TINY)
    return "tiny-clip"


def one_line(caught: pytest.ExceptionInfo[BaseException]) -> str:
    message = str(caught.value)
    assert "\n" not in message
    assert len(message) < 500
    return message


def test_local_weights_load_by_absolute_path_relative_path_and_folder(
    tiny: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = write_tiny_clip(tmp_path / "weights")
    monkeypatch.chdir(tmp_path)
    specs = [
        f"{tiny}/{folder}/open_clip_model.safetensors",
        f"{tiny}//weights/open_clip_model.safetensors",
        f"{tiny}/{folder}",
    ]
    ids = {load_encoder(spec).id.rpartition("@")[2] for spec in specs}
    assert len(ids) == 1


def test_the_id_names_the_weights_and_not_their_place_or_precision(tmp_path: Path) -> None:
    first = load_encoder(f"local-dir:{write_tiny_clip(tmp_path / 'here' / 'tiny')}", precision="fp32")
    second = load_encoder(f"local-dir:{write_tiny_clip(tmp_path / 'there' / 'tiny')}", precision="bf16")
    assert first.id == second.id
    assert first.id.startswith("tiny@")


def test_a_checkpoint_of_torch_is_read_when_it_holds_weights_only(tiny: str, tmp_path: Path) -> None:
    torch.save(tiny_model().state_dict(), tmp_path / "clip.pt")
    assert load_encoder(f"{tiny}/{tmp_path}/clip.pt").dim == TINY["embed_dim"]


def test_a_checkpoint_that_would_run_code_is_refused(tiny: str, tmp_path: Path) -> None:
    torch.save({"state_dict": Path("anything but a tensor")}, tmp_path / "clip.pt")
    with pytest.raises(EncoderBroken, match="safetensors") as caught:
        load_encoder(f"{tiny}/{tmp_path}/clip.pt")
    one_line(caught)


def test_an_unknown_model_brings_its_neighbours() -> None:
    with pytest.raises(BadSettings, match="ViT-B-16-SigLIP2") as caught:
        load_encoder("ViT-B-16-SigLIPP2/webli")
    one_line(caught)


def test_unknown_weights_bring_the_known_ones() -> None:
    with pytest.raises(BadSettings, match="laion2b") as caught:
        load_encoder("ViT-B-32/laion3b_s34b_b79k")
    one_line(caught)


def test_a_model_without_weights_says_what_to_add() -> None:
    with pytest.raises(BadSettings, match="ViT-B-32/TAG"):
        load_encoder("ViT-B-32")


@pytest.mark.parametrize("spec", ["ViT-B-32//nowhere/clip.safetensors", "local-dir:/nowhere"])
def test_a_missing_file_is_named(spec: str) -> None:
    with pytest.raises(BadSettings, match="nowhere") as caught:
        load_encoder(spec)
    one_line(caught)


def test_a_folder_must_hold_config_and_weights(tmp_path: Path) -> None:
    with pytest.raises(BadSettings, match="open_clip_config"):
        load_encoder(f"local-dir:{tmp_path}")
    folder = write_tiny_clip(tmp_path / "tiny")
    (folder / "open_clip_model.safetensors").unlink()
    with pytest.raises(BadSettings, match="no weights"):
        load_encoder(f"local-dir:{folder}")


def test_damaged_weights_are_said_to_be_damaged(tmp_path: Path) -> None:
    folder = write_tiny_clip(tmp_path)
    weights = folder / "open_clip_model.safetensors"
    weights.write_bytes(weights.read_bytes()[:1000])
    with pytest.raises(EncoderBroken, match="damaged") as caught:
        load_encoder(f"local-dir:{folder}")
    one_line(caught)


def test_weights_of_another_architecture_are_told_apart(tmp_path: Path) -> None:
    folder = write_tiny_clip(tmp_path)
    config = folder / "open_clip_config.json"
    config.write_text(config.read_text().replace('"embed_dim": 32', '"embed_dim": 64'))
    with pytest.raises(EncoderBroken, match="another architecture") as caught:
        load_encoder(f"local-dir:{folder}")
    one_line(caught)


@pytest.mark.parametrize("spec", ["hf-hub:timm/ViT-B-16-SigLIP2", "ViT-B-32/laion2b_s34b_b79k"])
def test_without_a_network_it_says_how_to_do_without(
    spec: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Offline mode fails at once; an unreachable hub gives the same message after the client's retries, a minute later.
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_OFFLINE", True)
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_CACHE", str(tmp_path))
    with pytest.raises(EncoderBroken, match="local-dir:") as caught:
        load_encoder(spec)
    assert "not reached" in one_line(caught)


def test_loading_writes_nothing_and_leaves_logging_alone(
    tmp_path: Path, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(logging.getLogger(), "handlers", [])
    load_encoder("demo")
    load_encoder(f"local-dir:{write_tiny_clip(tmp_path)}")
    assert capfd.readouterr() == ("", "")
    assert logging.getLogger().handlers == []


def test_the_demo_checkpoint_leaves_out_exactly_the_text_transformer(tmp_path: Path) -> None:
    from safetensors.torch import load_file, save_file

    path = loading.FOLDER / loading.WEIGHTS
    assert path.stat().st_size < 15_000_000
    weights = load_file(path)
    assert not any(name.startswith(architecture.TEXT_TRANSFORMER) for name in weights)
    name = next(name for name in weights if name.startswith("visual.") and name.endswith(".weight"))
    save_file({key: value for key, value in weights.items() if key != name}, tmp_path / loading.WEIGHTS)
    with pytest.raises(EncoderBroken, match=name):
        loading.load(tmp_path)


def test_a_demo_without_weights_says_how_to_make_them(tmp_path: Path) -> None:
    with pytest.raises(EncoderBroken, match="make demo-encoder"):
        loading.load(tmp_path)


def test_another_minilm_is_refused(tmp_path: Path) -> None:
    shutil.copy(architecture.minilm_folder() / "config.json", tmp_path)
    (tmp_path / "model.safetensors").write_bytes(b"not the original")
    with pytest.raises(EncoderBroken, match="SHA-256"):
        architecture.check_minilm(tmp_path)
