"""Work on shards that nobody else has open. Exit status 3: there was nothing to do.

    python edge_optimizer.py FOLDER          optimise it
    python edge_optimizer.py FOLDER OTHER    fill FOLDER, which is empty, with the points of OTHER, and optimise it

A program of its own, because `EdgeShard.optimize` holds the interpreter's lock until
it is done: 24 s for 10,000 visuals with captions on two cores, in which a server
in the same process would answer nobody. Knows nothing of the rest of the package.
"""

from __future__ import annotations

import os
import sys

import qdrant_edge as edge

NOTHING_TO_DO = 3
AT_A_TIME = 500


def main(folder: str, *others: str) -> int:
    os.nice(10)  # searches in the process that waits come first
    shard = edge.EdgeShard.load(folder)
    try:
        for other in others:
            fill(shard, other)
        done = shard.optimize()
        shard.flush()
    finally:
        shard.close()
    return 0 if done or others else NOTHING_TO_DO


def fill(shard: edge.EdgeShard, other: str) -> None:
    """Put every point of `other` into `shard`."""
    source = edge.EdgeShard.load(other)
    try:
        after: edge.PointId | None = None
        while True:
            request = edge.ScrollRequest(offset=after, limit=AT_A_TIME, with_payload=True, with_vector=True)
            records, after = source.scroll(request)
            points = [edge.Point(one.id, one.vector or {}, one.payload) for one in records]
            if points:
                shard.update(edge.UpdateOperation.upsert_points(points))
            if after is None:
                return
    finally:
        source.close()


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
