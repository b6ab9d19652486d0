"""Who or what is erased stands nowhere any more: in no table, in no file, in nothing that the ledger still tells.

A person and a picture leave their traces through the real flows; then every table and every file is looked through.
A table that comes later has to be filled here: `test_every_table_is_planted_in` says so.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from sqlalchemy import Engine, inspect, text

from rag.ask import ask
from rag.audit.deeds import record_access
from rag.auditing import cases, pinning, reviewing
from rag.auditing.finding import find
from rag.auditing.indexing import catch_up
from rag.auditing.replaying import replay
from rag.auditing.reviewing import Said, Verdict
from rag.captions import review
from rag.captions.drafting import draft
from rag.captions.review import Decision
from rag.captions.wish import DraftWish
from rag.erasing import Erasure, erase_asset, erase_person, held_of_asset, held_of_person
from rag.errors import NotAllowed, NotFound
from rag.ingest import accept, delete, entries_of, follow
from rag.model import LOCAL_OWNER, NEW, Action, Actor, Asset, CaptionForm, Query, Question, Visual
from rag.moderation.review import decide_visual
from rag.ports import Hold
from rag.ports.auditing import Wanted
from rag.search import search
from rag.settings import Settings
from rag.wiring import WiredServices, opened
from tests.flows.desk import drawn
from tests.services.postgres import PostgresServer

ZOE = Actor("zoe-quandt", frozenset({"owner"}), libraries=frozenset({"*"}))
BOB = Actor("bob", frozenset({"owner"}), libraries=frozenset({"*"}))
HERS = ("zoe-quandt", "quagmire", "thistledown", "brackwater", "inkhornish")
"""Her name, and words that she asked, commented, reviewed and rejected with."""
CAPTION, TAG, NAME = "xylographic", "yarborough", "oubliette-01.jpg"
"""Of the picture that is erased: in its caption, its tag, its file's name."""

FILLED_ELSEWHERE = {
    "alembic_version": "a number",
    "asset_groups": "belong to their asset's row, and go with it",
    "canaries": "vectors of a picture of ours",
    "ledger_signers": "public keys",
    "generated_tags": "belong to their asset's row, and go with it",
    "calibrations": "figures of whole libraries",
    "moderation_checks": "belong to their asset's row; hashes of rules",
    "moderation_fits": "figures",
    "outbox": "ids on their way, gone once they are indexed; belong to their asset's row",
    "ledger_retention": "names of libraries",
    "ledger_holds": "names of cases; a hold is in the way of erasures",
    "ledger_checkpoints": "hashes",
    "ledger_tiles": "hashes, from 256 events on",
}
"""Tables that nothing is planted in, and why none of them has to be emptied."""


@dataclass
class Planted:
    services: WiredServices
    engine: Engine
    asset: Asset
    visual: Visual
    others: list[Visual]
    answered: int

    @property
    def folder(self) -> Path:
        return Path(self.services.settings.data)

    def tables(self) -> dict[str, str]:
        """Everything that the database holds, by table, as text."""
        with self.engine.connect() as connection:
            return {
                name: str([tuple(row) for row in connection.execute(text(f'SELECT * FROM "{name}"'))])
                for name in inspect(self.engine).get_table_names()
            }

    def where(self, *words: str) -> set[str]:
        """Tables, files, and events as an owner reads them, that hold one of the words."""
        found = {name for name, rows in self.tables().items() if any(word in rows for word in words)}
        for path in self.folder.rglob("*"):
            content = path.name.encode() + (path.read_bytes() if path.is_file() else b"")
            if any(word.encode() in content for word in words):
                found.add(str(path.relative_to(self.folder)))
        told = [str(event) for event in self.services.ledger.events(LOCAL_OWNER, limit=1000)]
        return found | {"told by the ledger" for event in told if any(word in event for word in words)}


@dataclass(frozen=True)
class Template:
    """A planted installation that nobody has open: to be copied."""

    folder: Path
    database: str
    asset: Asset
    visual: Visual
    others: list[Visual]
    answered: int


def settings_at(folder: Path, database: str) -> Settings:
    more = {"database": database, "ledger_key": str(folder / "ledger.key")} if database else {}
    return Settings(data=folder / "data", min_relevance=0.0, **more)  # type: ignore[arg-type]


@pytest.fixture(scope="module")
def on_sqlite(tmp_path_factory: pytest.TempPathFactory) -> Template:
    return plant(tmp_path_factory.mktemp("planted"), "")


@pytest.fixture(scope="module")
def on_postgresql(tmp_path_factory: pytest.TempPathFactory, postgres_server: PostgresServer) -> Iterator[Template]:
    yield plant(tmp_path_factory.mktemp("planted"), postgres_server.create_database("planted", template="migrated"))
    postgres_server.drop_database("planted")


@pytest.fixture(params=["sqlite", "postgresql"])
def planted(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Planted]:
    template: Template = request.getfixturevalue(f"on_{request.param}")
    shutil.copytree(template.folder, tmp_path, dirs_exist_ok=True)
    database = ""
    if template.database:
        server: PostgresServer = request.getfixturevalue("postgres_server")
        database = server.create_database("erased", template="planted")
    with opened(settings_at(tmp_path, database)) as services:
        own = template.asset, template.visual, template.others, template.answered
        yield Planted(services, services.engine, *own)
    if database:
        server.drop_database("erased")


def plant(folder: Path, database: str) -> Template:
    with opened(settings_at(folder, database)) as services:
        return Template(folder, database, *planted_in(services, folder.parent / f"{folder.name}-pictures"))


def planted_in(services: WiredServices, folder: Path) -> tuple[Asset, Visual, list[Visual], int]:
    pictures = drawn(folder, 4)
    pictures[0][0].rename(folder / NAME)
    rows = [{"path": path.name, "caption": caption} for path, caption in pictures]
    rows[0] = {"path": NAME, "caption": f"A {CAPTION} picture of a zebra at a pier", "tags": [TAG]}  # type: ignore[dict-item]
    manifest = folder / "manifest.jsonl"
    manifest.write_text("\n".join(map(json.dumps, rows)), encoding="utf-8")
    job = accept(services, ZOE, "default", entries_of(services, manifest))
    for _ in follow(services, ZOE, job.id, every=0.05):
        pass
    assets = {asset.name: asset for asset in services.catalog.assets(LOCAL_OWNER, "default")}
    asset = assets.pop(NAME)
    (visual,) = services.catalog.visuals_of([asset.ref])
    others = services.catalog.visuals_of([one.ref for one in assets.values()])
    answer = ask(services, ZOE, Question(Query("a quagmire at a pier"), conversation=NEW), door="test")
    ask(services, BOB, Question(Query("a zebra at a pier"), conversation=NEW), door="test")
    record_access(services.ledger, [{"actor": ZOE.id, "roles": ["owner"], "groups": [], "libraries": ["*"]}])
    catch_up(services)
    said = Said(Verdict.SOUND, comment="thistledown", grades={visual.id: 2}, remarks={visual.id: "thistledown"})
    reviewing.review(services, ZOE, answer.events[0], said, door="test")
    find(services, BOB, Wanted(person=ZOE.id), door="test")
    find(services, ZOE, Wanted(words=("quagmire",)), door="test")
    cases.change(services, ZOE, "press", add=[answer.events[0]], comment="thistledown", door="test")
    decide_visual(services, ZOE, visual.id, Action.ALLOW, comment="brackwater", door="test")
    decide_visual(services, ZOE, others[0].id, Action.ALLOW, comment="brackwater", door="test")
    for one in (visual, *others):
        draft(services, ZOE, DraftWish(CaptionForm.ALT, visual=one.id, count=1), door="test")
    rejected = services.drafts.find(LOCAL_OWNER, visual=others[1].id)[0]
    review.reject(services, ZOE, rejected.id, Decision(reason="inkhornish"), door="test")
    approved = services.drafts.find(LOCAL_OWNER, visual=others[2].id)[0]
    review.approve(services, ZOE, approved.id, Decision(text="A plain picture", reason="inkhornish"), door="test")
    pinning.make(services, ZOE, "before", door="test")
    return asset, visual, others, answer.events[0]


def test_every_table_is_planted_in(planted: Planted) -> None:
    """Else what comes later would be passed over below."""
    assert {name for name, rows in planted.tables().items() if rows == "[]"} <= FILLED_ELSEWHERE.keys()
    assert planted.where(*HERS) >= {
        *("jobs", "caption_drafts", "caption_steps", "conversations", "conversation_turns", "moderation_entries"),
        *("moderation_decisions", "audit_entries", "audit_reviews", "ledger_subjects", "told by the ledger"),
        "pins/before/pin.json",
    }
    assert planted.where(CAPTION, TAG, NAME, planted.asset.id, planted.visual.id) >= {
        *("assets", "asset_tags", "captions", "visuals", "fingerprints", "job_items", "caption_drafts"),
        *("moderation_entries", "conversation_turns", "audit_visuals", "audit_reviews", "told by the ledger"),
    }


def test_an_erased_person_is_named_nowhere(planted: Planted) -> None:
    services = planted.services
    held = held_of_person(services, BOB, ZOE.id)
    assert (held.conversations, held.jobs, held.files, held.decisions, held.reviews, held.pins) == (1, 1, 4, 2, 1, 1)
    assert (held.drafts, held.event) == (4, None)
    erased = erase_person(services, BOB, ZOE.id, door="test")
    assert (erased.event, erased.subjects, erased.drafts) == (services.ledger.state().events - 1, 1, 4)
    assert planted.where(*HERS) == set()
    (job,) = services.catalog.jobs(LOCAL_OWNER)
    assert (job.actor, job.total, job.done) == ("erased", 4, True)
    assert {item.name for item in services.catalog.job_items(LOCAL_OWNER, job.id)} == {"erased"}
    assert services.drafts.find(LOCAL_OWNER, visual=planted.others[2].id)[0].text == "A plain picture"
    assert search(services, BOB, Query(CAPTION), door="test").evidence[0].visual.id == planted.visual.id
    assert services.ledger.first_fault() is None
    assert held_of_person(services, BOB, ZOE.id) == Erasure()
    assert erase_person(services, BOB, ZOE.id, door="test").subjects == 0


def test_an_erased_picture_is_found_nowhere(planted: Planted) -> None:
    services, asset = planted.services, planted.asset
    held = held_of_asset(services, BOB, asset.id)
    assert (held.assets, held.files, held.decisions, held.turns, held.pins) == (1, 1, 1, 2, 1)
    erased = erase_asset(services, BOB, asset.id, door="test")
    assert erased.turns == 2
    assert planted.where(CAPTION, TAG, NAME, asset.id, planted.visual.id) == set()
    assert list(pinning.faults(services)) == []
    (job,) = services.catalog.jobs(LOCAL_OWNER)
    assert (job.total, job.done) == (4, True)
    assert [item.name for item in services.catalog.job_items(LOCAL_OWNER, job.id)].count("erased") == 1
    seen = {item.visual.id for item in search(services, BOB, Query("a picture"), door="test").evidence}
    assert seen == {one.id for one in planted.others}
    with pinning.opened(services, "before") as (_, pinned):
        assert pinned.store.count() == 3
    assert services.ledger.first_fault() is None
    assert services.ledger.event(LOCAL_OWNER, planted.answered).actor == ZOE.id


@pytest.mark.parametrize("planted", ["sqlite"], indirect=True)
def test_what_was_deleted_before_is_erased_from_the_files_too(planted: Planted) -> None:
    """A deletion is quick and leaves words in the files of the index; an erasure does not."""
    services, asset = planted.services, planted.asset
    delete(services, BOB, [asset.ref], door="test")
    erase_asset(services, BOB, asset.id, door="test")
    assert planted.where(CAPTION, TAG, NAME, asset.id, planted.visual.id) == set()


@pytest.mark.parametrize("planted", ["sqlite"], indirect=True)
def test_a_copy_on_another_machine_follows_an_erasure_by_itself(planted: Planted, tmp_path: Path) -> None:
    """It was out of reach when its asset was erased, and the erasure names nothing."""
    services, pins = planted.services, planted.folder / "pins"
    pins.rename(tmp_path / "elsewhere")
    erase_asset(services, BOB, planted.asset.id, door="test")
    (tmp_path / "elsewhere").rename(pins)
    assert planted.where(CAPTION) != set()
    pinning.keep_clean(services)
    assert planted.where(CAPTION, TAG, NAME, planted.asset.id, planted.visual.id) == set()
    assert replay(services, BOB, planted.answered, pin="before", door="test")


@pytest.mark.parametrize("planted", ["sqlite"], indirect=True)
def test_a_job_that_goes_on_after_its_person_was_erased_keeps_no_names(planted: Planted) -> None:
    services, catalog = planted.services, planted.services.catalog
    pictures = drawn(planted.folder.parent / "more", 2, seed=5)
    entries = list(entries_of(services, pictures[0][0].parent))
    catalog.start_job("0" * 8, "default", ZOE)
    erase_person(services, BOB, ZOE.id, door="test")
    job = accept(services, ZOE, "default", entries, job_id="0" * 8)
    for _ in follow(services, BOB, job.id, every=0.05):
        pass
    items = catalog.job_items(BOB, job.id)
    assert [(item.name, item.state.value) for item in items] == [("erased", "indexed")] * 2
    assert "zoe" not in planted.tables()["jobs"]


@pytest.mark.parametrize("planted", ["sqlite"], indirect=True)
def test_what_a_hold_keeps_is_left_whole(planted: Planted) -> None:
    services = planted.services
    services.ledger.hold(LOCAL_OWNER, Hold("case", "default"), {})
    steps: tuple[Callable[[], Erasure], ...] = (
        lambda: erase_person(services, BOB, ZOE.id, door="test"),
        lambda: erase_asset(services, BOB, planted.asset.id, door="test"),
    )
    for step in steps:
        with pytest.raises(NotAllowed, match="legal hold 'case'"):
            step()
    assert services.catalog.asset(BOB, planted.asset.ref).name == NAME
    assert services.catalog.jobs(LOCAL_OWNER)[0].actor == ZOE.id
    with pytest.raises(NotFound):
        services.ledger.lift(LOCAL_OWNER, "other", {})
