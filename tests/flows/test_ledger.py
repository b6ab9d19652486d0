"""The ledger through the doors: what an auditor asks of it, and what an owner erases."""

from __future__ import annotations

import base64
import json
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from hashlib import sha256
from pathlib import Path
from typing import Any

import httpx
import pytest

from rag.ask import ask
from rag.audit.verifier import Checkpoint, Note, VerifierKey, check_consistency, check_inclusion, leaf_hash
from rag.erasing import erase_asset, erase_person
from rag.errors import NotAllowed, NotFound
from rag.model import LOCAL_OWNER, NEW, Actor, AssetId, Query, Question
from rag.ports import Draft
from rag.search import search
from rag.settings import Settings
from rag.wiring import WiredServices, opened
from tests.flows.desk import Desk, drawn, serving, stock


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    folder = tmp_path_factory.mktemp("ledger-desk")
    settings = Settings(data=folder / "data")
    pictures = drawn(folder / "pictures", 6)
    stock(settings, pictures)
    with serving(settings) as desk:
        yield Desk(desk.url, settings.data, tuple(caption for _, caption in pictures))


@pytest.fixture
def client(desk: Desk) -> Iterator[httpx.Client]:
    with desk.client() as client:
        yield client


def asked(client: httpx.Client, text: str) -> dict[str, Any]:
    found: dict[str, Any] = client.post("/v1/ask", json={"question": text}).raise_for_status().json()
    return found


def test_an_answer_is_proven_over_http_to_who_has_only_the_key(desk: Desk, client: httpx.Client) -> None:
    event = asked(client, desk.captions[0])["events"][-1]
    proof = client.get(f"/v1/ledger/events/{event}/proof").raise_for_status().json()
    note = Note.read(proof["checkpoint"])
    with opened(Settings(data=desk.folder)) as services:
        note.signer([VerifierKey.read(services.ledger.state().key)])
    checkpoint = Checkpoint.read(note.text)
    assert (checkpoint.size, base64.b64encode(checkpoint.root).decode()) == (proof["size"], proof["root"])
    hashes = [base64.b64decode(one) for one in proof["hashes"]]
    check_inclusion(event, checkpoint.size, leaf_hash(proof["leaf"].encode()), hashes, checkpoint.root)
    text = client.get(f"/v1/ledger/events/{event}/proof", headers={"Accept": "text/plain"})
    assert text.headers["content-type"].startswith("text/plain")
    assert text.text.startswith("c2sp.org/tlog-proof@v1\n")


def test_a_later_ledger_continues_an_earlier_one_over_http(desk: Desk, client: httpx.Client) -> None:
    asked(client, desk.captions[1])
    old = Checkpoint.read(client.get("/v1/ledger/checkpoint").raise_for_status().text)
    asked(client, desk.captions[2])
    new = Checkpoint.read(client.get("/v1/ledger/checkpoint").raise_for_status().text)
    assert new.size > old.size
    said = client.get("/v1/ledger/consistency", params={"from": old.size, "to": new.size}).raise_for_status().json()
    check_consistency(old.size, new.size, old.root, new.root, [base64.b64decode(one) for one in said["hashes"]])
    wrong = client.get("/v1/ledger/consistency", params={"from": 1, "to": 10_000})
    assert (wrong.status_code, wrong.json()["type"].rpartition(":")[2]) == (422, "bad-query")
    assert client.get("/v1/ledger/events/10000/proof").status_code == 404


class Monitor:
    """Follows the log by the public formats alone (tlog-tiles, tlog-checkpoint, RFC 9162), with none of our code."""

    def __init__(self, client: httpx.Client) -> None:
        self._client = client

    def checkpoint(self) -> tuple[int, bytes]:
        _, size, root = self._client.get("/v1/ledger/checkpoint").raise_for_status().text.splitlines()[:3]
        return int(size), base64.b64decode(root)

    def leaf_hashes(self, size: int) -> list[bytes]:
        """By the leaves themselves, which must be those of the tiles."""
        found: list[bytes] = []
        while len(found) < size:
            number, width = len(found) // 256, min(256, size - len(found) // 256 * 256)
            path = f"{number:03d}" + (f".p/{width}" if width < 256 else "")
            bundle = self._client.get(f"/v1/ledger/tile/entries/{path}").raise_for_status().content
            tile = self._client.get(f"/v1/ledger/tile/0/{path}").raise_for_status().content
            hashes = [sha256(b"\0" + leaf).digest() for leaf in self._split(bundle)]
            assert b"".join(hashes) == tile
            found += hashes
        return found

    def roots_of_full_tiles(self, count: int) -> list[bytes]:
        """Of the first `count` tiles of level 0, fewer than 256: the hashes of tile 1/0."""
        tile = self._client.get(f"/v1/ledger/tile/1/000.p/{count}").raise_for_status().content
        return [tile[at : at + 32] for at in range(0, len(tile), 32)]

    def root(self, hashes: list[bytes]) -> bytes:
        if len(hashes) == 1:
            return hashes[0]
        half = 1 << (len(hashes) - 1).bit_length() - 1
        return sha256(b"\1" + self.root(hashes[:half]) + self.root(hashes[half:])).digest()

    @staticmethod
    def _split(bundle: bytes) -> Iterator[bytes]:
        while bundle:
            length = int.from_bytes(bundle[:2], "big")
            yield bundle[2 : 2 + length]
            bundle = bundle[2 + length :]


def test_a_monitor_that_knows_the_public_formats_follows_the_log(desk: Desk, client: httpx.Client) -> None:
    monitor = Monitor(client)
    asked(client, desk.captions[0])
    old, old_root = monitor.checkpoint()
    assert monitor.root(monitor.leaf_hashes(old)) == old_root
    with opened(Settings(data=desk.folder)) as services, ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda number: services.ledger.append(Draft("note", "ann", "", {"n": number})), range(260)))
    new, new_root = monitor.checkpoint()
    hashes = monitor.leaf_hashes(new)
    assert new >= old + 260
    assert monitor.root(hashes) == new_root
    assert monitor.root(hashes[:old]) == old_root
    full = new // 256
    roots = [monitor.root(hashes[256 * number : 256 * (number + 1)]) for number in range(full)]
    assert monitor.roots_of_full_tiles(full) == roots
    assert "immutable" in client.get("/v1/ledger/tile/0/000").raise_for_status().headers["cache-control"]


def test_a_tile_that_still_grows_is_not_kept_and_one_that_is_not_there_is_said_to_be_missing(
    desk: Desk, client: httpx.Client
) -> None:
    asked(client, desk.captions[0])
    growing = client.get("/v1/ledger/tile/0/000.p/1").raise_for_status().headers
    assert (growing["cache-control"], growing["content-type"]) == ("no-store", "application/octet-stream")
    for path in ("0/999", "0/x001/000", "1/001.p/1", "entries/999.p/1", "0/000.p/256", "0/000.p/0", "0/7", "0/a/b"):
        missing = client.get(f"/v1/ledger/tile/{path}")
        assert missing.status_code == 404, path
        assert "tile" in missing.json()["detail"]
    assert client.get("/v1/ledger/tile/9/000").status_code == 422


def test_tiles_are_for_auditors_and_leaves_of_all_libraries_for_those_who_may_read_all(desk: Desk) -> None:
    of_one = Actor("ada", frozenset({"auditor"}), libraries=frozenset({"default"}))
    with opened(Settings(data=desk.folder)) as services:
        assert len(services.ledger.tile(of_one, 0, 0, 1)) == 32
        with pytest.raises(NotAllowed, match="all libraries"):
            services.ledger.entries(of_one, 0, 1)
        with pytest.raises(NotAllowed, match="role auditor"):
            services.ledger.tile(Actor("bob", frozenset({"reader"}), libraries=frozenset({"*"})), 0, 0, 1)


def test_reading_the_ledger_is_recorded_and_does_not_flood_it(client: httpx.Client) -> None:
    for _ in range(3):
        client.get("/v1/ledger/events", params={"kind": "retrieval", "limit": 1}).raise_for_status()
    found = client.get("/v1/ledger/events", params={"kind": "ledger-access"}).json()["events"]
    mine = [event for event in found if event["body"]["read"] == {"kind": "retrieval", "library": None}]
    assert len(mine) == 1
    assert (mine[0]["actor"], mine[0]["body"]["door"]) == ("local", "http")


# The flow of erasure


@pytest.fixture
def services(tmp_path: Path) -> Iterator[WiredServices]:
    settings = Settings(data=tmp_path / "data", min_relevance=0.0)
    stock(settings, drawn(tmp_path / "pictures", 4))
    with opened(settings) as services:
        yield services


def answer(services: WiredServices, actor: Actor, text: str) -> tuple[AssetId, str, tuple[int, ...]]:
    """The first evidence's asset, the conversation, and the events of an answer."""
    found = ask(services, actor, Question(Query(text), conversation=NEW), door="test")
    return found.retrieval.evidence[0].visual.asset_id, found.conversation, found.events


def test_an_erased_asset_is_found_nowhere_and_the_proofs_still_hold(services: WiredServices) -> None:
    ann = Actor("ann", frozenset({"reader"}), libraries=frozenset({"*"}))
    asset, conversation, (retrieval, answered) = answer(services, ann, "a picture")
    outside = services.ledger.checkpoint(LOCAL_OWNER)
    erased = erase_asset(services, LOCAL_OWNER, asset, door="test")
    assert (erased.assets, erased.turns) == (1, 1)
    with pytest.raises(NotFound):
        services.catalog.find_asset(LOCAL_OWNER, asset)
    assert not services.blobs.has(asset)
    left = search(services, LOCAL_OWNER, Query("a picture"), door="test").evidence
    assert asset not in {item.visual.asset_id for item in left}
    recorded = services.ledger.event(LOCAL_OWNER, retrieval)
    assert asset not in str(recorded)
    assert recorded.body["query"]["text"] == "a picture"
    assert "erased" in services.ledger.event(LOCAL_OWNER, answered).body["text"]
    assert services.conversations.turns(ann, conversation) == []
    assert services.ledger.verify(outside=outside).fault is None
    assert erase_asset(services, LOCAL_OWNER, asset, door="test").subjects == 0


def test_an_erased_person_leaves_pictures_and_proofs(services: WiredServices) -> None:
    ann, bob = (Actor(name, frozenset({"reader"}), libraries=frozenset({"*"})) for name in ("ann", "bob"))
    asset, conversation, (retrieval, _) = answer(services, ann, "where is ann's picture?")
    _, other, _ = answer(services, bob, "a picture")
    with pytest.raises(NotAllowed):
        erase_person(services, bob, "ann", door="test")
    erased = erase_person(services, LOCAL_OWNER, "ann", door="test")
    assert erased.conversations == 1
    with pytest.raises(NotFound):
        services.conversations.get(ann, conversation)
    assert services.conversations.get(bob, other).turns == 1
    recorded = services.ledger.event(LOCAL_OWNER, retrieval)
    assert (recorded.actor, "ann" in str(recorded.body)) == ("erased", False)
    assert recorded.entries("evidence")[0]["content"] == asset
    assert services.ledger.first_fault() is None


# The command line


def run(folder: Path, *words: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "rag.cli", "--data", str(folder), "ledger", *words]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def test_the_command_line_signs_proves_exports_nothing_secret_and_checks(tmp_path: Path) -> None:
    folder = tmp_path / "data"
    assert run(folder, "verify").stdout.startswith("The ledger verifies: 0 events")
    assert "the ledger is empty" in run(folder, "checkpoint").stderr
    run(folder, "keep", "news", "--days", "200")
    kept = tmp_path / "kept"
    kept.write_text(run(folder, "checkpoint").stdout, encoding="utf-8")
    shown = run(folder, "key", "show").stdout.strip()
    assert VerifierKey.read(shown).name == Checkpoint.read(kept.read_text(encoding="utf-8")).origin
    assert run(folder, "key", "rotate", "--yes").returncode == 0
    assert run(folder, "key", "show").stdout.splitlines()[0] == shown
    found = json.loads(run(folder, "verify", "--checkpoint", str(kept), "--json").stdout)
    assert (found["holds"], found["events"], found["checkpoints"]) == (True, 2, 3)
    (folder / "ledger.key").unlink()
    lost = run(folder, "verify")
    assert (lost.returncode, lost.stderr.count("\n")) == (1, 1)
    assert "restore it" in lost.stderr


def test_the_command_line_keeps_and_lifts_holds(tmp_path: Path) -> None:
    folder = tmp_path / "data"
    assert "at least 183 days" in run(folder, "keep", "news", "--days", "30").stderr
    assert run(folder, "hold", "case-7", "--library", "news").returncode == 0
    assert "library news" in run(folder, "holds").stdout
    assert "say what is held" in run(folder, "hold", "case-8").stderr
    assert run(folder, "hold", "case-7", "--lift").returncode == 0
    assert "no legal holds" in run(folder, "holds").stdout
    assert "say who or what" in run(folder, "erase", "--yes").stderr
