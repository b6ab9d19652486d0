"""Approved texts out of the desk: as rows, or as XMP sidecars that stand beside the files they are about."""

from __future__ import annotations

import csv
import io
import json
import re
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from pathlib import PurePosixPath

from rag.batching import in_batches
from rag.captions.recording import exported_draft
from rag.locators import in_words
from rag.media.metadata.xmp_writing import Said, Texts, xmp_packet
from rag.model import Actor, Asset, AssetRef, CaptionDraft, CaptionForm, DraftState, Json
from rag.ports import Services
from rag.retrieval.rights import readable_libraries

PAGE = 500
FORMULA = ("=", "+", "-", "@", "\t", "\r")
"""Beginnings that a spreadsheet takes for a formula (OWASP, CSV injection)."""

DESCRIBING = (CaptionForm.NEWS, CaptionForm.PRODUCT, CaptionForm.LONG, CaptionForm.SOCIAL)
"""Forms that can be a file's `dc:description`, the first one that is there."""


class ExportFormat(StrEnum):
    CSV = "csv"
    JSONL = "jsonl"
    XMP = "xmp"


@dataclass(frozen=True, slots=True)
class ExportWish:
    """Which texts. Empty `forms` means all."""

    library: str
    forms: tuple[CaptionForm, ...] = ()
    states: tuple[DraftState, ...] = (DraftState.APPROVED,)


@dataclass(frozen=True, slots=True)
class Exported:
    """One text with what names its picture."""

    draft: CaptionDraft
    asset: Asset

    def as_json(self) -> Json:
        draft = self.draft
        return {
            "file": self.asset.name,
            "library": draft.library,
            "asset": draft.asset_id,
            "visual": draft.visual,
            "locator": draft.locator,
            "form": draft.form.value,
            "language": draft.language,
            "text": draft.text,
            "decorative": draft.decorative,
            "state": draft.state.value,
            "composer": draft.composer,
            "decided_by": draft.changed_by,
            "decided_at": draft.changed_at.isoformat() if draft.changed_at else None,
            "draft": draft.id,
        }


_COLUMNS = """
file library asset visual locator form language text decorative state composer decided_by decided_at draft
"""
COLUMNS = tuple(_COLUMNS.split())


def export(services: Services, actor: Actor, wish: ExportWish, what: ExportFormat, *, door: str) -> Iterator[Exported]:
    """The texts of a library that the actor may see, in the order of their ids; recorded before the first one.

    Raises, before the first one:
        NotFound: no such library for this actor.
        LedgerUnavailable: nothing is given out.
    """
    readable_libraries(actor, [wish.library], services.catalog.libraries(actor))
    said: Json = {"format": what.value, "forms": list(wish.forms), "states": list(wish.states)}
    services.ledger.append(exported_draft(actor, door, wish.library, said))
    return _rows(services, actor, wish)


def as_csv(rows: Iterable[Exported]) -> Iterator[str]:
    """Lines with a heading. A text that a spreadsheet would take for a formula gets an apostrophe before it."""
    yield _csv_line(COLUMNS)
    for row in rows:
        said = row.as_json()
        yield _csv_line([_cell(said[name]) for name in COLUMNS])


def as_jsonl(rows: Iterable[Exported]) -> Iterator[str]:
    """One JSON object a line."""
    for row in rows:
        yield json.dumps(row.as_json(), ensure_ascii=False) + "\n"


def as_sidecars(rows: Iterable[Exported]) -> Iterator[tuple[str, bytes]]:
    """File name and bytes of a sidecar for each asset, named as ingest looks for it: `beach.xmp` beside `beach.jpg`.

    `dc:description` is an approved news caption, product or long description, else what a person wrote of the file.
    Of films and documents, whose pictures have no sidecars of their own, texts say which picture they are about.
    """
    of_asset: defaultdict[AssetRef, list[Exported]] = defaultdict(list)
    for row in rows:
        of_asset[row.asset.ref].append(row)
    stems = Counter(_stem(some[0].asset).casefold() for some in of_asset.values())
    for some in of_asset.values():
        asset = some[0].asset
        stem = _stem(asset)
        name = f"{stem}.xmp" if stems[stem.casefold()] == 1 else f"{stem}-{asset.id[:12]}.xmp"
        yield name, xmp_packet(_said(asset, [row.draft for row in some]))


def _rows(services: Services, actor: Actor, wish: ExportWish) -> Iterator[Exported]:
    for page in in_batches(_drafts(services, actor, wish), PAGE):
        known = services.catalog.visuals(actor, list({draft.visual for draft in page}))
        for draft in page:
            if draft.visual in known:
                yield Exported(draft, known[draft.visual][1])


def _drafts(services: Services, actor: Actor, wish: ExportWish) -> Iterator[CaptionDraft]:
    after = ""
    while page := services.drafts.find(actor, library=wish.library, states=wish.states, limit=PAGE, after=after):
        yield from (draft for draft in page if not wish.forms or draft.form in wish.forms)
        after = page[-1].id


def _said(asset: Asset, drafts: Collection[CaptionDraft]) -> Said:
    by_form: defaultdict[CaptionForm, dict[str, list[str]]] = defaultdict(lambda: defaultdict(list))
    for draft in sorted(drafts, key=lambda draft: (draft.locator, draft.id)):
        place = in_words(draft.locator)
        if draft.text:
            by_form[draft.form][draft.language].append(f"{place}: {draft.text}" if place else draft.text)
    texts = {form: {language: " ".join(some) for language, some in found.items()} for form, found in by_form.items()}
    described = next((texts[form] for form in DESCRIBING if form in texts), _by_people(asset))
    return Said(described, texts.get(CaptionForm.ALT, {}), texts.get(CaptionForm.LONG, {}))


def _by_people(asset: Asset) -> Texts:
    """The first caption of the whole file in each language that no program wrote."""
    found: dict[str, str] = {}
    for caption in asset.captions:
        if caption.is_truth and not caption.locator:
            found.setdefault(caption.language, caption.text)
    return found


def _stem(asset: Asset) -> str:
    """The file's name without its ending, harmless as a name in any folder."""
    last = PurePosixPath(asset.name.replace("\\", "/")).name
    stem = last.rpartition(".")[0] or last
    return re.sub(r"[^\w .,()+-]", "_", stem).strip(" .")[:120] or asset.id[:12]


def _cell(value: object) -> object:
    return f"'{value}" if isinstance(value, str) and value.startswith(FORMULA) else value


def _csv_line(cells: Iterable[object]) -> str:
    buffer = io.StringIO()
    csv.writer(buffer).writerow(list(cells))
    return buffer.getvalue()
