"""COCO captions: one JSON file with `images` and `annotations`, the pictures in a folder beside it.

The file is read as a whole, because its captions may come before or after its pictures: it takes about five times
its size of memory (482 MB for 97 MB, 118,287 pictures with 591,753 captions).
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rag.errors import BadSource
from rag.sources.entry import Entry, unreadable
from rag.sources.limits import SourceLimits
from rag.sources.lines import opened
from rag.sources.row_files import RowReader


@dataclass(frozen=True, slots=True)
class Coco:
    """The parts of a COCO file that are used."""

    images: Sequence[Any]
    captions: Mapping[str, Sequence[str]]
    licences: Mapping[str, str]


def read_coco(file: Path) -> Coco:
    """Read a COCO file. Raises BadSource when it is none."""
    try:
        with opened(file) as stream:
            content = json.load(stream)
    except (OSError, EOFError) as error:
        raise BadSource(f"{file} cannot be read: {getattr(error, 'strerror', None) or error}") from error
    except (ValueError, RecursionError) as error:
        raise BadSource(f"{file} is no JSON; for one object a line, name it .jsonl") from error
    if not (isinstance(content, dict) and isinstance(content.get("images"), list)):
        raise BadSource(f"{file} is no COCO file: it has no list of images; for one object a line, name it .jsonl")
    captions: dict[str, list[str]] = defaultdict(list)
    for note in _objects(content.get("annotations")):
        if isinstance(note.get("caption"), str):
            captions[str(note.get("image_id"))].append(note["caption"])
    licences = {str(one.get("id")): str(one.get("name", "")) for one in _objects(content.get("licenses"))}
    return Coco(content["images"], captions, licences)


def coco_entries(file: Path, coco: Coco, limits: SourceLimits) -> Iterator[Entry]:
    """One entry a picture, with all of its captions; from `coco_url` when there is no such file."""
    rows = RowReader(_folders(file), limits)
    for number, image in enumerate(coco.images):
        name = f"{file.name}: image {number}"
        if not isinstance(image, dict):
            yield unreadable(name, "it is no JSON object")
            continue
        key = str(image.get("id"))
        yield rows.entry(
            name,
            {
                "path": image.get("file_name"),
                "url": image.get("coco_url"),
                "caption": coco.captions.get(key, []),
                "captured_at": image.get("date_captured"),
                "source": image.get("flickr_url"),
                "licence": coco.licences.get(str(image.get("license")), ""),
            },
        )


def _folders(file: Path) -> list[Path]:
    """Where COCO's pictures lie: `annotations/captions_val2017.json` goes with `val2017/` beside `annotations/`."""
    split = file.stem.partition("_")[2] or file.stem
    beside, above = file.parent, file.parent.parent
    likely = (above / split, beside / split, beside / "images", beside, above / "images" / split, above / "images")
    return [folder for folder in likely if folder.is_dir()]


def _objects(items: object) -> Iterator[dict[str, Any]]:
    return (item for item in items if isinstance(item, dict)) if isinstance(items, list) else iter(())
