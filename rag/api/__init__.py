"""The HTTP door: FastAPI routes onto the flows, problem+json, and the page at `/`.

Handlers are thin and synchronous; FastAPI runs them in threads. `create_app` is
in `rag.api.app`, the server in `rag.api.serve`.
"""
