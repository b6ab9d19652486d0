"""`python edge_optimizer.py FOLDER`: optimise a shard that nobody else has open. Exit status 3: nothing to do.

A program of its own, because `EdgeShard.optimize` holds the interpreter's lock until
it is done: 24 s for 10,000 visuals with captions on two cores, in which a server
in the same process would answer nobody. Knows nothing of the rest of the package.
"""

from __future__ import annotations

import os
import sys

import qdrant_edge as edge

NOTHING_TO_DO = 3


def main(folder: str) -> int:
    os.nice(10)  # searches in the process that waits come first
    shard = edge.EdgeShard.load(folder)
    try:
        done = shard.optimize()
        shard.flush()
    finally:
        shard.close()
    return 0 if done else NOTHING_TO_DO


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
