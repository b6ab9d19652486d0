"""Trains the demo encoder on drawn scenes: `python -m rag.encoding.training`.

data (render, word, embed) -> loop (contrastive, with EMA) -> checkpoint -> figures -> card
"""
