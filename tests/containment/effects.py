"""What an answer could do outside its own text. Looked for by other means than those that prevent it."""

from __future__ import annotations

import html
import re
import threading
import unicodedata
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import unquote

import pytest

from rag.model import Answer
from tests.unit.answering.test_plain_text import links

ADDRESS = re.compile(r"(?:[a-z]{2,}:)?//[a-z0-9\[]|\bwww\.[a-z0-9]|\b(?:javascript|data|vbscript):\S", re.IGNORECASE)
CITATION = re.compile(r"\[(\d+)\]")


class Trap(ThreadingHTTPServer):
    """A server that somebody would be led to; it remembers who came."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Trapped)
        self.visits: list[str] = []

    @property
    def host(self) -> str:
        return f"127.0.0.1:{self.server_port}"


class Trapped(BaseHTTPRequestHandler):
    server: Trap

    def do_GET(self) -> None:
        self.server.visits.append(self.path)
        self.send_response(204)
        self.end_headers()

    def do_POST(self) -> None:
        self.do_GET()

    def log_message(self, *args: object) -> None:
        """Quiet."""


@pytest.fixture(scope="session")
def trap() -> Iterator[Trap]:
    server = Trap()
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    yield server
    server.shutdown()
    thread.join()
    server.server_close()


def addresses_in(text: str, *hosts: str) -> list[str]:
    """Addresses in a released text, however they are written; and what a renderer of markdown makes of it."""
    seen = "".join(one for one in text if unicodedata.category(one) not in {"Cf", "Cc"} or one in "\n\t")
    read = unicodedata.normalize("NFKC", html.unescape(unquote(CITATION.sub("", seen))))
    found = [match[0] for match in ADDRESS.finditer(read)]
    found += [host for host in hosts if host in read]
    return found + links(text)


def citations_of_others(answer: Answer) -> list[int]:
    """Numbers in the text or among the citations that are no evidence of this answer."""
    own = {item.number for item in answer.retrieval.evidence}
    return [number for number in (*answer.citations, *map(int, CITATION.findall(answer.text))) if number not in own]
