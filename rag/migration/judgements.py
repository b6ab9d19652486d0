"""Questions whose answers are known: from a judgements file, or from the library's own captions."""

from __future__ import annotations

import random
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from rag.errors import BadSource
from rag.model import AssetState, CaptionOrigin, Visual
from rag.ports import Catalog

MOST_JUDGED = 5_000
"""Questions of a judgements file: they wait in the catalog until a worker comes to them."""

PAGE = 500


@dataclass(frozen=True, slots=True)
class Judged:
    """A question and what answers it.

    Attributes:
        library: where it is asked; empty means everywhere.
        grades: visual id to relevance, above 0.
    """

    text: str
    grades: Mapping[str, float]
    library: str = ""


def read_judgements(qrels: Path, topics: Path) -> list[dict[str, object]]:
    """A judgements file in TREC's format, with its questions: as the catalog keeps them.

    Args:
        qrels: lines `topic iteration document grade`; a document is an asset's id or file name, or a visual's id.
        topics: lines `topic<TAB>question`.

    Raises:
        BadSource: a file that cannot be read, or a line that is none; it is named.
    """
    questions = dict(_pairs(topics))
    grades: dict[str, dict[str, float]] = defaultdict(dict)
    for number, (topic, _, document, grade) in enumerate(_rows(qrels, 4, "topic iteration document grade"), start=1):
        if topic not in questions:
            raise BadSource(f"{qrels}: topic {topic!r} of judgement {number} has no question in {topics}")
        try:
            grades[topic][document] = max(0.0, float(grade))
        except ValueError as error:
            raise BadSource(f"{qrels}: {grade!r} of judgement {number} is no grade: a number") from error
    if len(grades) > MOST_JUDGED:
        raise BadSource(f"{qrels} judges {len(grades):,} questions; at most {MOST_JUDGED:,} are taken")
    return [{"text": questions[topic], "grades": dict(found)} for topic, found in grades.items()]


def _pairs(topics: Path) -> Iterator[tuple[str, str]]:
    yield from ((topic, question) for topic, question in _rows(topics, 2, "topic<TAB>question", "\t"))


def _rows(path: Path, fields: int, form: str, separator: str | None = None) -> Iterator[list[str]]:
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise BadSource(
            f"{path} cannot be read: {getattr(error, 'strerror', None) or 'it is no UTF-8 text'}"
        ) from error
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        row = line.split(separator, fields - 1) if separator else line.split()
        if len(row) != fields:
            raise BadSource(f"{path}, line {number}: it takes {form}")
        yield row


def judged_by_file(catalog: Catalog, kept: Sequence[Mapping[str, object]]) -> list[Judged]:
    """Judgements as `read_judgements` gave them, their documents found in the catalog; those not found are left out."""
    named: dict[str, list[str]] = defaultdict(list)
    for visual, name, _ in _everything(catalog):
        for key in (visual.id, visual.asset_id, name):
            named[key].append(visual.id)
    found = []
    for one in kept:
        given = one["grades"]
        assert isinstance(given, dict)
        grades = {visual: float(grade) for key, grade in given.items() if grade for visual in named.get(key, ())}
        if grades:
            found.append(Judged(str(one["text"]), grades))
    return found


def judged_by_captions(catalog: Catalog, most: int, *, seed: int = 0) -> list[Judged]:
    """Known items: a caption that somebody wrote should find its picture. A random choice of at most `most`.

    Pictures of a library with the same caption answer each other's.
    """
    shown: dict[tuple[str, str], dict[str, float]] = defaultdict(dict)
    for visual, _, captions in _everything(catalog):
        for text in captions:
            shown[(visual.library, text)][visual.id] = 1.0
    chosen = random.Random(seed).sample(sorted(shown), min(most, len(shown)))
    return [Judged(text, shown[(library, text)], library) for library, text in chosen]


def _everything(catalog: Catalog) -> Iterator[tuple[Visual, str, list[str]]]:
    """Every visual of an indexed asset, with its file's name and the captions that people wrote for it."""
    after = None
    while page := catalog.every_asset(limit=PAGE, after=after):
        after = page[-1].ref
        assets = {asset.ref: asset for asset in page if asset.state is AssetState.INDEXED}
        for visual in catalog.visuals_of(list(assets)):
            asset = assets[visual.asset_ref]
            texts = [
                one.text
                for one in asset.captions
                if one.origin is CaptionOrigin.HUMAN and one.searchable and one.is_about(visual.locator)
            ]
            yield visual, asset.name, texts
