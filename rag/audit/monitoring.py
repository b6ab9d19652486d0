"""The tree as a monitor reads it (c2sp.org/tlog-tiles): tiles of hashes, and bundles of the leaves under them.

    tile      up to 256 hashes, 32 bytes each; asked for by level, number and, while it is not full, its width
    entries   up to 256 leaves, each behind its length (2 bytes, big-endian)

Leaves hold times, kinds, libraries and hashes, and nothing of what was said: see `rag.audit.leaf`.
"""

from __future__ import annotations

import re
import struct

from sqlalchemy import Connection, select

from rag.audit.proofs import leaf_text
from rag.audit.tables import events
from rag.audit.tiles import HASH_BYTES, WIDTH, TileReader
from rag.errors import NotFound, PictureDeskError

LONGEST_LEAF = 0xFFFF
_PATH = re.compile(r"((?:x\d{3}/){0,4}\d{3})(?:\.p/([1-9]\d{0,2}))?")


def tile_at(path: str) -> tuple[int, int]:
    """Number and width of the tile that a path names: `x001/x234/067`, or with `.p/5` its first five hashes.

    Raises:
        NotFound: no tile has such a path.
    """
    found = _PATH.fullmatch(path)
    width = WIDTH if found is None or found[2] is None else int(found[2])
    number = found and found[1].replace("x", "").replace("/", "")
    if found is None or not number or width > WIDTH or (found[2] and width == WIDTH) or found[1].startswith("x000"):
        raise NotFound(f"no tile is at {path!r}: it takes a number such as 067 or x001/067, and .p/WIDTH unless full")
    return int(number), width


def tile(connection: Connection, level: int, number: int, width: int) -> bytes:
    """The first `width` hashes of a tile. Raises NotFound: the tree has not as many there."""
    found = TileReader(connection).tile(level, number)[: width * HASH_BYTES]
    if len(found) != width * HASH_BYTES:
        raise NotFound(f"tile {level}/{number} has {len(found) // HASH_BYTES} hashes, not {width}")
    return found


def entries(connection: Connection, number: int, width: int) -> bytes:
    """The leaves under the first `width` hashes of tile 0/`number`. Raises NotFound as `tile`."""
    first = number * WIDTH
    wanted = select(events).where(events.c.seq >= first, events.c.seq < first + width).order_by(events.c.seq)
    leaves = [leaf_text(row).encode() for row in connection.execute(wanted).mappings()]
    if len(leaves) != width:
        raise NotFound(f"tile 0/{number} has {len(leaves)} leaves, not {width}")
    if max(map(len, leaves)) > LONGEST_LEAF:
        raise PictureDeskError(f"a leaf under tile 0/{number} is too long to be handed out: read its events instead")
    return b"".join(struct.pack(">H", len(leaf)) + leaf for leaf in leaves)
