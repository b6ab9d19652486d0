"""The two flows over real parts: SQLite, Qdrant Edge, a Celery worker on threads, the demo encoder."""

from __future__ import annotations

import random
import shutil
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import numpy as np
import pytest

from rag.answering.wording import ENGLISH
from rag.ask import ask
from rag.errors import BadQuery, LedgerUnavailable, NotAllowed, NotFound, PictureDeskError, Retryable
from rag.ingest import accept, entries_of, follow, index
from rag.model import LOCAL_OWNER, Actor, AssetState, Eq, Evidence, Job, Part, Query
from rag.ports import Draft, Reranked
from rag.retrieval.search import Reranking, Retriever
from rag.scenes import captions, draw, sample_scene
from rag.search import search
from rag.settings import Settings
from rag.wiring import WiredServices, opened
from tests.services.llm import LlmServer
from tests.unit.media.pictures import corner_picture, encoded

READER = Actor("ann", frozenset({"reader"}), frozenset(), frozenset({"news"}))


def settings(folder: Path, **changes: object) -> Settings:
    return Settings(data=folder / "data", **changes)  # type: ignore[arg-type]


def draw_pictures(folder: Path, count: int = 6) -> list[str]:
    """Scenes with their captions beside them; returns the captions."""
    folder.mkdir(exist_ok=True)
    rng = random.Random(5)
    texts = []
    for number in range(count):
        scene = sample_scene(rng)
        draw(scene, 200).save(folder / f"{number}.jpg", quality=90)
        texts.append(captions(scene)[0])
        (folder / f"{number}.txt").write_text(texts[-1])
    return texts


def taken_in(services: WiredServices, folder: Path, library: str = "news") -> Job:
    job = accept(services, LOCAL_OWNER, library, entries_of(services, folder))
    return list(follow(services, LOCAL_OWNER, job.id, every=0.05))[-1]


@pytest.fixture(scope="module")
def stocked(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[WiredServices, list[str]]]:
    """An installation with six captioned pictures; tests that share it do not change it."""
    folder = tmp_path_factory.mktemp("stocked")
    texts = draw_pictures(folder / "pictures")
    with opened(settings(folder)) as services:
        taken_in(services, folder / "pictures")
        yield services, texts


@pytest.fixture
def services(tmp_path: Path) -> Iterator[WiredServices]:
    with opened(settings(tmp_path)) as services:
        yield services


# Ingest


def test_each_file_ends_as_indexed_skipped_or_quarantined_with_its_reason(
    services: WiredServices, tmp_path: Path
) -> None:
    folder = tmp_path / "mixed"
    draw_pictures(folder, 2)
    whole = (folder / "0.jpg").read_bytes()
    (folder / "truncated.jpg").write_bytes(whole[: len(whole) // 2])
    (folder / "empty.jpg").write_bytes(b"")
    (folder / "notes.md").write_text("no picture")
    (folder / "zwei Wörter\n写真.jpg").write_bytes(encoded(corner_picture(), "PNG"))
    job = taken_in(services, folder)
    ends = {item.name: (item.state, item.reason) for item in services.catalog.job_items(LOCAL_OWNER, job.id)}
    assert ends["0.jpg"] == ends["1.jpg"] == ends["zwei Wörter\n写真.jpg"] == (AssetState.INDEXED, "")
    assert ends["empty.jpg"] == (AssetState.SKIPPED, "the file is empty (0 bytes)")
    assert ends["notes.md"][0] is AssetState.SKIPPED
    assert "text/plain" in ends["notes.md"][1]
    assert ends["truncated.jpg"][0] is AssetState.QUARANTINED
    assert "cannot be decoded as JPEG" in ends["truncated.jpg"][1]
    assert services.store.count() == 3


def test_taking_the_same_folder_in_twice_changes_nothing_and_embeds_nothing(
    services: WiredServices, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    draw_pictures(tmp_path / "pictures", 3)
    first = taken_in(services, tmp_path / "pictures")

    def never(*_: object) -> None:
        raise AssertionError("a picture was embedded again")

    monkeypatch.setattr(services.encoder, "images", never)
    second = taken_in(services, tmp_path / "pictures")
    assert (first.known, second.known) == (0, 3)
    assert second.counts[AssetState.INDEXED] == 3
    assert services.store.count() == 3


def test_delivering_a_task_twice_changes_nothing(services: WiredServices, tmp_path: Path) -> None:
    draw_pictures(tmp_path / "pictures", 2)
    taken_in(services, tmp_path / "pictures")
    refs = [asset.ref for asset in services.catalog.assets(LOCAL_OWNER, "news")]
    assert index(services, refs) == []


def test_one_picture_that_breaks_the_encoder_harms_no_other(
    services: WiredServices, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    draw_pictures(tmp_path / "pictures", 3)
    (tmp_path / "pictures" / "poison.png").write_bytes(encoded(corner_picture(311, 200), "PNG"))
    encode = services.encoder.images
    poison = services.encoder.prepare(corner_picture(311, 200))

    def sometimes(pictures: list) -> object:  # type: ignore[type-arg]
        if any(np.array_equal(picture, poison) for picture in pictures):
            raise RuntimeError("poison")
        return encode(pictures)

    monkeypatch.setattr(services.encoder, "images", sometimes)
    job = accept(services, LOCAL_OWNER, "news", entries_of(services, tmp_path / "pictures"))
    refs = [asset.ref for asset in services.catalog.assets(LOCAL_OWNER, "news")]
    services.queue.close()
    for _ in range(4):
        index(services, refs)
    (bad,) = services.catalog.job_items(LOCAL_OWNER, job.id, states=[AssetState.QUARANTINED])
    assert bad.name == "poison.png"
    assert "failed 3 times; last: RuntimeError: poison" in bad.reason
    assert services.catalog.job(LOCAL_OWNER, job.id).counts[AssetState.INDEXED] == 3


def test_a_store_that_does_not_answer_is_not_held_against_the_pictures(
    services: WiredServices, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    draw_pictures(tmp_path / "pictures", 1)
    services.queue.close()
    with monkeypatch.context() as patch:
        patch.setattr(type(services.store), "upsert", _unavailable)
        job = accept(services, LOCAL_OWNER, "news", entries_of(services, tmp_path / "pictures"))
        refs = [asset.ref for asset in services.catalog.assets(LOCAL_OWNER, "news")]
        for _ in range(5):
            with pytest.raises(Retryable):
                index(services, refs)
    index(services, refs)
    assert services.catalog.job(LOCAL_OWNER, job.id).counts[AssetState.INDEXED] == 1


def _unavailable(*_: object) -> None:
    from rag.errors import Unavailable

    raise Unavailable("the store is away")


def test_bytes_that_vanished_quarantine_the_asset(services: WiredServices, tmp_path: Path) -> None:
    draw_pictures(tmp_path / "pictures", 1)
    taken_in(services, tmp_path / "pictures")
    (asset,) = services.catalog.assets(LOCAL_OWNER, "news")
    shutil.rmtree(tmp_path / "data" / "blobs")
    services.catalog.retry([asset.ref])
    assert services.catalog.asset(LOCAL_OWNER, asset.ref).state is AssetState.INDEXED, "what is indexed is not retried"


def test_only_editors_add_to_a_library_and_its_name_must_be_one(services: WiredServices, tmp_path: Path) -> None:
    draw_pictures(tmp_path / "pictures", 1)
    with pytest.raises(NotAllowed, match="ann may not change the library news"):
        accept(services, READER, "news", entries_of(services, tmp_path / "pictures"))
    with pytest.raises(BadQuery, match="no library name"):
        accept(services, LOCAL_OWNER, "../etc", entries_of(services, tmp_path / "pictures"))


# Search and ask


def test_a_caption_finds_its_picture_and_every_channel_says_how(stocked: tuple[WiredServices, list[str]]) -> None:
    services, texts = stocked
    for text in texts:
        best = search(services, LOCAL_OWNER, Query(text), door="test").evidence[0]
        assert best.caption is not None
        assert best.caption.text == text
        assert set(best.scores) == {"image", "caption", "bm25"}
        assert best.relevance > 0.5


def test_an_answer_cites_what_it_retrieved_and_says_that_no_llm_wrote_it(
    stocked: tuple[WiredServices, list[str]],
) -> None:
    services, texts = stocked
    answer = ask(services, LOCAL_OWNER, Query(texts[0]), door="test")
    assert 1 in answer.citations
    assert set(answer.citations) <= {item.number for item in answer.retrieval.evidence}
    assert answer.composer == "extractive"
    assert any("without a language model" in notice for notice in answer.notices)


def test_what_the_library_does_not_answer_is_abstained_from_with_what_was_searched(
    stocked: tuple[WiredServices, list[str]],
) -> None:
    services, _ = stocked
    answer = ask(services, LOCAL_OWNER, Query("How do I file my tax return?"), door="test")
    assert answer.abstained
    assert answer.text == f"{ENGLISH.nothing} I searched 6 visuals."
    assert answer.retrieval.evidence == ()
    assert all("is below" in item.reason for item in answer.retrieval.dropped[:6])


def test_every_retrieval_and_answer_is_in_the_ledger(stocked: tuple[WiredServices, list[str]]) -> None:
    services, texts = stocked
    answer = ask(services, LOCAL_OWNER, Query(texts[1]), door="test")
    asked, answered = (services.ledger.event(LOCAL_OWNER, seq) for seq in answer.events)
    assert (asked.kind, answered.kind) == ("retrieval", "answer")
    assert asked.body["query"]["text"] == texts[1]
    assert asked.body["door"] == "test"
    assert asked.body["prompt"]["id"] == "answer@2"
    assert texts[1] in asked.body["prompt"]["messages"][1]["text"]
    assert len(asked.body["evidence"]) + len(asked.body["dropped"]) == 6
    assert answered.body["retrieval"] == asked.seq
    assert answered.body["text"] == answer.text
    assert services.ledger.first_fault() is None


def test_no_ledger_no_answer(stocked: tuple[WiredServices, list[str]], monkeypatch: pytest.MonkeyPatch) -> None:
    services, texts = stocked

    def full(draft: Draft) -> None:
        raise LedgerUnavailable("the disk is full")

    monkeypatch.setattr(services.ledger, "append", full)
    for flow in (search, ask):
        with pytest.raises(LedgerUnavailable):
            flow(services, LOCAL_OWNER, Query(texts[0]), door="test")


@pytest.mark.parametrize(
    ("query", "message"),
    [
        (Query(""), "the question is empty"),
        (Query(" \n"), "the question is empty"),
        (Query("x" * 100_000), "the question has 100,000 characters; at most 4,000 fit"),
        (Query("x", top_k=0), "top_k is 0; it must lie between 1 and 100"),
        (Query("x", top_k=100_000), "top_k is 100,000"),
        (Query("x", where=Eq("colour", "red")), "colour"),
    ],
)
def test_a_question_that_cannot_be_asked_says_why(
    stocked: tuple[WiredServices, list[str]], query: Query, message: str
) -> None:
    with pytest.raises(BadQuery, match=message):
        ask(stocked[0], LOCAL_OWNER, query, door="test")


def test_a_library_of_somebody_else_is_not_there(stocked: tuple[WiredServices, list[str]]) -> None:
    services, texts = stocked
    stranger = Actor("bob", frozenset({"reader"}), libraries=frozenset({"other"}))
    with pytest.raises(NotFound, match="there is no library 'news'"):
        search(services, stranger, Query(texts[0], libraries=("news",)), door="test")
    with pytest.raises(PictureDeskError):
        services.ledger.events(stranger)


def test_pictures_of_a_group_are_for_that_group(services: WiredServices, tmp_path: Path) -> None:
    texts = draw_pictures(tmp_path / "pictures", 2)
    manifest = tmp_path / "pictures" / "manifest.jsonl"
    manifest.write_text(
        f'{{"path": "0.jpg", "caption": "{texts[0]}", "access_groups": ["press"]}}\n'
        f'{{"path": "1.jpg", "caption": "{texts[1]}"}}\n'
    )
    taken_in(services, manifest)
    press = Actor("pat", frozenset({"reader"}), frozenset({"press"}), frozenset({"news"}))
    assert len(search(services, press, Query(texts[0]), door="test").evidence) == 2
    seen = search(services, READER, Query(texts[0]), door="test")
    assert [item.name for item in seen.evidence] == ["1.jpg"]
    assert seen.dropped == ()
    assert seen.coverage.searched == 1


# With an LLM


@pytest.fixture
def written(tmp_path: Path, llm: LlmServer, request: pytest.FixtureRequest) -> Iterator[tuple[WiredServices, str]]:
    texts = draw_pictures(tmp_path / "pictures", 2)
    with opened(settings(tmp_path, llm=request.param, llm_url=llm.url, llm_timeout=10)) as services:
        taken_in(services, tmp_path / "pictures")
        yield services, texts[0]


@pytest.mark.parametrize("written", ["echo"], indirect=True)
def test_an_llm_writes_and_citations_that_no_evidence_has_are_removed(written: tuple[WiredServices, str]) -> None:
    services, text = written
    answer = ask(services, LOCAL_OWNER, Query(text), door="test")
    assert answer.text == "The red car is on the beach [1]. It was sold."
    assert answer.composer == "echo"
    assert any("[99]" in notice for notice in answer.notices)
    assert services.ledger.event(LOCAL_OWNER, answer.events[1]).body["verdicts"]["citations_removed"] == [99]


@pytest.mark.parametrize("written", ["refuses", "empty", "broken"], indirect=True)
def test_an_llm_that_fails_is_replaced_by_the_captions_with_a_notice(written: tuple[WiredServices, str]) -> None:
    services, text = written
    answer = ask(services, LOCAL_OWNER, Query(text), door="test")
    assert answer.composer == "extractive"
    assert answer.citations
    assert any("because the LLM" in notice for notice in answer.notices)


def test_all_hits_of_one_question_are_read_by_the_same_calibration(
    stocked: tuple[WiredServices, list[str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    """One that is fitted meanwhile counts from the next question on."""
    services, texts = stocked
    asked: list[str] = []
    newest = services.catalog.calibration_ids

    def counted(libraries: Sequence[str], encoder_id: str) -> Mapping[str, str]:
        asked.extend(libraries)
        return newest(libraries, encoder_id)

    monkeypatch.setattr(services.catalog, "calibration_ids", counted)
    retrieval = search(services, LOCAL_OWNER, Query(texts[0]), door="test")
    assert sorted(asked) == sorted(retrieval.calibrations)


class Backwards:
    """A reranker that turns the order round, and leaves the first out."""

    id = "backwards"
    sees_images = False

    def rerank(self, question: str, evidence: Sequence[Evidence], pictures: Mapping[int, bytes]) -> list[Reranked]:
        return [Reranked(item.number, item.number / 10, "it was late") for item in reversed(evidence[1:])]


def test_a_reranker_has_the_last_word_and_what_it_changed_is_told(stocked: tuple[WiredServices, list[str]]) -> None:
    services, texts = stocked
    retriever = Retriever(
        services.store,
        services.encoder,
        services.catalog,
        candidates=50,
        longest_question=4000,
        reranking=Reranking(Backwards(), 4, lambda evidence: {}),
    )
    plain = search(services, LOCAL_OWNER, Query(texts[0], top_k=6), door="test").evidence
    found = retriever.retrieve(LOCAL_OWNER, Query(texts[0], top_k=2))
    assert [item.visual.id for item in found.evidence] == [plain[3].visual.id, plain[2].visual.id]
    assert [item.number for item in found.evidence] == [1, 2]
    change = found.evidence[0].change
    assert change is not None
    assert (change.old_rank, change.new_rank, change.reason) == (4, 1, "it was late")
    assert found.reranked_by == "backwards"
    below = [item for item in found.dropped if item.position is not None]
    assert [item.position for item in below] == [3, 4, 5, 6]
    assert [item.visual_id for item in below] == [plain[n].visual.id for n in (1, 0, 4, 5)]


def test_a_query_without_words_is_not_reranked(stocked: tuple[WiredServices, list[str]]) -> None:
    services, texts = stocked
    given = search(services, LOCAL_OWNER, Query(texts[0], top_k=1), door="test").evidence[0].visual.id
    reranking = Reranking(Backwards(), 4, lambda evidence: {})
    retriever = Retriever(
        services.store, services.encoder, services.catalog, candidates=50, longest_question=99, reranking=reranking
    )
    found = retriever.retrieve(LOCAL_OWNER, Query(wanted=(Part(visual=given),)))
    assert len(found.evidence) == 5
    assert found.reranked_by == ""
