"""The parts of a query -> one vector for each dense channel, and what is unwanted beside it.

Wanted parts are added (Rocchio 1971), each divided by the spread of its own cosines over a
sample of the library: cosines of two pictures spread further than those of a text and a
picture, so that in a plain sum the picture would drown the words. Unwanted parts are not
subtracted: they lower what was found (see `rag.retrieval.unlike`). Both were measured;
docs/decisions/0012 has the figures.

A cosine of such a query means something else than that of a plain question. `Scale` reads
it as one, by the share of the library that comes as close, so that one calibration serves both.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from rag.errors import BadMedia, BadQuery, NotFound
from rag.indexing.bm25 import query_vector
from rag.model import Actor, Channel, Filter, Part, Query, VisualId
from rag.ports import Catalog, Encoder, Matrix, Point, SparseVector, Vector, VectorStore

DENSE = (Channel.IMAGE, Channel.CAPTION)
SAMPLE = 128
"""Visuals that a spread is measured on; its standard error is 6 %."""
LEAST_SAMPLE = 8
"""Below this a spread says nothing, and parts count as they are."""
LEAST_SPREAD = 1e-3

Embed = Callable[[bytes], Vector]


@dataclass(frozen=True, slots=True)
class Spread:
    """Mean and standard deviation of cosines over a library."""

    mean: float = 0.0
    deviation: float = 1.0

    @classmethod
    def of(cls, cosines: Matrix | Vector) -> Spread:
        if cosines.size < LEAST_SAMPLE:
            return cls()
        return cls(float(cosines.mean()), max(float(cosines.std()), LEAST_SPREAD))

    def standard(self, cosine: float) -> float:
        return (cosine - self.mean) / self.deviation


@dataclass(frozen=True, slots=True)
class Scale:
    """Reads a cosine of a composed query as that of a plain question which is as far from the ordinary."""

    own: Spread = field(default_factory=Spread)
    plain: Spread = field(default_factory=Spread)

    def read(self, cosine: float) -> float:
        return self.plain.mean + self.own.standard(cosine) * self.plain.deviation


@dataclass(frozen=True, slots=True)
class Unwanted:
    """One unwanted part; `spreads` is empty where the library is too small to tell what is ordinary."""

    vectors: Mapping[Channel, Vector]
    weight: float
    spreads: Mapping[Channel, Spread]


@dataclass(frozen=True, slots=True)
class Composed:
    """What the channels are asked for.

    Attributes:
        vectors: one for each dense channel, shape (dim,), unit length.
        terms: of all wanted texts together; unwanted ones are never searched for.
        scales: how the cosines of `vectors` read; empty for a plain question.
        given: visuals that the query itself names; they are no answer to it.
    """

    vectors: Mapping[Channel, Vector]
    terms: SparseVector
    scales: Mapping[Channel, Scale] = field(default_factory=dict)
    unwanted: tuple[Unwanted, ...] = ()
    given: frozenset[VisualId] = frozenset()

    def plain_scores(self, scores: Mapping[Channel, float]) -> dict[Channel, float]:
        """`scores` as a plain question would have them."""
        return {
            channel: self.scales[channel].read(score) if channel in self.scales else score
            for channel, score in scores.items()
        }


class Composer:
    """Turns queries into vectors, with one encoder and the collection that it filled."""

    def __init__(self, store: VectorStore, encoder: Encoder, catalog: Catalog, embed: Embed | None) -> None:
        self._store = store
        self._encoder = encoder
        self._catalog = catalog
        self._embed = embed

    def compose(self, actor: Actor, query: Query, visible: Filter) -> Composed:
        """
        Args:
            visible: what the actor may see of the libraries searched; spreads are measured on it.

        Raises:
            BadQuery: a picture that cannot be decoded; the message names the part.
            NotFound: a visual that is not there for this actor.
        """
        vectors = self._vectors(actor, query)
        wanted = [(vectors[part], part.weight) for part in query.parts]
        terms = query_vector(query.words)
        given = frozenset(part.visual for part in (*query.parts, *query.unwanted) if part.visual)
        if len(wanted) == 1 and query.parts[0].text and not query.unwanted:
            return Composed(wanted[0][0], terms)
        sample = self._sample(visible)
        composed = {channel: composed_vector(channel, wanted, sample) for channel in DENSE}
        plain = len(wanted) == 1 and bool(query.parts[0].text)
        return Composed(
            composed,
            terms,
            {} if plain else sample.scales(composed),
            tuple(_unwanted(vectors[part], part.weight, sample) for part in query.unwanted),
            given,
        )

    def _vectors(self, actor: Actor, query: Query) -> dict[Part, Mapping[Channel, Vector]]:
        """Of each part, what it is compared by in each dense channel."""
        every = (*query.parts, *query.unwanted)
        texts = [part for part in every if part.text]
        rows: Sequence[Vector] = list(self._encoder.texts([part.text for part in texts])) if texts else []
        found = {part: _everywhere(row) for part, row in zip(texts, rows, strict=True)}
        for part in (part for part in every if part.image):
            found[part] = _everywhere(self._picture(query, part))
        visuals = [part.visual for part in every if part.visual]
        points = self._points(actor, visuals) if visuals else {}
        return found | {part: _of_point(points[part.visual]) for part in every if part.visual}

    def _picture(self, query: Query, part: Part) -> Vector:
        if self._embed is None:
            raise BadQuery("this retriever takes no pictures, only texts and visuals of the library")
        try:
            return self._embed(query.pictures[part.image])
        except BadMedia as error:
            field, number = _place(query, part)
            raise BadQuery(f"{field}[{number}] is no picture that can be searched by: {error}") from error

    def _points(self, actor: Actor, ids: Sequence[VisualId]) -> dict[VisualId, Point]:
        known = self._catalog.visuals(actor, ids)
        points = {point: one for point, one in self._store.fetch(list(known)).items() if point in known}
        for one in ids:
            if one not in points:
                raise NotFound(f"there is no visual {one} to search by; a visual_id of a hit names one")
        return points

    def _sample(self, visible: Filter) -> Sample:
        """The first visuals by id, which is as good as chance: ids are hashes."""
        points = list(self._store.fetch(self._store.ids(visible, limit=SAMPLE)).values())
        width = self._encoder.dim
        images = np.asarray([point.image for point in points], dtype=np.float32).reshape(-1, width)
        captions = [point.captions for point in points if len(point.captions)]
        return Sample(images, np.concatenate(captions) if captions else np.empty((0, width), np.float32))


@dataclass(frozen=True, slots=True)
class Sample:
    """Some visuals of the library, by which it is known what is ordinary there.

    Attributes:
        images: shape (n, dim).
        captions: shape (m, dim), of the same visuals.
    """

    images: Matrix
    captions: Matrix

    def spread(self, channel: Channel, vector: Vector) -> Spread:
        return Spread.of((self.images if channel is Channel.IMAGE else self.captions) @ vector)

    def scales(self, vectors: Mapping[Channel, Vector]) -> dict[Channel, Scale]:
        """The library's own captions stand for plain questions. Empty where it has too few to tell."""
        if min(len(self.images), len(self.captions)) < LEAST_SAMPLE:
            return {}
        among = self.captions @ self.captions.T
        plain = {
            Channel.IMAGE: Spread.of(self.captions @ self.images.T),
            Channel.CAPTION: Spread.of(among[~np.eye(len(among), dtype=bool)]),
        }
        return {channel: Scale(self.spread(channel, vector), plain[channel]) for channel, vector in vectors.items()}


def _everywhere(vector: Vector) -> Mapping[Channel, Vector]:
    return dict.fromkeys(DENSE, vector)


def _of_point(point: Point) -> Mapping[Channel, Vector]:
    """Pictures by the picture, captions by its first caption, where it has one."""
    return {Channel.IMAGE: point.image, Channel.CAPTION: point.captions[0] if len(point.captions) else point.image}


def composed_vector(
    channel: Channel, parts: Sequence[tuple[Mapping[Channel, Vector], float]], sample: Sample
) -> Vector:
    """Sum of w / (spread of its cosines) * vector over the parts, of unit length. shape (dim,)"""
    if len(parts) == 1:
        return parts[0][0][channel]
    total = np.zeros_like(parts[0][0][channel])
    for vectors, weight in parts:
        total += weight / sample.spread(channel, vectors[channel]).deviation * vectors[channel]
    length = float(np.linalg.norm(total))
    unit: Vector = total / length if length > 0 else parts[0][0][channel]
    return unit


def _unwanted(vectors: Mapping[Channel, Vector], weight: float, sample: Sample) -> Unwanted:
    rows = {Channel.IMAGE: len(sample.images), Channel.CAPTION: len(sample.captions)}
    known = [channel for channel in DENSE if rows[channel] >= LEAST_SAMPLE]
    return Unwanted(vectors, weight, {channel: sample.spread(channel, vectors[channel]) for channel in known})


def _place(query: Query, part: Part) -> tuple[str, int]:
    return ("wanted", query.wanted.index(part)) if part in query.wanted else ("unwanted", query.unwanted.index(part))
