"""A campaign's way through the API and the worker's use cases, on a real database."""

from typing import Any

import httpx

from campaign_svc.clients.internal import Peers
from campaign_svc.handlers.prepare_campaign import prepare_next
from volley_chassis.database import Pool
from volley_chassis.http import Caller
from volley_contracts import now

TEXT = "Hi {{ first_name | there }}, see {{ short_url }} - stop: {{ optout_url }}"


async def make_draft(client: httpx.AsyncClient, audience: Any, neighbours: Any, **changes: Any) -> dict[str, Any]:
    """A complete draft: 100 recipients, two variants, both pools."""
    created = await client.post("/v1/campaigns", json={"name": "Spring sale", "tags": ["spring"]})
    assert created.status_code == 201, created.text
    segment = await audience.segment("everybody", 0, 100, first_name="Zoë")
    patch = {
        "audience": {"include": [str(segment)]},
        "sender_id": str(await audience.sender()),
        "content": {
            "variants": [{"text": TEXT, "ratio": 70}, {"text": f"Hello! {TEXT}", "ratio": 30}],
            "target_url": "https://shop.example/sale",
            "short_pool_id": str(neighbours.add_pool("short")),
            "optout_pool_id": str(neighbours.add_pool("optout")),
        },
        "schedule": {"start": "manual"},
    } | changes
    edited = await client.patch(
        f"/v1/campaigns/{created.json()['id']}", json=patch, headers={"If-Match": created.headers["etag"]}
    )
    assert edited.status_code == 200, edited.text
    return edited.json()


async def prepare_all(pool: Pool, peers: Peers) -> None:
    while await prepare_next(pool, peers, at=now()):
        pass


async def test_from_draft_to_started(
    client_of: Any, caller: Caller, audience: Any, neighbours: Any, pool: Pool, peers: Peers
) -> None:
    async with client_of(caller) as client:
        draft = await make_draft(client, audience, neighbours)
        assert (draft["status"], draft["missing"]) == ("draft", [])
        path = f"/v1/campaigns/{draft['id']}"
        assert (await client.post(f"{path}/submit")).status_code == 202
        await prepare_all(pool, peers)
        ready = (await client.get(path)).json()
        assert ready["status"] == "ready", ready
        assert ready["counts"]["recipients"] == 100
        assert ready["moderation"]["verdict"] == "pass"
        assert ready["forecast"]["cost"] == "1.5800"  # ë needs UCS-2: two parts each
        started = await client.post(f"{path}/start")
        assert started.json()["status"] == "started"
        moves = [entry["move"] for entry in (await client.get(f"{path}/history")).json()["items"]]
        assert moves == ["submit", "pass", "start"]
