"""The sample library: 240 pictures that a first user sees, with a manifest to ingest them by."""

from __future__ import annotations

import json
import os
import random
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path

from rag.scenes.captioning import captions
from rag.scenes.drawing import draw
from rag.scenes.model import Scene
from rag.scenes.sampling import (
    sample_chart,
    sample_count,
    sample_person,
    sample_relation,
    sample_sign,
    sample_single,
    sample_trio,
)
from rag.scenes.vocabulary import COLOURS, HELD_OUT_PAIRS, KINDS, OCCUPATIONS, SETTINGS

SAMPLE_SEED = 20_260_401
SIZE = 640
SOURCE = "Picture Desk drawn world"
LICENCE = "CC0-1.0"
_UNCAPTIONED = 40
_Sampler = Callable[[random.Random, frozenset[tuple[str, str]]], Scene]
_MIX: tuple[tuple[_Sampler, int], ...] = (
    (sample_single, 108),
    (sample_count, 30),
    (sample_relation, 48),
    (sample_trio, 10),
    (sample_person, 26),
    (lambda rng, exclude: sample_chart(rng), 10),
    (lambda rng, exclude: sample_sign(rng), 8),
)


@dataclass(frozen=True, slots=True)
class SampleItem:
    """One picture of the sample library; `caption` is None where a person has yet to write one."""

    file_name: str
    scene: Scene
    caption: str | None
    tags: tuple[str, ...]
    captured_at: str
    source: str
    licence: str

    def manifest_row(self) -> dict[str, object]:
        """The item as one line of `manifest.jsonl`."""
        return {
            "path": self.file_name,
            "caption": self.caption,
            "tags": list(self.tags),
            "captured_at": self.captured_at,
            "source": self.source,
            "licence": self.licence,
            "language": "en",
        }


@cache
def sample_library() -> tuple[SampleItem, ...]:
    """Exactly 240 items in a fixed order, no two alike, 40 of them without a caption.

    Held-out pairs do not occur. Every kind, colour, setting and occupation does.
    """
    rng = random.Random(SAMPLE_SEED)
    scenes = list(_balanced_scenes(rng))
    rng.shuffle(scenes)
    bare = set(rng.sample(range(len(scenes)), _UNCAPTIONED))
    return tuple(_item(i, scene, i in bare, rng) for i, scene in enumerate(scenes))


def write_sample_library(
    folder: Path, *, size: int = SIZE, on_progress: Callable[[int, int], None] | None = None
) -> Path:
    """Draws the library into `folder` as JPEGs of `size` pixels with `manifest.jsonl`, whose path it returns.

    Pictures that are already there are kept, so calling twice changes nothing
    and is quick. `on_progress` receives (pictures done, pictures in all).

    Raises:
        OSError: the folder cannot be written.
    """
    folder.mkdir(parents=True, exist_ok=True)
    items = sample_library()
    missing = [item for item in items if not (folder / item.file_name).exists()]
    done = len(items) - len(missing)
    with ThreadPoolExecutor(max_workers=min(4, os.cpu_count() or 1)) as pool:
        for _ in pool.map(lambda item: _write_picture(folder, item, size), missing):
            done += 1
            if on_progress:
                on_progress(done, len(items))
    manifest = folder / "manifest.jsonl"
    lines = "".join(json.dumps(item.manifest_row(), ensure_ascii=False) + "\n" for item in items)
    if not manifest.exists() or manifest.read_text(encoding="utf-8") != lines:
        _replace(manifest, lines.encode())
    return manifest


def _write_picture(folder: Path, item: SampleItem, size: int) -> None:
    """Written beside and moved into place, so a cut-off run leaves no half picture."""
    path = folder / item.file_name
    part = path.with_suffix(".part")
    draw(item.scene, size).save(part, format="JPEG", quality=90, optimize=True)
    part.replace(path)


def _replace(path: Path, data: bytes) -> None:
    part = path.with_suffix(".part")
    part.write_bytes(data)
    part.replace(path)


def _balanced_scenes(rng: random.Random) -> Iterator[Scene]:
    """The mix, preferring for each place the candidate whose words have been used least."""
    used: dict[str, int] = {}
    keys: set[str] = set()
    for sampler, count in _MIX:
        for _ in range(count):
            candidates = [sampler(rng, HELD_OUT_PAIRS) for _ in range(60)]
            scene = min((c for c in candidates if _signature(c) not in keys), key=lambda c: _wear(c, used))
            keys.add(_signature(scene))
            for word in _words(scene):
                used[word] = used.get(word, 0) + 1
            yield scene


def _signature(scene: Scene) -> str:
    """What must differ between two items: content, whatever the place."""
    return scene.key.split(" @ ")[0]


def _words(scene: Scene) -> list[str]:
    named = {*KINDS, *COLOURS, *SETTINGS, *OCCUPATIONS}
    person = scene.person
    looks = [person.skin, person.hair, person.presentation] if person else []
    pairs = [f"{colour} {kind}" for colour, kind in sorted(scene.pairs)]
    place = [f"{scene.setting} {scene.time_of_day}"]
    return [tag for tag in scene.tags if tag in named] + looks + pairs + place


def _wear(scene: Scene, used: dict[str, int]) -> float:
    """How worn a scene's words are; a kind or occupation counts for its rarity."""
    words = _words(scene)
    return sum(used.get(word, 0) * _weight(word) for word in words) / max(1, len(words))


def _weight(word: str) -> float:
    return 3.0 if word in KINDS or word in OCCUPATIONS else 1.0


def _item(index: int, scene: Scene, bare: bool, rng: random.Random) -> SampleItem:
    caption = captions(scene)[0]
    return SampleItem(
        file_name=f"{index + 1:04d}-{_slug(caption)}.jpg",
        scene=scene,
        caption=None if bare else caption,
        tags=scene.tags,
        captured_at=_captured_at(scene, rng),
        source=SOURCE,
        licence=LICENCE,
    )


def _slug(caption: str) -> str:
    words = "".join(letter if letter.isalnum() else " " for letter in caption.lower()).split()
    if words[0] in ("a", "an"):
        words = words[1:]
    return "-".join(words)[:60].rstrip("-")


def _captured_at(scene: Scene, rng: random.Random) -> str:
    """A moment in 2024 or 2025 that fits the time of day."""
    hours = {"morning": (7, 9), "noon": (12, 13), "sunset": (18, 20), "night": (21, 23)}
    low, high = hours.get(scene.time_of_day or "", (9, 17))
    day = datetime(2024, 1, 1, tzinfo=UTC) + timedelta(days=rng.randrange(730))
    return day.replace(hour=rng.randint(low, high), minute=rng.randrange(60)).isoformat()
