"""What pictures like a given one are asked by, and what comes out."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypedDict, Unpack

from rag.describing.composing import LANGUAGES
from rag.describing.facts import Fact, number_in
from rag.describing.profile import parted_tags
from rag.errors import BadQuery
from rag.model import Evidence, Filter, Json, Query, Retrieval, VisualId
from rag.retrieval.short_form import applied

MOST_SIMILAR = 50
MOST_FACETS = 20

COPY, NEAR_COPY = "a copy of the given picture", "nearly the given picture"
"""Why a picture was left out."""


class Rest(TypedDict, total=False):
    """What `wish_of` passes on as it is."""

    visual: VisualId | None
    content: bytes
    diversity: float
    per_asset: int
    duplicates: bool
    language: str
    attributes: str


@dataclass(frozen=True, slots=True)
class Wish:
    """Pictures like one that is given, and how they are described.

    Attributes:
        visual: of a library; else `content` is given.
        content: bytes of a picture that is not kept.
        words: what hits should show besides.
        libraries: where to look; empty means in the visual's own, or in all for a file.
        where: only pictures that match.
        diversity: 0 for the closest in order, up to 1 for the most different from one another.
        per_asset: most pictures of one film or document; 0: no limit.
        duplicates: whether copies of the given picture, exact or near, are wanted too.
        language: of the descriptions, one of `LANGUAGES`.
        attributes: a file of `prompts/attributes`; empty means the one that suits the encoder.
    """

    visual: VisualId | None = None
    content: bytes = field(default=b"", repr=False)
    words: str = ""
    libraries: tuple[str, ...] = ()
    top_k: int = 8
    where: Filter | None = None
    diversity: float = 0.1
    per_asset: int = 1
    duplicates: bool = False
    language: str = "en"
    attributes: str = ""

    def checked(self) -> Wish:
        """Itself. Raises BadQuery; what only the search can tell, it tells."""
        if bool(self.visual) == bool(self.content):
            raise BadQuery("give one picture to look for others by: a visual of a library, or a file")
        if self.language not in LANGUAGES:
            raise BadQuery(f"language: descriptions are in {' or '.join(LANGUAGES)}, not in {self.language[:20]!r}")
        if not 1 <= self.top_k <= MOST_SIMILAR:
            raise BadQuery(f"top_k is {self.top_k:,}; it must lie between 1 and {MOST_SIMILAR}")
        return self


def wish_of(words: str, *, top_k: int = 8, libraries: tuple[str, ...] = (), **rest: Unpack[Rest]) -> Wish:
    """A wish whose words may hold filters in the short form. Raises BadQuery."""
    query, _ = applied(Query(words, libraries=libraries, top_k=top_k))
    if query.unwanted or query.phrases:
        raise BadQuery('"…" and -word do not go with a picture alone; use filters such as tag:beach and -tag:archive')
    return Wish(words=query.text, libraries=query.libraries, top_k=top_k, where=query.where, **rest)


def preferred_language(accepted: str) -> str:
    """The first language of an Accept-Language header that descriptions are in; English where there is none."""
    wanted = (part.partition(";")[0].strip()[:2].lower() for part in accepted.split(","))
    return next((language for language in wanted if language in LANGUAGES), LANGUAGES[0])


@dataclass(frozen=True, slots=True)
class Described:
    """One picture like the given one.

    Attributes:
        sentence: what it shares with the given one and where it differs.
        facts: what the sentence rests on.
        writer: `composed`, or the LLM's id.
    """

    evidence: Evidence
    facts: tuple[Fact, ...]
    sentence: str
    writer: str = "composed"

    def as_json(self) -> Json:
        return {
            "number": self.evidence.number,
            "visual": self.evidence.visual.id,
            "sentence": self.sentence,
            "writer": self.writer,
            "facts": [fact.as_json() for fact in self.facts],
        }


@dataclass(frozen=True, slots=True)
class Facet:
    """How often a tag, or a value of a named one, occurs among the hits.

    Attributes:
        name: empty for a plain tag; `price` for tags such as `price:19.90`.
        low, high: of values that are numbers.
    """

    name: str
    counts: Mapping[str, int]
    low: float | None = None
    high: float | None = None


@dataclass(frozen=True, slots=True)
class Similar:
    """Pictures like a given one, described.

    Attributes:
        given: the given picture as the catalog has it; None for a file.
        retrieval: what was found and left out, recorded.
        events: the ledger's numbers: the retrieval and, where an LLM worded descriptions, what it wrote.
        notices: what the reader must know.
    """

    given: Evidence | None
    retrieval: Retrieval
    described: tuple[Described, ...]
    facets: tuple[Facet, ...]
    language: str
    events: tuple[int, ...] = ()
    notices: tuple[str, ...] = ()

    @property
    def copies_left_out(self) -> int:
        return sum(one.reason in (COPY, NEAR_COPY) for one in self.retrieval.dropped)


def facets_of(evidence: Sequence[Evidence]) -> tuple[Facet, ...]:
    """What hits can be narrowed by: plain tags, the most frequent first, then each named value."""
    plain: Counter[str] = Counter()
    named: defaultdict[str, Counter[str]] = defaultdict(Counter)
    for item in evidence:
        tags, values = parted_tags((*item.tags, *item.generated_tags))
        plain.update(set(tags))
        for name, value in values.items():
            named[name][value] += 1
    facets = [_facet(name, counts) for name, counts in sorted(named.items())]
    return (*([Facet("", _most(plain))] if plain else []), *facets)


def _facet(name: str, counts: Counter[str]) -> Facet:
    numbers = [number for value in counts if (number := number_in(value)) is not None]
    if len(numbers) < len(counts):
        return Facet(name, _most(counts))
    return Facet(name, _most(counts), min(numbers), max(numbers))


def _most(counts: Counter[str]) -> dict[str, int]:
    return dict(sorted(counts.items(), key=lambda item: (-item[1], item[0]))[:MOST_FACETS])
