"""The keys of a ledger, in a file of the test's own."""

from __future__ import annotations

from pathlib import Path

import pytest

from rag.audit.keys import LedgerKeys, open_keys


@pytest.fixture
def key_file(tmp_path: Path) -> Path:
    return tmp_path / "ledger.key"


@pytest.fixture
def keys(key_file: Path) -> LedgerKeys:
    return open_keys(key_file, make=True)
