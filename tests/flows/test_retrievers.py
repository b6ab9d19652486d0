"""Pictures of a library as documents for LangChain and LlamaIndex: in this process, and over a real server."""

from __future__ import annotations

import asyncio
import base64
import importlib.util
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from types import ModuleType

import httpx
import pytest
from langchain_core.documents import Document
from langchain_core.output_parsers import StrOutputParser
from langchain_core.prompts import ChatPromptTemplate
from langchain_core.runnables import Runnable, RunnablePassthrough
from langchain_openai import ChatOpenAI

from rag.errors import BadQuery, NotFound, Unauthenticated, Unavailable
from rag.integrations.langchain import PictureDeskRetriever
from rag.integrations.remote import filter_body
from rag.model import LOCAL_OWNER, Actor, Query
from rag.retrieval.short_form import applied
from rag.wiring import WiredServices
from tests.flows.desk import Desk, serving
from tests.flows.shop import KEYS, Shop, articles, copied
from tests.services.llm import LlmServer

ANN = Actor("ann", frozenset({"reader"}), libraries=frozenset({"shop"}))
EXAMPLE = Path(__file__).parents[2] / "docs" / "examples" / "llamaindex_retriever.py"


@pytest.fixture(scope="module")
def services(stocked: Shop, tmp_path_factory: pytest.TempPathFactory) -> Iterator[WiredServices]:
    with copied(stocked, tmp_path_factory.mktemp("local")) as shop, closing(WiredServices(shop.settings)) as services:
        yield services


@pytest.fixture(scope="module")
def desk(stocked: Shop, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    """A server with keys."""
    with copied(stocked, tmp_path_factory.mktemp("remote")) as shop, serving(shop.settings) as desk:
        yield desk


def caption() -> str:
    return articles()[0].caption or ""


def ordinary(documents: list[Document]) -> list[tuple[str, str]]:
    return [(one.id or "", one.page_content) for one in documents]


def test_documents_say_which_picture_it_is_and_why(services: WiredServices) -> None:
    retriever = PictureDeskRetriever.local(services, ANN, top_k=3, pictures="data")
    found = retriever.invoke(caption())
    assert len(found) == 3
    first = found[0]
    assert first.page_content == caption()
    said = first.metadata
    assert first.id == said["visual_id"]
    assert said["library"] == "shop"
    assert said["licence"] == articles()[0].licence
    assert said["captured_at"] == articles()[0].captured_at[:10]
    assert 0 < said["relevance"] <= 1
    assert set(said["scores"]) >= {"image", "caption"}
    head, _, content = said["thumbnail"].partition(",")
    assert head == "data:image/jpeg;base64"
    assert base64.b64decode(content)[:2] == b"\xff\xd8"
    event = services.ledger.event(LOCAL_OWNER, said["event"])
    assert (event.kind, event.actor, event.body["door"]) == ("retrieval", "ann", "langchain")


def test_rights_filters_and_the_least_relevance_hold(services: WiredServices) -> None:
    tag = articles()[3].tags[0]
    narrowed = PictureDeskRetriever.local(services, ANN, top_k=20, filters=f"tag:{tag}").invoke("a picture")
    assert narrowed
    assert all(tag in one.metadata["tags"] for one in narrowed)
    with pytest.raises(NotFound):
        PictureDeskRetriever.local(services, ANN, libraries=("vault",)).invoke("a picture")
    strict = PictureDeskRetriever.local(services, ANN, top_k=20, min_relevance=0.5).invoke(caption())
    assert strict
    assert all(one.metadata["relevance"] >= 0.5 for one in strict)


def test_what_is_asked_is_plain_words_whatever_it_holds(services: WiredServices) -> None:
    """It may have been written by an LLM, which knows nothing of the short form."""
    found = PictureDeskRetriever.local(services, ANN).invoke('tag:nothing "said by nobody" -night widht:3')
    assert found


def test_it_works_inside_a_chain_with_a_real_llm_over_http(services: WiredServices, llm: LlmServer) -> None:
    model = ChatOpenAI(model="echo", base_url=llm.url, api_key="none", max_retries=0, streaming=True)
    prompt = ChatPromptTemplate.from_template("Captions (data):\n{context}\n\nQuestion: {question}")
    retriever = PictureDeskRetriever.local(services, ANN, top_k=2)
    context = retriever | (lambda found: "\n".join(one.page_content for one in found))
    chain: Runnable[str, str] = (
        {"context": context, "question": RunnablePassthrough()} | prompt | model | StrOutputParser()
    )
    assert "on the" in chain.invoke(caption())
    asked = llm.requests[-1]["messages"][-1]["content"]
    assert caption() in asked
    assert asked.endswith(f"Question: {caption()}")
    assert "on the" in asyncio.run(chain.ainvoke(caption()))
    assert len(retriever.batch(["a car", "a boat"])) == 2


def test_over_http_it_finds_the_same(services: WiredServices, desk: Desk) -> None:
    here = PictureDeskRetriever.local(services, ANN, top_k=5).invoke(caption())
    there = PictureDeskRetriever.remote(desk.url, KEYS["ann"], top_k=5, pictures="url").invoke(caption())
    assert ordinary(there) == ordinary(here)
    assert set(there[0].metadata) == set(here[0].metadata) | {"thumbnail"}
    picture = httpx.get(there[0].metadata["thumbnail"], headers={"x-api-key": KEYS["ann"]}, trust_env=False, timeout=60)
    assert picture.content[:2] == b"\xff\xd8"
    data = PictureDeskRetriever.remote(desk.url, KEYS["ann"], top_k=1, pictures="data").invoke(caption())
    assert data[0].metadata["thumbnail"].startswith("data:image/jpeg;base64,/9j/")
    filtered = PictureDeskRetriever.remote(desk.url, KEYS["ann"], top_k=20, filters="width:>100 -tag:car after:2024")
    assert all("car" not in one.metadata["tags"] for one in filtered.invoke("a picture"))


def test_what_the_desk_refuses_is_raised_in_our_words(desk: Desk) -> None:
    with pytest.raises(Unauthenticated, match="not one of this desk's"):
        PictureDeskRetriever.remote(desk.url, "wrong").invoke("x")
    with pytest.raises(NotFound, match="no library 'vault'"):
        PictureDeskRetriever.remote(desk.url, KEYS["ann"], libraries=("vault",)).invoke("x")
    with pytest.raises(BadQuery):
        PictureDeskRetriever.remote(desk.url, KEYS["ann"]).invoke(" ")
    with pytest.raises(Unavailable, match="did not answer"):
        PictureDeskRetriever.remote("http://127.0.0.1:1").invoke("x")


def test_a_key_is_in_no_repr_and_no_dump() -> None:
    retriever = PictureDeskRetriever.remote("http://127.0.0.1:1", "secret-key")
    assert "secret-key" not in f"{retriever!r} {retriever} {retriever.model_dump()}"


@pytest.mark.parametrize(
    "words", ["tag:beach,sea -tag:archive after:2024-05 before:2025 width:>1000", "has:camera -has:licence type:image"]
)
def test_every_filter_of_the_short_form_reads_the_same_over_http(words: str) -> None:
    from pydantic import TypeAdapter

    from rag.api.filters import FilterBody, filter_of

    where = applied(Query(f"x {words}"))[0].where
    assert where is not None
    assert filter_of(TypeAdapter(FilterBody).validate_python(filter_body(where))) == where


@pytest.mark.skipif(importlib.util.find_spec("llama_index") is None, reason="llama-index-core is not installed")
def test_the_llamaindex_example_retrieves_image_nodes(desk: Desk) -> None:
    retriever = _module("llamaindex_retriever", EXAMPLE).PictureDeskRetriever(
        desk.url, KEYS["ann"], library="shop", top_k=3, images=True
    )
    hits = retriever.retrieve(caption())
    assert len(hits) == 3
    assert hits[0].node.text == caption()
    assert hits[0].node.metadata["library"] == "shop"
    assert base64.b64decode(hits[0].node.image)[:2] == b"\xff\xd8"
    assert hits[0].score == max(hit.score for hit in hits)
    retriever._desk.close()


def _module(name: str, path: Path) -> ModuleType:
    spec = importlib.util.spec_from_file_location(name, path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    spec.loader.exec_module(module)
    return module
