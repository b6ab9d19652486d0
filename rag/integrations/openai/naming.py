"""Which libraries a model's name means."""

from __future__ import annotations

from collections.abc import Sequence

from rag.errors import ModelNotFound

MODEL = "picturedesk"
"""Answers from every library that one may read; `picturedesk/NAME` from one of them."""


def model_names(readable: Sequence[str]) -> list[str]:
    """The models of somebody who may read these libraries."""
    return [MODEL, *(f"{MODEL}/{library}" for library in readable)]


def libraries_of(model: str, readable: Sequence[str]) -> tuple[str, ...]:
    """The libraries that a model answers from; none means all of `readable`.

    Raises:
        ModelNotFound: it names none of ours, or a library that one may not read: the two are not told apart.
    """
    if model == MODEL:
        return ()
    prefix, _, library = model.partition("/")
    if prefix != MODEL or library not in readable:
        raise ModelNotFound(f"there is no model {model!r}; there are: {', '.join(model_names(readable))}")
    return (library,)
