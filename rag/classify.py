"""The classify flow: labels that anybody can name in, for each picture one of them or "none of these" out.

    labels -> prompts of prompts/labels -> one vector a label (the mean of its prompts)
           -> stored vectors of visuals, a page at a time | an upload, embedded and not kept
           -> cosines -> calibrated confidence, and "none of these"
           -> event written, durable -> results
           -> where wished: tags that show their origin -> points of the visuals -> event with the counts

An asset with several visuals (a film, a PDF) is spoken for by the visual that is surest of
its label; it gets each tag that one of its visuals is sure enough of. If the ledger
cannot be written there is no result: `LedgerUnavailable` goes up.
"""

from __future__ import annotations

from collections.abc import Generator, Iterable, Sequence
from dataclasses import replace
from hashlib import sha256

import numpy as np

from rag.classifying.assets import decided, indexed_assets
from rag.classifying.calibrating import calibration_from_tags, calibration_of
from rag.classifying.classifier import Classifier
from rag.classifying.labels import MOST_PICTURES, checked_labels
from rag.classifying.recording import asked_draft, ended_draft, untagged_draft
from rag.classifying.results import Classification, Classified, Page, Tally, Wanted
from rag.classifying.tagging import give_tags, take_back
from rag.classifying.templates import default_template, label_vectors, load_templates
from rag.errors import BadQuery, NotFound
from rag.ingest import require_editor
from rag.model import Actor, AssetRef, Json, VisualId
from rag.ports import Services
from rag.retrieval.rights import readable_libraries

Pages = Generator[Page | Tally, None, None]
"""Results of a library; closing it stops the work."""


def classify_files(
    services: Services, actor: Actor, files: Sequence[tuple[str, bytes]], wanted: Wanted, *, door: str
) -> Classification:
    """Classify files that are not kept: name and bytes. Of a film or document, its first picture.

    Raises:
        BadQuery: labels, template, threshold or the number of files; or tags, which only assets can have.
        BadMedia: one of them is no picture.
        LedgerUnavailable: nothing is returned.
    """
    _check_number(len(files), "files")
    classifier = _classifier(services, wanted.checked(may_tag=False))
    encoder = classifier.serving.encoder
    rows = classifier.probabilities(np.stack([services.pipeline.embed(content, encoder) for _, content in files]))
    results = [Classified(name, classifier.verdict(row)) for (name, _), row in zip(files, rows, strict=True)]
    of: Json = {"files": [{"name": name, "content": sha256(content).hexdigest()} for name, content in files]}
    return _recorded(services, actor, results, door=door, classifier=classifier, wanted=wanted, of=of)


def classify_visuals(
    services: Services, actor: Actor, ids: Sequence[VisualId], wanted: Wanted, *, door: str
) -> Classification:
    """Classify visuals each for itself, from their stored vectors.

    Raises:
        BadQuery: as `classify_files`.
        NotFound: one that does not exist, is not indexed, or is not for this actor.
        LedgerUnavailable: nothing is returned.
    """
    _check_number(len(ids), "visuals")
    classifier = _classifier(services, wanted.checked(may_tag=False))
    known = services.catalog.visuals(actor, ids)
    points = classifier.serving.store.fetch(list(known)) if known else {}
    for one in ids:
        if one not in known or one not in points:
            raise NotFound(f"visuals: there is no visual {one}")
    rows = classifier.probabilities(np.stack([points[one].image for one in ids]))
    results = [
        Classified(known[one][1].name, classifier.verdict(row), known[one][1].ref, known[one][0])
        for one, row in zip(ids, rows, strict=True)
    ]
    return _recorded(
        services, actor, results, door=door, classifier=classifier, wanted=wanted, of={"visuals": list(ids)}
    )


def classify_assets(
    services: Services, actor: Actor, refs: Sequence[AssetRef], wanted: Wanted, *, door: str
) -> Classification:
    """Classify whole assets, from the stored vectors of their visuals.

    Raises:
        BadQuery: as `classify_files`.
        NotFound: one that does not exist, is not indexed, or is not for this actor.
        NotAllowed: the actor may not tag in one of their libraries.
        LedgerUnavailable: nothing is returned, and nothing is tagged.
    """
    _check_number(len(refs), "assets")
    for library in {ref.library for ref in refs} if wanted.tag else ():
        require_editor(actor, library)
    classifier = _classifier(services, wanted.checked())
    assets = [services.catalog.asset(actor, ref) for ref in dict.fromkeys(refs)]
    found = decided(services, classifier, assets, wanted)
    for asset in assets:
        if asset.ref not in found:
            raise NotFound(f"assets: {asset.ref} has no picture in the index: it is {asset.state}")
    of: Json = {"assets": [str(ref) for ref in found]}
    recorded = _recorded(services, actor, list(found.values()), door=door, classifier=classifier, wanted=wanted, of=of)
    if wanted.tag:
        give_tags(services, actor, recorded.results, recorded.event)
    return recorded


def classify_library(services: Services, actor: Actor, library: str, wanted: Wanted, *, door: str) -> Pages:
    """Classify all of a library that the actor may see, from stored vectors, a page at a time; its tally comes last.

    Memory does not grow with the library. Whoever stops reading stops the work, and what
    was tagged until then stays. Running it again gives no tag twice.
    Where people tagged enough assets with these labels, confidence is calibrated on them.

    Raises, before the first page:
        BadQuery: labels, template or threshold.
        NotFound: no such library for this actor.
        NotAllowed: the actor may not tag in it.
        LedgerUnavailable: nothing is returned.
    """
    readable_libraries(actor, [library], services.catalog.libraries(actor))
    if wanted.tag:
        require_editor(actor, library)
    classifier = _classifier(services, wanted.checked())
    classifier = replace(classifier, calibration=calibration_from_tags(services, actor, library, classifier))
    total = services.catalog.coverage(actor, [library]).searched
    of: Json = {"library": library, "visuals": total}
    asked = asked_draft(actor, door, library, classifier=classifier, wanted=wanted, of=of)
    tally = Tally(classifier, services.ledger.append(asked).seq)
    return _pages(services, actor, library, wanted, tally, total=total, door=door)


def untag(services: Services, actor: Actor, library: str, name: str, *, door: str) -> int:
    """Take a tag that classifications gave back from a whole library; tags of people and files stay.

    Calling twice is harmless.

    Returns:
        How many assets lost it.

    Raises:
        NotAllowed, NotFound: the library is not this actor's to change, or not there.
        LedgerUnavailable: nothing is changed.
    """
    readable_libraries(actor, [library], services.catalog.libraries(actor))
    require_editor(actor, library)
    services.ledger.append(untagged_draft(actor, door, library, name))
    return take_back(services, actor, library, name)


def _pages(
    services: Services, actor: Actor, library: str, wanted: Wanted, tally: Tally, *, total: int, door: str
) -> Pages:
    phase = "stopped"
    try:
        for assets in indexed_assets(services, actor, library):
            results = list(decided(services, tally.classifier, assets, wanted).values())
            tally.add(results, give_tags(services, actor, results, tally.event) if wanted.tag else 0)
            yield Page(tuple(results), tally.visuals, max(total, tally.visuals))
        phase = "done"
    finally:
        services.ledger.append(ended_draft(actor, door, library, tally, phase=phase))
    yield tally


def _classifier(services: Services, wanted: Wanted) -> Classifier:
    labels = checked_labels(wanted.labels)
    serving = services.serving()
    encoder = serving.encoder
    templates = load_templates(wanted.template or default_template(encoder))
    vectors = label_vectors(encoder, templates, labels)
    return Classifier(serving, labels, templates, vectors, calibration_of(encoder))


def _check_number(count: int, field: str) -> None:
    if not 1 <= count <= MOST_PICTURES:
        raise BadQuery(f"{field}: there are {count:,}; give 1 to {MOST_PICTURES}, or classify a whole library")


def _recorded(
    services: Services,
    actor: Actor,
    results: Sequence[Classified],
    *,
    door: str,
    classifier: Classifier,
    wanted: Wanted,
    of: Json,
) -> Classification:
    library = _only(result.asset.library for result in results if result.asset)
    draft = asked_draft(actor, door, library, classifier=classifier, wanted=wanted, of=of, results=results)
    return Classification(tuple(results), classifier, services.ledger.append(draft).seq)


def _only(libraries: Iterable[str]) -> str:
    """The library an event belongs to; empty where there are several, or none."""
    names = set(libraries)
    return names.pop() if len(names) == 1 else ""
