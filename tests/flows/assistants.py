"""Assistants for tests: the MCP SDK's own client over a real process."""

from __future__ import annotations

import re
import sys
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, Literal

import httpx2
from mcp import Client
from mcp.client.stdio import StdioServerParameters
from mcp.client.streamable_http import streamable_http_client
from mcp.types import CallToolResult, ImageContent, TextContent

from tests.flows.desk import PATIENCE
from tests.flows.processes import ROOT, Child

Era = Literal["auto", "legacy"]
"""Whether the client speaks the newest protocol, or shakes hands as clients did until 2025."""

FENCE = re.compile(r"^=== data [0-9a-f]{16} ===$", re.MULTILINE)


def stdio(data: Path, settings: Mapping[str, str]) -> StdioServerParameters:
    env = {"PYTHONPATH": str(ROOT), "PICTUREDESK_DATA": str(data), **settings}
    return StdioServerParameters(command=sys.executable, args=["-m", "rag.cli", "mcp"], env=env, cwd=data)


@asynccontextmanager
async def over_http(url: str, key: str = "", era: Era = "auto") -> AsyncIterator[Client]:
    headers = {"Authorization": f"Bearer {key}"} if key else {}
    async with httpx2.AsyncClient(headers=headers, timeout=PATIENCE, trust_env=False) as http:
        transport = streamable_http_client(url, http_client=http)
        async with Client(transport, mode=era, read_timeout_seconds=PATIENCE) as client:
            yield client


def url_of(server: Child) -> str:
    server.wait_for("speaks MCP at")
    found = re.search(r"http://\S+", server.output())
    assert found
    return found[0]


def structured(result: CallToolResult) -> dict[str, Any]:
    assert not result.is_error, texts(result)
    assert result.structured_content is not None
    content: dict[str, Any] = result.structured_content
    return content


def texts(result: CallToolResult) -> list[str]:
    return [block.text for block in result.content if isinstance(block, TextContent)]


def images(result: CallToolResult) -> list[ImageContent]:
    return [block for block in result.content if isinstance(block, ImageContent)]


def refusal(result: CallToolResult) -> str:
    """The one line of a call that failed."""
    assert result.is_error
    (line,) = texts(result)
    assert "\n" not in line
    return line


def inside_fences(text: str) -> str:
    """What stands between the two lines that mark data."""
    parts = FENCE.split(text)
    assert len(parts) == 3, text
    return parts[1]
