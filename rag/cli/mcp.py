"""`mcp`: tools for assistants."""

from __future__ import annotations

from typing import Annotated

import typer

from rag.cli.options import settings_of


def mcp(
    context: typer.Context,
    http: Annotated[bool, typer.Option("--http", help="Streamable HTTP at /mcp, instead of stdin and stdout.")] = False,
    host: Annotated[
        str, typer.Option(help="Address to listen on, with --http.", show_default="the configured one")
    ] = "",
    port: Annotated[
        int, typer.Option(help="Port, with --http; 0 takes a free one.", show_default="the configured one")
    ] = -1,
) -> None:
    """Serve search, look, ask and "more like this" to an assistant that speaks MCP.

    Over stdio it acts as you, or as the key in PICTUREDESK_MCP_KEY; over HTTP as the key of each request.
    """
    from rag.errors import BadSettings

    changes: dict[str, object] = {"host": host} if host else {}
    if port >= 0:
        changes["port"] = port
    settings = settings_of(context, **changes)
    try:
        from rag.integrations.mcp.running import run_http, run_stdio
    except ModuleNotFoundError as error:
        if error.name is None or error.name.partition(".")[0] not in ("mcp", "mcp_types"):
            raise
        raise BadSettings("the MCP server needs the package mcp: pip install 'picturedesk[mcp]'") from error
    if http:
        run_http(settings)
    else:
        run_stdio(settings)
