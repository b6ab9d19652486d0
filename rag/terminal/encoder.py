"""Loading the encoder while somebody waits."""

from __future__ import annotations

from rag.terminal.text import errors
from rag.wiring import WiredServices


def check_encoder(services: WiredServices) -> None:
    """As `WiredServices.check_worker_inside`; a terminal says meanwhile what it waits for."""
    with errors.status("Loading the encoder"):
        services.check_worker_inside()
