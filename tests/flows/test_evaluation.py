"""`picturedesk eval` over a real installation: the demo encoder, Qdrant Edge, the Retriever that answers people."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
import typer

from rag.errors import BadSource, NotFound
from rag.evaluation import drift
from rag.evaluation.judgements import judged_cases
from rag.evaluation.known_items import copied, known_items, without_caption
from rag.evaluation.library import Judged, LibraryRun, evaluate_library
from rag.evaluation.report import Report, Section, read_report
from rag.evaluation.suites.pixels import with_word
from rag.media.lettering import without_lettering
from rag.model import LOCAL_OWNER, Query
from rag.scenes import Group, Scene, draw
from rag.search import search
from rag.settings import Settings
from rag.terminal.evaluation import Outputs, evaluate_suites, finish
from rag.wiring import WiredServices, opened, throwaway
from tests.flows.desk import drawn, stock

PICTURES = 60
UNRELATED = ("How do I merge two cells in a table?", "Who wrote the national anthem?", "Define entropy")


@pytest.fixture(scope="module")
def pictures(tmp_path_factory: pytest.TempPathFactory) -> list[tuple[Path, str]]:
    return drawn(tmp_path_factory.mktemp("pictures"), PICTURES, size=128)


@pytest.fixture(scope="module")
def services(tmp_path_factory: pytest.TempPathFactory, pictures: list[tuple[Path, str]]) -> Iterator[WiredServices]:
    settings = Settings(data=tmp_path_factory.mktemp("desk") / "data")
    stock(settings, pictures)
    with opened(settings) as opened_services:
        yield opened_services


@pytest.fixture(scope="module")
def section(services: WiredServices) -> Iterator[Section]:
    with throwaway(services.settings) as scratch:
        yield evaluate_library(LibraryRun(services, "default", scratch.collections, unanswerable=UNRELATED, most=40))


def test_a_library_is_measured_by_its_own_captions(section: Section) -> None:
    assert section.visuals == PICTURES
    assert section.questions == 40 + len(UNRELATED)
    for channel in ("fused", "image", "caption", "bm25"):
        for measure in ("recall@1", "recall@5", "recall@10", "MRR", "nDCG@10"):
            figure = section.figure(f"{channel} {measure}")
            assert 0.0 <= figure.low <= figure.value <= figure.high <= 1.0
            assert figure.n == 40
    assert section.figure("image recall@5").value > 0.8
    assert 0.0 <= section.figure("ECE").value <= 1.0
    assert section.figure("unanswerable abstained").n == len(UNRELATED)


def test_a_question_does_not_find_its_picture_by_its_own_words(section: Section) -> None:
    """Each picture has one caption, which is taken off it: word for word it would come first in every case."""
    assert section.figure("caption recall@1").value == 0.0
    assert section.figure("bm25 recall@1").value == 0.0


def test_a_caption_that_is_taken_off_leaves_vector_terms_and_payload(services: WiredServices) -> None:
    with throwaway(services.settings) as scratch:
        store = copied(services, "default", scratch.collections)
        item = known_items(services, "default", most=1)[0]
        point = store.fetch([item.visual.id])[item.visual.id]
        bare = without_caption(point, item)
    assert len(point.captions) == 1
    assert len(bare.captions) == 0
    assert bare.bm25.indices == ()
    assert bare.payload["captions"] == []
    assert (bare.image == point.image).all()


def test_measuring_changes_nothing_and_is_recorded_once_not_by_question(
    services: WiredServices, section: Section
) -> None:
    (event,) = (one for one in services.ledger.events(LOCAL_OWNER) if one.kind != "ingest")
    assert (event.kind, event.library, event.body["action"]) == ("eval", "default", "measured")
    assert event.body["counts"] == {"questions": section.questions, "visuals": PICTURES}
    assert event.body["figures"]["fused recall@5"] == round(section.figure("fused recall@5").value, 4)
    assert not any(text in str(event.body) for text in UNRELATED)
    assert services.store.count() == PICTURES
    item = known_items(services, "default", most=1)[0]
    found = search(services, LOCAL_OWNER, Query(item.text), door="test")
    assert found.evidence[0].visual.id == item.visual.id


def test_judged_questions_are_asked_of_the_collection_as_it_is(
    services: WiredServices, pictures: list[tuple[Path, str]]
) -> None:
    grades = {str(n): {path.name: 1.0} for n, (path, _) in enumerate(pictures[:20])}
    questions = {str(n): caption for n, (_, caption) in enumerate(pictures[:20])}
    with throwaway(services.settings) as scratch:
        made = evaluate_library(
            LibraryRun(services, "default", scratch.collections, judged=Judged(grades, questions), unanswerable=())
        )
    assert made.questions == 20
    assert made.figure("caption recall@1").value == 1.0
    assert made.figure("fused recall@5").value == 1.0


def test_judgements_of_pictures_that_are_not_there_are_told(services: WiredServices) -> None:
    with pytest.raises(BadSource, match=r"there is no picture 'gone\.jpg' in 'default'"):
        judged_cases(services, "default", {"1": {"gone.jpg": 1.0}}, {"1": "a car"})


def test_a_library_that_is_not_there_is_said_at_once(services: WiredServices) -> None:
    with throwaway(services.settings) as scratch, pytest.raises(NotFound, match="there is no library 'gone'"):
        evaluate_library(LibraryRun(services, "gone", scratch.collections))


def test_drift_needs_a_reference_and_something_new(services: WiredServices) -> None:
    with pytest.raises(NotFound, match="--set-reference"):
        drift.measure(services, LOCAL_OWNER, "default")
    drift.set_reference(services, LOCAL_OWNER, "default")
    found = drift.measure(services, LOCAL_OWNER, "default")
    assert found.steady
    assert [(signal.n, signal.drifted) for signal in found.signals] == [(0, None), (0, None)]
    events = services.ledger.events(LOCAL_OWNER, kind="eval", limit=2)
    assert [event.body["action"] for event in events] == ["drift", "reference"]
    assert 'picturedesk_drift_found{library="default",of="pictures"} 0' in drift.prometheus(found)


def test_a_suite_runs_from_the_command_line_into_its_files_and_holds_against_itself(tmp_path: Path) -> None:
    settings = Settings(data=tmp_path / "data")
    json_file, page = tmp_path / "run.json", tmp_path / "run.html"
    evaluate_suites(settings, ["mixed"], size=16, seed=1, outputs=Outputs(json_file, page))
    made = read_report(json_file).sections[0]
    assert made.figure("fused recall@5").n == 16
    assert made.figure("fused recall@5, uncaptioned").n == 8
    assert "Captions for some" in page.read_text(encoding="utf-8")
    assert not (tmp_path / "data").exists()


def test_a_gate_that_does_not_hold_names_the_figure_and_exits_with_one(
    section: Section, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    now = Report("demo", "2026-01-01", (section,))
    risen = tuple(replace(one, value=2.0, low=1.9, high=2.1) for one in section.figures if one.better == "higher")
    before = replace(now, sections=(replace(section, figures=risen),))
    finish(now, Outputs(), before=now)
    assert "the gate holds" in capsys.readouterr().err
    with pytest.raises(typer.Exit) as stopped:
        finish(now, Outputs(), before=before)
    assert stopped.value.exit_code == 1
    assert "library default: fused recall@5: 2.000 (1.900 to 2.100) is now" in capsys.readouterr().err.replace(
        "\n", " "
    )


def test_with_lettering_masked_a_picture_is_encoded_as_if_nothing_were_written_on_it(
    services: WiredServices, tmp_path: Path
) -> None:
    written = with_word("bicycle")(draw(Scene((Group("dog", "blue"),), setting="beach", time_of_day="noon"), 256))
    written.save(tmp_path / "label.png")
    stock(masked := Settings(data=tmp_path / "data", mask_lettering=True), [(tmp_path / "label.png", "a blue dog")])
    with opened(masked) as desk:
        collection = desk.collections.open(services.store.name, services.store.dim)
        (point,) = collection.fetch(collection.ids()).values()
    healed, plain = services.encoder.images([without_lettering(written), written])
    assert float(point.image @ healed) > 0.999
    assert float(point.image @ plain) < 0.99
