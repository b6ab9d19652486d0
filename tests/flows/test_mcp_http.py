"""The MCP server over streamable HTTP: one process, several people, each by a key."""

from __future__ import annotations

import asyncio
import base64
import json
from collections.abc import Awaitable, Callable, Iterator

import httpx
import pytest
from mcp import Client
from mcp.shared.exceptions import MCPError

from rag.model import LOCAL_OWNER
from rag.wiring import opened
from tests.flows.assistants import Era, over_http, refusal, structured, url_of
from tests.flows.desk import PATIENCE
from tests.flows.processes import running
from tests.flows.shop import KEYS, Shop, articles, copied, keys_setting, visuals_of

Talk = Callable[[Client], Awaitable[None]]


@pytest.fixture(scope="module")
def shop(stocked: Shop, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shop]:
    with copied(stocked, tmp_path_factory.mktemp("http")) as shop:
        yield shop


@pytest.fixture(scope="module")
def hidden(shop: Shop) -> str:
    """The id of a picture in the vault."""
    with opened(shop.settings) as services:
        return next(iter(visuals_of(services, "vault").values())).id


@pytest.fixture(scope="module")
def url(shop: Shop, hidden: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A server with keys; `hidden` looks into the folder before it starts."""
    settings = {"PICTUREDESK_DATA": str(shop.data), "PICTUREDESK_API_KEYS": keys_setting()}
    with running(tmp_path_factory.mktemp("server")) as processes:
        yield url_of(processes.python("mcp", "-m", "rag.cli", "mcp", "--http", "--port", "0", env=settings))


def talk(url: str, name: str, what: Talk, era: Era = "auto") -> None:
    async def conversation() -> None:
        async with over_http(url, KEYS[name], era) as client:
            await what(client)

    asyncio.run(conversation())


@pytest.mark.parametrize("era", ["auto", "legacy"])
def test_each_key_sees_its_own_libraries(url: str, hidden: str, era: Era) -> None:
    async def as_ann(client: Client) -> None:
        found = structured(await client.call_tool("search", {"query": "a picture", "k": 50, "thumbnails": 0}))
        assert {one["library"] for one in found["pictures"]} == {"shop"}
        assert "there is no visual" in refusal(await client.call_tool("look", {"visual_id": hidden}))
        assert "no visual" in refusal(await client.call_tool("similar", {"visual_id": hidden}))
        assert "no visual" in refusal(await client.call_tool("search", {"like": [hidden]}))

    async def as_bob(client: Client) -> None:
        found = structured(await client.call_tool("search", {"query": "a picture", "k": 50, "thumbnails": 0}))
        assert {one["library"] for one in found["pictures"]} == {"vault"}
        assert structured(await client.call_tool("look", {"visual_id": hidden}))["picture"]["library"] == "vault"

    talk(url, "ann", as_ann, era)
    talk(url, "bob", as_bob, era)


def test_calls_of_several_people_at_once_are_each_their_own(url: str) -> None:
    async def libraries(name: str) -> list[str]:
        async with over_http(url, KEYS[name]) as client:
            answers = [await client.call_tool("search", {"query": "a picture", "k": 20}) for _ in range(4)]
            return [one["library"] for answer in answers for one in structured(answer)["pictures"]]

    async def both() -> tuple[list[str], list[str]]:
        ann, bob = await asyncio.gather(libraries("ann"), libraries("bob"))
        return ann, bob

    ann, bob = asyncio.run(both())
    assert (set(ann), set(bob)) == ({"shop"}, {"vault"})


def test_whoever_has_no_key_learns_nothing(url: str) -> None:
    hello = {"jsonrpc": "2.0", "id": 1, "method": "tools/list", "params": {}}
    headers = {"accept": "application/json, text/event-stream"}
    for key in ({}, {"authorization": "Bearer wrong"}, {"x-api-key": "wrong"}):
        refused = httpx.post(url, json=hello, headers=headers | key, trust_env=False, timeout=PATIENCE)
        assert refused.status_code == 401
        assert refused.headers["www-authenticate"] == "Bearer"
        assert refused.json()["type"] == "urn:picturedesk:problem:unauthenticated"
        assert "search" not in refused.text


def test_resources_tell_of_pictures_to_those_who_may_see_them_and_of_events_to_auditors(url: str, hidden: str) -> None:
    seen: dict[str, int] = {}

    async def as_ann(client: Client) -> None:
        found = structured(await client.call_tool("search", {"query": articles()[0].caption}))
        seen["event"], uri = found["event"], found["pictures"][0]["uri"]
        (known,) = (await client.read_resource(uri)).contents
        assert json.loads(known.text)["captions"][0]["text"] == articles()[0].caption  # type: ignore[union-attr]
        (picture,) = (await client.read_resource(f"{uri}/thumbnail")).contents
        assert base64.b64decode(picture.blob)[:2] == b"\xff\xd8"  # type: ignore[union-attr]
        for refused in (f"picturedesk://visual/{hidden}", f"picturedesk://event/{seen['event']}"):
            with pytest.raises(MCPError, match=r"no visual|auditor"):
                await client.read_resource(refused)

    async def as_eve(client: Client) -> None:
        (event,) = (await client.read_resource(f"picturedesk://event/{seen['event']}")).contents
        body = json.loads(event.text)  # type: ignore[union-attr]
        assert (body["actor"], body["body"]["door"]) == ("ann", "mcp")
        with pytest.raises(MCPError, match="no event"):
            await client.read_resource("picturedesk://event/x")

    talk(url, "ann", as_ann)
    talk(url, "eve", as_eve)


def test_a_look_is_recorded(url: str, hidden: str) -> None:
    async def as_bob(client: Client) -> None:
        structured(await client.call_tool("look", {"visual_id": hidden}))
        found = structured(await client.call_tool("search", {"query": "anything"}))

        async def as_eve(auditor: Client) -> None:
            (event,) = (await auditor.read_resource(f"picturedesk://event/{found['event'] - 1}")).contents
            said = json.loads(event.text)  # type: ignore[union-attr]
            assert (said["kind"], said["actor"], said["body"]["visual"]) == ("look", "bob", hidden)

        async with over_http(url, KEYS["eve"]) as auditor:
            await as_eve(auditor)

    talk(url, "bob", as_bob)


def test_without_keys_only_this_machines_own_names_are_answered(
    stocked: Shop, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """A page of a stranger could lead its own name to 127.0.0.1."""
    folder = tmp_path_factory.mktemp("open")
    hello = {"jsonrpc": "2.0", "id": 1, "method": "tools/list", "params": {}}
    with copied(stocked, folder) as shop, running(folder) as processes:
        settings = {"PICTUREDESK_DATA": str(shop.data)}
        url = url_of(processes.python("mcp", "-m", "rag.cli", "mcp", "--http", "--port", "0", env=settings))
        accepting = {"accept": "application/json, text/event-stream"}
        for stranger in ({"host": "evil.example"}, {"origin": "http://evil.example"}):
            refused = httpx.post(url, json=hello, headers=accepting | stranger, trust_env=False, timeout=PATIENCE)
            assert refused.status_code in (403, 421)

        async def as_owner() -> None:
            async with over_http(url) as client:
                names = [one["name"] for one in structured(await client.call_tool("libraries", {}))["libraries"]]
                assert names == ["shop", "vault"]

        asyncio.run(as_owner())
        refusing = processes.python("mcp", "-m", "rag.cli", "mcp", "--http", "--host", "0.0.0.0", env=settings)
        assert refusing.wait() == 1
        assert "PICTUREDESK_API_KEYS" in refusing.output()
    with opened(shop.settings) as services:
        assert services.catalog.libraries(LOCAL_OWNER) == ["shop", "vault"]
