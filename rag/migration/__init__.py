"""Changing the encoder without downtime.

A *generation* is an encoder with the collection of its vectors. The catalog says which
there are and which is live; `openings` has them open in this process; `work` fills a coming
one in the background, compares it with the live one and says that it is ready. The switch
is one commit: see `docs/decisions/0014-generations.md`.
"""
