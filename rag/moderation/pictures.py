"""The small picture of a visual as a reader, or an LLM, may see it."""

from __future__ import annotations

from collections.abc import Sequence

from rag.errors import NotFound
from rag.media.derived import blurred, blurred_name, thumbnail_name
from rag.model import Actor, AssetId, Moderation, Visual
from rag.ports import Blobs


def sees_unblurred(actor: Actor, moderation: Moderation) -> bool:
    """Whether an asset in this state is shown to `actor` as it is; blocked ones reach nobody else at all."""
    return moderation in (Moderation.ALLOWED, Moderation.REVIEW) or actor.has("editor")


def thumbnail_for(blobs: Blobs, actor: Actor, asset_id: AssetId, locator: str, moderation: Moderation) -> bytes:
    """A visual's thumbnail for `actor`, who may see its asset: blurred where the asset is.

    Raises:
        NotFound: none is kept.
    """
    if sees_unblurred(actor, moderation):
        return blobs.get_derived(asset_id, thumbnail_name(locator))
    return blurred_thumbnail(blobs, asset_id, locator)


def prompt_thumbnail(blobs: Blobs, visual: Visual, moderation: Moderation) -> bytes | None:
    """The picture of a visual for an LLM, whoever asks: blurred where its asset is, none where blocked.

    What an LLM was shown is out of the house, and its answer may be read by others. None as well where
    no thumbnail is kept.
    """
    if moderation is Moderation.BLOCKED:
        return None
    try:
        if moderation is Moderation.BLURRED:
            return blurred_thumbnail(blobs, visual.asset_id, visual.locator)
        return blobs.get_derived(visual.asset_id, thumbnail_name(visual.locator))
    except NotFound:
        return None


def blurred_thumbnail(blobs: Blobs, asset_id: AssetId, locator: str) -> bytes:
    """The one that is kept, or made anew: never the sharp one for want of it. Raises NotFound: none is kept."""
    name = blurred_name(locator)
    try:
        return blobs.get_derived(asset_id, name)
    except NotFound:
        made = blurred(blobs.get_derived(asset_id, thumbnail_name(locator)))
        blobs.put_derived(asset_id, name, made)
        return made


def keep_blurred(blobs: Blobs, visuals: Sequence[Visual]) -> None:
    """Make the blurred thumbnails of visuals, so that no reader waits for them. Calling twice is harmless."""
    for visual in visuals:
        try:
            blurred_thumbnail(blobs, visual.asset_id, visual.locator)
        except NotFound:
            continue  # `doctor` finds the lost thumbnail
