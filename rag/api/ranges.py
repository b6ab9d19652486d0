"""Parts of a response, so that a film can be played from its middle (RFC 9110, section 14)."""

from __future__ import annotations

import re

from fastapi import Request, Response, status
from starlette.exceptions import HTTPException

RANGE = re.compile(r"bytes=(\d{1,18})?-(\d{1,18})?")


def respond(request: Request, content: bytes, media_type: str, etag: str, headers: dict[str, str]) -> Response:
    """All of `content`, or the one range that was asked for; several at once are answered with all of it."""
    headers = {**headers, "Accept-Ranges": "bytes"}
    wanted = RANGE.fullmatch(request.headers.get("range", "").replace(" ", ""))
    unchanged = request.headers.get("if-range", etag) == etag
    if wanted is None or not any(wanted.groups()) or not unchanged:
        return Response(content, media_type=media_type, headers=headers)
    start, end = _bounds(wanted[1], wanted[2], len(content))
    headers["Content-Range"] = f"bytes {start}-{end - 1}/{len(content)}"
    part = content[start:end]
    return Response(part, status.HTTP_206_PARTIAL_CONTENT, media_type=media_type, headers=headers)


def _bounds(first: str | None, last: str | None, size: int) -> tuple[int, int]:
    """Start and end, the end exclusive. Raises HTTPException 416 when nothing lies there."""
    if first is None:
        start, end = max(0, size - int(last or 0)), size
    else:
        start, end = int(first), min(size, int(last) + 1 if last else size)
    if start >= end:
        raise HTTPException(416, f"there are {size:,} bytes", {"Content-Range": f"bytes */{size}"})
    return start, end
