"""Keeps the libraries under an encoder from writing to the terminal and from changing the process's logging."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager

from huggingface_hub.utils.tqdm import are_progress_bars_disabled, disable_progress_bars, enable_progress_bars
from transformers.utils import logging as transformers_logging


@contextmanager
def quiet() -> Iterator[None]:
    """No progress bars, no load reports; both are as before afterwards.

    open_clip logs through the root logger's shortcuts, which install a handler
    where there is none; one that drops everything stands in for that while it loads.
    """
    root, placeholder = logging.getLogger(), logging.NullHandler()
    verbosity, bars = transformers_logging.get_verbosity(), not are_progress_bars_disabled()
    loading_bars = transformers_logging.is_progress_bar_enabled()
    root.addHandler(placeholder)
    transformers_logging.set_verbosity(logging.ERROR)
    transformers_logging.disable_progress_bar()  # type: ignore[no-untyped-call]
    try:
        yield
    finally:
        root.removeHandler(placeholder)
        transformers_logging.set_verbosity(verbosity)
        if loading_bars:
            transformers_logging.enable_progress_bar()  # type: ignore[no-untyped-call]
        # Both switches are one inside transformers and two outside.
        (enable_progress_bars if bars else disable_progress_bars)()
