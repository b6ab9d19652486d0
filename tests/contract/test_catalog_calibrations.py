"""What the catalog promises about calibrations, over SQLite and PostgreSQL."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest
from sqlalchemy import Engine

from rag.errors import NotFound
from rag.library.catalog import SqlCatalog
from rag.model import CalibrationFit, Caption, CaptionOrigin, CaptionStatus
from tests.contract.assets import Clock, begin, hand_in, indexed, some_asset

FIT = CalibrationFit("f1", "shop", "model@1", 40, 55, {"weights": {"101": [1.0, -2.5]}}, {"now": {"ece": 0.02}})


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def catalog(engine: Engine, clock: Clock) -> Iterator[SqlCatalog]:
    catalog = SqlCatalog(engine, clock)
    catalog.create_library("shop")
    yield catalog
    catalog.close()


def test_a_fit_reads_back_as_it_was_kept_with_its_time(catalog: SqlCatalog, clock: Clock) -> None:
    catalog.keep_calibration(FIT)
    assert catalog.calibration("shop", "model@1") == replace(FIT, fitted_at=clock.now)
    assert catalog.calibration("shop") == replace(FIT, fitted_at=clock.now)
    assert catalog.calibration_ids(["shop"], "model@1") == {"shop": "f1"}


def test_the_newest_installed_fit_of_the_encoder_counts(catalog: SqlCatalog, clock: Clock) -> None:
    for fit in (
        FIT,
        replace(FIT, id="f2"),
        replace(FIT, id="f3", installed=False),
        replace(FIT, id="f4", encoder_id="b"),
    ):
        clock.forward(86_400)
        catalog.keep_calibration(fit)
    newest, tried = catalog.calibration("shop", "model@1"), catalog.calibration("shop", "model@1", rejected=True)
    assert (newest and newest.id, tried and tried.id) == ("f2", "f3")
    assert catalog.calibration_ids(["shop"], "model@1") == {"shop": "f2"}
    clock.forward(86_400)
    catalog.keep_calibration(FIT)
    assert catalog.calibration_ids(["shop"], "model@1") == {"shop": "f1"}


def test_there_may_be_no_fit_and_no_library(catalog: SqlCatalog) -> None:
    assert catalog.calibration("shop", "model@1") is None
    assert catalog.calibration_ids(["shop"], "model@1") == {}
    with pytest.raises(NotFound, match="'elsewhere'"):
        catalog.keep_calibration(replace(FIT, library="elsewhere"))


def test_captioned_assets_are_counted_once_and_only_where_they_are_searched(catalog: SqlCatalog) -> None:
    draft = Caption("a draft", CaptionOrigin.GENERATED, CaptionStatus.DRAFT)
    rejected = Caption("no dress", CaptionOrigin.HUMAN, CaptionStatus.REJECTED)
    approved = Caption("a dress", CaptionOrigin.EMBEDDED, CaptionStatus.APPROVED)
    generated = Caption("some dress", CaptionOrigin.GENERATED, CaptionStatus.APPROVED)  # searched, and no truth
    human = Caption("a red dress", CaptionOrigin.HUMAN)
    texts = {"1": (human, approved), "2": (approved,), "3": (draft, rejected, generated), "4": (), "waiting": (human,)}
    assets = [some_asset(name, captions=captions) for name, captions in texts.items()]
    hand_in(catalog, *assets)
    begin(catalog, *assets)
    catalog.conclude([indexed(asset) for asset in assets if asset.name != "waiting"])
    assert catalog.captioned() == {"shop": 2}
