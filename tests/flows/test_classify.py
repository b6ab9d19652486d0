"""Classification from end to end, over the embedded profile with the demo encoder and drawn pictures."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from rag.classify import classify_assets, classify_files, classify_library, classify_visuals, untag
from rag.classifying.results import Classified, Page, Tally, Wanted
from rag.errors import BadQuery, NotAllowed, NotFound
from rag.ingest import accept, entries_of, follow
from rag.model import LOCAL_OWNER, Actor, AssetRef, Eq, Query, VisualId
from rag.ports import Services
from rag.scenes import Group, Scene, draw
from rag.search import search
from rag.settings import Settings
from rag.wiring import WiredServices, opened

KINDS = ("car", "cat", "lighthouse", "cake")
LABELS = ("car", "cat", "lighthouse")
"""So the cake is none of these."""

LIBRARY = "default"
READER = Actor("rita", frozenset({"reader"}), libraries=frozenset({LIBRARY}))


@pytest.fixture(scope="module")
def services(tmp_path_factory: pytest.TempPathFactory) -> Iterator[WiredServices]:
    folder = tmp_path_factory.mktemp("classify")
    pictures = folder / "pictures"
    pictures.mkdir()
    for kind in KINDS:
        scene = Scene((Group(kind, "red"),), setting="meadow", time_of_day="noon", seed=4)
        draw(scene, 256).save(pictures / f"{kind}.png")
    with opened(Settings(data=folder / "data")) as services:
        job = accept(services, LOCAL_OWNER, LIBRARY, entries_of(services, pictures))
        for _ in follow(services, LOCAL_OWNER, job.id, every=0.05):
            pass
        yield services


def through(services: Services, wanted: Wanted, actor: Actor = LOCAL_OWNER) -> tuple[dict[str, Classified], Tally]:
    pages = list(classify_library(services, actor, LIBRARY, wanted, door="test"))
    tally = pages.pop()
    assert isinstance(tally, Tally)
    results = [result for page in pages if isinstance(page, Page) for result in page.results]
    return {Path(result.name).stem: result for result in results}, tally


def tagged(services: Services, name: str) -> set[str]:
    """Whom a search with a filter finds, and what it shows of their tags."""
    found = search(services, LOCAL_OWNER, Query("a picture", where=Eq("tags", name)), door="test")
    assert all(item.tags == () and name in item.generated_tags for item in found.evidence)
    return {Path(item.name).stem for item in found.evidence}


def test_each_picture_of_a_library_gets_its_label_and_what_none_fits_is_said_to_be_none(
    services: WiredServices,
) -> None:
    found, tally = through(services, Wanted(LABELS))
    assert {name: result.verdict.label for name, result in found.items()} == {
        "car": "car",
        "cat": "cat",
        "lighthouse": "lighthouse",
        "cake": "",
    }
    assert tally.as_json() == {
        "assets": 4,
        "visuals": 4,
        "tagged": 0,
        "none": 1,
        "labels": {"car": 1, "cat": 1, "lighthouse": 1},
    }
    begun, ended = services.ledger.event(LOCAL_OWNER, tally.event), services.ledger.event(LOCAL_OWNER, tally.event + 1)
    assert begun.kind == ended.kind == "classification"
    assert begun.body["labels"] == list(LABELS)
    assert begun.body["templates"]["id"] == "labels/drawn@1"
    assert begun.body["encoder"] == services.encoder.id
    assert (ended.body["begun"], ended.body["phase"], ended.body["counts"]) == (begun.seq, "done", tally.as_json())


def test_an_upload_is_classified_as_the_same_picture_in_the_library(services: WiredServices, tmp_path: Path) -> None:
    scene = Scene((Group("cat", "red"),), setting="meadow", time_of_day="noon", seed=4)
    draw(scene, 256).save(tmp_path / "cat.png")
    before = services.store.count()
    files = [("cat.png", (tmp_path / "cat.png").read_bytes())]
    found = classify_files(services, LOCAL_OWNER, files, Wanted(LABELS), door="test")
    assert found.results[0].verdict.label == "cat"
    assert services.store.count() == before
    assert "cat.png" in str(services.ledger.event(LOCAL_OWNER, found.event).body["of"])


def test_visuals_and_assets_by_id_agree_with_the_library(services: WiredServices) -> None:
    everything, _ = through(services, Wanted(LABELS))
    ids = [result.visual.id for result in everything.values() if result.visual]
    refs = [result.asset for result in everything.values() if result.asset]
    by_visual = classify_visuals(services, READER, ids, Wanted(LABELS), door="test")
    by_asset = classify_assets(services, READER, refs, Wanted(LABELS), door="test")
    expected = [result.verdict.label for result in everything.values()]
    assert [result.verdict.label for result in by_visual.results] == expected
    assert [result.verdict.label for result in by_asset.results] == expected


def test_tags_are_found_at_once_show_their_origin_come_once_and_can_be_taken_back(services: WiredServices) -> None:
    wanted = Wanted(LABELS, tag=True, min_confidence=0.5)
    found, tally = through(services, wanted)
    sure = {name for name, result in found.items() if "car" in dict(result.tags)}
    assert sure == {"car"} == tagged(services, "car")
    assert tally.tagged >= 1
    ref = found["car"].asset
    assert ref is not None
    (tag,) = services.catalog.asset(LOCAL_OWNER, ref).generated_tags
    assert (tag.name, tag.event) == ("car", tally.event)
    assert through(services, wanted)[1].tagged == 0
    assert services.catalog.asset(LOCAL_OWNER, ref).generated_tags == (tag,)
    lost = sum(untag(services, LOCAL_OWNER, LIBRARY, label, door="test") for label in LABELS)
    assert lost == tally.tagged
    assert tagged(services, "car") == set()
    assert untag(services, LOCAL_OWNER, LIBRARY, "car", door="test") == 0


def test_words_of_a_search_find_a_generated_tag_too(services: WiredServices) -> None:
    through(services, Wanted(["lighthouse"], tag=True, min_confidence=0.5))
    found = search(services, LOCAL_OWNER, Query("lighthouse"), door="test").evidence
    assert {Path(item.name).stem for item in found if "bm25" in item.ranks} == {"lighthouse"}
    untag(services, LOCAL_OWNER, LIBRARY, "lighthouse", door="test")


def test_points_that_a_crash_left_behind_are_put_right_by_the_same_command(services: WiredServices) -> None:
    from rag.model import GeneratedTag

    found, _ = through(services, Wanted(LABELS))
    ref = found["car"].asset
    assert ref is not None
    services.catalog.add_generated_tags(LOCAL_OWNER, {ref: [GeneratedTag("car", 0.9, 1)]})  # and died
    assert tagged(services, "car") == set()
    through(services, Wanted(LABELS, tag=True, min_confidence=0.5))
    assert tagged(services, "car") == {"car"}
    services.catalog.remove_generated_tag(LOCAL_OWNER, LIBRARY, "car", limit=10)  # and died
    untag(services, LOCAL_OWNER, LIBRARY, "car", door="test")
    assert tagged(services, "car") == set()
    untag(services, LOCAL_OWNER, LIBRARY, "cat", door="test")
    untag(services, LOCAL_OWNER, LIBRARY, "lighthouse", door="test")


def test_whoever_stops_reading_is_in_the_ledger_with_how_far_it_came(services: WiredServices) -> None:
    pages = classify_library(services, LOCAL_OWNER, LIBRARY, Wanted(LABELS), door="test")
    next(pages)
    pages.close()
    (ended,) = services.ledger.events(LOCAL_OWNER, kind="classification", limit=1)
    assert ended.body["phase"] == "stopped"
    assert ended.body["counts"]["assets"] == 4


def test_tagging_takes_an_editor_and_other_libraries_are_not_there(services: WiredServices) -> None:
    with pytest.raises(NotAllowed):
        through(services, Wanted(LABELS, tag=True), READER)
    with pytest.raises(NotAllowed):
        untag(services, READER, LIBRARY, "car", door="test")
    with pytest.raises(NotFound, match="no library 'secret'"):
        classify_library(services, READER, "secret", Wanted(LABELS), door="test")
    stranger = Actor("sam", frozenset({"reader"}), libraries=frozenset({"elsewhere"}))
    found, _ = through(services, Wanted(LABELS))
    visual, ref = found["car"].visual, found["car"].asset
    assert visual is not None
    assert ref is not None
    with pytest.raises(NotFound, match="visuals: there is no visual"):
        classify_visuals(services, stranger, [visual.id], Wanted(LABELS), door="test")
    with pytest.raises(NotFound):
        classify_assets(services, stranger, [ref], Wanted(LABELS), door="test")


@pytest.mark.parametrize(
    ("wanted", "names"),
    [
        (Wanted([]), "labels: there are none; give 1 to 1,000"),
        (Wanted([str(at) for at in range(10_000)]), "labels: there are 10,000; give 1 to 1,000"),
        (Wanted(LABELS, template="nothing"), "template: there is no 'nothing'; there are: artworks"),
        (Wanted(LABELS, tag=True, min_confidence=1.5), "min_confidence: 1.5"),
    ],
)
def test_what_cannot_be_asked_names_its_field_and_writes_nothing(
    services: WiredServices, wanted: Wanted, names: str
) -> None:
    before = services.ledger.events(LOCAL_OWNER, kind="classification")
    with pytest.raises(BadQuery, match=names):
        classify_library(services, LOCAL_OWNER, LIBRARY, wanted, door="test")
    assert services.ledger.events(LOCAL_OWNER, kind="classification") == before


def test_nothing_or_too_much_at_once_is_refused(services: WiredServices) -> None:
    with pytest.raises(BadQuery, match="visuals: there are 101; give 1 to 100"):
        classify_visuals(services, LOCAL_OWNER, [VisualId(str(at)) for at in range(101)], Wanted(LABELS), door="test")
    with pytest.raises(BadQuery, match="assets: there are 0"):
        classify_assets(services, LOCAL_OWNER, list[AssetRef](), Wanted(LABELS), door="test")
    with pytest.raises(BadQuery, match="tag: only assets"):
        classify_files(services, LOCAL_OWNER, [("a", b"")], Wanted(LABELS, tag=True), door="test")
