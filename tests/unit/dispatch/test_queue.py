"""A broker's URL chooses the queue."""

from __future__ import annotations

from pathlib import Path

import pytest

from rag.dispatch.queue import open_queue
from rag.errors import BadSettings
from rag.settings import Settings, without_credentials
from tests.contract.recorder import Recorder


def test_any_other_scheme_names_the_two_that_work(tmp_path: Path) -> None:
    services = Recorder(tmp_path).as_services()
    with pytest.raises(BadSettings, match=r"amqp://; it takes memory:// or redis://"):
        open_queue(Settings(broker="amqp://guest:guest@localhost//"), services)


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("redis://:secret@redis:6379/2", "redis://redis:6379/2"),
        ("rediss://user:se%40cret@[::1]:6379/0?ssl_cert_reqs=none", "rediss://[::1]:6379/0"),
        ("memory://", "memory://"),
    ],
)
def test_a_broker_is_named_without_its_password(url: str, shown: str) -> None:
    assert without_credentials(url) == shown
