"""The shipped demo encoder gives the vectors it gave when it was made, to 1e-3.

After `make demo-encoder`, write `known_vectors.json` anew:
`python -m tests.golden.encoder.test_known_vectors`.
"""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from rag.encoding import load_encoder
from rag.encoding.canary import canary_vector, check_canary
from rag.encoding.demo import loading
from rag.ports import Encoder

KNOWN = Path(__file__).with_name("known_vectors.json")
TEXT = "A red car on a beach at sunset"


@pytest.fixture(scope="module")
def demo() -> Encoder:
    return load_encoder("demo")


def test_the_id_is_the_pinned_one(demo: Encoder) -> None:
    assert demo.id == json.loads(KNOWN.read_text())["encoder"]


@pytest.mark.parametrize("which", ["image", "text"])
def test_known_vectors(which: str, demo: Encoder) -> None:
    expected = np.array(json.loads(KNOWN.read_text())[which], np.float32)
    found = canary_vector(demo) if which == "image" else demo.texts([TEXT])[0]
    assert np.abs(found - expected).max() < 1e-3


def test_the_shipped_canary_passes(demo: Encoder) -> None:
    shipped = json.loads((loading.FOLDER / "canary.json").read_text())
    assert shipped["encoder"] == demo.id
    check_canary(demo, np.array(shipped["vector"], np.float32))


def write() -> None:
    """Pin what the shipped encoder gives now."""
    demo = load_encoder("demo")
    vectors = {"image": canary_vector(demo), "text": demo.texts([TEXT])[0]}
    rows = {name: [round(float(value), 6) for value in vector] for name, vector in vectors.items()}
    KNOWN.write_text(json.dumps({"encoder": demo.id, **rows}) + "\n")


if __name__ == "__main__":
    write()
