"""/v1/rate-card and /internal/coverage."""

from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest

from dispatch_svc.handlers.apply_move import apply_move
from dispatch_svc.store import rate_cards
from volley_contracts import CampaignMoved, Status, new_id, now

CARD = {"currency": "EUR", "prices": {"US": "0.0079", "GB": "0.03", "DE": "0"}}
SMPP = {"host": "127.0.0.1", "system_id": "volley", "password": "s3cret"}


async def test_a_card_replaces_the_one_before_exactly(api: Any, caller: Any, pool: Any) -> None:
    mine = caller()
    assert (await api.get("/v1/rate-card", headers=mine)).json()["code"] == "no_rate_card"
    first = await api.put("/v1/rate-card", json=CARD, headers=mine)
    assert first.status_code == 200
    assert {name: first.json()[name] for name in CARD} == CARD
    second = {"currency": "USD", "prices": {"US": "0.000000000001"}}
    await api.put("/v1/rate-card", json=second, headers=mine)
    shown = (await api.get("/v1/rate-card", headers=mine)).json()
    assert {name: shown[name] for name in second} == second
    card = await rate_cards.find(pool, UUID(mine["x-volley-account"]))
    assert card is not None
    assert card.cost("US", 3) == Decimal("0.000000000003")
    assert card.cost("GB", 1) is None
    assert (await api.get("/v1/rate-card", headers=caller())).status_code == 404


@pytest.mark.parametrize(
    ("change", "fields"),
    [
        ({"currency": "EURO"}, ["currency"]),
        ({"currency": "eur"}, ["currency"]),
        ({"prices": {}}, ["prices"]),
        ({"prices": {"XX": "1"}}, ["prices.XX"]),
        ({"prices": {"US": "-1"}}, ["prices.US"]),
        ({"prices": {"US": "1e3"}}, ["prices.US"]),
        ({"prices": {"US": "NaN"}}, ["prices.US"]),
        ({"prices": {"US": ""}}, ["prices.US"]),
        ({"prices": {"US": "."}}, ["prices.US"]),
        ({"prices": {"US": "0.0000000000001"}}, ["prices.US"]),
        ({"prices": {"US": "1000001"}}, ["prices.US"]),
        ({"prices": {"US": "0,01", "XX": "1", "GB": "1"}}, ["prices.XX", "prices.US"]),
        ({"colour": "red"}, ["colour"]),
    ],
)
async def test_an_illegal_card_changes_nothing(
    api: Any, caller: Any, change: dict[str, Any], fields: list[str]
) -> None:
    mine = caller()
    await api.put("/v1/rate-card", json=CARD, headers=mine)
    answer = await api.put("/v1/rate-card", json={**CARD, **change}, headers=mine)
    assert answer.status_code == 422, answer.text
    assert [error["field"] for error in answer.json()["errors"]] == fields
    assert (await api.get("/v1/rate-card", headers=mine)).json()["prices"] == CARD["prices"]


async def test_a_price_that_is_a_number_is_no_decimal_string(api: Any, caller: Any) -> None:
    body = {"currency": "EUR", "prices": {"US": 0.0079}}
    answer = await api.put("/v1/rate-card", json=body, headers=caller())
    assert answer.status_code == 422


@pytest.mark.parametrize(("status", "over"), [("processing", "draft"), ("paused", "aborted"), ("sending", "finished")])
async def test_the_currency_stays_while_campaigns_are_under_way(
    api: Any, caller: Any, pool: Any, status: Status, over: Status
) -> None:
    mine = caller()
    await api.put("/v1/rate-card", json=CARD, headers=mine)
    campaign_id = new_id()

    async def move(to: Status, version: int) -> None:
        moved = CampaignMoved(
            account_id=UUID(mine["x-volley-account"]),
            campaign_id=campaign_id,
            campaign_name="c",
            move="m",
            status_from="draft",
            status_to=to,
            version=version,
            actor="a",
            at=now(),
        )
        await apply_move(pool, moved)

    await move(status, 1)
    other = {"currency": "USD", "prices": {"US": "0.01"}}
    refused = await api.put("/v1/rate-card", json=other, headers=mine)
    assert (refused.status_code, refused.json()["code"]) == (409, "currency_in_use")
    assert refused.json()["campaigns"] == [str(campaign_id)]
    (error,) = refused.json()["errors"]
    assert (error["field"], "EUR" in error["fix"]) == ("currency", True)
    dearer = {"currency": "EUR", "prices": {"US": "0.01"}}
    assert (await api.put("/v1/rate-card", json=dearer, headers=mine)).status_code == 200
    assert (await api.put("/v1/rate-card", json=other, headers=caller())).status_code == 200  # another account's
    await move(over, 2)
    assert (await api.put("/v1/rate-card", json=other, headers=mine)).status_code == 200


async def test_coverage_is_what_has_a_price_and_a_route(api: Any, caller: Any) -> None:
    mine = caller()

    async def coverage() -> Any:
        return (await api.get("/internal/coverage", headers=mine)).json()

    async def add(name: str, countries: list[str] | None) -> str:
        body = {"name": name, "protocol": "smpp", "config": {**SMPP, "system_id": name}, "countries": countries}
        return str((await api.post("/v1/routes", json=body, headers=mine)).json()["id"])

    assert (await coverage())["code"] == "no_rate_card"
    await api.put("/v1/rate-card", json=CARD, headers=mine)
    assert ((await coverage())["status"], (await coverage())["code"]) == (404, "no_route")
    await add("a", ["US"])
    await add("b", ["GB", "US"])
    assert await coverage() == {**CARD, "routable": ["GB", "US"]}
    everywhere = await add("c", None)
    assert await coverage() == {**CARD, "routable": None}
    await api.patch(f"/v1/routes/{everywhere}", json={"status": "paused"}, headers=mine)
    assert (await coverage())["routable"] == ["GB", "US"]
