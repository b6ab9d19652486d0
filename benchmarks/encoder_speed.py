"""ViT-B/32 on seeded random weights, alone: pictures a second in each precision, and what a query takes.

All that is compared is measured in short rounds that take turns, so that it sees the same
noise; what is reported is the median.
"""

from __future__ import annotations

import statistics
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import open_clip
import torch
from safetensors.torch import save_file
from torch import nn

from benchmarks.figure import Figure, seconds
from rag.encoding import load_encoder
from rag.ports import Encoder, Matrix, Pixels

ARCHITECTURE = "ViT-B-32"
BATCH = 32
ROUNDS = 9
QUERY = "a red dress on a sandy beach at sunset"
"""Eight words: ten tokens with start and end."""

LEAST_COSINES = {"bf16": 0.999, "int8": 0.995}


def figures() -> list[Figure]:
    """Two minutes on two cores."""
    with random_weights() as checkpoint:
        spec = f"{ARCHITECTURE}/{checkpoint}"
        encoders = {precision: load_encoder(spec, precision=precision) for precision in ("fp32", "bf16", "int8")}
        return [*_of_pictures(encoders), *_of_queries(encoders["fp32"], checkpoint)]


@contextmanager
def random_weights() -> Iterator[Path]:
    """A checkpoint with the weights that open_clip begins with, seeded; gone afterwards."""
    with tempfile.TemporaryDirectory() as folder:
        torch.manual_seed(0)
        model = open_clip.create_model(ARCHITECTURE)
        path = Path(folder) / "weights.safetensors"
        save_file({name: value.contiguous() for name, value in model.state_dict().items()}, path)
        del model
        yield path


def _of_pictures(encoders: Mapping[str, Encoder]) -> Iterator[Figure]:
    pixels = pictures(BATCH)
    exact = encoders["fp32"].images(pixels)
    took = medians({name: lambda encoder=encoder: encoder.images(pixels) for name, encoder in encoders.items()})  # type: ignore[misc]
    yield Figure("encoder: ViT-B/32, fp32", BATCH / took["fp32"], "pictures/s")
    for name, least in LEAST_COSINES.items():
        rate, baseline = BATCH / took[name], BATCH / took["fp32"]
        yield Figure(f"encoder: ViT-B/32, {name}, beside fp32", rate, "pictures/s", baseline=baseline)
        cosine = least_cosine(encoders[name].images(pixels), exact)
        yield Figure(f"encoder: ViT-B/32, {name}, least cosine to fp32", cosine, "cosine", target=least)


def _of_queries(encoder: Encoder, checkpoint: Path) -> Iterator[Figure]:
    plain = PlainText(checkpoint)
    took = medians(
        {"ours": lambda: encoder.texts([QUERY]), "fp32": lambda: plain("fp32"), "bf16": lambda: plain("bf16")},
        rounds=10 * ROUNDS,
    )
    for precision in ("fp32", "bf16"):
        yield Figure(
            f"encoder: a text query of ten tokens, beside encode_text in {precision}",
            1000 * took["ours"],
            "ms",
            target=0.45,
            better="lower",
            baseline=1000 * took[precision],
            of_ratio=True,
        )
    cosine = least_cosine(encoder.texts([QUERY]), plain("fp32"))
    yield Figure("encoder: a text query, cosine to encode_text", cosine, "cosine", target=0.9999)


class PlainText:
    """What open_clip gives for a query by itself: `encode_text(tokenizer([query]))`, normalised."""

    def __init__(self, checkpoint: Path) -> None:
        self._tokenizer = open_clip.get_tokenizer(ARCHITECTURE)
        self._models = {name: _plain(checkpoint, dtype) for name, dtype in DTYPES.items()}

    @torch.inference_mode()
    def __call__(self, precision: str) -> Matrix:
        """Shape (1, dim), float32."""
        features = self._models[precision].encode_text(self._tokenizer([QUERY]))  # type: ignore[operator]
        matrix: Matrix = nn.functional.normalize(features.float(), dim=-1).numpy()
        return matrix


DTYPES = {"fp32": torch.float32, "bf16": torch.bfloat16}


def _plain(checkpoint: Path, dtype: torch.dtype) -> nn.Module:
    model: nn.Module = open_clip.create_model(ARCHITECTURE, str(checkpoint))
    return model.to(dtype).eval().requires_grad_(False)


def pictures(count: int) -> list[Pixels]:
    """Noise, prepared: what an encoder takes does not depend on what it sees."""
    return list(np.random.default_rng(0).integers(0, 256, (count, 224, 224, 3), np.uint8))


def least_cosine(some: Matrix, others: Matrix) -> float:
    return float((some * others).sum(axis=1).min())


def medians(runs: Mapping[str, Callable[[], object]], rounds: int = ROUNDS) -> dict[str, float]:
    """Median seconds of each, all run once a round; the first round prepares and does not count."""
    took = [{name: seconds(run) for name, run in runs.items()} for _ in range(rounds + 1)][1:]
    return {name: statistics.median(one[name] for one in took) for name in runs}
