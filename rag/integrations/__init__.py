"""Doors for other programs' own protocols: MCP, LangChain. Each is imported by whoever uses it, and by nobody else."""
