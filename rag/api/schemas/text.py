"""Text as it may come in."""

from __future__ import annotations

from typing import Annotated

from pydantic import AfterValidator


def of_whole_characters(text: str) -> str:
    """JSON can spell half of a surrogate pair, which no encoder, database or answer could take further."""
    try:
        text.encode()
    except UnicodeEncodeError as error:
        raise ValueError(f"character {error.start + 1} is half of a surrogate pair") from error
    return text


Text = Annotated[str, AfterValidator(of_whole_characters)]
