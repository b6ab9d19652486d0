"""OpenAI's chat, models and embeddings, translated: the desk looks like a language model to what speaks to one.

What is a question here becomes `rag.ask.answering`, and its steps become text with footnotes. Nothing here knows
HTTP: `rag.api.openai_chat` and `rag.api.openai_embeddings` are the doors.
"""
