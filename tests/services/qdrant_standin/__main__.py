"""`python -m tests.services.qdrant_standin --port N [--key KEY]`"""

from __future__ import annotations

import argparse

import uvicorn

from tests.services.qdrant_standin.app import create_app


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--key", default="")
    given = parser.parse_args()
    uvicorn.run(create_app(given.key), host="127.0.0.1", port=given.port, log_level="warning")


main()
