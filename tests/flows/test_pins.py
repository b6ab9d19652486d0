"""Pins: what was asked at a moment is found again later, wherever the vectors are and whatever happened since."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from sqlalchemy import Engine, event, update

from rag.audit.deeds import deletion_drafts
from rag.auditing import pin_filling, pinning
from rag.auditing.pin_folder import MAKING, folder_of, turn
from rag.auditing.replaying import Replay
from rag.auditing.replaying import replay as ask_again
from rag.doctor import examine
from rag.errors import Conflict, EncoderBroken, NotFound
from rag.indexing import open_collections
from rag.indexing.points import payload_for
from rag.ingest import accept, delete, entries_of, follow
from rag.library import tables
from rag.library.copying import COPIED
from rag.migration import flow
from rag.model import (
    LOCAL_OWNER,
    Actor,
    Asset,
    AssetState,
    Channel,
    GeneratedTag,
    GenerationState,
    Moderation,
    Part,
    Query,
    Retrieval,
)
from rag.moderation.review import show_as_decided
from rag.pipeline.captioning import refresh_captions
from rag.ports import Services
from rag.retrieval.short_form import applied
from rag.scenes import Group, Scene, draw
from rag.search import retrieve, search
from rag.settings import Settings
from rag.wiring import WiredServices, opened
from tests.services.postgres import PostgresServer
from tests.unit.encoding.tiny_clip import write_tiny_clip

CARS = ("red", "blue", "yellow", "green", "purple")
READER = Actor("rae", frozenset({"reader"}), libraries=frozenset({"*"}))


@pytest.fixture(scope="module")
def services(
    qdrant_server: str, postgres_server: PostgresServer, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[WiredServices]:
    """With PostgreSQL and a Qdrant server, whose collection others write to."""
    folder = tmp_path_factory.mktemp("pinned")
    collections = open_collections(qdrant_server)
    before = set(collections.names())
    database = postgres_server.create_database("pinned")
    key = str(folder / "ledger.key")
    with opened(Settings(data=folder, vectors=qdrant_server, database=database, ledger_key=key)) as services:
        take_in(services, "cars", drawn(folder / "cars", *CARS))
        yield services
    for name in set(collections.names()) - before:
        collections.drop(name)
    collections.close()


@pytest.fixture
def pin(services: WiredServices, tmp_path: Path) -> Iterator[str]:
    """A name; whatever pin has it goes at the end, and what the test did to the cars is undone."""
    before = sorted(assets(services).values(), key=str)
    yield "kept"
    shutil.rmtree(folder_of(services) / "kept", ignore_errors=True)
    if sorted(assets(services).values(), key=str) != before:
        delete(services, LOCAL_OWNER, [one.ref for one in assets(services).values()], door="test")
        take_in(services, "cars", drawn(tmp_path / "as-before", *CARS))


def drawn(folder: Path, *colours: str, setting: str = "beach") -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    for colour in colours:
        draw(Scene((Group("car", colour),), setting=setting, time_of_day="noon"), 160).save(folder / f"{colour}.png")
        (folder / f"{colour}.txt").write_text(f"A {colour} car on a {setting} at noon")
    return folder


def take_in(services: WiredServices, library: str, folder: Path) -> None:
    job = accept(services, LOCAL_OWNER, library, entries_of(services, folder))
    list(follow(services, LOCAL_OWNER, job.id, every=0.05))


def found(services: WiredServices, text: str = "a red car", actor: Actor = LOCAL_OWNER) -> Retrieval:
    return search(services, actor, Query(text, libraries=("cars",), top_k=3), door="test")


def replayed(services: WiredServices, retrieval: Retrieval, pin: str) -> Replay:
    return ask_again(services, LOCAL_OWNER, retrieval.event or 0, pin=pin, door="test")


def assets(services: Services, library: str = "cars") -> dict[str, Asset]:
    return {one.name: one for one in services.catalog.assets(LOCAL_OWNER, library, state=AssetState.INDEXED)}


def assert_points_are_as_the_catalog_has_them(pinned: Services) -> None:
    (store,) = pinned.collections.every()
    refs = [one.ref for one in pinned.catalog.every_asset(limit=1000)]
    known = pinned.catalog.visuals(LOCAL_OWNER, [one.id for one in pinned.catalog.visuals_of(refs)])
    points = store.fetch(store.ids())
    assert points.keys() == known.keys()
    for one, (visual, asset) in known.items():
        assert points[one].payload == payload_for(asset, visual)
        assert len(points[one].captions) == len(asset.captions)


def test_with_a_qdrant_server_a_pin_finds_again_what_was_found_whatever_came_and_went(
    services: WiredServices, pin: str, tmp_path: Path
) -> None:
    seen: list[tuple[int, int]] = []
    before = [found(services, f"a {colour} car") for colour in ("red", "green")]
    made = pinning.make(
        services, LOCAL_OWNER, pin, progress=lambda done, total: seen.append((done, total)), door="test"
    )
    take_in(services, "cars", drawn(tmp_path / "more", "red", "green", setting="farm"))
    assert [replayed(services, one, "").same for one in before] == [False, False]
    again = [replayed(services, one, pin) for one in before]
    assert [(one.same, one.causes) for one in again] == [(True, ())] * 2
    assert (made.points, made.asked, made.same) == (len(CARS), made.asked, made.asked)
    assert made.asked >= len(before)
    assert (seen[0][0], seen[-1]) == (0, (len(CARS), len(CARS)))
    with pinning.opened(services, pin) as (_, pinned):
        assert_points_are_as_the_catalog_has_them(pinned)


def test_what_is_written_while_a_pin_is_made_is_not_in_it(
    services: WiredServices, pin: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pin_filling, "ASSETS_AT_A_TIME", 1)
    draw(Scene((Group("tree", "green"),)), 160).save(tmp_path / "tree.png")
    take_in(services, "aside", tmp_path / "tree.png")
    before, there = found(services), assets(services)

    def write(done: int, total: int) -> None:
        if done != 1:
            return
        take_in(services, "cars", drawn(tmp_path / "more", "red", setting="farm"))
        services.catalog.add_generated_tags(
            LOCAL_OWNER, {one.ref: (GeneratedTag("later", 0.9, 1),) for one in there.values()}
        )
        with services.engine.begin() as connection:
            connection.execute(update(tables.captions).values(text="A dog that came later"))
        refresh_captions(services, [one.id for one in services.catalog.visuals_of([one.ref for one in there.values()])])
        delete(services, LOCAL_OWNER, [assets(services, "aside")["tree.png"].ref], door="test")

    made = pinning.make(services, LOCAL_OWNER, pin, progress=write, door="test")
    again = replayed(services, before, pin)
    assert again.same, again.moves
    assert not replayed(services, before, "").same
    with pinning.opened(services, pin) as (_, pinned):
        assert (sorted(assets(pinned)), assets(pinned, "aside")) == (sorted(there), {})
        assert {tag for one in assets(pinned).values() for tag in one.all_tags} == set()
        assert_points_are_as_the_catalog_has_them(pinned)
    assert made.points == len(CARS)


def test_a_deletion_that_was_recorded_and_not_done_yet_reaches_the_pin_and_what_came_in_again_stays(
    services: WiredServices, pin: str, tmp_path: Path
) -> None:
    blue = assets(services)["blue.png"].ref
    delete(services, LOCAL_OWNER, [blue], door="test")
    take_in(services, "cars", drawn(tmp_path / "again", "blue"))
    green = assets(services)["green.png"].ref
    services.ledger.append(*deletion_drafts(LOCAL_OWNER, "test", [green]))
    pinning.make(services, LOCAL_OWNER, pin, door="test")
    with pinning.opened(services, pin) as (_, pinned):
        assert sorted(assets(pinned)) == sorted(f"{one}.png" for one in {*CARS} - {"green"})


def test_one_pin_is_made_at_a_time_and_one_that_was_cut_off_leaves_nothing(services: WiredServices, pin: str) -> None:
    class Killed(BaseException):
        pass

    def look(done: int, total: int) -> None:
        making = pinning.on_its_way(services)
        assert making is not None
        assert (making.name, making.total) == (pin, total)
        assert [one.name for one in pinning.every(services, LOCAL_OWNER)] == []
        pinning.keep_clean(services)
        with pytest.raises(Conflict, match="another pin is being made"):
            pinning.make(services, LOCAL_OWNER, "other", door="test")
        if done:
            raise Killed

    with pytest.raises(Killed):
        pinning.make(services, LOCAL_OWNER, pin, progress=look, door="test")
    folder = folder_of(services)
    assert [path.name for path in folder.iterdir()] == [".lock"]
    (folder / MAKING).mkdir()
    (folder / MAKING / "progress.json").write_text(json.dumps({"name": pin, "done": 1, "total": 5}))
    assert pinning.on_its_way(services) is None
    with turn(folder):
        pinning.keep_clean(services)
        assert (folder / MAKING).exists()
    services.tidy()
    assert not (folder / MAKING).exists()


def test_what_moderation_hid_at_that_moment_stays_hidden_when_it_is_shown_again_today(
    services: WiredServices, pin: str
) -> None:
    def show_as(state: Moderation) -> None:
        with services.engine.begin() as connection:
            red = tables.assets.c.asset_id == ref.asset_id
            connection.execute(update(tables.assets).where(red).values(moderation=state))
        show_as_decided(services, [ref])

    ref = assets(services)["red.png"].ref
    show_as(Moderation.BLOCKED)
    before = found(services, actor=READER)
    pinning.make(services, LOCAL_OWNER, pin, door="test")
    show_as(Moderation.ALLOWED)
    assert next(one.change for one in replayed(services, before, "").moves) == "entered"
    assert replayed(services, before, pin).same


def test_searches_read_no_table_that_a_pin_lacks(services: WiredServices, pin: str) -> None:
    pinning.make(services, LOCAL_OWNER, pin, door="test")
    visual = found(services).evidence[0].visual.id
    names = set(tables.metadata.tables)
    touched: set[str] = set()

    def listen(connection: object, cursor: object, statement: str, *rest: object) -> None:
        touched.update(names & set(statement.replace('"', " ").replace(",", " ").replace(".", " ").split()))

    asked: list[Callable[[Actor], Query]] = [
        lambda actor: Query("a red car", top_k=3),
        lambda actor: applied(Query('car before:2030 -night "red car"'))[0],
        lambda actor: Query("", wanted=(Part(visual=visual),), unwanted=(Part(text="blue"),), diversity=0.5),
        lambda actor: Query("red", channels=(Channel.BM25,), per_asset=1),
    ]
    event.listen(Engine, "before_cursor_execute", listen)
    try:
        with pinning.opened(services, pin) as (_, pinned):
            touched.clear()
            for query in asked:
                for actor in (LOCAL_OWNER, Actor("guest", groups=frozenset({"press"}), libraries=frozenset({"cars"}))):
                    retrieve(pinned, None, actor, query(actor))
    finally:
        event.remove(Engine, "before_cursor_execute", listen)
    assert {"assets", "visuals", "captions", "asset_groups", "libraries", "calibrations"} <= touched
    assert touched <= {table.name for table in COPIED}


def test_the_doctor_names_pins_that_are_damaged_or_that_deletions_did_not_reach(
    services: WiredServices, pin: str, tmp_path: Path
) -> None:
    def said(*, fix: bool = False) -> str:
        (finding,) = (one for one in examine(services, fix=fix) if one.check == "pins")
        return "; ".join(finding.examples)

    take_in(services, "going", drawn(tmp_path / "going", "red", setting="farm"))
    pinning.make(services, LOCAL_OWNER, pin, door="test")
    assert said() == ""
    delete(services, LOCAL_OWNER, [one.ref for one in assets(services, "going").values()], door="test")
    assert "is still in it" in said()
    assert said(fix=True) == ""
    (kept,) = pinning.every(services, LOCAL_OWNER)
    assert kept.pin is not None
    assert kept.size > 10_000
    folder = folder_of(services) / pin
    with services.beside(folder) as pinned:
        (store,) = pinned.collections.every()
        store.delete(store.ids(limit=1))
    assert "it had 5 points, and has 4" in said()
    (folder / "pin.json").write_text("{")
    assert "pin.json cannot be read" in said()
    with pytest.raises(Conflict, match="kept is damaged"):
        pinning.get(services, pin)
    pinning.keep_clean(services)
    pinning.remove(services, LOCAL_OWNER, pin, door="test")
    with pytest.raises(NotFound):
        pinning.get(services, pin)


def test_a_pin_of_any_generation_outlives_it_as_long_as_the_weights_are_there(tmp_path: Path) -> None:
    first, second = (f"local-dir:{write_tiny_clip(tmp_path / name, seed=seed)}" for name, seed in (("a", 3), ("b", 4)))
    settings = Settings(data=tmp_path / "data", encoder=first, device="cpu", precision="fp32", decoders=1)
    with opened(settings) as services:
        take_in(services, "cars", drawn(tmp_path / "cars", *CARS))
        before = found(services)
        *_, coming = flow.follow(services, flow.migrate(services, LOCAL_OWNER, second, replay=5, door="test").number)
        assert coming.state is GenerationState.READY, coming.trouble
        pinning.make(services, LOCAL_OWNER, "old", door="test")
        made = pinning.make(services, LOCAL_OWNER, "new", encoder=str(coming.number), door="test")
        assert (made.generation, made.encoder) == (coming.number, coming.encoder_id)
        flow.switch(services, LOCAL_OWNER, coming.number, door="test")
        with pytest.raises(NotFound, match="no complete generation"):
            pinning.make(services, LOCAL_OWNER, "none", encoder="other", door="test")
        flow.drop(services, LOCAL_OWNER, 1, door="test")
    with opened(settings) as services:
        assert replayed(services, before, "old").same
        assert replayed(services, before, "new").encoder_now == coming.encoder_id
    shutil.rmtree(tmp_path / "a")
    with opened(settings) as services, pytest.raises(EncoderBroken, match="bring them back"):
        replayed(services, before, "old")


def test_a_copy_of_a_folder_is_held_against_the_catalog_and_left_as_it_is_where_nobody_wrote(tmp_path: Path) -> None:
    with opened(Settings(data=tmp_path / "data")) as services:
        take_in(services, "cars", drawn(tmp_path / "cars", *CARS))
        services.collections.copy_to(services.store.name, tmp_path / "copy" / "vectors")
        services.catalog.copy_to(tmp_path / "copy" / "catalog.sqlite")
        with services.beside(tmp_path / "copy") as pinned:
            assert settled(services, pinned) == 0
        shutil.rmtree(tmp_path / "copy")
        services.collections.copy_to(services.store.name, tmp_path / "copy" / "vectors")
        delete(services, LOCAL_OWNER, [assets(services)["red.png"].ref], door="test")
        take_in(services, "cars", drawn(tmp_path / "more", "red", setting="farm"))
        with services.engine.begin() as connection:
            blue = tables.captions.c.asset_id == assets(services)["blue.png"].id
            connection.execute(update(tables.captions).where(blue).values(text="A blue boat"))
        services.catalog.copy_to(tmp_path / "copy" / "catalog.sqlite")
        with services.beside(tmp_path / "copy") as pinned:
            assert settled(services, pinned) == 3  # one in, one out, one changed
            assert_points_are_as_the_catalog_has_them(pinned)


def settled(services: WiredServices, pinned: Services) -> int:
    (copy,) = pinned.collections.every()
    return pin_filling.settle(pinned.catalog, services.serving(), copy, lambda done: None)
