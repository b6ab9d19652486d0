"""What a call is, described once: a request, and how its answer is read. Who sends it, and when, is not said here."""

from __future__ import annotations

import mimetypes
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO, Generic, TypeVar

from rag.client.events import ServerEvent

T = TypeVar("T")
E = TypeVar("E")
L = TypeVar("L")

File = Path | str | tuple[str, bytes]
"""A file to send: its path, or a name and the bytes."""

Sent = tuple[str, tuple[str, bytes | BinaryIO, str]]
"""A file as httpx takes it: field, (name, content, media type)."""

Param = str | int | float | Sequence[str]


@dataclass(frozen=True, slots=True)
class Request:
    """One HTTP request.

    Attributes:
        params: of the query string; those that are None are left out.
        body: JSON.
        form, files: of a multipart form; paths are opened when it is sent.
    """

    method: str
    path: str
    params: Mapping[str, Param | None] = field(default_factory=dict)
    body: object = None
    form: Mapping[str, str | list[str]] = field(default_factory=dict)
    files: Sequence[tuple[str, File]] = ()
    accept: str = "application/json"

    @property
    def given(self) -> dict[str, Param]:
        """The parameters that are not None."""
        return {name: value for name, value in self.params.items() if value is not None}

    @property
    def reads_only(self) -> bool:
        """Whether it may be sent again although nobody knows what became of it."""
        return self.method == "GET"

    @contextmanager
    def opened_files(self) -> Iterator[list[Sent] | None]:
        """The files, open while they are sent; None where there are none. Raises OSError."""
        with ExitStack() as opened:
            yield [(name, _part(file, opened)) for name, file in self.files] or None


@dataclass(frozen=True, slots=True)
class Call(Generic[T]):
    """A request, and how the body of its answer is read."""

    request: Request
    read: Callable[[bytes], T]


@dataclass(frozen=True, slots=True)
class Stream(Generic[E, L]):
    """A request that is answered with server-sent events.

    Attributes:
        read: an event's value; None where it means nothing to this version.
        last: the type of the value that ends it; one of those that it has.
        resumes: whether the same request goes on where a broken connection left it.
    """

    request: Request
    read: Callable[[ServerEvent], E | None]
    last: type[L]
    resumes: bool = False


def _part(file: File, opened: ExitStack) -> tuple[str, bytes | BinaryIO, str]:
    content: bytes | BinaryIO
    if isinstance(file, tuple):
        name, content = file
    else:
        name, content = Path(file).name, opened.enter_context(Path(file).open("rb"))  # noqa: SIM115, the stack closes it
    return name, content, mimetypes.guess_type(name)[0] or "application/octet-stream"
