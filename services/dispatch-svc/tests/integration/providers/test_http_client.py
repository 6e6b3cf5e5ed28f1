"""The HTTP client against the simulator, and against providers that misbehave as the simulator does not."""

import asyncio
import time
from collections import Counter
from http import HTTPStatus
from typing import Any

import pytest
from aiohttp import web

from dispatch_svc.clients import http as client_module
from dispatch_svc.domain import breaker
from volley_tools.pytest_stack import Until
from volley_tools.stack.ports import Ports


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody waits long for a second try."""
    monkeypatch.setattr(client_module, "_REPEAT_AFTER", 0.01)
    monkeypatch.setattr(breaker, "FIRST_REST", 0.05)


def always() -> bool:
    return True


def results(handed: list[Any]) -> Counter[str]:
    return Counter(one.result for one in handed)


def once(status: int | None) -> Any:
    """`status` for the first POST, all taken from then on."""
    return lambda number, _refs: status if number == 1 else HTTPStatus.OK


async def test_texts_of_every_kind_arrive_whole(simulate: Any, http: Any, outbound: Any, ledger: Any) -> None:
    simulator = await simulate()
    client = await http(simulator.http_port, batch_size=3)
    messages = [outbound(text) for text in ["Hello", "Привет 👋", "Long. " * 60, "[€]", "a", "b", "c"]]
    handed = await client.hand_over(messages, always)
    assert results(handed) == {"submitted": 7}
    assert {(one["to"], one["text"], one["ref"], one["parts"]) for one in ledger(simulator)} == {
        (message.to, message.text, message.ref, len(message.parts)) for message in messages
    }
    assert {len(one.provider_ids) for one in handed} == {1}


async def test_no_message_leaves_before_its_last_part_is_due(
    simulate: Any, http: Any, outbound: Any, ledger: Any
) -> None:
    simulator = await simulate()
    client = await http(simulator.http_port)
    start = time.monotonic() + 0.05
    messages = [outbound("Long. " * 60, due=start + 0.02 * number, step=0.01) for number in range(10)]
    assert results(await client.hand_over(messages, always)) == {"submitted": 10}
    due = {message.ref: message.part_due[-1] for message in messages}
    assert all(one["monotonic"] >= due[one["ref"]] for one in ledger(simulator))


async def test_nothing_leaves_after_may_send_says_no(simulate: Any, http: Any, outbound: Any, ledger: Any) -> None:
    simulator = await simulate()
    client = await http(simulator.http_port)
    messages = [outbound() for _ in range(5)] + [outbound(due=time.monotonic() + 0.1) for _ in range(5)]
    handed = await client.hand_over(messages, lambda: not ledger(simulator))
    assert results(handed) == {"submitted": 5, "not_sent": 5}
    assert len(ledger(simulator)) == 5


async def test_many_hand_overs_share_few_places(simulate: Any, http: Any, outbound: Any, ledger: Any) -> None:
    simulator = await simulate(latency_ms=1)
    client = await http(simulator.http_port, concurrency=2, batch_size=3)
    handing = [client.hand_over([outbound() for _ in range(10)], always) for _ in range(10)]
    async with asyncio.timeout(10):
        handed = [one for each in await asyncio.gather(*handing) for one in each]
    assert results(handed) == {"submitted": 100}
    assert len(ledger(simulator)) == 100


async def test_what_finds_no_place_before_it_may_not_leave_any_more_was_not_sent(
    simulate: Any, http: Any, outbound: Any, ledger: Any
) -> None:
    simulator = await simulate(latency_ms=200)
    client = await http(simulator.http_port, concurrency=1)
    first, second = await asyncio.gather(
        client.hand_over([outbound()], always), client.hand_over([outbound()], lambda: not ledger(simulator))
    )
    assert (results(first), results(second)) == ({"submitted": 1}, {"not_sent": 1})


async def test_a_connection_that_comes_too_late_carries_the_next_messages(
    scripted_http: Any, http: Any, outbound: Any
) -> None:
    server = await scripted_http(lambda *_: HTTPStatus.OK)
    client = await http(server.port)
    before_the_connection = iter([True])
    handed = await client.hand_over([outbound()], lambda: next(before_the_connection, False))
    assert results(handed) == {"not_sent": 1}
    assert server.posts == []
    assert results(await client.hand_over([outbound()], always)) == {"submitted": 1}
    assert server.connections == 1


async def test_messages_are_refused_or_put_off_one_by_one(simulate: Any, http: Any, outbound: Any) -> None:
    simulator = await simulate(failures={"ESME_RINVDSTADR": 500, "ESME_RMSGQFUL": 500})
    client = await http(simulator.http_port)
    handed = await client.hand_over([outbound() for _ in range(50)], always)
    assert {(one.result, one.error) for one in handed} == {("refused", "invalid_number"), ("retry", "queue_full")}


@pytest.mark.parametrize("status", [429, 503])
async def test_a_provider_that_has_enough_is_left_alone_for_as_long_as_it_says(
    scripted_http: Any, http: Any, outbound: Any, status: int
) -> None:
    server = await scripted_http(lambda *_: web.Response(status=status, headers={"Retry-After": "30"}))
    client = await http(server.port)
    handed = await client.hand_over([outbound(), outbound()], always)
    assert {(one.result, one.error, one.retry_after) for one in handed} == {("retry", f"http_{status}", 30.0)}
    assert not client.healthy
    assert len(server.posts) == 1


async def test_what_waits_while_a_provider_has_enough_was_not_sent(
    scripted_http: Any, http: Any, outbound: Any
) -> None:
    server = await scripted_http(lambda *_: 429)
    client = await http(server.port, concurrency=1, batch_size=1)
    assert results(await client.hand_over([outbound() for _ in range(20)], always)) == {"retry": 1, "not_sent": 19}
    assert len(server.posts) == 1


async def test_a_hand_over_leaves_places_to_others(simulate: Any, http: Any, outbound: Any, ledger: Any) -> None:
    simulator = await simulate()
    client = await http(simulator.http_port, concurrency=1, batch_size=1)
    long = [outbound() for _ in range(100)]
    handing = asyncio.create_task(client.hand_over(long, always))
    short = outbound()
    assert results(await client.hand_over([short], always)) == {"submitted": 1}
    assert results(await handing) == {"submitted": 100}
    order = [one["ref"] for one in ledger(simulator)]
    assert order.index(short.ref) < order.index(long[50].ref)


@pytest.mark.parametrize("status", [400, 413, 422])
async def test_what_the_provider_calls_malformed_is_refused(
    scripted_http: Any, http: Any, outbound: Any, status: int
) -> None:
    server = await scripted_http(lambda *_: status)
    client = await http(server.port)
    [handed] = await client.hand_over([outbound()], always)
    assert (handed.result, handed.error) == ("refused", f"http_{status}")


async def test_one_that_is_malformed_costs_the_others_nothing(scripted_http: Any, http: Any, outbound: Any) -> None:
    messages = [outbound() for _ in range(9)]
    bad = messages[4].ref
    server = await scripted_http(lambda _number, refs: 400 if bad in refs else HTTPStatus.OK)
    client = await http(server.port)
    handed = {one.ref: one for one in await client.hand_over(messages, always)}
    assert handed.pop(bad).error == "http_400"
    assert results([*handed.values()]) == {"submitted": 8}


@pytest.mark.parametrize("status", [401, 403, 404, 302])
async def test_a_wrong_token_or_address_harms_no_message(
    scripted_http: Any, http: Any, outbound: Any, until: Until, status: int
) -> None:
    server = await scripted_http(lambda *_: web.Response(status=status, headers={"Location": "/messages"}))
    client = await http(server.port)
    [handed] = await client.hand_over([outbound()], always)
    assert (handed.result, handed.error) == ("retry", f"http_{status}")
    assert client.condition().last_error == f"the provider answers with status {status}"
    assert not client.healthy
    await until(lambda: client.healthy)
    assert len(server.posts) == 1


async def test_without_a_connection_nothing_was_sent(http: Any, outbound: Any, until: Until) -> None:
    client = await http(Ports(scattered=True).take(0))
    assert client.healthy
    assert results(await client.hand_over([outbound(), outbound()], always)) == {"not_sent": 2}
    assert not client.healthy
    assert client.condition().last_error.startswith("no connection")
    await until(lambda: client.healthy)


async def test_a_doubt_is_cleared_by_posting_the_same_again(
    simulate: Any, http: Any, outbound: Any, ledger: Any
) -> None:
    simulator = await simulate(drop_after=1)  # takes the messages and breaks the connection before it answers
    client = await http(simulator.http_port, batch_size=5)
    messages = [outbound() for _ in range(5)]

    def may_send() -> bool:
        if ledger(simulator):
            simulator.provider.options.drop_after = 0
        return True

    assert results(await client.hand_over(messages, may_send)) == {"submitted": 5}
    assert Counter(one["ref"] for one in ledger(simulator)) == Counter(message.ref for message in messages)


@pytest.mark.parametrize("status", [500, 502, 504, None])
async def test_a_provider_that_stumbles_once_gets_the_same_again(
    scripted_http: Any, http: Any, outbound: Any, status: int | None
) -> None:
    server = await scripted_http(once(status))
    client = await http(server.port)
    assert results(await client.hand_over([outbound(), outbound()], always)) == {"submitted": 2}
    assert server.posts[0] == server.posts[1]


async def test_a_doubt_is_asked_about_where_posting_again_is_not_safe(
    simulate: Any, http: Any, outbound: Any, ledger: Any
) -> None:
    simulator = await simulate(drop_after=1)
    client = await http(simulator.http_port, idempotent=False, timeout=1)
    message = outbound()
    [handed] = await client.hand_over([message], always)
    assert (handed.result, len(handed.provider_ids)) == ("submitted", 1)
    assert [one["ref"] for one in ledger(simulator)] == [message.ref]


async def test_what_the_provider_does_not_know_when_asked_was_not_sent(
    scripted_http: Any, http: Any, outbound: Any
) -> None:
    server = await scripted_http(lambda *_: None)
    client = await http(server.port, idempotent=False, timeout=1)
    message = outbound()
    assert results(await client.hand_over([message], always)) == {"not_sent": 1}
    assert server.asked == [message.ref]


@pytest.mark.parametrize("status", [202, 500, None])
async def test_a_doubt_that_nobody_clears_is_unknown(
    scripted_http: Any, http: Any, outbound: Any, status: int | None
) -> None:
    server = await scripted_http(lambda *_: status)
    client = await http(server.port, idempotent=False, can_be_asked=False)
    assert results(await client.hand_over([outbound()], always)) == {"unknown": 1}
    assert len(server.posts) == 1


async def test_after_a_doubt_only_an_answer_for_each_message_counts(
    scripted_http: Any, http: Any, outbound: Any
) -> None:
    server = await scripted_http(lambda number, _: 500 if number == 1 else 429)
    client = await http(server.port, can_be_asked=False)
    assert results(await client.hand_over([outbound()], always)) == {"unknown": 1}


async def test_a_doubt_is_not_posted_again_when_nothing_may_leave(scripted_http: Any, http: Any, outbound: Any) -> None:
    server = await scripted_http(lambda *_: 500)
    client = await http(server.port, can_be_asked=False)
    assert results(await client.hand_over([outbound()], lambda: not server.posts)) == {"unknown": 1}
    assert len(server.posts) == 1


async def test_an_answer_that_cannot_be_read_is_a_doubt(scripted_http: Any, http: Any, outbound: Any) -> None:
    server = await scripted_http(lambda *_: web.Response(body=b"<html>\xff"))
    client = await http(server.port, idempotent=False, can_be_asked=False)
    [handed] = await client.hand_over([outbound()], always)
    assert (handed.result, handed.error) == ("unknown", "unreadable_answer")


async def test_a_provider_that_fails_again_and_again_is_left_alone(
    scripted_http: Any, http: Any, outbound: Any, until: Any
) -> None:
    server = await scripted_http(lambda number, _: 500 if number <= 3 else HTTPStatus.OK)
    client = await http(server.port, idempotent=False, can_be_asked=False)
    for healthy in (True, True, False):
        await client.hand_over([outbound()], always)
        assert client.healthy is healthy
    await until(lambda: client.healthy)
    assert results(await client.hand_over([outbound()], always)) == {"submitted": 1}
    assert client.condition().connected_since


async def test_a_provider_can_be_asked(simulate: Any, http: Any, outbound: Any) -> None:
    simulator = await simulate()
    client = await http(simulator.http_port)
    message, never = outbound(), outbound()
    [handed] = await client.hand_over([message], always)
    found = await client.find(message.ref)
    assert (found.result, found.provider_ids) == ("submitted", handed.provider_ids)
    assert await client.find(never.ref) is None
    await simulator.stop()
    with pytest.raises(OSError, match="cannot be asked"):
        await client.find(message.ref)


async def test_a_close_waits_for_answers(simulate: Any, http: Any, outbound: Any, until: Until) -> None:
    simulator = await simulate(latency_ms=100)
    client = await http(simulator.http_port)
    async with asyncio.TaskGroup() as group:
        handing = group.create_task(client.hand_over([outbound() for _ in range(3)], always))
        await until(lambda: len(simulator.provider.ledger) == 3)
        await client.close(5.0)
    assert results(handing.result()) == {"submitted": 3}
    assert results(await client.hand_over([outbound()], always)) == {"not_sent": 1}
