"""The Merkle tree in the database, as tiles of 256 hashes (height 8, as in c2sp.org/tlog-tiles).

A tile of level L holds 256 nodes of height 8 L: tile 0/N the leaf hashes from 256 N on, tile 1/N the roots
of 256 tiles of level 0, and so on. A tile of level 0 is written once, when it is full; until then its hashes
are those in `events`. Tiles above grow by one hash whenever a tile below them is full. So an append writes
nothing here but every 256th time, and a proof of any size reads a few tiles.

Everything here can be made anew from `events`.
"""

from __future__ import annotations

from collections.abc import Callable

from sqlalchemy import Connection, delete, func, insert, select, update

from rag.audit.merkle import Growing
from rag.audit.tables import events, tiles
from rag.audit.verifier import node_hash
from rag.errors import PictureDeskError

HEIGHT = 8
WIDTH = 1 << HEIGHT
HASH_BYTES = 32


def extend(connection: Connection, size: int, on_tile: Callable[[int], None] = lambda leaves: None) -> None:
    """Write the tiles that `size` events fill and that are not there yet. Calling twice is harmless.

    For the transaction of an append, or one that keeps appends waiting.

    Args:
        on_tile: called with the number of leaves that are in tiles.
    """
    for number in range(full_tiles(connection), size // WIDTH):
        hashes = leaf_hashes(connection, number)
        connection.execute(insert(tiles), {"level": 0, "number": number, "hashes": hashes})
        _add(connection, 1, number, tile_root(hashes))
        on_tile((number + 1) * WIDTH)


def rebuild(connection: Connection, size: int, on_tile: Callable[[int], None] = lambda leaves: None) -> None:
    """Make all tiles anew from the events. Raises as `extend`."""
    connection.execute(delete(tiles))
    extend(connection, size, on_tile)


def full_tiles(connection: Connection) -> int:
    newest = connection.execute(select(func.max(tiles.c.number)).where(tiles.c.level == 0)).scalar()
    return 0 if newest is None else int(newest) + 1


def leaf_hashes(connection: Connection, number: int) -> bytes:
    """The hashes of the events that belong in tile 0/`number`; as many as there are."""
    wanted = select(events.c.hash).where(events.c.seq >= number * WIDTH, events.c.seq < (number + 1) * WIDTH)
    return bytes.fromhex("".join(connection.execute(wanted.order_by(events.c.seq)).scalars()))


def tile_root(hashes: bytes) -> bytes:
    tree = Growing()
    for start in range(0, len(hashes), HASH_BYTES):
        tree.add(hashes[start : start + HASH_BYTES])
    return tree.root()


def _add(connection: Connection, level: int, index: int, hash_: bytes) -> None:
    number, offset = divmod(index, WIDTH)
    where = (tiles.c.level == level, tiles.c.number == number)
    if offset == 0:
        connection.execute(insert(tiles), {"level": level, "number": number, "hashes": hash_})
        return
    hashes = connection.execute(select(tiles.c.hashes).where(*where)).scalar_one() + hash_
    connection.execute(update(tiles).where(*where).values(hashes=hashes))
    if offset == WIDTH - 1:
        _add(connection, level + 1, number, tile_root(hashes))


class TileReader:
    """Nodes of the tree, read tile by tile; for one proof or a few, within one connection."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._read: dict[tuple[int, int], bytes] = {}

    def node(self, level: int, index: int) -> bytes:
        """As `rag.audit.merkle.Node`. Raises PictureDeskError where a tile is not as it should be."""
        tile_level, above = divmod(level, HEIGHT)
        number, offset = divmod(index << above, WIDTH)
        start, end = offset * HASH_BYTES, (offset + (1 << above)) * HASH_BYTES
        hashes = self.tile(tile_level, number)[start:end]
        if len(hashes) != end - start:
            raise PictureDeskError(f"{_named(tile_level, number)} is incomplete: `picturedesk ledger rebuild` mends it")
        nodes = [hashes[at : at + HASH_BYTES] for at in range(0, len(hashes), HASH_BYTES)]
        while len(nodes) > 1:
            nodes = [node_hash(nodes[at], nodes[at + 1]) for at in range(0, len(nodes), 2)]
        return nodes[0]

    def tile(self, level: int, number: int) -> bytes:
        """The hashes of a tile, one after the other; partial at the right edge, empty beyond."""
        if (level, number) not in self._read:
            wanted = select(tiles.c.hashes).where(tiles.c.level == level, tiles.c.number == number)
            found = self._connection.execute(wanted).scalar()
            if found is None:
                found = leaf_hashes(self._connection, number) if level == 0 else b""
            self._read[level, number] = bytes(found)
        return self._read[level, number]


class TileCheck:
    """Compares the tiles with the leaf hashes of all events, which it is given in order."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._rows: list[list[bytes]] = [[]]  # for each level, the hashes of its last tile
        self._counts = [0]

    def add(self, leaf_hash: bytes) -> str | None:
        """What is wrong with a tile that this leaf fills; else None."""
        return self._add(0, leaf_hash)

    def end(self) -> str | None:
        """What is wrong with the tiles at the right edge; else None."""
        for level in range(1, len(self._rows)):
            if self._rows[level] and (fault := self._compare(level)):
                return fault
        beyond = select(tiles.c.number).where(tiles.c.level == 0, tiles.c.number >= self._counts[0] // WIDTH)
        if (number := self._connection.execute(beyond.limit(1)).scalar()) is not None:
            return f"{_named(0, number)} holds hashes of events that are not there: the newest events were cut off"
        return None

    def _add(self, level: int, hash_: bytes) -> str | None:
        if level == len(self._rows):
            self._rows.append([])
            self._counts.append(0)
        self._rows[level].append(hash_)
        self._counts[level] += 1
        if len(self._rows[level]) < WIDTH:
            return None
        fault = self._compare(level)
        root = tile_root(b"".join(self._rows[level]))
        self._rows[level] = []
        return fault or self._add(level + 1, root)

    def _compare(self, level: int) -> str | None:
        number = (self._counts[level] - 1) // WIDTH
        wanted = select(tiles.c.hashes).where(tiles.c.level == level, tiles.c.number == number)
        found = self._connection.execute(wanted).scalar()
        if found is not None and bytes(found) == b"".join(self._rows[level]):
            return None
        wrong = "is missing" if found is None else "does not hold the hashes of its events"
        return f"{_named(level, number)} {wrong}: `picturedesk ledger rebuild` makes it anew from the events"


def _named(level: int, number: int) -> str:
    span = WIDTH ** (level + 1)
    return f"tile {level}/{number} (events {number * span} to {(number + 1) * span - 1})"
