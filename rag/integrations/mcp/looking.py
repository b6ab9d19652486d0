"""A look at one picture: its image, and all that is known of it. Recorded before it is released."""

from __future__ import annotations

from dataclasses import dataclass

from rag.audit.actors import who
from rag.errors import NotFound
from rag.integrations.mcp.shapes import Looked
from rag.media.derived import THUMBNAIL_TYPE
from rag.model import Actor, Asset, Evidence, Visual, VisualId
from rag.moderation.pictures import sees_unblurred, thumbnail_for
from rag.ports import Draft, Services
from rag.retrieval.search import evidence_of

LARGEST_FULL = 2 * 1024 * 1024
"""Bytes of an original that is given as it is."""
SHOWN = ("image/jpeg", "image/png", "image/webp", "image/gif")
"""What assistants can look at."""


@dataclass(frozen=True, slots=True)
class Look:
    """What was seen.

    Attributes:
        content: the image's bytes; empty where there is none.
    """

    evidence: Evidence
    looked: Looked
    content: bytes
    media_type: str


def known_visual(services: Services, actor: Actor, visual_id: VisualId) -> tuple[Visual, Asset]:
    """Raises NotFound: there is none, or not for this actor; the two are not told apart."""
    found = services.catalog.visuals(actor, [visual_id])
    if visual_id not in found:
        raise NotFound(f"there is no visual {visual_id[:60]}; a visual_id of a hit names one")
    return found[visual_id]


def looked_at(services: Services, actor: Actor, visual_id: VisualId, *, full: bool, door: str) -> Look:
    """One picture with its image, which is the thumbnail, or with `full` the original where it is small enough.

    Raises:
        NotFound: see `known_visual`.
        LedgerUnavailable: it could not be recorded, so nothing is shown.
    """
    visual, asset = known_visual(services, actor, visual_id)
    too_much = _why_not_full(actor, visual, asset) if full else ""
    content, media_type, kind = _image(services, actor, visual, asset, full=full and not too_much)
    body = {
        **who(actor, door),
        "visual": visual.id,
        "content": visual.asset_id,
        "image": kind,
    }
    services.ledger.append(Draft("look", actor.id, visual.library, body))
    item = evidence_of(1, visual, asset)
    return Look(item, Looked.of(item, asset, kind, (too_much,) if too_much else ()), content, media_type)


def thumbnail_of(services: Services, actor: Actor, visual: Visual, asset: Asset) -> bytes:
    """As the actor may see it. Raises NotFound: none is kept."""
    return thumbnail_for(services.blobs, actor, visual.asset_id, visual.locator, asset.moderation)


def _image(services: Services, actor: Actor, visual: Visual, asset: Asset, *, full: bool) -> tuple[bytes, str, str]:
    if full:
        return services.blobs.get(asset.id), asset.media_type, "full"
    try:
        return thumbnail_of(services, actor, visual, asset), THUMBNAIL_TYPE, "thumbnail"
    except NotFound:
        return b"", "", "none"


def _why_not_full(actor: Actor, visual: Visual, asset: Asset) -> str:
    if not sees_unblurred(actor, asset.moderation):
        return "It is shown blurred, and its original only to editors; this is its thumbnail."
    if visual.locator or asset.media_type not in SHOWN:
        return f"A {asset.media_type} cannot be shown whole; this is its thumbnail."
    if asset.size > LARGEST_FULL:
        return f"The original has {asset.size:,} bytes, over the {LARGEST_FULL:,} that fit; this is its thumbnail."
    return ""
