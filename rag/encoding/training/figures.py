"""Measures an encoder on the probes: how often the right picture or the right words come first."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from rag.encoding.training.probes import Probes
from rag.ports import Encoder, Matrix
from rag.scenes import KINDS, Scene, captions, draw
from rag.scenes.captioning import article

SIDE = 256
"""Pixels of the probe pictures before preprocessing; a library's pictures reach the encoder at this size or more."""


@dataclass(frozen=True)
class Figure:
    """A measured share in [0, 1] with the least it should be; `target` is None for what is only reported."""

    name: str
    value: float
    target: float | None
    meaning: str
    unit: str = "share"

    @property
    def reached(self) -> bool:
        return self.target is None or self.value >= self.target

    def as_dict(self) -> dict[str, Any]:
        return asdict(self)


def measure(encoder: Encoder, probes: Probes) -> list[Figure]:
    """Every figure of the model card. About half a minute on two cores, most of it drawing."""
    library = encode_scenes(encoder, probes.library)
    singles = encode_scenes(encoder, [scene for scene, _ in probes.singles])
    return [
        *_library_figures(encoder, probes, library),
        *_zero_shot_figures(encoder, probes, singles),
        *_pair_figures(encoder, probes),
        *_word_figures(encoder, probes, library, singles),
        *_binding_figures(encoder, probes),
    ]


def confirm(encoder: Encoder, fresh: Probes) -> list[Figure]:
    """Figures that choices were made by, on probes that no choice was made by."""
    zero_shot = _zero_shot_figures(encoder, fresh, encode_scenes(encoder, [scene for scene, _ in fresh.singles]))
    pairs = encode_scenes(encoder, fresh.pairs)
    alone = _object_figure(encoder, "held-out pairs, object alone", fresh.pairs, pairs)
    found = [*zero_shot, alone, *_binding_figures(encoder, fresh)]
    return [replace(figure, name=f"{figure.name} (fresh probes)") for figure in found]


def encode_scenes(encoder: Encoder, scenes: Sequence[Scene], batch: int = 64) -> Matrix:
    """shape (n, dim): the scenes drawn and encoded."""
    shares = (scenes[at : at + batch] for at in range(0, len(scenes), batch))
    return np.concatenate([encoder.images([draw(scene, SIDE) for scene in share]) for share in shares])


def ranks(queries: Matrix, gallery: Matrix, right: Sequence[int]) -> NDArray[np.int64]:
    """For each query, how many of the gallery come before its right one; shape (n,).

    Ties count as before it: were all vectors the same, nothing would be found.
    """
    cosines = queries @ gallery.T
    own = cosines[np.arange(len(right)), list(right)]
    before: NDArray[np.int64] = (cosines >= own[:, None]).sum(axis=1) - 1
    return before


def _library_figures(encoder: Encoder, probes: Probes, library: Matrix) -> list[Figure]:
    queries = encoder.texts([captions(scene)[0] for scene in probes.library])
    rank = ranks(queries, library, range(len(library)))
    back = ranks(library, queries, range(len(library)))
    told = f"captions of the sample library; {_without_objects(probes)}"
    return [
        Figure("text to image R@1", _share(rank < 1), 0.85, told),
        Figure("text to image R@5", _share(rank < 5), 0.97, "the same, right picture among the first five"),
        Figure("image to text R@1", _share(back < 1), None, "pictures of the sample library against its captions"),
    ]


def _without_objects(probes: Probes) -> str:
    """How far colours, place, time and the number of things go by themselves."""
    seen = {
        (tuple(sorted(g.colour for g in s.groups)), s.setting, s.time_of_day, bool(s.person), bool(s.sign), s.chart)
        for s in probes.library
    }
    return f"an encoder blind to objects could reach {len(seen) / len(probes.library):.2f}"


def _zero_shot_figures(encoder: Encoder, probes: Probes, singles: Matrix) -> list[Figure]:
    names = list(KINDS)
    prompts = encoder.texts([f"a picture of {article(name)}" for name in names])
    found = (singles @ prompts.T).argmax(axis=1)
    right = np.array([names.index(kind) for _, kind in probes.singles])
    return [Figure("object zero-shot top-1", _share(found == right), 0.90, f"one object, {len(names)} kinds to choose")]


def _pair_figures(encoder: Encoder, probes: Probes) -> list[Figure]:
    """Each query names a pair that no training picture showed, in its place; the gallery is all such pictures."""
    gallery = encode_scenes(encoder, probes.pairs)
    queries = encoder.texts([captions(scene)[0] for scene in probes.pairs])
    rank = ranks(queries, gallery, range(len(gallery)))
    told = "(colour, object) pairs never trained on, among themselves; colour and place alone nearly suffice"
    return [
        Figure("held-out pairs R@1", _share(rank < 1), 0.75, told),
        _object_figure(encoder, "held-out pairs, object alone", probes.pairs, gallery),
    ]


def _object_figure(encoder: Encoder, name: str, scenes: Sequence[Scene], pictures: Matrix) -> Figure:
    """Which object it is, when the sentence already gives colour, place and time.

    Scenes mostly differ in colour and place, so a retrieval figure can be high for an
    encoder that knows no object. Here all that differs between the sentences is the object.
    """
    kinds = list(KINDS)
    found = []
    for scene, picture in zip(scenes, pictures, strict=True):
        others = [replace(scene, groups=(replace(scene.groups[0], kind=kind),)) for kind in kinds]
        sentences = encoder.texts([captions(other)[0] for other in others])
        found.append(kinds[int((sentences @ picture).argmax())] == scene.groups[0].kind)
    return Figure(name, _share(np.array(found)), None, f"the same sentence with each of {len(kinds)} objects")


def _word_figures(encoder: Encoder, probes: Probes, library: Matrix, singles: Matrix) -> list[Figure]:
    """Whether a picture of the kind is among the first five single objects; and the very scene amid the library."""
    queries = encoder.texts([words for words, _ in probes.words])
    kinds = np.array([kind for _, kind in probes.singles])
    wanted = np.array([scene.groups[0].kind for _, scene in probes.words])
    named = [captions(scene)[0] for _, scene in probes.words]
    pairs = [(word, kind.name) for kind in KINDS.values() for word in kind.held_out_synonyms]
    alone = encoder.texts([f"a picture of {article(word)}" for word, _ in pairs])

    def hit(found: Matrix, right: NDArray[np.str_]) -> float:
        best = np.argsort(-(found @ singles.T), axis=1)[:, :5]
        return _share((kinds[best] == right[:, None]).any(axis=1))

    own = encode_scenes(encoder, [scene for _, scene in probes.words])
    rank = ranks(queries, np.concatenate([own, library]), range(len(own)))
    return [
        Figure(
            "unseen words R@5",
            hit(alone, np.array([k for _, k in pairs])),
            0.70,
            f"a picture of a WORD, {len(pairs)} words in no training text",
        ),
        Figure(
            "unseen words R@5, in sentences",
            hit(queries, wanted),
            None,
            "with a colour, a place and a time, which pull to other objects",
        ),
        Figure(
            "known words R@5, in sentences",
            hit(encoder.texts(named), wanted),
            None,
            "the same sentences with the trained word",
        ),
        Figure("unseen words R@5, exact scene", _share(rank < 5), None, "the one scene meant, amid the sample library"),
    ]


def _binding_figures(encoder: Encoder, probes: Probes) -> list[Figure]:
    pictures = encode_scenes(encoder, [scene for scene, _, _ in probes.binding])
    right = encoder.texts([words for _, words, _ in probes.binding])
    swapped = encoder.texts([words for _, _, words in probes.binding])
    better = (pictures * right).sum(axis=1) > (pictures * swapped).sum(axis=1)
    return [Figure("colour binding", _share(better), 0.85, "two objects: right caption against colours swapped")]


def _share(hits: NDArray[np.bool_]) -> float:
    return round(float(np.mean(hits)), 4)
