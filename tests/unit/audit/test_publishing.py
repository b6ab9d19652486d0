"""Checkpoints get to where they are to be kept, or it says why not."""

from __future__ import annotations

import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest

from rag.audit.publishing import check_target, publish
from rag.errors import BadSettings, Unavailable

NOTE = "desk\n1\nroot\n\n— desk c2lnbmVk\n"


class Witness(HTTPServer):
    received: list[str]
    status = 200


class Handler(BaseHTTPRequestHandler):
    def do_POST(self) -> None:
        assert isinstance(self.server, Witness)
        self.server.received.append(self.rfile.read(int(self.headers["Content-Length"])).decode())
        self.send_response(self.server.status)
        self.end_headers()

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002
        pass


@pytest.fixture
def witness() -> Iterator[Witness]:
    server = Witness(("127.0.0.1", 0), Handler)
    server.received = []
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield server
    server.shutdown()
    server.server_close()
    thread.join()


def test_a_file_gets_one_checkpoint_after_the_other(tmp_path: Path) -> None:
    for target in (str(tmp_path / "kept"), f"file://{tmp_path / 'kept'}"):
        publish(NOTE, target)
    assert (tmp_path / "kept").read_text(encoding="utf-8") == f"{NOTE}\n{NOTE}\n"


def test_an_address_gets_it_whole_and_a_refusal_is_told(witness: Witness) -> None:
    url = f"http://127.0.0.1:{witness.server_port}/checkpoints"
    publish(NOTE, url)
    assert witness.received == [NOTE]
    witness.status = 503
    with pytest.raises(Unavailable, match="503"):
        publish(NOTE, url)


def test_a_command_gets_it_on_its_input_and_its_complaint_is_told(tmp_path: Path) -> None:
    script = "import sys; open(sys.argv[1], 'w', encoding='utf-8').write(sys.stdin.read())"
    publish(NOTE, f'command:{sys.executable} -c "{script}" {tmp_path / "got"}')
    assert (tmp_path / "got").read_text(encoding="utf-8") == NOTE
    with pytest.raises(Unavailable, match="ended with 3: no room"):
        publish(NOTE, f"command:{sys.executable} -c \"import sys; print('no room', file=sys.stderr); sys.exit(3)\"")
    with pytest.raises(Unavailable, match="could not be published"):
        publish(NOTE, "command:/no/such/program")


def test_an_address_of_another_kind_is_refused_at_once() -> None:
    with pytest.raises(BadSettings, match="PICTUREDESK_CHECKPOINT_TO"):
        check_target("s3://bucket/checkpoints")
