"""The pictures that are compared, gathered: the given one, and those that were found."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256

import numpy as np

from rag.describing.attributes import Attributes, labels_of
from rag.describing.colours import colour_shares
from rag.describing.profile import Profile, profile_of
from rag.describing.results import Wish
from rag.errors import BadMedia, BadQuery, NotFound
from rag.media.derived import thumbnail_name
from rag.model import Actor, AssetId, Evidence, Visual
from rag.ports import Services, Serving, Vector
from rag.retrieval.search import evidence_of

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Given:
    """The picture that others are compared with.

    Attributes:
        evidence: as the catalog has it; None for a file.
        vector: shape (dim,), unit length.
    """

    content: AssetId
    locator: str
    perceptual_hash: str
    vector: Vector
    profile: Profile
    evidence: Evidence | None = None


def given_of(services: Services, actor: Actor, serving: Serving, wish: Wish, attributes: Attributes) -> Given:
    """The picture that the wish names or brings.

    Raises:
        BadQuery: the file is no picture.
        NotFound: the visual is not there for this actor.
    """
    if wish.visual is None:
        return _file(services, serving, wish, attributes)
    known = services.catalog.visuals(actor, [wish.visual])
    points = serving.store.fetch([wish.visual]) if known else {}
    if wish.visual not in points:
        raise NotFound(f"there is no visual {wish.visual} to search by; a visual_id of a hit names one")
    visual, asset = known[wish.visual]
    vector = points[wish.visual].image
    (labels,) = labels_of(serving, attributes, vector[None])
    profile = profile_of(visual, asset, labels, colour_shares(thumbnail_of(services, visual)))
    return Given(
        visual.asset_id, visual.locator, visual.perceptual_hash, vector, profile, evidence_of(0, visual, asset)
    )


def _file(services: Services, serving: Serving, wish: Wish, attributes: Attributes) -> Given:
    try:
        seen = services.pipeline.glance(wish.content, serving.encoder)
    except BadMedia as error:
        raise BadQuery(f"the file is no picture that can be searched by: {error}") from error
    (labels,) = labels_of(serving, attributes, seen.vector[None])
    profile = Profile(labels=labels, colours=colour_shares(seen.thumbnail), width=seen.width, height=seen.height)
    content = AssetId(sha256(wish.content).hexdigest())
    return Given(content, "", seen.perceptual_hash, seen.vector, profile)


def profiles_of(
    services: Services, actor: Actor, serving: Serving, attributes: Attributes, evidence: Sequence[Evidence]
) -> list[tuple[Evidence, Profile]]:
    """What is known of each hit; one that was deleted a moment ago is left out."""
    ids = [item.visual.id for item in evidence]
    known, points = services.catalog.visuals(actor, ids), serving.store.fetch(ids)
    there = [item for item in evidence if item.visual.id in known and item.visual.id in points]
    if not there:
        return []
    labels = labels_of(serving, attributes, np.stack([points[item.visual.id].image for item in there]))
    return [
        (item, profile_of(*known[item.visual.id], said, colour_shares(thumbnail_of(services, item.visual))))
        for item, said in zip(there, labels, strict=True)
    ]


def thumbnail_of(services: Services, visual: Visual) -> bytes:
    """Empty where none is kept: then nothing is said of its colours."""
    try:
        return services.blobs.get_derived(visual.asset_id, thumbnail_name(visual.locator))
    except NotFound:
        log.warning("visual %s is described without its colours: no thumbnail is kept", visual.id)
        return b""
