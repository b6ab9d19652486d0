"""The MCP server as assistants on this machine start it: a process, spoken to over stdin and stdout."""

from __future__ import annotations

import asyncio
import base64
import io
import json
import subprocess
import sys
from collections.abc import Awaitable, Callable, Iterator, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any

import pytest
from mcp import Client
from mcp.shared.exceptions import MCPError
from PIL import Image

from rag.model import LOCAL_OWNER
from rag.wiring import opened
from tests.flows.assistants import Era, images, inside_fences, refusal, stdio, structured, texts
from tests.flows.desk import PATIENCE
from tests.flows.processes import environment
from tests.flows.shop import COPY, KEYS, Shop, articles, copied, keys_setting
from tests.services.llm import LlmServer

Talk = Callable[[Client], Awaitable[None]]


@pytest.fixture(scope="module")
def shop(stocked: Shop, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shop]:
    with copied(stocked, tmp_path_factory.mktemp("stdio")) as shop:
        yield shop


def talk(shop: Shop, what: Talk, *, era: Era = "auto", settings: Mapping[str, str] = MappingProxyType({})) -> None:
    """Start the server, speak with it, and hang up."""

    async def conversation() -> None:
        async with Client(stdio(shop.data, settings), mode=era, read_timeout_seconds=PATIENCE) as client:
            await what(client)

    asyncio.run(conversation())


@pytest.mark.parametrize("era", ["auto", "legacy"])
def test_an_assistant_searches_looks_asks_and_goes_on_from_there(shop: Shop, era: Era) -> None:
    item = articles()[0]
    caption = item.caption or ""
    assert caption

    async def what(client: Client) -> None:
        tools = {tool.name: tool for tool in (await client.list_tools()).tools}
        assert set(tools) >= {"search", "look", "ask", "similar", "libraries"}
        for tool in tools.values():
            assert tool.annotations is not None
            assert tool.annotations.destructive_hint is False
            assert tool.output_schema
            assert "never instructions" in (tool.description or "") or tool.name == "libraries"

        found = await client.call_tool("search", {"query": caption, "library": "shop", "k": 4, "thumbnails": 2})
        pictures = structured(found)["pictures"]
        assert [one["number"] for one in pictures] == [1, 2, 3, 4]
        assert pictures[0]["caption"] == caption
        assert "closest caption" in pictures[0]["why"]
        assert len(images(found)) == 2
        assert caption in inside_fences(texts(found)[0])
        given = pictures[0]["visual_id"]

        look = await client.call_tool("look", {"visual_id": given})
        assert structured(look)["captions"][0]["text"] == caption
        (shown,) = images(look)
        assert Image.open(io.BytesIO(base64.b64decode(shown.data))).size == (256, 256)
        whole = await client.call_tool("look", {"visual_id": given, "full": True})
        assert structured(whole)["image"] == "full"
        assert base64.b64decode(images(whole)[0].data) == shop.first()

        alike = structured(await client.call_tool("similar", {"visual_id": given, "k": 3}))
        assert len(alike["pictures"]) == 3
        assert alike["copies_left_out"] == 1
        assert all(one["description"] and one["facts"] for one in alike["pictures"])

        more = structured(await client.call_tool("search", {"page": structured(found)["next_page"], "k": 4}))
        assert not {one["visual_id"] for one in more["pictures"]} & {one["visual_id"] for one in pictures}

        libraries = structured(await client.call_tool("libraries", {}))["libraries"]
        assert {one["name"]: one["pictures"] for one in libraries} == {"shop": 31, "vault": 3}

    talk(shop, what, era=era)


def test_an_answer_cites_its_evidence_and_tells_how_far_it_is(shop: Shop) -> None:
    told: list[str] = []

    async def note(progress: float, total: float | None, message: str | None) -> None:
        told.append(message or "")

    async def what(client: Client) -> None:
        question = f"Which pictures show {(articles()[0].caption or '').lower()}?"
        answer = await client.call_tool("ask", {"question": question, "library": "shop"}, progress_callback=note)
        said = structured(answer)
        assert said["abstained"] is False
        assert set(said["citations"]) <= {one["number"] for one in said["pictures"]}
        assert said["citations"]
        assert said["composer"] == "extractive"
        assert len(said["events"]) == 2
        assert said["support"][0]["score"] > 0
        assert said["answer"].splitlines()[0] in inside_fences(texts(answer)[0])
        assert any("pictures found" in message for message in told)

    talk(shop, what)
    with opened(shop.settings) as services:
        events = [event for event in services.ledger.events(LOCAL_OWNER) if event.kind != "ingest"][:2]
        kinds = [(event.kind, event.body["door"]) for event in events]
    assert kinds == [("answer", "mcp"), ("retrieval", "mcp")]


def test_what_is_wrong_with_a_call_is_one_line(shop: Shop) -> None:
    async def what(client: Client) -> None:
        for tool, arguments, says in (
            ("search", {"query": ""}, "nothing is wanted"),
            ("search", {"query": "x", "k": 1000}, "search.k: Input should be less than or equal to 100"),
            ("search", {"query": "x", "library": "nowhere"}, "there is no library 'nowhere'"),
            ("search", {"query": "widht:>3"}, "widht"),
            ("search", {"page": "made-up"}, "page"),
            ("look", {"visual_id": "nobody"}, "there is no visual nobody"),
            ("look", {}, "look.visual_id: Field required"),
            ("ask", {"question": " "}, "the question is empty"),
            ("similar", {"visual_id": "nobody"}, "there is no visual nobody"),
            ("similar", {"visual_id": "x", "language": "xx"}, "en or de"),
        ):
            assert says in refusal(await client.call_tool(tool, arguments)), tool

    talk(shop, what)


def test_a_key_makes_it_somebody_and_he_sees_what_is_his(shop: Shop) -> None:
    async def as_ann(client: Client) -> None:
        libraries = structured(await client.call_tool("libraries", {}))["libraries"]
        assert [one["name"] for one in libraries] == ["shop"]
        assert "no library 'vault'" in refusal(await client.call_tool("search", {"query": "x", "library": "vault"}))
        with pytest.raises(MCPError, match="auditor"):
            await client.read_resource("picturedesk://event/0")

    async def as_eve(client: Client) -> None:
        (event,) = (await client.read_resource("picturedesk://event/0")).contents
        assert json.loads(event.text)["seq"] == 0  # type: ignore[union-attr]

    keys = {"PICTUREDESK_API_KEYS": keys_setting()}
    talk(shop, as_ann, settings={**keys, "PICTUREDESK_MCP_KEY": KEYS["ann"]})
    talk(shop, as_eve, settings={**keys, "PICTUREDESK_MCP_KEY": KEYS["eve"]})


@pytest.mark.parametrize(
    ("settings", "says"),
    [
        ({"PICTUREDESK_MCP_KEY": "unknown", "PICTUREDESK_API_KEYS": keys_setting()}, "not one of this desk's"),
        ({"PICTUREDESK_MCP_KEY": "alone"}, "set PICTUREDESK_API_KEYS"),
    ],
)
def test_a_key_that_is_none_ends_it_with_the_reason(shop: Shop, settings: dict[str, str], says: str) -> None:
    """And never makes anybody the owner."""
    ended = subprocess.run(
        [sys.executable, "-m", "rag.cli", "mcp"],
        env=environment({"PICTUREDESK_DATA": str(shop.data), **settings}),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
        timeout=PATIENCE,
    )
    assert ended.returncode == 1
    assert says in ended.stderr
    assert ended.stdout == ""


def test_without_the_package_it_says_what_to_install() -> None:
    program = "import sys; sys.modules['mcp'] = None; from rag.cli import main; sys.argv[1:] = ['mcp']; main()"
    ended = subprocess.run(
        [sys.executable, "-c", program],
        env=environment(),
        capture_output=True,
        text=True,
        check=False,
        timeout=PATIENCE,
    )
    assert ended.returncode == 1
    assert ended.stderr == "error: the MCP server needs the package mcp: pip install 'picturedesk[mcp]'\n"


def test_nothing_but_the_protocol_comes_out_of_stdout(shop: Shop) -> None:
    """Also while an encoder is loaded, warnings are given and errors are logged."""
    requests = [
        (
            "initialize",
            {"protocolVersion": "2025-06-18", "capabilities": {}, "clientInfo": {"name": "t", "version": "1"}},
        ),
        ("tools/call", {"name": "search", "arguments": {"query": "a car"}}),
        ("tools/call", {"name": "look", "arguments": {"visual_id": "nobody"}}),
        ("no/such", {}),
    ]
    lines = [json.dumps({"jsonrpc": "2.0", "id": n, "method": m, "params": p}) for n, (m, p) in enumerate(requests)]
    lines.insert(1, json.dumps({"jsonrpc": "2.0", "method": "notifications/initialized"}))
    process = subprocess.Popen(
        [sys.executable, "-W", "always", "-m", "rag.cli", "mcp"],
        env=environment({"PICTUREDESK_DATA": str(shop.data)}),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    with process:
        assert process.stdin is not None
        assert process.stdout is not None
        answers: list[dict[str, Any]] = []
        for line in [*lines, "this is no JSON"]:
            process.stdin.write(f"{line}\n")
            process.stdin.flush()
        while len([one for one in answers if "id" in one]) < len(requests):
            answers.append(json.loads(process.stdout.readline()))
        process.stdin.close()
        rest = [json.loads(line) for line in process.stdout]
    assert all(one["jsonrpc"] == "2.0" for one in [*answers, *rest])
    assert {one["id"] for one in answers if one.get("id") is not None} == {0, 1, 2, 3}


def test_a_deleted_picture_is_gone_for_assistants(stocked: Shop, tmp_path: Path) -> None:
    from rag.ingest import delete

    with copied(stocked, tmp_path) as shop:
        with opened(shop.settings) as services:
            asset = next(one for one in services.catalog.assets(LOCAL_OWNER, "shop", limit=100) if one.name == COPY)
            (visual,) = services.catalog.visuals_of([asset.ref])
            delete(services, LOCAL_OWNER, [asset.ref])

        async def what(client: Client) -> None:
            for tool in ("look", "similar"):
                assert "there is no visual" in refusal(await client.call_tool(tool, {"visual_id": visual.id}))
            found = structured(await client.call_tool("search", {"query": "A smaller copy", "k": 50}))
            assert visual.id not in [one["visual_id"] for one in found["pictures"]]
            for uri in (f"picturedesk://visual/{visual.id}", f"picturedesk://visual/{visual.id}/thumbnail"):
                with pytest.raises(MCPError, match="there is no visual"):
                    await client.read_resource(uri)

        talk(shop, what)


@pytest.mark.parametrize("era", ["auto", "legacy"])
def test_an_assistant_that_gives_up_stops_the_answer_and_that_is_recorded(
    stocked: Shop, tmp_path: Path, llm: LlmServer, era: Era
) -> None:
    llm.ranking = "The picture shows it [1]. "

    async def what(client: Client) -> None:
        writing = asyncio.Event()

        async def note(progress: float, total: float | None, message: str | None) -> None:
            if message == "writing the answer":
                writing.set()

        arguments = {"question": f"Which pictures show {articles()[0].caption}?", "library": "shop"}
        call = asyncio.create_task(client.call_tool("ask", arguments, progress_callback=note))
        await asyncio.wait_for(writing.wait(), PATIENCE)
        call.cancel()
        with pytest.raises(asyncio.CancelledError):
            await call
        structured(await client.call_tool("libraries", {}))

    with copied(stocked, tmp_path) as shop:
        talk(shop, what, era=era, settings={"PICTUREDESK_LLM": "drips", "PICTUREDESK_LLM_URL": llm.url})
        with opened(shop.settings) as services:
            (event,) = services.ledger.events(LOCAL_OWNER, kind="answer", limit=1)
    assert event.body["verdicts"]["stopped"] is True
    assert "The picture shows it [1]." in event.body["text"]


def test_an_assistant_drafts_a_caption_that_waits_for_an_editor(shop: Shop) -> None:
    seen: dict[str, str] = {}

    async def as_owner(client: Client) -> None:
        query = {"query": articles()[0].caption, "library": "shop", "k": 1}
        seen["visual"] = structured(await client.call_tool("search", query))["pictures"][0]["visual_id"]
        drafted = await client.call_tool(
            "draft_caption", {"visual_id": seen["visual"], "form": "alt", "language": "en"}
        )
        said = structured(drafted)
        assert said["drafts"]
        assert said["drafts"][0]["state"] == "draft"
        assert said["composer"] == "composed"
        assert said["drafts"][0]["text"] in inside_fences(texts(drafted)[0])
        for wrong, says in (({"form": "poem"}, "draft_caption.form"), ({"visual_id": "nobody"}, "no visual")):
            arguments = {"visual_id": seen["visual"], **wrong}
            assert says in refusal(await client.call_tool("draft_caption", arguments))

    async def as_ann(client: Client) -> None:
        assert "editor" in refusal(await client.call_tool("draft_caption", {"visual_id": seen["visual"]}))

    talk(shop, as_owner)
    talk(shop, as_ann, settings={"PICTUREDESK_API_KEYS": keys_setting(), "PICTUREDESK_MCP_KEY": KEYS["ann"]})
