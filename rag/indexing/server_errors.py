"""The Qdrant client's errors in our tree. No message repeats a header, so none can show a key."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager

from qdrant_client.http.exceptions import ApiException, ResponseHandlingException, UnexpectedResponse

from rag.errors import BadSettings, NotFound, PictureDeskError, Rejected, Unavailable

LONGEST_REASON = 300


@contextmanager
def translating() -> Iterator[None]:
    """
    Raises:
        Unavailable: no server at the URL, too slow, or failing; try again later.
        BadSettings: the server wants another API key.
        Rejected: the server understood and refused.
        NotFound: no such collection, or something else than Qdrant answers there.
    """
    try:
        yield
    except PictureDeskError:
        raise
    except UnexpectedResponse as error:
        raise _translated(error) from error
    except ResponseHandlingException as error:
        why = type(error.source).__name__
        raise Unavailable(
            f"no Qdrant server answered at the configured URL ({why}); is it running, and is PICTUREDESK_VECTORS right?"
        ) from error
    except ApiException as error:
        raise Unavailable(f"Qdrant did not answer: {type(error).__name__}") from error
    except AssertionError as error:  # the client found no result in an answer of status 200
        raise Rejected("what answers at the configured URL is no Qdrant server; check PICTUREDESK_VECTORS") from error
    except (ValueError, TypeError) as error:  # the client's own checks, before anything is sent
        raise Rejected(f"the Qdrant client refused the request: {_line(str(error))}") from error


def _translated(error: UnexpectedResponse) -> PictureDeskError:
    status = error.status_code or 0
    if status in (401, 403):
        return BadSettings(f"Qdrant refused the API key ({status}); set PICTUREDESK_VECTORS_KEY")
    if status >= 500 or status in (408, 429):
        return Unavailable(f"Qdrant failed for now ({status}): {_reason(error)}")
    if status == 404:
        return NotFound(f"Qdrant has no such thing, or the URL is not that of a Qdrant server: {_reason(error)}")
    return Rejected(f"Qdrant refused the request ({status}): {_reason(error)}")


def _reason(error: UnexpectedResponse) -> str:
    """Qdrant's own words, where it says `{"status": {"error": …}}`."""
    try:
        return _line(json.loads(error.content)["status"]["error"])
    except (ValueError, KeyError, TypeError):
        return error.reason_phrase or "no reason given"


def _line(text: str) -> str:
    return " ".join(text.split())[:LONGEST_REASON]
