"""Which number formats the CPU that runs the tests multiplies: what it cannot do is skipped, and says so."""

from __future__ import annotations

import pytest
import torch

from rag.encoding.packed import can_pack, check_int8
from rag.errors import BadSettings


def _multiplies_int8() -> bool:
    try:
        check_int8()
    except BadSettings:
        return False
    return True


needs_int8 = pytest.mark.skipif(not _multiplies_int8(), reason="this CPU has no VNNI, and int8 is refused")
needs_bf16 = pytest.mark.skipif(not can_pack(torch.bfloat16), reason="this CPU multiplies no packed bf16")

INT8 = pytest.param("int8", marks=needs_int8)
