"""OpenAI's own client, pointed at a desk."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from contextlib import contextmanager

from openai import DefaultHttpxClient, OpenAI

from tests.flows.desk import PATIENCE, Desk


@contextmanager
def openai_client(desk: Desk, key: str = "any", *, retries: int = 0) -> Iterator[OpenAI]:
    """As anybody would use it; only proxies of the test machine are left out."""
    with (
        DefaultHttpxClient(trust_env=False, timeout=PATIENCE) as http,
        OpenAI(base_url=f"{desk.url}/v1", api_key=key, max_retries=retries, http_client=http) as client,
    ):
        yield client


def data_url(content: bytes, media_type: str = "image/jpeg") -> str:
    return f"data:{media_type};base64,{base64.b64encode(content).decode()}"
