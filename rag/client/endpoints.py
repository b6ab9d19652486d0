"""Methods of both clients, made from the calls that describe them.

`search = Endpoint(asking.search)` in a class that both clients inherit is a method that takes what
`asking.search` takes, and gives its result: at once from `Client`, awaited from `AsyncClient`. Type
checkers know both.
"""

from __future__ import annotations

import functools
from abc import ABC, abstractmethod
from collections.abc import AsyncGenerator, Callable, Coroutine, Generator
from typing import Any, Generic, ParamSpec, TypeVar, overload

from rag.client.call import Call, Stream

P = ParamSpec("P")
T = TypeVar("T")
E = TypeVar("E")
L = TypeVar("L")


class Sender(ABC):
    """Sends what a call describes, and waits."""

    @abstractmethod
    def send(self, call: Call[T]) -> T: ...
    @abstractmethod
    def stream(self, stream: Stream[E, L]) -> Generator[E]: ...
    @abstractmethod
    def outcome(self, stream: Stream[E, L]) -> L: ...


class AsyncSender(ABC):
    """Sends what a call describes, and lets others run meanwhile."""

    @abstractmethod
    async def send(self, call: Call[T]) -> T: ...
    @abstractmethod
    def stream(self, stream: Stream[E, L]) -> AsyncGenerator[E]: ...
    @abstractmethod
    async def outcome(self, stream: Stream[E, L]) -> L: ...


class Endpoint(Generic[P, T]):
    """A method that sends a call and gives its result."""

    def __init__(self, describe: Callable[P, Call[T]]) -> None:
        self._describe = describe
        self.__doc__ = describe.__doc__

    @overload
    def __get__(self, sender: None, owner: type) -> Endpoint[P, T]: ...
    @overload
    def __get__(self, sender: Sender, owner: type) -> Callable[P, T]: ...
    @overload
    def __get__(self, sender: AsyncSender, owner: type) -> Callable[P, Coroutine[Any, Any, T]]: ...
    def __get__(self, sender: Sender | AsyncSender | None, owner: type) -> object:
        if sender is None:
            return self

        @functools.wraps(self._describe)
        def method(*args: P.args, **kwargs: P.kwargs) -> object:
            return sender.send(self._describe(*args, **kwargs))

        return method


class StreamEndpoint(Generic[P, E, L]):
    """A method that gives the values of a stream as they come. Closing the generator hangs up."""

    def __init__(self, describe: Callable[P, Stream[E, L]]) -> None:
        self._describe = describe
        self.__doc__ = describe.__doc__

    @overload
    def __get__(self, sender: None, owner: type) -> StreamEndpoint[P, E, L]: ...
    @overload
    def __get__(self, sender: Sender, owner: type) -> Callable[P, Generator[E]]: ...
    @overload
    def __get__(self, sender: AsyncSender, owner: type) -> Callable[P, AsyncGenerator[E]]: ...
    def __get__(self, sender: Sender | AsyncSender | None, owner: type) -> object:
        if sender is None:
            return self

        @functools.wraps(self._describe)
        def method(*args: P.args, **kwargs: P.kwargs) -> object:
            return sender.stream(self._describe(*args, **kwargs))

        return method


class OutcomeEndpoint(Generic[P, E, L]):
    """A method that follows a stream to its end and gives its last value."""

    def __init__(self, describe: Callable[P, Stream[E, L]]) -> None:
        self._describe = describe
        self.__doc__ = describe.__doc__

    @overload
    def __get__(self, sender: None, owner: type) -> OutcomeEndpoint[P, E, L]: ...
    @overload
    def __get__(self, sender: Sender, owner: type) -> Callable[P, L]: ...
    @overload
    def __get__(self, sender: AsyncSender, owner: type) -> Callable[P, Coroutine[Any, Any, L]]: ...
    def __get__(self, sender: Sender | AsyncSender | None, owner: type) -> object:
        if sender is None:
            return self

        @functools.wraps(self._describe)
        def method(*args: P.args, **kwargs: P.kwargs) -> object:
            return sender.outcome(self._describe(*args, **kwargs))

        return method
