"""Checking what is in a library already, from stored vectors; and a picture with its text that is not kept."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from hashlib import sha256

import numpy as np

from rag.errors import BadSettings
from rag.indexing.points import searchable_captions
from rag.model import Action, Actor, Asset, AssetId, Caption, Hit, Moderation, Visual, strictest, visual_id
from rag.moderation.moderator import PolicyModerator
from rag.moderation.recording import asked_draft, checks_recorded
from rag.moderation.review import require_moderator, show_as_decided
from rag.moderation.rules import Rules
from rag.ports import Encoder, Matrix, Moderator, Point, Services, Serving, Subject
from rag.retrieval.rights import readable_libraries

ASSETS_AT_ONCE = 200


@dataclass(frozen=True, slots=True)
class Rechecked:
    """How far a library is.

    Attributes:
        done: assets of `total` that were looked at.
        found: assets with findings so far.
        changed: assets that are shown in another way than before, so far.
    """

    done: int
    total: int
    found: int
    changed: int


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the policy says of a picture and its text that are not kept, recorded as event number `event`.

    Attributes:
        action: the strictest of its hits; `allow` where there are none.
        shown: how it would be shown to readers while nobody decided.
    """

    hits: tuple[Hit, ...]
    action: Action
    shown: Moderation
    rules: Rules
    event: int


def moderator_of(services: Services) -> PolicyModerator:
    """Raises BadSettings where no policy is set."""
    moderator: Moderator | None = services.moderator
    if not isinstance(moderator, PolicyModerator):
        raise BadSettings("there is no moderation policy: set PICTUREDESK_POLICY, to sample-library for example")
    return moderator


def check_library(services: Services, actor: Actor, library: str, *, again: bool = False) -> Iterator[Rechecked]:
    """Check what was checked by other rules than those in use, page by page. Stopped, it goes on where it was.

    What people decided under the same version of the policy stands. Pictures are not decoded again.

    Args:
        again: all of the library, also what was checked by these rules.

    Raises:
        NotAllowed, NotFound: the library is not this actor's to moderate, or not there.
        BadSettings: no policy is set.
        Retryable: a part did not answer; what was checked until then stays.
    """
    require_moderator(actor)
    moderator = moderator_of(services)
    readable_libraries(actor, [library], services.catalog.libraries(actor))
    serving = services.serving()
    rules = "" if again else moderator.rules(serving.encoder.id).id
    total = services.reviews.due_count(actor, library, rules)
    done = found = changed = 0
    yield Rechecked(0, total, 0, 0)
    after = ""
    while assets := services.reviews.due(actor, library, rules, limit=ASSETS_AT_ONCE, after=after):
        hits, different = _recheck(services, moderator, serving, assets)
        done, found, changed = done + len(assets), found + hits, changed + different
        yield Rechecked(done, max(total, done), found, changed)
        after = assets[-1].id


def check_file(services: Services, actor: Actor, name: str, content: bytes, text: str, *, door: str) -> Verdict:
    """What the policy says of a picture, of a film or document its first, and of a text to go with it.

    Raises:
        BadSettings: no policy is set.
        BadMedia: it is no picture.
        LedgerUnavailable: nothing is returned.
    """
    moderator, encoder = moderator_of(services), services.serving().encoder
    rules = moderator.rules(encoder.id)
    digest = sha256(content).hexdigest()
    vector = services.pipeline.embed(content, encoder)
    captions = (Caption(text),) if text.strip() else ()
    asset = Asset("", AssetId(digest), name, "", len(content), captions=captions)
    visual = Visual(visual_id("", digest), "", asset.id, 0, 0)
    rows = _texts(encoder, [text]) if captions else _texts(encoder, [])
    (hits,) = moderator.hits([Subject(asset, (visual,), vector[None, :], (rows,))], encoder, rules)
    draft = asked_draft(actor, door, rules, content=digest, text=text, hits=hits)
    order = list(Action)
    action = max((hit.action for hit in hits), key=order.index, default=Action.ALLOW)
    shown = strictest(hit.meanwhile if hit.review else hit.action.state for hit in hits)
    return Verdict(hits, action, shown, rules, services.ledger.append(draft).seq)


def _recheck(
    services: Services, moderator: PolicyModerator, serving: Serving, assets: Sequence[Asset]
) -> tuple[int, int]:
    """How many of them have findings, and how many are shown in another way now."""
    subjects = _subjects(services, serving, assets)
    if not subjects:
        return 0, 0
    checks = checks_recorded(services, moderator.check(subjects, serving.encoder))
    changed = services.reviews.record(checks)
    show_as_decided(services, changed)
    return sum(bool(check.hits) for check in checks), len(changed)


def _subjects(services: Services, serving: Serving, assets: Sequence[Asset]) -> list[Subject]:
    """Those whose points are there; `doctor` sees to the others."""
    visuals = services.catalog.visuals_of([asset.ref for asset in assets])
    points = serving.store.fetch([visual.id for visual in visuals])
    subjects = []
    for asset in assets:
        own = [visual for visual in visuals if visual.asset_ref == asset.ref]
        if own and all(visual.id in points for visual in own):
            images = np.stack([points[visual.id].image for visual in own])
            rows = [_captions(serving.encoder, asset, visual, points[visual.id]) for visual in own]
            subjects.append(Subject(asset, own, images, rows))
    return subjects


def _captions(encoder: Encoder, asset: Asset, visual: Visual, point: Point) -> Matrix:
    """The vectors of its captions as the point has them; encoded where the catalog has others by now."""
    texts = [caption.text for caption in searchable_captions(asset, visual)]
    if [said["text"] for said in point.payload["captions"]] == texts and len(point.captions) == len(texts):
        return point.captions
    return _texts(encoder, texts)


def _texts(encoder: Encoder, texts: Sequence[str]) -> Matrix:
    return encoder.texts(texts) if texts else np.zeros((0, encoder.dim), np.float32)
