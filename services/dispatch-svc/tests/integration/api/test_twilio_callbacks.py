"""/callbacks/routes/{id} of routes to Twilio: signed over the public address, by the library's own signatures."""

from typing import Any
from urllib.parse import urlencode
from uuid import UUID

import pytest
from twilio.request_validator import RequestValidator

from dispatch_svc.domain.handover import Inbound

TOKEN, PUBLIC = "0123456789abcdef0123456789abcdef", "https://volley.example.com"
DELIVERED = {"MessageSid": "SM1", "MessageStatus": "delivered", "To": "+447700900123", "From": "ACME"}


async def add_route(api: Any, caller: dict[str, str]) -> str:
    config = {"account_sid": "AC" + "0a" * 16, "auth_token": TOKEN, "public_url": PUBLIC}
    answer = await api.post("/v1/routes", json={"name": "t", "protocol": "twilio", "config": config}, headers=caller)
    assert (answer.status_code, answer.json()["config"]["auth_token"]) == (201, "***")
    assert answer.json()["protocol"] == "twilio"
    return str(answer.json()["id"])


async def send(api: Any, target: str, form: dict[str, str], token: str = TOKEN, signed: str | None = None) -> Any:
    made = RequestValidator(token).compute_signature(signed or PUBLIC + target, form)
    headers = {
        "x-volley-internal": "token",
        "x-twilio-signature": made,
        "content-type": "application/x-www-form-urlencoded",
    }
    return await api.post(target, content=urlencode(form), headers=headers)


async def test_receipts_and_replies_are_recorded_for_the_route(api: Any, caller: Any, heard: Any) -> None:
    mine = caller()
    route_id = await add_route(api, mine)
    target, owner = f"/callbacks/routes/{route_id}", (UUID(mine["x-volley-account"]), UUID(route_id))
    for status in ("sent", "delivered"):
        answer = await send(api, f"{target}?ref=c:17", {**DELIVERED, "MessageStatus": status})
        assert (answer.status_code, answer.text) == (204, "")
    [(*of, [receipt])] = heard.receipts
    assert tuple(of) == owner
    assert (receipt.provider_id, receipt.ref, receipt.status, receipt.to) == ("SM1", "c:17", "delivered", "")
    said = {"MessageSid": "SM2", "From": "+447700900123", "To": "60777", "Body": "STOP & go", "SmsStatus": "received"}
    assert (await send(api, target, said)).status_code == 204
    [(*of, [inbound])] = heard.inbound
    assert tuple(of) == owner
    assert inbound == Inbound(from_="+447700900123", to="60777", text="STOP & go", at=inbound.at, provider_key="SM2")


@pytest.mark.parametrize(
    "how",
    [
        {"token": "x" * 32},
        {"signed": "https://elsewhere.example.com/callbacks/routes/1"},
        {"signed": "http://volley.example.com"},
    ],
)
async def test_another_signature_is_refused(api: Any, caller: Any, heard: Any, how: dict[str, str]) -> None:
    answer = await send(api, f"/callbacks/routes/{await add_route(api, caller())}?ref=c:1", DELIVERED, **how)
    assert (answer.status_code, answer.json()["code"]) == (401, "unauthorized")
    assert heard.receipts == []


async def test_the_reference_is_part_of_what_is_signed(api: Any, caller: Any, heard: Any) -> None:
    target = f"/callbacks/routes/{await add_route(api, caller())}?ref=c:1"
    answer = await send(api, target.replace("c:1", "c:2"), DELIVERED, signed=PUBLIC + target)
    assert (answer.status_code, heard.receipts) == (401, [])


async def test_a_signed_body_that_means_nothing_is_refused(api: Any, caller: Any, heard: Any) -> None:
    target = f"/callbacks/routes/{await add_route(api, caller())}"
    answer = await send(api, target, {"From": "ACME", "To": "1", "Body": "x", "MessageSid": "SM1"})
    assert (answer.status_code, answer.json()["errors"][0]["message"]) == (422, "From is no phone number")
    assert heard.inbound == []


async def test_the_token_can_be_changed(api: Any, caller: Any, heard: Any) -> None:
    mine, other = caller(), "f" * 32
    route_id = await add_route(api, mine)
    answer = await api.patch(f"/v1/routes/{route_id}", json={"config": {"auth_token": other}}, headers=mine)
    assert answer.status_code == 200
    assert (await send(api, f"/callbacks/routes/{route_id}", DELIVERED)).status_code == 401
    assert (await send(api, f"/callbacks/routes/{route_id}", DELIVERED, other)).status_code == 204
    assert len(heard.receipts) == 1
