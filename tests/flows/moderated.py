"""Drawn pictures of which the example policy finds some, for tests."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from rag.ingest import accept, entries_of, follow
from rag.model import LOCAL_OWNER, Asset
from rag.ports import Services
from rag.scenes import Group, Person, Scene, Sign, draw
from tests.flows.desk import manifest

POLICY = "sample-library"
LIBRARY = "default"


def _one(kind: str, colour: str, setting: str, seed: int = 4) -> Scene:
    time = "day" if setting in ("kitchen", "office") else "noon"
    return Scene((Group(kind, colour),), setting=setting, time_of_day=time, seed=seed)


NURSE = Scene(
    person=Person("nurse", None, None, "light", "short dark", "feminine"),
    setting="city street",
    time_of_day="noon",
    seed=4,
)
SIGN = Scene(sign=Sign("OPEN", "red"), setting="city street", time_of_day="noon", seed=4)

SCENES: Mapping[str, tuple[Scene, str]] = {
    "kite": (_one("kite", "yellow", "beach"), "A yellow kite on a beach"),
    "mushroom": (_one("mushroom", "red", "forest"), "A red mushroom in a forest"),
    "bottle": (_one("bottle", "green", "kitchen"), "A green bottle in a kitchen"),
    "nurse": (NURSE, "A nurse on a city street"),
    "sign": (SIGN, "A red sign on a city street"),
    "sweets": (_one("cake", "pink", "kitchen"), "A pink cake, low in sugar and good for you"),
    "mistaken": (_one("lighthouse", "red", "beach"), "A purple elephant in a bedroom"),
}
"""Blocked, blurred, urgent, brand, harmless alone and not with its text, and a caption of another picture."""


def drawn_scenes(folder: Path, names: Sequence[str] = tuple(SCENES), *, seed: int = 4) -> list[tuple[Path, str]]:
    """Files with their captions. Another seed makes other files of the same."""
    folder.mkdir(parents=True, exist_ok=True)
    made = []
    for name in names:
        scene, caption = SCENES[name]
        path = folder / f"{name}-{seed}.png"
        draw(replace(scene, seed=seed), 256).save(path)
        made.append((path, caption))
    return made


def taken_in(services: Services, pictures: list[tuple[Path, str]], library: str = LIBRARY) -> dict[str, Asset]:
    """What became of them, by the first word of their file names."""
    job = accept(services, LOCAL_OWNER, library, entries_of(services, manifest(pictures)))
    for _ in follow(services, LOCAL_OWNER, job.id, every=0.05):
        pass
    return assets_of(services, library)


def assets_of(services: Services, library: str = LIBRARY) -> dict[str, Asset]:
    found = services.catalog.assets(LOCAL_OWNER, library, limit=1000)
    return {asset.name.partition("-")[0]: asset for asset in found}
