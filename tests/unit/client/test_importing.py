"""The client costs little to import, and both clients are one definition."""

from __future__ import annotations

import inspect
import subprocess
import sys

from rag.client import AsyncClient, Client

HEAVY = {"torch", "open_clip", "transformers", "sqlalchemy", "celery", "qdrant_client", "langchain", "av", "PIL"}

LOOK = f"""
import sys
sockets = []
sys.addaudithook(lambda event, args: sockets.append(event) if event.startswith("socket.") else None)
import rag.client
print(sorted({{name.split(".")[0] for name in sys.modules}} & {HEAVY}), sockets)
"""


def test_importing_the_client_loads_no_model_no_database_and_opens_no_socket() -> None:
    shown = subprocess.run([sys.executable, "-c", LOOK], capture_output=True, check=True, text=True).stdout
    assert shown.strip() == "[] []"


def test_both_clients_have_the_same_methods_with_the_same_arguments() -> None:
    plain, awaited = Client(), AsyncClient()
    names = [name for name in dir(plain) if not name.startswith("_")]
    assert names == [name for name in dir(awaited) if not name.startswith("_")]
    for name in names:
        one, other = getattr(plain, name), getattr(awaited, name)
        assert list(inspect.signature(one).parameters) == list(inspect.signature(other).parameters), name
        assert one.__doc__, name
    plain.close()
