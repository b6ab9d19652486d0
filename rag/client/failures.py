"""What can go wrong between client and desk, as the errors of the house."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any, TypeVar

import httpx

from rag.errors import BadRequest, NotAllowed, NotFound, PictureDeskError, Rejected, Unauthenticated, Unavailable

C = TypeVar("C")
T = TypeVar("T")

AGAIN = frozenset({HTTPStatus.TOO_MANY_REQUESTS, HTTPStatus.SERVICE_UNAVAILABLE})
NEVER_SENT = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout)
FIRST_PAUSE = 0.5
"""Seconds; doubled from time to time, where the desk does not say how long to wait."""

BY_STATUS: Mapping[int, type[PictureDeskError]] = {
    401: Unauthenticated,
    403: NotAllowed,
    404: NotFound,
    429: Unavailable,
    502: Unavailable,
    503: Unavailable,
    504: Unavailable,
}


@dataclass(frozen=True, slots=True)
class Patience:
    """How often a request is sent again, and how long to wait at most before each.

    Attributes:
        retries: beyond the first attempt.
        longest: seconds.
    """

    retries: int = 3
    longest: float = 30.0

    def pause(self, attempt: int, asked: str = "") -> float | None:
        """Seconds until another attempt; None when there is none.

        Args:
            attempt: 0 for the first.
            asked: the desk's `Retry-After`, where it sent one.
        """
        if attempt >= self.retries:
            return None
        seconds = float(asked) if asked.isdecimal() else FIRST_PAUSE * 2**attempt
        return min(seconds, self.longest)


def may_repeat(outcome: httpx.Response | httpx.TransportError, *, reads_only: bool) -> bool:
    """Whether a request that ended so can be sent again without being carried out twice."""
    if isinstance(outcome, httpx.Response):
        return outcome.status_code in AGAIN
    return reads_only or isinstance(outcome, NEVER_SENT)


def failure_of(outcome: httpx.Response | httpx.TransportError, base_url: str) -> PictureDeskError:
    """The error that a request ended with. Of a response, the body was read."""
    if isinstance(outcome, httpx.Response):
        return refusal(outcome.status_code, outcome.content)
    failure = Unavailable(f"the desk at {base_url} does not answer: {_why(outcome)}; does it run there?")
    failure.__cause__ = outcome
    return failure


def broken_off(base_url: str, error: httpx.TransportError | None) -> PictureDeskError:
    """The error for events that end before the last one."""
    why = _why(error) if error else "the desk ended it, as when it stops"
    failure = Unavailable(f"the events of {base_url} broke off: {why}")
    failure.__cause__ = error
    return failure


def refusal(status: int, content: bytes) -> PictureDeskError:
    """The error that a refused request raises: the one of the house whose `type` the problem has."""
    try:
        problem = json.loads(content)
    except ValueError:
        problem = None
    if not isinstance(problem, dict) or "type" not in problem:
        return _class_of("", status)(f"the server answered {status}, and no word of a Picture Desk's")
    return problem_error(problem)


def problem_error(problem: Mapping[str, Any]) -> PictureDeskError:
    """The error that a problem stands for. One of a newer desk, unknown here, is told by its status."""
    kind = str(problem["type"]).rpartition(":")[2]
    return _class_of(kind, int(problem.get("status", 500)))(str(problem.get("detail") or problem.get("title") or kind))


def read_value(read: Callable[[C], T], content: C) -> T:
    """What an answer or event says. Raises Rejected when it is none that this version can read."""
    try:
        return read(content)
    except ValueError as error:
        raise Rejected(
            f"the answer cannot be read: {_first_line(error)}; is it a Picture Desk as new as this?"
        ) from error


def _class_of(kind: str, status: int) -> type[PictureDeskError]:
    if found := _known_errors().get(kind):
        return found
    return BY_STATUS.get(status) or (BadRequest if status < HTTPStatus.INTERNAL_SERVER_ERROR else PictureDeskError)


def _known_errors() -> dict[str, type[PictureDeskError]]:
    found: dict[str, type[PictureDeskError]] = {}
    waiting: list[type[PictureDeskError]] = [PictureDeskError]
    while waiting:
        error = waiting.pop()
        found.setdefault(error.type, error)
        waiting += error.__subclasses__()
    return found


def _why(error: httpx.TransportError) -> str:
    return str(error) or type(error).__name__


def _first_line(error: ValueError) -> str:
    return next(iter(str(error).splitlines()), type(error).__name__)
