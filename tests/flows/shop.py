"""A small shop for tests: sample pictures with captions, tags and prices, a near copy of one, and a vault beside."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

import pytest
from PIL import Image

from rag.model import LOCAL_OWNER, Actor, Visual
from rag.scenes import draw
from rag.scenes.sample_library import SampleItem, sample_library
from rag.settings import ApiKey, Settings
from rag.wiring import WiredServices, opened

ARTICLES = 30
KEPT_APART = 3
COPY = "copy.jpg"
PRICES = ("price:19.90", "price:39.80")
"""Of the first two articles."""

KEYS = {"ann": "ann-reads-the-shop", "eve": "eve-audits", "bob": "bob-has-the-vault"}


@dataclass(frozen=True)
class Shop:
    """A data folder with the libraries `shop` and `vault`, and the bytes that went in."""

    data: Path
    pictures: Path

    @property
    def settings(self) -> Settings:
        return Settings(data=self.data, library="shop", port=0, api_keys=keys())

    def first(self) -> bytes:
        """The picture that has a near copy."""
        return (self.pictures / articles()[0].file_name).read_bytes()


def keys() -> tuple[ApiKey, ...]:
    def hashed(name: str) -> str:
        return sha256(KEYS[name].encode()).hexdigest()

    return (
        ApiKey(sha256=hashed("ann"), actor="ann", libraries=frozenset({"shop"})),
        ApiKey(sha256=hashed("bob"), actor="bob", libraries=frozenset({"vault"})),
        ApiKey(sha256=hashed("eve"), actor="eve", roles=frozenset({"auditor"}), libraries=frozenset({"*"})),
    )


def keys_setting() -> str:
    return json.dumps([json.loads(key.model_dump_json()) for key in keys()])


def articles() -> tuple[SampleItem, ...]:
    """What the shop has, those with a caption first."""
    return _items()[:ARTICLES]


def _items() -> tuple[SampleItem, ...]:
    return tuple(sorted(sample_library()[: ARTICLES + KEPT_APART], key=lambda item: item.caption is None))


def visuals_of(services: WiredServices, library: str, actor: Actor = LOCAL_OWNER) -> dict[str, Visual]:
    """Visuals by the names of their files."""
    assets = {asset.ref: asset.name for asset in services.catalog.assets(actor, library, limit=1000)}
    return {assets[visual.asset_ref]: visual for visual in services.catalog.visuals_of(list(assets))}


@pytest.fixture(scope="session")
def stocked(tmp_path_factory: pytest.TempPathFactory) -> Shop:
    """Not to be opened: see `copied`."""
    folder = tmp_path_factory.mktemp("shop")
    shop = Shop(folder / "data", folder / "pictures")
    shop.pictures.mkdir()
    for item in _items():
        draw(item.scene, 256).save(shop.pictures / item.file_name, quality=90)
    with Image.open(shop.pictures / articles()[0].file_name) as image:
        image.resize((230, 230)).save(shop.pictures / COPY, quality=60)
    with opened(Settings(data=shop.data)) as services:
        _take(services, shop, "shop", [*map(_row, articles()), {"path": COPY, "caption": "A smaller copy"}])
        _take(services, shop, "vault", [_row(item) for item in _items()[ARTICLES:]])
    return shop


@contextmanager
def copied(shop: Shop, folder: Path) -> Iterator[Shop]:
    """A shop of one's own, to open, change and serve."""
    shutil.copytree(shop.data, folder / "data")
    yield Shop(folder / "data", shop.pictures)


def _row(item: SampleItem) -> dict[str, object]:
    row = item.manifest_row()
    place = _items().index(item)
    prices = [PRICES[place]] if place < len(PRICES) else []
    return {**row, "tags": [*item.tags, *prices]}


def _take(services: WiredServices, shop: Shop, library: str, rows: list[dict[str, object]]) -> None:
    from rag.ingest import accept, entries_of, follow

    manifest = shop.pictures / f"{library}.jsonl"
    manifest.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    job = accept(services, LOCAL_OWNER, library, entries_of(services, manifest))
    for _ in follow(services, LOCAL_OWNER, job.id, every=0.05):
        pass
