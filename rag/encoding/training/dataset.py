"""Training data on disk: drawn scenes as pixels, their texts as MiniLM embeddings. Made once, then memory-mapped."""

from __future__ import annotations

import json
import random
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from multiprocessing import get_context
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from PIL import Image

from rag.encoding.demo import architecture
from rag.encoding.training.strangers import strangers_to_train_on
from rag.encoding.training.texts import MAX_NEEDS, Text, content, facts, nearly_right, paraphrases, prompts, questions
from rag.scenes import HELD_OUT_PAIRS, Scene, draw, sample_scene

SIDE = 128
PARAPHRASES, PROMPTS, DISTRACTORS, QUESTIONS = 3, 4, 2, 1
_SHARE = 500


@dataclass(frozen=True)
class Dataset:
    """Scenes as arrays; `n` scenes, `t` distinct texts, `f` facts.

    Attributes:
        pixels: shape (n, SIDE, SIDE, 3), uint8, memory-mapped.
        embeddings: shape (t, 384), float16: MiniLM's mean-pooled tokens.
        rows: shape (n, PARAPHRASES + PROMPTS + DISTRACTORS + QUESTIONS), int32: each scene's texts.
        facts: shape (n, f + 1), bool; the last column is True throughout.
        needs: shape (t, MAX_NEEDS), int32: facts that make a text true, padded with f.
        scene_content: shape (n,), int32.
        text_content: shape (t,), int32; -1 where a text does not word a whole scene.
        place: shape (n,), int32: equal for scenes of one setting and time.
        several: shape (n,), bool: more than one group of things, so that colours can be swapped.
        strangers: shape (s,), int32: rows of `embeddings` that no scene answers.
    """

    pixels: NDArray[np.uint8]
    embeddings: NDArray[np.float16]
    rows: NDArray[np.int32]
    facts: NDArray[np.bool_]
    needs: NDArray[np.int32]
    scene_content: NDArray[np.int32]
    text_content: NDArray[np.int32]
    place: NDArray[np.int32]
    several: NDArray[np.bool_]
    strangers: NDArray[np.int32]

    def __len__(self) -> int:
        return len(self.rows)


def scenes_for_training(n: int, seed: int, forbidden: frozenset[str]) -> list[Scene]:
    """`n` scenes without held-out pairs, none with a key in `forbidden`."""
    rng = random.Random(f"training {seed}")
    found: list[Scene] = []
    while len(found) < n:
        scene = sample_scene(rng, exclude_pairs=HELD_OUT_PAIRS)
        if scene.key not in forbidden:
            found.append(scene)
    return found


def prepare(folder: Path, n: int, seed: int, forbidden: frozenset[str], processes: int = 2) -> Dataset:
    """The data set in `folder`, made there unless it is there already."""
    recipe = {"scenes": n, "seed": seed, "side": SIDE, "texts": [PARAPHRASES, PROMPTS, DISTRACTORS, QUESTIONS]}
    done = folder / "recipe.json"
    if not done.exists() or json.loads(done.read_text()) != recipe:
        done.unlink(missing_ok=True)
        folder.mkdir(parents=True, exist_ok=True)
        _make(folder, scenes_for_training(n, seed, forbidden), seed, processes)
        done.write_text(json.dumps(recipe))
    return Dataset(**{name: np.load(folder / f"{name}.npy", mmap_mode="r") for name in Dataset.__annotations__})


def _make(folder: Path, scenes: Sequence[Scene], seed: int, processes: int) -> None:
    texts, arrays = _worded(scenes, random.Random(f"texts {seed}"))
    unrelated = strangers_to_train_on()
    arrays["strangers"] = np.arange(len(texts), len(texts) + len(unrelated), dtype=np.int32)
    texts += unrelated
    for name, array in arrays.items():
        np.save(folder / f"{name}.npy", array)
    shape = (len(scenes), SIDE, SIDE, 3)
    np.lib.format.open_memmap(folder / "pixels.npy", "w+", np.uint8, shape).flush()
    np.lib.format.open_memmap(folder / "embeddings.npy", "w+", np.float16, (len(texts), 384)).flush()
    order = sorted(range(len(texts)), key=lambda i: len(texts[i]))
    with ProcessPoolExecutor(processes, mp_context=get_context("spawn"), initializer=_one_thread) as pool:
        jobs = [pool.submit(_render, folder, i, scenes[i : i + _SHARE]) for i in range(0, len(scenes), _SHARE)]
        jobs += [pool.submit(_embed, folder, some, [texts[i] for i in some]) for some in _shares(order, 8 * _SHARE)]
        for job in jobs:
            job.result()


def _worded(scenes: Sequence[Scene], rng: random.Random) -> tuple[list[str], dict[str, NDArray[np.generic]]]:
    """The distinct texts, and every array of the data set but pixels and embeddings."""
    texts: dict[Text, int] = {}
    names: dict[str, int] = {}
    contents: dict[str, int] = {}
    places: dict[str, int] = {}
    rows, shown, scene_content, place = [], [], [], []
    for scene in scenes:
        own = paraphrases(scene, rng, PARAPHRASES) + prompts(scene, rng, PROMPTS)
        own += [nearly_right(scene, rng) for _ in range(DISTRACTORS)] + questions(scene, rng, QUESTIONS)
        rows.append([texts.setdefault(text, len(texts)) for text in own])
        shown.append([names.setdefault(name, len(names)) for name in sorted(facts(scene))])
        scene_content.append(contents.setdefault(content(scene), len(contents)))
        place.append(places.setdefault(scene.key.rpartition(" @ ")[2], len(places)))
    needs = np.full((len(texts), MAX_NEEDS), -1, np.int32)
    for i, text in enumerate(texts):
        wanted = [names.setdefault(name, len(names)) for name in text.needs]
        needs[i, : len(wanted)] = wanted
    needs[needs < 0] = len(names)
    table = np.zeros((len(rows), len(names) + 1), np.bool_)
    for i, columns in enumerate(shown):
        table[i, [*columns, len(names)]] = True
    worded = [contents.setdefault(text.content, len(contents)) if text.content else -1 for text in texts]
    arrays: dict[str, NDArray[np.generic]] = {
        "rows": np.array(rows, np.int32),
        "facts": table,
        "needs": needs,
        "scene_content": np.array(scene_content, np.int32),
        "text_content": np.array(worded, np.int32),
        "place": np.array(place, np.int32),
        "several": np.array([len(scene.groups) > 1 for scene in scenes]),
    }
    return [text.words for text in texts], arrays


def _shares(order: list[int], size: int) -> Iterator[list[int]]:
    for at in range(0, len(order), size):
        yield order[at : at + size]


def _one_thread() -> None:
    torch.set_num_threads(1)


def _render(folder: Path, start: int, scenes: Sequence[Scene]) -> None:
    """Every second picture is drawn larger and resized, as a library's pictures are."""
    pixels = np.load(folder / "pixels.npy", mmap_mode="r+")
    for i, scene in enumerate(scenes, start):
        picture = draw(scene, SIDE if i % 2 else 2 * SIDE)
        if not i % 2:
            picture = picture.resize((SIDE, SIDE), Image.Resampling.BICUBIC)
        pixels[i] = np.asarray(picture)
    pixels.flush()


def _embed(folder: Path, rows: list[int], texts: list[str]) -> None:
    global _embedder  # noqa: PLW0603 - one model per process, not one per share
    if _embedder is None:
        _embedder = Embedder()
    embeddings = np.load(folder / "embeddings.npy", mmap_mode="r+")
    embeddings[rows] = _embedder(texts)
    embeddings.flush()


class Embedder:
    """MiniLM's part of the text tower, which training leaves as it is."""

    def __init__(self) -> None:
        self._text = architecture.build().text
        self._tokenizer = architecture.tokenizer()

    def __call__(self, texts: Sequence[str], batch: int = 128) -> NDArray[np.float16]:
        """shape (n, 384), float16: the mean over each text's tokens."""
        parts = [self._pooled(texts[at : at + batch]) for at in range(0, len(texts), batch)]
        return np.concatenate(parts).astype(np.float16)

    @torch.inference_mode()
    def _pooled(self, texts: Sequence[str]) -> NDArray[np.float32]:
        tokens = self._tokenizer(list(texts))
        tokens = tokens[:, : int((tokens != 0).sum(1).max())]
        mask = (tokens != 0).long()
        pooled: torch.Tensor = self._text.pooler(self._text.transformer(input_ids=tokens, attention_mask=mask), mask)
        return pooled.numpy()


_embedder: Embedder | None = None
