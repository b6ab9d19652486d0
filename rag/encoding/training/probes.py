"""The pictures and words that figures are measured on. Training never draws a scene with the key of one of these."""

from __future__ import annotations

from dataclasses import dataclass, replace

from rag.scenes import KINDS, Scene
from rag.scenes.benchmarks import (
    binding_cases,
    held_out_pair_scenes,
    held_out_word_queries,
    retrieval_scenes,
    single_object_scenes,
)
from rag.scenes.sample_library import sample_library

SEED = 20_260
FRESH_SEED = 101


@dataclass(frozen=True)
class Probes:
    """What `rag.encoding.training.figures` measures on.

    Attributes:
        library: the sample library's scenes.
        pairs: a scene for each (colour, kind) pair kept from training.
        words: a query with a word kept from training, and a scene that answers it.
        binding: a scene of two things, the right caption, the caption with the colours swapped.
        singles: one object, and its kind.
        fitting: scenes to fit the priors on.
    """

    library: tuple[Scene, ...]
    pairs: tuple[Scene, ...]
    words: tuple[tuple[str, Scene], ...]
    binding: tuple[tuple[Scene, str, str], ...]
    singles: tuple[tuple[Scene, str], ...]
    fitting: tuple[Scene, ...]

    def keys(self) -> frozenset[str]:
        """Of every scene here."""
        scenes = [*self.library, *self.pairs, *self.fitting]
        scenes += [scene for _, scene in self.words]
        scenes += [scene for scene, _, _ in self.binding]
        scenes += [scene for scene, _ in self.singles]
        return frozenset(scene.key for scene in scenes)


def probes() -> Probes:
    """Always the same."""
    return Probes(
        library=tuple(item.scene for item in sample_library()),
        pairs=tuple(held_out_pair_scenes(SEED)),
        words=tuple(held_out_word_queries(SEED)),
        binding=tuple(binding_cases(300, SEED)),
        singles=tuple(single_object_scenes(4 * len(KINDS), SEED)),
        fitting=tuple(retrieval_scenes(400, SEED)),
    )


def fresh(trained: frozenset[str]) -> Probes:
    """Other pairs, singles and binding cases: nothing about the encoder was chosen by looking at these.

    Args:
        trained: keys of the scenes trained on, which are left out.
    """
    return replace(
        probes(),
        pairs=tuple(held_out_pair_scenes(FRESH_SEED) + held_out_pair_scenes(FRESH_SEED + 1)),
        singles=tuple(case for case in single_object_scenes(8 * len(KINDS), FRESH_SEED) if case[0].key not in trained),
        binding=tuple(case for case in binding_cases(600, FRESH_SEED) if case[0].key not in trained),
    )
