"""The first stage: bytes of one asset to pictures that are ready for the encoder, thumbnails kept on the way."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from rag.errors import BadMedia, BrokenMedia, NotFound, Retryable
from rag.media.decoders import Decoders, Medium
from rag.media.derived import thumbnail_name
from rag.media.lettering import without_lettering
from rag.media.visuals import DecodedVisual, Metadata
from rag.model import AssetState, Caption, CaptionOrigin, Found, Visual, visual_id
from rag.pipeline.vectors import kept_vector
from rag.pipeline.work import Work
from rag.ports import Pixels, Services

if TYPE_CHECKING:
    from PIL.Image import Image

log = logging.getLogger(__name__)

Hand = Callable[[Work, int, int, Pixels], None]


class DecodeStage:
    """Decodes assets one at a time; any number of threads may share one. Every failure ends the work it belongs to."""

    def __init__(self, services: Services, decoders: Decoders, hand: Hand) -> None:
        """
        Args:
            hand: takes each prepared picture, and waits where the encoder has enough.
        """
        self._services = services
        self._decoders = decoders
        self._hand = hand

    def decode(self, work: Work) -> bool:
        """Decode one asset; True when it is complete without the encoder."""
        try:
            return self._decode(work)
        except NotFound:
            work.refuse(AssetState.QUARANTINED, "its bytes are missing from the blob store")
        except BrokenMedia as error:
            work.refuse(AssetState.QUARANTINED, str(error))
        except BadMedia as error:
            work.refuse(AssetState.SKIPPED, str(error))
        except Retryable as error:
            work.fail(error)
        except Exception as error:
            log.exception("decoding %s failed; it is tried again", work.asset.ref)
            work.refuse(AssetState.ACCEPTED, f"{type(error).__name__}: {error}")
        return False

    def _decode(self, work: Work) -> bool:
        asset = work.asset
        content = self._services.blobs.get(asset.id)
        with self._decoders.open(content, keep_personal=work.keep_personal) as medium:
            texts = [self._take(work, seen) for seen in medium]
            work.learn(found_in(medium, [text for text in texts if text]))
            work.left_out = _said_of(medium.left_out)
        if not work.visuals:
            work.refuse(AssetState.SKIPPED, "it holds no picture")
            return False
        return work.decoded()

    def _take(self, work: Work, seen: DecodedVisual) -> Caption | None:
        """Keep the thumbnail and pass the picture on; gives what the picture itself says."""
        asset = work.asset
        if not work.again:
            self._services.blobs.put_derived(asset.id, thumbnail_name(seen.locator), seen.thumbnail)
        visual = Visual(
            id=visual_id(asset.library, asset.id, seen.locator),
            library=asset.library,
            asset_id=asset.id,
            width=seen.width,
            height=seen.height,
            locator=seen.locator,
            perceptual_hash=seen.perceptual_hash,
        )
        encoders = [target.encoder for target in work.targets]
        vectors = [None if seen.locator else kept_vector(self._services.blobs, asset, one) for one in encoders]
        place = work.add(visual, vectors)
        picture = self._seen_by_encoder(seen.image)
        for target, (encoder, vector) in enumerate(zip(encoders, vectors, strict=True)):
            if vector is None:
                self._hand(work, place, target, encoder.prepare(picture))
        return Caption(seen.text, CaptionOrigin.EMBEDDED, locator=seen.locator) if seen.text else None

    def _seen_by_encoder(self, image: Image) -> Image:
        return without_lettering(image) if self._services.settings.mask_lettering else image


def found_in(medium: Medium, texts: list[Caption]) -> Found:
    """What a file says of itself and of its single pictures, in our words."""
    said: Metadata = medium.metadata
    return Found(
        captions=(*(Caption(text, CaptionOrigin.EMBEDDED) for text in said.captions), *texts),
        tags=said.keywords,
        captured_at=said.captured_at,
        camera=said.camera,
        source=said.credit,
        licence=said.licence,
        personal=said.personal,
    )


def _said_of(left_out: Sequence[str]) -> str:
    if not left_out:
        return ""
    others = f" (and {len(left_out) - 1} more)" if len(left_out) > 1 else ""
    return f"indexed in part: {left_out[0]}{others}"
