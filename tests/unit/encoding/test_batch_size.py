from __future__ import annotations

import pytest
import torch

from rag.encoding.batch_size import best_batch, measured_rate


def device(*, fits: int, saturates: int, tried: list[int]) -> object:
    """A device as fast as its batch is large, up to a point, with memory for so many pictures."""

    def rate(batch: int) -> float:
        tried.append(batch)
        if batch > fits:
            raise torch.OutOfMemoryError("CUDA out of memory")
        return 10.0 * min(batch, saturates)

    return rate


@pytest.mark.parametrize(
    ("fits", "saturates", "expected"), [(10_000, 64, 64), (10_000, 100, 128), (100, 10_000, 64), (10_000, 10_000, 512)]
)
def test_the_batch_grows_while_it_helps_and_fits(fits: int, saturates: int, expected: int) -> None:
    tried: list[int] = []
    assert best_batch(device(fits=fits, saturates=saturates, tried=tried)) == expected  # type: ignore[arg-type]
    assert max(tried) <= 512
    assert len(tried) == len(set(tried))


def test_a_device_that_gains_nothing_gets_the_smallest_batch() -> None:
    tried: list[int] = []
    assert best_batch(device(fits=10_000, saturates=1, tried=tried)) == 8  # type: ignore[arg-type]
    assert tried == [8, 16]


def test_memory_for_not_even_the_smallest_batch_is_an_error() -> None:
    with pytest.raises(torch.OutOfMemoryError):
        best_batch(device(fits=4, saturates=64, tried=[]))  # type: ignore[arg-type]


def test_the_first_run_of_a_size_does_not_count() -> None:
    ran: list[int] = []
    assert measured_rate(ran.append, times=2)(16) > 0
    assert ran == [16, 16, 16]
