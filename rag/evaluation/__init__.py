"""Evaluation: how well an installation finds, how far its relevance can be believed, and what makes it fail.

    cases (questions with what answers them) -> asking (the real Retriever) -> outcomes
             -> scoring (metrics with bootstrap intervals) -> report -> table, JSON, HTML

`known_items` makes cases of a library's own captions, `judgements` of a TREC file,
`suites` of drawn scenes whose content is known exactly. `drift` compares what comes
in with a reference. Nothing here is written to the ledger or to the installation's collection.
"""
