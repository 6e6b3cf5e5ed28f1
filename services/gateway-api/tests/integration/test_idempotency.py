"""The same request with the same key is carried out once."""

import asyncio
import io
import uuid

import pytest

from gateway_api.handlers.answer_once import PROCESS
from gateway_api.store import answers

from .conftest import ADMIN, Gateway, Service, Start


@pytest.fixture
def key() -> dict[str, str]:
    return {"Idempotency-Key": str(uuid.uuid4())}


async def test_the_same_request_gets_the_same_answer(gateway: Gateway, service: Service, key: dict[str, str]) -> None:
    first, body = await gateway.ask("POST", "/v1/things?status=201", json={"a": 1}, headers=key)
    again, replay = await gateway.ask("POST", "/v1/things?status=201", json={"a": 1}, headers=key)
    assert first.status == again.status == 201
    assert body == replay
    assert (again.headers["etag"], again.headers["location"]) == ('"7"', "/v1/things/7")
    assert again.headers["idempotent-replay"] == "true"
    assert "idempotent-replay" not in first.headers
    assert len(service.asked) == 1
    assert "idempotency-key" not in service.asked[0].headers


@pytest.mark.parametrize("status", [400, 409, 422, 500])
async def test_refusals_are_kept_too(gateway: Gateway, service: Service, key: dict[str, str], status: int) -> None:
    for _ in range(2):
        answer, _ = await gateway.ask("POST", f"/v1/things?status={status}", headers=key)
        assert answer.status == status
    assert len(service.asked) == 1


@pytest.mark.parametrize("other", [("/v1/things", {"a": 2}), ("/v1/things?q=1", {"a": 1}), ("/v1/reviews/1", {"a": 1})])
async def test_another_request_with_the_key_is_refused(
    gateway: Gateway, service: Service, key: dict[str, str], other: tuple[str, dict[str, int]]
) -> None:
    await gateway.ask("POST", "/v1/things", json={"a": 1}, headers=key)
    path, body = other
    answer, problem = await gateway.ask("POST", path, json=body, headers=key)
    assert (answer.status, problem["code"]) == (422, "idempotency_key_reused")
    assert len(service.asked) == 1


async def test_while_the_first_is_in_progress_others_wait_their_turn(
    gateway: Gateway, service: Service, key: dict[str, str]
) -> None:
    asking = asyncio.create_task(gateway.ask("POST", "/v1/things?wait=1", json={}, headers=key))
    await service.begun.wait()
    answer, problem = await gateway.ask("POST", "/v1/things?wait=1", json={}, headers=key)
    assert (answer.status, problem["code"], answer.headers["retry-after"]) == (409, "in_progress", "1")
    service.carry_on.set()
    _, first = await asking
    _, again = await gateway.ask("POST", "/v1/things?wait=1", json={}, headers=key)
    assert again == first
    assert len(service.asked) == 1


async def test_many_at_once_are_carried_out_once(gateway: Gateway, service: Service, key: dict[str, str]) -> None:
    asked = (gateway.ask("POST", "/v1/things", json={}, headers=key) for _ in range(20))
    statuses = [answer.status for answer, _ in await asyncio.gather(*asked)]
    assert set(statuses) <= {200, 409}
    assert 200 in statuses
    assert len(service.asked) == 1


async def test_keys_of_two_accounts_are_two_keys(gateway: Gateway, service: Service, key: dict[str, str]) -> None:
    for caller in (await gateway.account("idem-one"), await gateway.account("idem-two")):
        answer, _ = await gateway.ask("POST", "/v1/things", caller, json={}, headers=key)
        assert "idempotent-replay" not in answer.headers
    assert len(service.asked) == 2


async def test_what_surely_did_not_happen_may_be_tried_again(gateway: Gateway, key: dict[str, str]) -> None:
    for _ in range(2):
        answer, problem = await gateway.ask("POST", "/v1/away", headers=key)
        assert (answer.status, problem["code"]) == (503, "unavailable")
    answer, problem = await gateway.ask("POST", "/v1/things", data=io.BytesIO(b"x" * (5 * 2**20)), headers=key)
    assert (answer.status, problem["code"]) == (413, "too_large")
    assert (await gateway.ask("POST", "/v1/things", json={}, headers=key))[0].status == 200


async def test_what_may_have_happened_is_not_done_again(start: Start, service: Service, key: dict[str, str]) -> None:
    async with start(answer_within=0.2) as gateway:
        for replay in (None, "true"):
            answer, problem = await gateway.ask("POST", "/v1/things?wait=1", json={}, headers=key)
            assert (answer.status, problem["code"]) == (504, "timeout")
            assert answer.headers.get("idempotent-replay") == replay
    assert len(service.asked) == 1


async def test_after_a_day_the_key_is_new(gateway: Gateway, service: Service, key: dict[str, str]) -> None:
    await gateway.ask("POST", "/v1/things", json={"a": 1}, headers=key)
    await gateway.pool.execute("UPDATE idempotency SET created_at = created_at - interval '25 hours'")
    answer, _ = await gateway.ask("POST", "/v1/things", json={"a": 2}, headers=key)
    assert answer.status == 200
    assert len(service.asked) == 2
    await gateway.pool.execute("UPDATE idempotency SET created_at = created_at - interval '25 hours'")


async def test_no_secret_is_kept(gateway: Gateway, key: dict[str, str]) -> None:
    """What made one is carried out once all the same, and a refusal is kept as it is."""
    body = {"name": "of one request", "role": "admin"}
    answer, made = await gateway.ask("POST", "/v1/api-keys", json=body, headers=key)
    assert answer.status == 201
    again, problem = await gateway.ask("POST", "/v1/api-keys", json=body, headers=key)
    assert (again.status, problem["code"], again.headers["idempotent-replay"]) == (409, "done_before", "true")
    _, listed = await gateway.ask("GET", "/v1/api-keys?limit=200")
    assert [each["id"] for each in listed["items"] if each["name"] == body["name"]] == [made["id"]]
    assert made["key"] not in str(await gateway.pool.fetch("SELECT body FROM idempotency"))
    refused = {"Idempotency-Key": f"{key['Idempotency-Key']} refused"}
    for _ in range(2):
        answer, problem = await gateway.ask("POST", "/v1/api-keys", json={"name": " "}, headers=refused)
        assert (answer.status, problem["code"]) == (422, "invalid")


@pytest.mark.parametrize("value", ["x" * 256, "a\tb"])
async def test_an_illegal_key_is_refused(gateway: Gateway, service: Service, value: str) -> None:
    answer, problem = await gateway.ask("POST", "/v1/things", ADMIN, headers={"Idempotency-Key": value})
    assert (answer.status, problem["code"]) == (422, "invalid")
    assert service.asked == []


async def test_reads_and_edits_take_no_notice_of_it(gateway: Gateway, service: Service, key: dict[str, str]) -> None:
    for method in ("GET", "PATCH"):
        for _ in range(2):
            await gateway.ask(method, "/v1/things/1", headers=key)
    assert len(service.asked) == 4


async def test_after_a_gateway_died_the_outcome_is_unknown(
    gateway: Gateway, service: Service, key: dict[str, str]
) -> None:
    asking = asyncio.create_task(gateway.ask("POST", "/v1/things?wait=1", json={}, headers=key))
    await service.begun.wait()
    await gateway.pool.execute(
        "UPDATE idempotency SET held_at = now() - interval '1 minute' WHERE key = $1", key["Idempotency-Key"]
    )
    for _ in range(2):
        answer, problem = await gateway.ask("POST", "/v1/things?wait=1", json={}, headers=key)
        assert (answer.status, problem["code"]) == (504, "outcome_unknown")
    assert len(service.asked) == 1
    service.carry_on.set()
    await asking


async def test_a_living_gateway_keeps_what_it_carries_out(
    gateway: Gateway, service: Service, key: dict[str, str]
) -> None:
    asking = asyncio.create_task(gateway.ask("POST", "/v1/things?wait=1", json={}, headers=key))
    await service.begun.wait()
    await gateway.pool.execute(
        "UPDATE idempotency SET held_at = now() - interval '1 minute' WHERE key = $1", key["Idempotency-Key"]
    )
    await answers.hold(gateway.pool, PROCESS)
    answer, problem = await gateway.ask("POST", "/v1/things?wait=1", json={}, headers=key)
    assert (answer.status, problem["code"]) == (409, "in_progress")
    service.carry_on.set()
    await asking
