"""From accepted assets to stored points, as one stream: decode → batch → encode → upsert.

One pipeline a process, shared by all its tasks, so that a batch for the encoder is
filled from whatever waits, whichever job it came with. Every queue is bounded: a
stage that is slower holds up the one before it, and memory does not grow with the
library. Knows nothing of jobs, attempts or who asked.
"""
