"""What the ledger says of classifications, as drafts of events. Pictures by hash or id, never as bytes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict

from rag.audit.actors import who
from rag.classifying.classifier import Classifier
from rag.classifying.results import Classified, Tally, Wanted
from rag.model import Actor, Json
from rag.ports import Draft

KIND = "classification"


def asked_draft(
    actor: Actor,
    door: str,
    library: str,
    *,
    classifier: Classifier,
    wanted: Wanted,
    of: Json,
    results: Sequence[Classified] | None = None,
) -> Draft:
    """Written before anything is released: who asks what of which pictures, and by what it is decided.

    Args:
        of: what is classified: `{"library": …}`, `{"visuals": […]}`, `{"assets": […]}`, `{"files": […]}`.
        results: of a few pictures, known already; None for a library, whose end is an event of its own.
    """
    body: Json = {
        **_who(actor, door, "begun" if results is None else "done"),
        "of": of,
        "labels": list(classifier.labels),
        "templates": {"id": classifier.templates.id, "hash": classifier.templates.hash},
        "encoder": classifier.serving.encoder.id,
        "collection": classifier.serving.store.name,
        "calibration": asdict(classifier.calibration),
        "tagging": wanted.tagging,
    }
    if results is not None:
        body["results"] = [result.as_json() for result in results]
    return Draft(KIND, actor.id, library, body)


def ended_draft(actor: Actor, door: str, library: str, tally: Tally, *, phase: str) -> Draft:
    """At the end of a library: `done`, or `stopped` by whoever asked or by what failed, and how far it came."""
    body: Json = {**_who(actor, door, phase), "begun": tally.event, "counts": tally.as_json()}
    return Draft(KIND, actor.id, library, body)


def untagged_draft(actor: Actor, door: str, library: str, name: str) -> Draft:
    """Before a tag of classifications is taken back."""
    return Draft(KIND, actor.id, library, {**_who(actor, door, "untag"), "tag": name})


def _who(actor: Actor, door: str, phase: str) -> Json:
    return {**who(actor, door), "phase": phase}
