"""More like this, for a shop: what is found, what is left out, and that every description is true."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from rag.describing.facts import Aspect
from rag.describing.results import COPY, NEAR_COPY, Similar, Wish, wish_of
from rag.errors import BadQuery, NotFound
from rag.model import LOCAL_OWNER, Actor, Visual, VisualId
from rag.scenes.sample_library import sample_library
from rag.similar import similar
from rag.wiring import WiredServices
from tests.flows.desk import serving
from tests.flows.processes import Processes
from tests.flows.shop import COPY as COPY_NAME
from tests.flows.shop import KEYS, Shop, articles, copied, visuals_of
from tests.flows.test_http import problem
from tests.services.llm import LlmServer

ANN = Actor("ann", frozenset({"reader"}), libraries=frozenset({"shop"}))


@pytest.fixture(scope="module")
def shop(stocked: Shop, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shop]:
    with copied(stocked, tmp_path_factory.mktemp("similar")) as shop:
        yield shop


@pytest.fixture(scope="module")
def services(shop: Shop) -> Iterator[WiredServices]:
    with closing(WiredServices(shop.settings)) as services:
        yield services


@pytest.fixture
def visuals(services: WiredServices) -> dict[str, Visual]:
    return visuals_of(services, "shop")


def named(services: WiredServices, result: Similar) -> list[str]:
    return [one.evidence.name for one in result.described]


def test_every_tag_and_label_that_is_told_is_true_of_the_scenes(
    services: WiredServices, visuals: dict[str, Visual]
) -> None:
    scenes = {item.file_name: item.scene for item in sample_library()}
    told = 0
    for name in [item.file_name for item in articles()[::3]]:
        result = similar(services, ANN, Wish(visual=visuals[name].id, top_k=5), door="test")
        assert len(result.described) == 5
        for one in result.described:
            if one.evidence.name == COPY_NAME:
                continue
            given, here = scenes[name].tags, scenes[one.evidence.name].tags
            for fact in one.facts:
                if fact.aspect in (Aspect.TAGS, Aspect.LABEL):
                    told += len(fact.shared) + len(fact.here) + len(fact.given)
                    assert all(value in given and value in here for value in fact.shared), one.sentence
                    assert all(value in here and value not in given for value in fact.here), one.sentence
                    assert all(value in given and value not in here for value in fact.given), one.sentence
    assert told > 100


def test_a_picture_without_tags_is_described_by_what_it_shows(services: WiredServices, shop: Shop) -> None:
    """A file that is no part of the library: nothing is known of it but its pixels."""
    item = next(one for one in articles() if one.scene.setting)
    content = (shop.pictures / item.file_name).read_bytes()
    result = similar(services, ANN, Wish(content=content, top_k=8, libraries=("shop",)), door="test")
    scenes = {one.file_name: one.scene for one in sample_library()}
    labels = [(fact, one) for one in result.described for fact in one.facts if fact.aspect is Aspect.LABEL]
    assert labels
    for fact, one in labels:
        here = scenes[one.evidence.name]
        assert all(value in item.scene.tags for value in (*fact.shared, *fact.given))
        assert all(value in here.tags for value in (*fact.shared, *fact.here))
        assert fact.confidence >= 0.9
    assert item.file_name not in named(services, result)
    assert {one.reason for one in result.retrieval.dropped} >= {COPY, NEAR_COPY}
    assert result.copies_left_out == 2


def test_copies_of_the_picture_are_left_out_unless_asked_for(
    services: WiredServices, visuals: dict[str, Visual]
) -> None:
    given = visuals[articles()[0].file_name].id
    without = similar(services, ANN, Wish(visual=given, top_k=20), door="test")
    assert COPY_NAME not in named(services, without)
    assert without.copies_left_out == 1
    with_them = similar(services, ANN, Wish(visual=given, top_k=20, duplicates=True), door="test")
    assert COPY_NAME in named(services, with_them)
    assert with_them.copies_left_out == 0
    assert given not in [one.evidence.visual.id for one in with_them.described]


def test_prices_are_compared_and_the_hits_can_be_narrowed(services: WiredServices, visuals: dict[str, Visual]) -> None:
    first, second = (visuals[item.file_name].id for item in articles()[:2])
    result = similar(services, ANN, wish_of("tag:price:39.80", visual=first), door="test")
    (one,) = result.described
    assert one.evidence.visual.id == second
    assert "price “39.80” rather than “19.90” (100 % more)" in one.sentence
    facet = next(facet for facet in result.facets if facet.name == "price")
    assert (facet.low, facet.high, facet.counts) == (39.8, 39.8, {"39.80": 1})


def test_descriptions_come_in_german_too(services: WiredServices, visuals: dict[str, Visual]) -> None:
    result = similar(services, ANN, Wish(visual=visuals[articles()[0].file_name].id, language="de"), door="test")
    assert all("Verschieden: " in one.sentence or "keinen Unterschied" in one.sentence for one in result.described)
    assert not any("Both" in one.sentence for one in result.described)


def test_filters_rights_and_limits_hold(services: WiredServices, visuals: dict[str, Visual]) -> None:
    given = visuals[articles()[0].file_name].id
    tag = articles()[3].tags[0]
    narrowed = similar(services, ANN, wish_of(f"tag:{tag}", visual=given, top_k=30), door="test")
    assert narrowed.described
    assert all(tag in one.evidence.tags for one in narrowed.described)
    everything = similar(services, LOCAL_OWNER, Wish(visual=given, top_k=50, libraries=("shop", "vault")), door="test")
    assert {one.evidence.visual.library for one in everything.described} == {"shop", "vault"}
    own = similar(services, LOCAL_OWNER, Wish(visual=given, top_k=50), door="test")
    assert {one.evidence.visual.library for one in own.described} == {"shop"}
    with pytest.raises(NotFound, match="no library 'vault'"):
        similar(services, ANN, Wish(visual=given, libraries=("vault",)), door="test")
    hidden = next(iter(visuals_of(services, "vault").values()))
    with pytest.raises(NotFound, match="no visual"):
        similar(services, ANN, Wish(visual=hidden.id), door="test")


def test_the_ledger_says_what_was_described(services: WiredServices, visuals: dict[str, Visual]) -> None:
    result = similar(services, ANN, Wish(visual=visuals[articles()[0].file_name].id, top_k=3), door="test")
    event = services.ledger.event(LOCAL_OWNER, result.events[0])
    assert (event.kind, event.actor, event.library) == ("retrieval", "ann", "shop")
    assert event.body["query"]["wanted"] == [{"visual": str(result.given and result.given.visual.id), "weight": 1}]
    said = event.body["similar"]
    assert said["attributes"]["id"] == "attributes/drawn@1"
    assert [one["sentence"] for one in said["described"]] == [one.sentence for one in result.described]
    assert [one["number"] for one in said["described"]] == [item["number"] for item in event.body["evidence"]]


@pytest.mark.parametrize(
    ("wish", "says"),
    [
        (Wish(), "give one picture"),
        (Wish(content=b"no picture"), "no picture that can be searched by"),
        (Wish(content=b"x", visual=VisualId("y")), "give one picture"),
        (Wish(visual=VisualId("y"), top_k=0), "top_k is 0"),
        (Wish(visual=VisualId("y"), language="xx"), "descriptions are in en or de"),
        (Wish(visual=VisualId("y"), attributes="../secrets"), "attributes: there is no"),
    ],
)
def test_what_cannot_be_wished_says_why(services: WiredServices, wish: Wish, says: str) -> None:
    with pytest.raises(BadQuery, match=says):
        similar(services, ANN, wish, door="test")


def test_the_command_line_shows_and_prints_it(
    services: WiredServices, shop: Shop, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    from rag.terminal.similar import print_similar

    result = similar(services, LOCAL_OWNER, Wish(content=shop.first(), top_k=3, libraries=("shop",)), door="test")
    encoder = services.encoder
    print_similar(result, encoder, True)
    printed = json.loads(capsys.readouterr().out)
    assert [one["sentence"] for one in printed["pictures"]] == [one.sentence for one in result.described]
    print_similar(result, encoder, False)
    shown = capsys.readouterr().out
    assert "left out: 2 copies of it (--duplicates)" in shown


@pytest.mark.parametrize(
    ("model", "writer", "notice"),
    [
        ("ranks", "ranks", "2 of 3 descriptions are composed"),
        ("down", "composed", "The descriptions are composed, because"),
        ("empty", "composed", "3 of 3 descriptions are composed"),
    ],
)
def test_an_llm_words_the_facts_and_what_goes_beyond_them_is_composed(
    stocked: Shop, tmp_path: Path, llm: LlmServer, *, model: str, writer: str, notice: str
) -> None:
    with copied(stocked, tmp_path) as shop:
        settings = shop.settings.model_copy(update={"llm": model, "llm_url": llm.url})
        with closing(WiredServices(settings)) as services:
            given = visuals_of(services, "shop")[articles()[0].file_name].id
            shared = similar(services, ANN, Wish(visual=given, top_k=3), door="test").described[0].facts[0].shared[0]
            clauses = [
                {"number": 1, "both": f"both tagged {shared}", "this": "", "given": ""},
                {"number": 2, "both": "both show a lovely unicorn", "this": "", "given": ""},
            ]
            llm.ranking = json.dumps({"clauses": clauses})
            result = similar(services, ANN, Wish(visual=given, top_k=3), door="test")
            assert [one.writer for one in result.described] == [writer, "composed", "composed"]
            assert "unicorn" not in " ".join(one.sentence for one in result.described)
            assert any(notice in said for said in result.notices)
            asked, told = (services.ledger.event(LOCAL_OWNER, number) for number in result.events)
            assert (asked.kind, told.kind) == ("retrieval", "description")
            assert asked.body["prompt"]["id"].startswith("similar@")
            assert asked.body["llm"]["id"] == model
            assert told.body["retrieval"] == asked.seq
            assert [one["sentence"] for one in told.body["described"]] == [one.sentence for one in result.described]
    if writer != "composed":
        assert result.described[0].sentence == f"Both tagged {shared}."


def test_over_http_it_is_asked_by_a_link(stocked: Shop, tmp_path: Path) -> None:
    with copied(stocked, tmp_path) as shop, serving(shop.settings) as desk:
        with desk.client(headers={"x-api-key": KEYS["ann"]}) as client:
            query = {"query": articles()[0].caption, "library": "shop", "top_k": 1}
            given = client.post("/v1/search", json=query).json()["evidence"][0]["visual_id"]
            found = client.get(f"/v1/visuals/{given}/similar", params={"k": 4}).json()
            assert len(found["pictures"]) == 4
            assert found["copies_left_out"] == 1
            assert found["language"] == "en"
            first = found["pictures"][0]
            assert first["writer"] == "composed"
            assert first["evidence"]["library"] == "shop"
            assert {"aspect", "basis", "shared", "here", "given"} <= set(first["facts"][0])
            german = client.get(f"/v1/visuals/{given}/similar", headers={"accept-language": "fr, de-AT;q=0.8, en"})
            assert german.json()["language"] == "de"
            narrowed = client.get(f"/v1/visuals/{given}/similar", params={"q": "tag:price:39.80"}).json()
            assert [one["evidence"]["tags"][-1] for one in narrowed["pictures"]] == ["price:39.80"]
            assert narrowed["facets"][-1]["low"] == 39.8
            refused = client.get(f"/v1/visuals/{given}/similar", params={"k": 0})
            assert "top_k is 0" in problem(refused, 422, "bad-query")["detail"]
            assert client.get("/v1/visuals/nobody/similar").status_code == 404
        with desk.client(headers={"x-api-key": KEYS["bob"]}) as client:
            assert client.get(f"/v1/visuals/{given}/similar").status_code == 404
        with desk.client() as client:
            assert client.get(f"/v1/visuals/{given}/similar").status_code == 401


def test_on_the_command_line_a_file_or_a_visual_is_named(stocked: Shop, tmp_path: Path, processes: Processes) -> None:
    with copied(stocked, tmp_path) as shop:
        env = {"PICTUREDESK_DATA": str(shop.data)}
        file = str(shop.pictures / articles()[0].file_name)
        asked = processes.python(
            "similar", "-m", "rag.cli", "similar", file, "-k", "2", "-l", "shop", "--json", env=env
        )
        assert asked.wait() == 0
        printed = json.loads(asked.output().splitlines()[-1])
        assert len(printed["pictures"]) == 2
        assert printed["copies_left_out"] == 2
        given = printed["pictures"][0]["visual"]
        shown = processes.python("similar", "-m", "rag.cli", "similar", given, "--language", "de", env=env)
        assert shown.wait() == 0
        assert "Gemeinsam:" in shown.output()
        refused = processes.python("similar", "-m", "rag.cli", "similar", "nowhere.jpg", env=env)
        assert refused.wait() == 1
        assert "nowhere.jpg cannot be searched by" in refused.output()
