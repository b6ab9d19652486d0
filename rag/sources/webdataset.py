"""WebDataset: tars whose files belong together when their names do up to the first dot.

000000001.jpg  000000001.txt  000000001.json
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import chain
from tarfile import TarInfo

from rag.errors import BadSource, BrokenMedia, UnsupportedMedia
from rag.sources.archives import Archive, opened, shown
from rag.sources.entry import Entry, unreadable
from rag.sources.limits import SourceLimits
from rag.sources.row_files import with_said
from rag.sources.rows import Row, row_of
from rag.sources.shards import Shard
from rag.sources.sidecars import LONGEST_SIDECAR, Said, from_text, from_xmp

TEXTS = {"txt", "caption", "json", "xmp"}
VISUALS = {
    *("jpg", "jpeg", "jpe", "png", "webp", "gif", "tif", "tiff", "bmp", "avif", "heic", "heif", "img", "image"),
    *("mp4", "m4v", "mov", "mkv", "webm", "avi", "mpg", "mpeg", "pdf"),
}
"""Parts of a sample that are handed in; what they really are is decided by their content."""
MOST_PARTS = 64
"""Files of one sample that wait for the texts that belong to them."""


@dataclass(slots=True)
class Sample:
    """Files that belong together.

    Attributes:
        derived: pictures with something before their suffix, such as the mask `1.seg.png` beside `1.jpg`; they
            count only where there is no other.
        held: bytes that the sample keeps in memory.
    """

    key: str
    visuals: list[Entry] = field(default_factory=list)
    derived: list[Entry] = field(default_factory=list)
    texts: dict[str, bytes] = field(default_factory=dict)
    others: set[str] = field(default_factory=set)
    held: int = 0

    def add(self, part: str, member: TarInfo, archive: Archive) -> None:
        suffix = part.rpartition(".")[2]
        if suffix in TEXTS and member.size <= LONGEST_SIDECAR:
            self.texts[suffix] = archive.content(member)
        elif suffix in VISUALS:
            (self.visuals if suffix == part else self.derived).append(archive.entry(member))
            self.held += 0 if archive.in_place else member.size
        else:
            self.others.add(part or "a file without a suffix")

    def is_full(self, max_bytes: int) -> bool:
        return self.held > max_bytes or len(self.visuals) + len(self.derived) + len(self.others) >= MOST_PARTS

    def entries(self) -> Iterator[Entry]:
        """Each visual, with all that the texts say."""
        said = said_by(self.key, self.texts)
        for visual in self.visuals or self.derived:
            yield with_said(visual, said)
        if not (self.visuals or self.derived):
            parts = ", ".join(sorted({*self.others, *self.texts}))
            yield unreadable(self.key, f"it has no picture, film or PDF but {parts}")


def webdataset_entries(shards: Iterable[Shard], limits: SourceLimits) -> Iterator[Entry]:
    """The entries of all shards. One that is broken ends there, with an entry that says so; the next goes on.

    Raises:
        BadSource: none of the shards is a tar that can be read.
    """
    unopened: list[Entry] = []
    opened_any = False
    for shard in shards:
        samples = _samples(shard, limits)
        try:
            first = next(samples, None)
        except BrokenMedia as error:
            unopened.append(unreadable(shard.name, f"it is no tar that can be read: {error}"))
            continue
        opened_any = True
        yield from _until_broken(shard, chain([first] if first else [], samples))
    if not opened_any:
        raise BadSource(f"{unopened[0].name if unopened else 'the list of shards'} is no tar that can be read")
    yield from unopened


def said_by(key: str, texts: dict[str, bytes]) -> Row:
    """What the texts of a sample say together; a broken one says nothing."""
    said = _from_json(key, texts["json"]) if "json" in texts else Row(path=key)
    found = [from_text(texts[name]) for name in ("txt", "caption") if name in texts]
    found.append(from_xmp(texts["xmp"]) if "xmp" in texts else Said())
    captions = [caption.text for part in found for caption in part.captions]
    tags = [tag for part in found for tag in part.tags]
    return said.model_copy(update={"caption": [*captions, *said.caption], "tags": [*said.tags, *tags]})


def split_name(name: str) -> tuple[str, str]:
    """The key of a member, and which part of its sample it is, in lower case."""
    folder, slash, base = name.rpartition("/")
    key, _, part = base.partition(".")
    return folder + slash + key, part.lower()


def _samples(shard: Shard, limits: SourceLimits) -> Iterator[Sample]:
    """Samples in the order of the archive; of a broken archive, what was whole comes before the error."""
    sample: Sample | None = None
    with opened(shard, limits.max_bytes) as archive:
        try:
            for member in archive.members():
                key, part = split_name(shown(member))
                if sample is not None and (sample.key != key or sample.is_full(limits.max_bytes)):
                    yield sample
                    sample = None
                sample = sample or Sample(key)
                sample.add(part, member, archive)
        except BrokenMedia:
            if sample is not None:
                yield sample
            raise
    if sample is not None:
        yield sample


def _until_broken(shard: Shard, samples: Iterator[Sample]) -> Iterator[Entry]:
    try:
        for sample in samples:
            yield from sample.entries()
    except BrokenMedia as error:
        yield unreadable(shard.name, f"the archive is broken from here on: {error}")


def _from_json(key: str, content: bytes) -> Row:
    try:
        cells = json.loads(content)
        return row_of({**cells, "path": key}) if isinstance(cells, dict) else Row(path=key)
    except (ValueError, RecursionError, UnsupportedMedia):
        return Row(path=key)
