"""The libraries that calibration is measured on, put straight into catalog and store: their pictures are encoded."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from hashlib import sha256

from benchmarks.drawn_world import World, encoded
from rag.batching import in_batches
from rag.indexing.points import point_for
from rag.model import (
    LOCAL_OWNER,
    Asset,
    AssetId,
    AssetState,
    Caption,
    CaptionOrigin,
    CaptionStatus,
    Outcome,
    Visual,
    VisualId,
    visual_id,
)
from rag.ports import Acceptance, Matrix, Services
from rag.scenes import Scene, captions
from rag.scenes.sample_library import sample_library
from rag.scenes.sampling import sample_scene

ABSENT_SEED = 4_242


@dataclass(frozen=True)
class Library:
    """Attributes:
    bare: places of scenes whose visuals have no caption.
    absent: scenes of the same kind that it may or may not hold.
    """

    name: str
    title: str
    scenes: Sequence[Scene]
    ids: Sequence[VisualId]
    bare: frozenset[int]
    absent: Sequence[Scene]

    @property
    def captioned(self) -> int:
        return len(self.scenes) - len(self.bare)

    @property
    def mixed(self) -> bool:
        return len(self.bare) > len(self.scenes) // 3 and self.captioned > 0


@dataclass(frozen=True)
class Contents:
    """Attributes:
    tags: of each scene; empty where no visual has any.
    """

    world: World
    bare: frozenset[int]
    tags: Sequence[tuple[str, ...]] = ()

    def vectors(self, at: int) -> Matrix:
        rows = self.world.captions
        return rows[:0] if at in self.bare else rows[at : at + 1]


def sample(services: Services) -> Library:
    """The sample library: 200 of 240 with captions, all with tags."""
    items = sample_library()
    scenes = [item.scene for item in items]
    vectors = encoded(scenes, services.encoder)
    bare = frozenset(at for at, item in enumerate(items) if item.caption is None)
    world = World(scenes, vectors["images"], vectors["captions"])
    return _stored(services, "sample", "sample library", Contents(world, bare, [item.tags for item in items]))


def drawn_libraries(services: Services, world: World) -> Iterator[Library]:
    """The same pictures with captions for all of them, and for half."""
    size = len(world.scenes)
    half = frozenset(random.Random(3).sample(range(size), size // 2))
    yield _stored(services, "drawn-full", f"{size:,} drawn", Contents(world, frozenset()))
    yield _stored(services, "drawn-mixed", f"{size:,} drawn, half captioned", Contents(world, half))


def _stored(services: Services, name: str, title: str, contents: Contents) -> Library:
    world, bare = contents.world, contents.bare
    assets = [_asset(name, at, contents) for at in range(len(world.scenes))]
    visuals = [Visual(visual_id(name, asset.id, ""), name, asset.id, 192, 192) for asset in assets]
    services.catalog.start_job(f"job-{name}", name, LOCAL_OWNER)
    for places in in_batches(range(len(assets)), 500):
        services.catalog.accept(f"job-{name}", [Acceptance(assets[at].name, assets[at]) for at in places])
        services.catalog.begin([assets[at].ref for at in places], attempts_allowed=3)
        services.catalog.conclude([Outcome(assets[at].ref, AssetState.INDEXED, "", (visuals[at],)) for at in places])
        services.store.upsert(
            [point_for(assets[at], visuals[at], world.images[at], contents.vectors(at)) for at in places]
        )
    services.store.optimize()
    rng = random.Random(ABSENT_SEED)
    absent = [sample_scene(rng) for _ in range(500)]
    return Library(name, title, world.scenes, [visual.id for visual in visuals], bare, absent)


def _asset(library: str, at: int, contents: Contents) -> Asset:
    scene = contents.world.scenes[at]
    said = Caption(captions(scene)[0], CaptionOrigin.HUMAN, CaptionStatus.APPROVED, "en")
    content = AssetId(sha256(f"{scene.key}#{scene.seed}#{at}".encode()).hexdigest())
    captioned = () if at in contents.bare else (said,)
    tags = contents.tags[at] if contents.tags else ()
    return Asset(library, content, f"{at:05d}.jpg", "image/jpeg", 1, captions=captioned, tags=tags)
