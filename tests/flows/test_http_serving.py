"""The server as a process: how it starts, how it stops, and when it refuses to run."""

from __future__ import annotations

import re
import signal
from pathlib import Path

import httpx
import pytest

from rag.api.serve import serve
from rag.errors import PictureDeskError
from rag.settings import Settings
from tests.flows.desk import PATIENCE, serving, until
from tests.flows.processes import Processes
from tests.flows.test_http import problem


def test_it_says_its_url_answers_and_stops_cleanly_when_asked(processes: Processes) -> None:
    child = processes.python("serve", "-m", "rag.cli", "serve", "--port", "0")
    child.wait_for("Ready")
    found = re.search(r"http://\S+", child.output())
    assert found is not None
    assert httpx.get(f"{found[0]}/readyz", trust_env=False, timeout=PATIENCE).json()["ready"] is True
    child.process.send_signal(signal.SIGINT)
    assert child.wait() == 0
    assert "Traceback" not in child.output()


@pytest.mark.parametrize(
    ("setting", "value", "named"),
    [
        ("encoder", "ViT-B-99/nobody", "ViT-B-99"),
        ("database", "mysql://nowhere/x", "mysql"),
        ("broker", "amqp://x", "amqp"),
    ],
)
def test_what_can_never_work_ends_it_with_the_reason(tmp_path: Path, setting: str, value: str, named: str) -> None:
    settings = Settings(data=tmp_path / "data", port=0, **{setting: value})  # type: ignore[arg-type]
    with pytest.raises(PictureDeskError, match=named):
        serve(settings, say=lambda line: None)


def test_a_store_that_is_away_is_a_503_to_try_again_and_the_rest_goes_on(tmp_path: Path) -> None:
    settings = Settings(data=tmp_path / "data", vectors="http://127.0.0.1:1")
    with serving(settings, ready=False) as desk, desk.client() as client:
        until(lambda: bool(client.get("/v1/status").json()["trouble"]))
        refused = client.get("/v1/search", params={"q": "a boat"})
        assert "Qdrant" in problem(refused, 503, "unavailable")["detail"]
        assert int(refused.headers["retry-after"]) > 0
        waiting = client.get("/readyz")
        assert waiting.status_code == 503
        assert waiting.json()["parts"]["catalog"] == "ok"
        assert waiting.json()["parts"]["store"] != "ok"
        assert client.get("/healthz").status_code == 200
        assert client.get("/v1/ledger/verify").json()["holds"] is True
