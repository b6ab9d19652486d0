"""What all tests share: real services, started when a test asks for one."""

from __future__ import annotations

import pytest

pytest_plugins = (
    "tests.browser.chromium",
    "tests.containment.effects",
    "tests.flows.desk",
    "tests.flows.processes",
    "tests.flows.shop",
    "tests.services.llm",
    "tests.flows.answers",
    "tests.services.ledger_keys",
    "tests.services.postgres",
    "tests.services.redis",
    "tests.services.qdrant",
)


@pytest.fixture(autouse=True)
def no_settings_from_outside(monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory) -> None:
    """Tests see neither the developer's environment nor a `.env` in the working folder."""
    import os

    for name in os.environ:
        if name.startswith("PICTUREDESK_") and not name.startswith("PICTUREDESK_TEST_"):
            monkeypatch.delenv(name)
    monkeypatch.setitem(_settings_config(), "env_file", None)


def _settings_config() -> dict[str, object]:
    from rag.settings import Settings

    return Settings.model_config  # type: ignore[return-value]
