"""The MCP server: search, look, ask and "more like this" as tools of an assistant. Needs the extra `mcp`."""
