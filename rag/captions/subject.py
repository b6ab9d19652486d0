"""The picture that a text is about, and what is known of it without looking."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from hashlib import sha256

from rag.errors import NotFound
from rag.indexing.points import searchable_captions
from rag.model import Actor, Asset, Query, Visual, VisualId
from rag.model import Part as QueryPart
from rag.moderation.pictures import prompt_thumbnail
from rag.ports import Services, Serving, Vector

UPLOAD_NAME = "upload"


@dataclass(frozen=True)
class Subject:
    """A visual of the library, or an upload.

    Attributes:
        vector: by the encoder in use; shape (dim,), unit length.
        asset, visual: None for an upload.
        content: the bytes of an upload.
        said: captions that people or the file gave it; none that were generated.
    """

    vector: Vector = field(repr=False)
    name: str
    asset: Asset | None = None
    visual: Visual | None = None
    content: bytes | None = field(default=None, repr=False)
    said: tuple[str, ...] = ()
    language: str = ""

    @property
    def library(self) -> str:
        return self.asset.library if self.asset else ""

    @property
    def tags(self) -> tuple[str, ...]:
        """Said by people or the file."""
        return self.asset.tags if self.asset else ()

    @property
    def captured_at(self) -> datetime | None:
        return self.asset.captured_at if self.asset else None

    @property
    def credit(self) -> str:
        return self.asset.source if self.asset else ""

    @property
    def hash(self) -> str:
        """SHA-256 of its bytes: all that the ledger has of an upload."""
        if self.asset is not None:
            return self.asset.id
        return sha256(self.content or b"").hexdigest()

    def metadata(self) -> dict[str, str]:
        """What its source and its file say, by name; empty ones are left out."""
        if self.asset is None:
            return {"file name": self.name}
        known = {
            "tags": ", ".join(self.asset.tags),
            "captured": self.captured_at.date().isoformat() if self.captured_at else "",
            "source": self.asset.source,
            "licence": self.asset.licence,
            "camera": self.asset.camera,
            "file name": self.asset.name,
            **self.asset.personal,
        }
        return {name: value for name, value in known.items() if value}

    def sources(self, facts: Mapping[str, str]) -> tuple[str, ...]:
        """All texts that names, years and numbers may come from."""
        return (*self.said, *self.metadata().values(), *facts.values(), *_dates(self.captured_at))

    def like(self) -> Query:
        """The search for pictures like it, without libraries."""
        if self.visual is not None:
            return Query(wanted=(QueryPart(visual=self.visual.id),))
        return Query(wanted=(QueryPart(image=self.hash),), pictures={self.hash: self.content or b""})


def subject_of_visual(services: Services, actor: Actor, serving: Serving, visual: VisualId) -> Subject:
    """Raises NotFound: there is none, it is not indexed, or not for this actor."""
    known = services.catalog.visuals(actor, [visual])
    points = serving.store.fetch([visual]) if known else {}
    if visual not in points:
        raise NotFound(f"there is no visual {visual}")
    found, asset = known[visual]
    truth = [caption for caption in searchable_captions(asset, found) if caption.is_truth]
    own = sorted(truth, key=lambda caption: not caption.locator)  # what is said of this very picture before the rest
    return Subject(
        points[visual].image,
        asset.name,
        asset,
        found,
        said=tuple(dict.fromkeys(caption.text for caption in own)),
        language=next((caption.language for caption in own if caption.language), ""),
    )


def subject_of_upload(services: Services, serving: Serving, content: bytes, name: str) -> Subject:
    """Raises BadMedia: it is no picture, or one that cannot be decoded."""
    return Subject(services.pipeline.embed(content, serving.encoder), name or UPLOAD_NAME, content=content)


def picture_for_llm(services: Services, subject: Subject) -> bytes | None:
    """A small JPEG without metadata; None where none is kept, or none may leave the house."""
    if subject.content is not None:
        return services.pipeline.thumbnail(subject.content)
    assert subject.visual is not None
    assert subject.asset is not None
    return prompt_thumbnail(services.blobs, subject.visual, subject.asset.moderation)


def _dates(at: datetime | None) -> Iterator[str]:
    if at is not None:
        yield f"{at:%Y %m %d %A %B %b %H %M}"
