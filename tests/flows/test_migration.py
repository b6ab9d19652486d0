"""Another encoder while people search and add pictures: nothing fails, and nothing mixes the two."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import httpx
import numpy as np
import pytest
from PIL.Image import Image

from rag.api.schemas.asking import SearchResponse
from rag.doctor import Finding, examine
from rag.errors import BadRequest
from rag.ingest import accept, delete, entries_of, follow
from rag.migration import flow
from rag.migration.openings import LIVE
from rag.migration.work import remove_dropped
from rag.model import LOCAL_OWNER, Actor, Asset, Channel, Generation, GenerationState, Query, Retrieval
from rag.ports import Encoder, Matrix, Pixels, VectorStore
from rag.search import search
from rag.settings import Settings
from rag.wiring import WiredServices, opened
from tests.flows.desk import drawn, manifest, serving, until
from tests.unit.encoding.tiny_clip import write_tiny_clip

PICTURES = 12
ADDED = 4
SEARCHERS = 3
OPERATOR = Actor("olga", frozenset({"owner"}), libraries=frozenset({"*"}))
TEXTS = ("a red car on a beach", "two cats at night", "a nurse")


@pytest.fixture(scope="module")
def encoders(tmp_path_factory: pytest.TempPathFactory) -> tuple[str, str]:
    """Two encoders that load in no time and agree on nothing: the same make, other weights."""
    folder = tmp_path_factory.mktemp("encoders")
    return (
        f"local-dir:{write_tiny_clip(folder / 'first', seed=3)}",
        f"local-dir:{write_tiny_clip(folder / 'second', seed=4)}",
    )


@pytest.fixture(scope="module")
def pictures(tmp_path_factory: pytest.TempPathFactory) -> list[tuple[Path, str]]:
    return drawn(tmp_path_factory.mktemp("pictures") / "all", PICTURES, size=96)


@pytest.fixture
def settings(encoders: tuple[str, str], tmp_path: Path) -> Settings:
    return Settings(data=tmp_path / "data", encoder=encoders[0], device="cpu", precision="fp32", decoders=1, batch=4)


def take_in(services: WiredServices, source: Path) -> None:
    job = accept(services, LOCAL_OWNER, "default", entries_of(services, source))
    for _ in follow(services, LOCAL_OWNER, job.id, every=0.02):
        pass


def filled(services: WiredServices, number: int) -> Generation:
    """A coming generation, once its worker has come to an end."""
    *_, last = flow.follow(services, number)
    return last


def migrated(services: WiredServices, encoder: str) -> Generation:
    wanted = flow.migrate(services, OPERATOR, encoder, replay=20, door="test")
    found = filled(services, wanted.number)
    assert found.state is GenerationState.READY, found.trouble
    return found


def every_asset(services: WiredServices) -> list[Asset]:
    return services.catalog.every_asset(limit=1000)


def stores(services: WiredServices) -> dict[str, VectorStore]:
    return {store.name: store for store in services.collections.every()}


@dataclass
class Searchers:
    """People who search all the time, in threads; what they found, and what went wrong."""

    services: WiredServices
    found: list[tuple[str, Retrieval]] = field(default_factory=list)
    failures: list[Exception] = field(default_factory=list)
    stop: threading.Event = field(default_factory=threading.Event)

    def run(self) -> None:
        while not self.stop.is_set():
            for text in TEXTS:
                try:
                    self.found.append((text, search(self.services, LOCAL_OWNER, Query(text, top_k=3), door="test")))
                except Exception as error:
                    self.failures.append(error)

    def seen(self, encoder_id: str) -> int:
        return sum(retrieval.encoder_id == encoder_id for _, retrieval in self.found)

    def until_seen(self, encoder_id: str, more: int = 5) -> None:
        before = self.seen(encoder_id)
        until(lambda: self.seen(encoder_id) >= before + more or bool(self.failures))


@contextmanager
def searching(services: WiredServices) -> Iterator[Searchers]:
    searchers = Searchers(services)
    threads = [threading.Thread(target=searchers.run) for _ in range(SEARCHERS)]
    for thread in threads:
        thread.start()
    try:
        yield searchers
    finally:
        searchers.stop.set()
        for thread in threads:
            thread.join()


def assert_unmixed(services: WiredServices, found: list[tuple[str, Retrieval]]) -> None:
    """Each response names one generation, and its scores are those of that encoder and that collection alone."""
    by_encoder = {}
    for one in services.generations.every():
        if one.state in (GenerationState.LIVE, GenerationState.PREVIOUS):
            opened_one = services.opened(one)
            by_encoder[one.encoder_id] = opened_one, dict(zip(TEXTS, opened_one.encoder.texts(TEXTS), strict=True))
    for text, retrieval in found:
        serving, vectors = by_encoder[retrieval.encoder_id]
        assert retrieval.collection == serving.store.name
        points = serving.store.fetch([item.visual.id for item in retrieval.evidence])
        for item in retrieval.evidence:
            expected = float(points[item.visual.id].image @ vectors[text])
            assert item.scores[Channel.IMAGE] == pytest.approx(expected, abs=1e-4)


@pytest.fixture(params=["edge", "server"])
def stored_in(request: pytest.FixtureRequest, settings: Settings) -> Settings:
    """The installation with its vectors in the process, and on a Qdrant server."""
    if request.param == "edge":
        return settings
    return settings.model_copy(update={"vectors": request.getfixturevalue("qdrant_url")})


def test_a_migration_under_load_fails_no_request_and_mixes_no_response(
    stored_in: Settings, encoders: tuple[str, str], pictures: list[tuple[Path, str]], tmp_path: Path
) -> None:
    added = drawn(tmp_path / "added", ADDED, size=96, seed=12)
    with opened(stored_in) as services:
        take_in(services, manifest(pictures))
        first = services.serving()
        with searching(services) as searchers:
            adding = threading.Thread(target=take_in, args=(services, manifest(added)))
            wanted = flow.migrate(services, OPERATOR, encoders[1], replay=20, door="test")
            adding.start()
            ready = filled(services, wanted.number)
            adding.join()
            assert ready.state is GenerationState.READY, ready.trouble
            flow.switch(services, OPERATOR, ready.number, door="test")
            searchers.until_seen(ready.encoder_id)
            flow.switch(services, OPERATOR, first.number, door="test")
            searchers.until_seen(first.encoder.id)
        assert searchers.failures == []
        assert searchers.seen(first.encoder.id) >= 5 <= searchers.seen(ready.encoder_id)
        assert_unmixed(services, searchers.found)
        assert {store.count() for store in stores(services).values()} == {PICTURES + ADDED}
        assert services.collections.live(LIVE) == first.store.name
        recorded = services.ledger.events(LOCAL_OWNER, kind="encoder")[::-1]
        assert [event.body["action"] for event in recorded] == ["migrate", "switch", "switch"]
        assert {(event.actor, event.body["door"]) for event in recorded} == {("olga", "test")}
        assert ready.report["queries"] == len(TEXTS)
        assert PICTURES <= ready.report["labelled"] <= PICTURES + ADDED


def test_a_further_page_names_the_encoder_of_the_first(
    settings: Settings, encoders: tuple[str, str], pictures: list[tuple[Path, str]]
) -> None:
    with opened(settings) as services:
        take_in(services, manifest(pictures))
        first = services.serving().encoder
        page = search(services, LOCAL_OWNER, Query(TEXTS[0], top_k=2), door="test").next_page
        flow.switch(services, OPERATOR, migrated(services, encoders[1]).number, door="test")
        until(lambda: services.serving().encoder.id != first.id)
        further = search(services, LOCAL_OWNER, Query(page=page, top_k=2), door="test")
        assert further.encoder_id == first.id
        assert SearchResponse.of(further, services.serving().encoder).encoder.id == first.id


def test_both_collections_stay_complete_until_one_is_let_go(
    settings: Settings, encoders: tuple[str, str], pictures: list[tuple[Path, str]], tmp_path: Path
) -> None:
    with opened(settings) as services:
        take_in(services, manifest(pictures[:4]))
        ready = migrated(services, encoders[1])
        flow.switch(services, OPERATOR, ready.number, door="test")
        take_in(services, manifest(drawn(tmp_path / "added", 2, size=96, seed=12)))
        assert {name: store.count() for name, store in stores(services).items()} == dict.fromkeys(stores(services), 6)
        gone = every_asset(services)[0]
        delete(services, LOCAL_OWNER, [gone.ref])
        assert {store.count() for store in stores(services).values()} == {5}
        assert [finding for finding in examine(services) if not finding.in_order] == []

        old = flow.previous_one(services)
        missing = stores(services)[old.collection].ids()[:1]
        stores(services)[old.collection].delete(missing)
        found = {finding.check: finding.count for finding in examine(services) if not finding.in_order}
        assert found == {"points": 1}

        flow.drop(services, OPERATOR, door="test")
        assert list(stores(services)) == [ready.collection]
        with pytest.raises(BadRequest, match="nothing to go back to"):
            flow.previous_one(services)


def test_a_coming_collection_that_lacks_points_is_no_fault_and_what_is_deleted_is_in_neither(
    settings: Settings, encoders: tuple[str, str], pictures: list[tuple[Path, str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    with opened(settings) as services:
        take_in(services, manifest(pictures[:8]))
        gone = every_asset(services)[0]
        second = services.encoder_named(encoders[1])
        encode = second.images
        in_the_middle: list[list[Finding]] = []

        def deleting_meanwhile(some: Sequence[Image | Pixels]) -> Matrix:
            if isinstance(some[0], np.ndarray) and not in_the_middle:  # the canary is no array
                in_the_middle.append([finding for finding in examine(services) if not finding.in_order])
                delete(services, LOCAL_OWNER, [gone.ref])
            return encode(some)

        monkeypatch.setattr(second, "images", deleting_meanwhile)
        migrated(services, encoders[1])
        assert in_the_middle == [[]]
        for store in stores(services).values():
            assert store.count() == 7
            assert gone.id not in {point.payload["asset_id"] for point in store.fetch(store.ids()).values()}


def test_the_catalog_says_which_encoder_is_live_and_the_setting_only_which_comes_first(
    settings: Settings, encoders: tuple[str, str], pictures: list[tuple[Path, str]]
) -> None:
    with opened(settings) as services:
        take_in(services, manifest(pictures[:2]))
        assert services.encoder_notice == ""
        flow.switch(services, OPERATOR, migrated(services, encoders[1]).number, door="test")
    with opened(settings) as services:
        assert services.encoder.id == services.serving().encoder.id == services.generations.get(2).encoder_id
        assert f"PICTUREDESK_ENCODER={encoders[0]} is not in use" in services.encoder_notice
    with opened(settings.model_copy(update={"encoder": encoders[1]})) as services:
        assert services.encoder_notice == ""


def test_weights_that_were_moved_are_found_by_the_setting(settings: Settings, tmp_path: Path) -> None:
    here, there = tmp_path / "here" / "tiny", tmp_path / "there" / "tiny"
    write_tiny_clip(here)
    with opened(settings.model_copy(update={"encoder": f"local-dir:{here}"})) as services:
        before = services.serving().encoder.id
    there.parent.mkdir()
    here.rename(there)
    with opened(settings.model_copy(update={"encoder": f"local-dir:{there}"})) as services:
        assert services.serving().encoder.id == before


@pytest.mark.parametrize(
    ("name", "said"),
    [("local-dir:/nowhere", "does not exist"), ("{live}", "already")],
    ids=["unknown", "live under another name"],
)
def test_an_encoder_that_cannot_be_had_is_given_up_with_the_reason(
    name: str, said: str, settings: Settings, tmp_path: Path, pictures: list[tuple[Path, str]]
) -> None:
    with opened(settings) as services:
        take_in(services, manifest(pictures[:2]))
        copy = write_tiny_clip(tmp_path / "first", seed=3)
        wanted = flow.migrate(services, OPERATOR, name.replace("{live}", f"local-dir:{copy}"), replay=0, door="test")
        given_up = filled(services, wanted.number)
        assert given_up.state is GenerationState.DROPPED
        assert said in given_up.trouble
        remove_dropped(services)
        assert list(stores(services)) == [services.serving().store.name]


def test_a_process_that_cannot_load_the_new_encoder_yet_serves_the_old_one_whole(
    settings: Settings, encoders: tuple[str, str], pictures: list[tuple[Path, str]], qdrant_url: str
) -> None:
    """Two processes' views of one installation; one of them takes long to load a model."""
    shared = settings.model_copy(update={"vectors": qdrant_url})
    may_load = threading.Event()
    with opened(shared) as worker, opened(shared) as api:
        take_in(worker, manifest(pictures[:4]))
        old = api.serving()
        slow_down(api, may_load)
        new = migrated(worker, encoders[1])
        flow.switch(worker, OPERATOR, new.number, door="test")
        until(lambda: worker.serving().encoder.id == new.encoder_id)
        time.sleep(1.1)  # it has looked, and loads
        for _ in range(3):
            retrieval = search(api, LOCAL_OWNER, Query(TEXTS[0]), door="test")
            assert (retrieval.encoder_id, retrieval.collection) == (old.encoder.id, old.store.name)
        may_load.set()
        until(lambda: api.serving().encoder.id == new.encoder_id)
        assert search(api, LOCAL_OWNER, Query(TEXTS[0]), door="test").collection == new.collection


def slow_down(services: WiredServices, may_load: threading.Event) -> None:
    load: Callable[[str], Encoder] = services.openings._load

    def slowly(name: str) -> Encoder:
        may_load.wait(60)
        return load(name)

    services.openings._load = slowly


def test_operators_see_how_far_a_migration_is_over_http(
    settings: Settings, encoders: tuple[str, str], pictures: list[tuple[Path, str]]
) -> None:
    """The command writes its wish into the catalog; the server, whose vectors they are, finds it and does the work."""
    with opened(settings) as services:
        take_in(services, manifest(pictures[:4]))
    with serving(settings) as desk, desk.client() as client, opened(settings) as command:
        before = client.get("/readyz").json()
        assert (before["generation"], before["ready"]) == (1, True)
        wanted = flow.migrate(command, OPERATOR, encoders[1], replay=5, door="test")
        until(lambda: client.get("/v1/encoders").json()["generations"][-1]["state"] == "ready")
        found = client.get("/v1/encoders").json()["generations"]
        assert [one["state"] for one in found] == ["live", "ready"]
        assert found[1]["report"]["labelled"] == 4
        flow.switch(command, OPERATOR, wanted.number, door="test")
        until(lambda: client.get("/readyz").json()["generation"] == 2)
        after = client.post("/v1/search", json={"query": TEXTS[0]})
        assert after.status_code == httpx.codes.OK
        assert after.json()["encoder"]["id"] == found[1]["encoder_id"] != before["encoder"]


def test_an_adapter_is_filled_from_stored_vectors_and_no_picture_is_decoded(
    settings: Settings, monkeypatch: pytest.MonkeyPatch, pictures: list[tuple[Path, str]]
) -> None:
    from rag.encoding.adapter import Adapter, Residual, to_bytes

    rng = np.random.default_rng(5)
    with opened(settings) as services:
        take_in(services, manifest(pictures[:4]))
        base = services.serving()
        dim = base.encoder.dim
        side = Residual(
            rng.standard_normal((8, dim)).astype(np.float32), rng.standard_normal((dim, 8)).astype(np.float32)
        )
        weights = services.blobs.put(to_bytes(Adapter(base.encoder.id, side, side)))
        wanted = services.generations.want(f"{settings.encoder}+adapter:{weights}", based_on=base.number)
        monkeypatch.setattr(services.pipeline, "index", None)
        found = filled(services, wanted.number)
        assert found.state is GenerationState.READY, found.trouble
        assert found.encoder_id == f"{base.encoder.id}+adapter:{weights[:12]}"
        adapted = services.opened(found)
        for visual, point in adapted.store.fetch(adapted.store.ids()).items():
            np.testing.assert_allclose(point.image, side(base.store.fetch([visual])[visual].image[None])[0], atol=1e-5)
        assert [one for one in examine(services, deep=True) if not one.in_order] == []
        monkeypatch.undo()
        flow.switch(services, OPERATOR, found.number, door="test")
        until(lambda: services.serving().encoder.id == found.encoder_id)
        retrieval = search(services, LOCAL_OWNER, Query(pictures[0][1]), door="test")
        assert max(item.scores[Channel.CAPTION] for item in retrieval.evidence) == pytest.approx(1, abs=1e-4)


def test_too_few_captions_are_said(settings: Settings, pictures: list[tuple[Path, str]]) -> None:
    with opened(settings) as services:
        take_in(services, manifest(pictures[:2]))
        found = filled(services, flow.adapt(services, OPERATOR, replay=0, door="test").number)
    assert found.state is GenerationState.DROPPED
    assert "at least 100 different captions that people wrote; there are 2" in found.trouble
