"""The SMPP client against the simulator, and against servers that misbehave as the simulator does not."""

import asyncio
import time
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import stamina

from dispatch_svc.clients.batch import INCOMPLETE
from volley_smpp import (
    DELIVER_SM,
    ENQUIRE_LINK,
    ESM_RECEIPT,
    GENERIC_NACK,
    RESPONSE,
    SUBMIT_SM,
    UNBIND,
    Address,
    Message,
    Receipt,
    State,
    Status,
    build_receipt,
    encode_message,
    encode_pdu,
    encode_submit_resp,
)
from volley_tools.pytest_stack import Until

LONG = "A text that is longer than one part can hold. " * 8
TEXTS = ["Hello", "Ünïcode € in GSM [x]", "Привет 👋", LONG, "Длинный текст и эмодзи 🎉 " * 12]
CERTIFICATE = Path(__file__).parent / "localhost.pem"


def always() -> bool:
    return True


def results(handed: list[Any]) -> Counter[str]:
    return Counter(one.result for one in handed)


def by_result(handed: list[Any], result: str) -> set[str]:
    return {one.ref for one in handed if one.result == result}


async def test_texts_of_every_kind_arrive_whole(simulate: Any, smpp: Any, outbound: Any, ledger: Any) -> None:
    simulator = await simulate()
    client = await smpp(simulator.smpp_port)
    messages = [outbound(text) for text in TEXTS]
    handed = await client.hand_over(messages, always)
    assert results(handed) == {"submitted": len(TEXTS)}
    taken = ledger(simulator)
    assert [(one["from"], one["to"], one["text"], one["parts"]) for one in taken] == [
        ("VOLLEY", message.to, message.text, len(message.parts)) for message in messages
    ]
    assert [one["ref"] for one in taken] == [int(message.ref.rpartition(":")[2]) for message in messages]
    assert [len(one.provider_ids) for one in handed] == [len(message.parts) for message in messages]
    ids = [one for each in handed for one in each.provider_ids]
    assert len(set(ids)) == len(ids)


async def test_receipts_name_the_parts_that_were_submitted(
    simulate: Any, smpp: Any, outbound: Any, heard: Any, until: Any
) -> None:
    simulator = await simulate(undelivered=300, expired=300)
    client = await smpp(simulator.smpp_port)
    messages = [outbound(TEXTS[number % len(TEXTS)]) for number in range(200)]
    handed = await client.hand_over(messages, always)
    ids = {one for each in handed for one in each.provider_ids}
    await until(lambda: len(heard.receipts) == len(ids))
    assert {receipt.provider_id for receipt in heard.receipts} == ids
    assert {receipt.status for receipt in heard.receipts} == {"delivered", "undelivered", "expired"}
    assert {receipt.from_ for receipt in heard.receipts} == {"VOLLEY"}
    assert {receipt.to for receipt in heard.receipts} == {message.to for message in messages}


async def test_a_delivery_is_acknowledged_when_it_is_recorded_and_not_before(
    simulate: Any, smpp: Any, outbound: Any, heard: Any, until: Any
) -> None:
    simulator = await simulate()
    client = await smpp(simulator.smpp_port)
    heard.fail = 3
    with stamina.set_testing(True, attempts=2):
        await client.hand_over([outbound()], always)
        await until(lambda: heard.receipts)
    # The first two attempts failed and the provider was told so; it came again, one failed, and one succeeded.
    await until(lambda: simulator.pending()["smpp"] == 0)
    assert (len(heard.receipts), heard.fail) == (1, 0)


async def test_words_of_people_come_in(simulate: Any, smpp: Any, outbound: Any, heard: Any, until: Until) -> None:
    simulator = await simulate(stop=1000, stop_text="Стоп, " + "и это длинный ответ " * 20)
    client = await smpp(simulator.smpp_port)
    message = outbound()
    await client.hand_over([message], always)
    await until(lambda: heard.inbound)
    [inbound] = heard.inbound
    assert (inbound.from_, inbound.to, inbound.text) == (message.to, "VOLLEY", simulator.provider.options.stop_text)


async def test_no_part_leaves_before_it_is_due(simulate: Any, smpp: Any, outbound: Any, ledger: Any) -> None:
    simulator = await simulate()
    client = await smpp(simulator.smpp_port)
    start = time.monotonic() + 0.05
    messages = [outbound(due=start + 0.01 * number) for number in range(30)]
    assert results(await client.hand_over(messages, always)) == {"submitted": 30}
    due = {message.to: message.due for message in messages}
    assert all(one["monotonic"] >= due[one["to"]] for one in ledger(simulator))


async def test_nothing_leaves_after_may_send_says_no(simulate: Any, smpp: Any, outbound: Any, ledger: Any) -> None:
    simulator = await simulate()
    client = await smpp(simulator.smpp_port)
    messages = [outbound(due=0.0) for _ in range(5)] + [outbound(due=time.monotonic() + 0.1) for _ in range(5)]
    handed = await client.hand_over(messages, lambda: not ledger(simulator))
    assert results(handed) == {"submitted": 5, "not_sent": 5}
    assert len(ledger(simulator)) == 5


async def test_a_refusal_says_why(simulate: Any, smpp: Any, outbound: Any) -> None:
    simulator = await simulate(failures={"ESME_RINVDSTADR": 1000})
    client = await smpp(simulator.smpp_port)
    [handed] = await client.hand_over([outbound()], always)
    assert (handed.result, handed.error) == ("refused", "ESME_RINVDSTADR")


@pytest.mark.parametrize("status", ["ESME_RTHROTTLED", "ESME_RMSGQFUL", "ESME_RSYSERR"])
async def test_not_now_is_tried_again_later(simulate: Any, smpp: Any, outbound: Any, status: str) -> None:
    simulator = await simulate(failures={status: 1000})
    client = await smpp(simulator.smpp_port)
    [handed] = await client.hand_over([outbound()], always)
    assert (handed.result, handed.error) == ("retry", status)
    assert handed.retry_after > 0


async def test_a_provider_that_takes_nothing_is_left_alone_for_a_while(
    simulate: Any, smpp: Any, outbound: Any, until: Any
) -> None:
    simulator = await simulate(failures={"ESME_RSYSERR": 1000})
    client = await smpp(simulator.smpp_port)
    for healthy in (True, True, False):
        await client.hand_over([outbound()], always)
        assert client.healthy is healthy
    assert client.condition().last_error == "ESME_RSYSERR"
    await until(lambda: client.healthy)


async def test_a_provider_that_has_enough_is_no_failure(simulate: Any, smpp: Any, outbound: Any) -> None:
    simulator = await simulate(failures={"ESME_RMSGQFUL": 1000})
    client = await smpp(simulator.smpp_port)
    for _ in range(5):
        await client.hand_over([outbound()], always)
    assert client.healthy


async def test_what_cannot_be_encoded_is_refused_and_harms_no_other(simulate: Any, smpp: Any, outbound: Any) -> None:
    simulator = await simulate()
    client = await smpp(simulator.smpp_port)
    bad = outbound(to="+44770090012३")
    handed = await client.hand_over([outbound(), bad, outbound()], always)
    assert results(handed) == {"submitted": 2, "refused": 1}
    assert by_result(handed, "refused") == {bad.ref}


async def test_the_window_is_never_exceeded(simulate: Any, smpp: Any, outbound: Any) -> None:
    simulator = await simulate(window=10, latency_ms=5)  # the simulator throttles what is above
    client = await smpp(simulator.smpp_port, window=10)
    handed = await client.hand_over([outbound() for _ in range(100)], always)
    assert results(handed) == {"submitted": 100}


async def test_several_sessions_share_the_work(
    simulate: Any, smpp: Any, outbound: Any, ledger: Any, until: Any
) -> None:
    simulator = await simulate(latency_ms=5)
    client = await smpp(simulator.smpp_port, sessions=3, window=5)
    await until(lambda: client.condition().sessions == 3)
    assert results(await client.hand_over([outbound() for _ in range(60)], always)) == {"submitted": 60}
    assert len({one["session"] for one in ledger(simulator)}) == 3


async def test_a_broken_connection_leaves_doubts_only_where_there_are_any(
    simulate: Any, smpp: Any, outbound: Any, ledger: Any, until: Any
) -> None:
    simulator = await simulate(drop_after=50, drop_unanswered=7, latency_ms=1)
    client = await smpp(simulator.smpp_port, window=20)
    messages = [outbound() for _ in range(100)]
    handed = await client.hand_over(messages, always)
    assert set(results(handed)) == {"submitted", "unknown", "not_sent"}
    taken = {message.ref for message in messages if message.to in {one["to"] for one in ledger(simulator)}}
    assert by_result(handed, "submitted") <= taken <= by_result(handed, "submitted") | by_result(handed, "unknown")
    assert client.condition().last_error

    simulator.provider.options.drop_after = 0
    await until(lambda: client.healthy)
    not_sent = by_result(handed, "not_sent")
    again = await client.hand_over([message for message in messages if message.ref in not_sent], always)
    assert results(again) == {"submitted": len(not_sent)}
    assert max(Counter(one["to"] for one in ledger(simulator)).values()) == 1


async def test_without_a_session_nothing_is_sent(simulate: Any, smpp: Any, outbound: Any, until: Until) -> None:
    simulator = await simulate(refuse_binds=True)
    client = await smpp(simulator.smpp_port, wait=False)
    await until(lambda: client.condition().last_error)
    assert not client.healthy
    assert client.condition().last_error == "bind refused: ESME_RBINDFAIL"
    assert results(await client.hand_over([outbound(LONG), outbound()], always)) == {"not_sent": 2}
    simulator.provider.options.refuse_binds = False
    await until(lambda: client.healthy)
    assert results(await client.hand_over([outbound()], always)) == {"submitted": 1}


async def test_a_wrong_password_shows_in_the_condition(simulate: Any, smpp: Any, until: Until) -> None:
    simulator = await simulate()
    client = await smpp(simulator.smpp_port, wait=False, password="wrong")
    await until(lambda: client.condition().last_error == "bind refused: ESME_RINVPASWD")
    assert not client.healthy


async def test_what_is_not_answered_in_time_is_unknown(scripted: Any, smpp: Any, outbound: Any) -> None:
    server = await scripted(lambda _command, _sequence: b"")
    client = await smpp(server.port, timeout=1)
    handed = await client.hand_over([outbound(), outbound(LONG)], always)
    assert results(handed) == {"unknown": 2}
    assert {one.error for one in handed} == {"no_answer_in_time"}


async def test_a_server_that_is_silent_is_left(scripted: Any, smpp: Any, until: Until) -> None:
    server = await scripted(lambda _command, _sequence: b"")
    client = await smpp(server.port, timeout=1, enquire_link=1)
    await until(lambda: client.condition().last_error)
    assert client.condition().last_error == "no answer to enquire_link"
    assert ENQUIRE_LINK in server.commands()


async def test_enquire_link_is_asked_and_answered(scripted: Any, smpp: Any, until: Until) -> None:
    def answer(command: int, sequence: int) -> bytes:
        if command == ENQUIRE_LINK:
            return encode_pdu(command | RESPONSE, sequence) + encode_pdu(ENQUIRE_LINK, 77)
        return b""

    server = await scripted(answer)
    client = await smpp(server.port, enquire_link=1)
    await until(lambda: (ENQUIRE_LINK | RESPONSE, 0, 77) in server.received)
    assert client.healthy


async def test_a_nack_is_an_answer(scripted: Any, smpp: Any, outbound: Any) -> None:
    server = await scripted(
        lambda _command, sequence: encode_pdu(GENERIC_NACK, sequence, status=Status.ESME_RINVCMDLEN)
    )
    client = await smpp(server.port)
    [handed] = await client.hand_over([outbound()], always)
    assert (handed.result, handed.error) == ("refused", "ESME_RINVCMDLEN")


async def test_an_unbind_by_the_provider_is_answered_and_followed_by_a_new_bind(
    scripted: Any, smpp: Any, until: Any
) -> None:
    server = await scripted(lambda _command, _sequence: b"")
    client = await smpp(server.port)
    server.writers[0].write(encode_pdu(UNBIND, 9))
    await until(lambda: (UNBIND | RESPONSE, 0, 9) in server.received)
    assert not client.healthy
    server.writers[0].close()
    await until(lambda: client.healthy)
    assert len(server.writers) == 2


async def test_garbage_ends_the_session_and_nothing_else(scripted: Any, smpp: Any, until: Until) -> None:
    server = await scripted(lambda _command, _sequence: b"")
    client = await smpp(server.port)
    malformed = encode_pdu(DELIVER_SM, 5, b"\0\0")
    server.writers[0].write(malformed + encode_pdu(0x103, 6) + encode_pdu(GENERIC_NACK, 0))
    await until(lambda: (DELIVER_SM | RESPONSE, 0, 5) in server.received)
    await until(lambda: (GENERIC_NACK, Status.ESME_RINVCMDID, 6) in server.received)
    assert client.healthy
    server.writers[0].write(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
    await until(lambda: client.condition().last_error)
    await until(lambda: client.healthy)


async def test_a_part_that_is_put_off_is_sent_again_without_the_others(scripted: Any, smpp: Any, outbound: Any) -> None:
    counted = iter(range(100))

    def answer(command: int, sequence: int) -> bytes:
        number = next(counted)
        return encode_submit_resp(sequence, f"id{number}", Status.ESME_RTHROTTLED if number == 1 else 0)

    server = await scripted(answer)
    client = await smpp(server.port)
    message = outbound(LONG)
    [handed] = await client.hand_over([message], always)
    assert (handed.result, len(handed.provider_ids)) == ("submitted", len(message.parts))
    assert server.commands().count(SUBMIT_SM) == len(message.parts) + 1


async def test_a_message_that_stays_torn_is_refused(scripted: Any, smpp: Any, outbound: Any) -> None:
    counted = iter(range(100))

    def answer(_command: int, sequence: int) -> bytes:
        return encode_submit_resp(sequence, "id", Status.ESME_RMSGQFUL if next(counted) else 0)

    server = await scripted(answer)
    client = await smpp(server.port)
    [handed] = await client.hand_over([outbound(LONG)], lambda: not server.received)
    assert (handed.result, handed.error) == ("refused", INCOMPLETE)


async def test_a_stop_does_not_wait_behind_receipts(scripted: Any, smpp: Any, heard: Any, until: Until) -> None:
    server = await scripted(lambda _command, _sequence: b"")
    await smpp(server.port)
    phone, name = Address(1, 1, "447700900123"), Address(3, 0, "60777")
    receipt = build_receipt(Receipt("1", State.DELIVERED, datetime.now(UTC), datetime.now(UTC)))
    message = Message(phone, name, receipt, esm_class=ESM_RECEIPT)
    receipts = [encode_message(DELIVER_SM, sequence, message) for sequence in range(1, 2_000)]
    heard.may_record.clear()
    server.writers[0].write(receipts[0])
    await until(lambda: heard.order)
    stop = encode_message(DELIVER_SM, 9_000, Message(phone, name, b"STOP"))
    server.writers[0].write(b"".join([*receipts[1:], stop, encode_pdu(ENQUIRE_LINK, 9_001)]))
    await until(lambda: server.commands() == [ENQUIRE_LINK | RESPONSE])
    heard.may_record.set()
    await until(lambda: len(heard.receipts) == len(receipts))
    assert heard.order == ["receipts", "words", "receipts", "receipts"]


async def test_a_part_of_a_long_word_waits_for_the_others_and_is_acknowledged(
    scripted: Any, smpp: Any, heard: Any, until: Any
) -> None:
    server = await scripted(lambda _command, _sequence: b"")
    await smpp(server.port)
    phone, name = Address(1, 1, "447700900123"), Address(3, 0, "60777")
    payloads = [b"\5\0\3\x2a\2\2world", b"\5\0\3\x2a\2\1hello "]
    for sequence, payload in enumerate(payloads, 1):
        server.writers[0].write(encode_message(DELIVER_SM, sequence, Message(phone, name, payload, esm_class=0x40)))
    await until(lambda: heard.inbound)
    [inbound] = heard.inbound
    assert (inbound.from_, inbound.to, inbound.text) == ("+447700900123", "60777", "hello world")
    await until(lambda: server.commands().count(DELIVER_SM | RESPONSE) == 2)


async def test_a_close_waits_for_answers_and_says_goodbye(
    simulate: Any, smpp: Any, outbound: Any, until: Until
) -> None:
    simulator = await simulate(latency_ms=100)
    client = await smpp(simulator.smpp_port)
    async with asyncio.TaskGroup() as group:
        handing = group.create_task(client.hand_over([outbound() for _ in range(20)], always))
        await until(lambda: len(simulator.provider.ledger) == 20)
        await client.close(5.0)
    assert results(handing.result()) == {"submitted": 20}
    assert not client.healthy
    assert not simulator.smpp.sessions
    assert results(await client.hand_over([outbound()], always)) == {"not_sent": 1}


async def test_a_close_passes_on_what_waited_for_its_parts(scripted: Any, smpp: Any, heard: Any, until: Until) -> None:
    server = await scripted(lambda command, sequence: encode_pdu(command | RESPONSE, sequence))
    client = await smpp(server.port)
    part = Message(Address(1, 1, "447700900123"), Address(3, 0, "60777"), b"\5\0\3\x2a\2\1STOP", esm_class=0x40)
    server.writers[0].write(encode_message(DELIVER_SM, 1, part))
    await until(lambda: server.received)
    await client.close(1.0)
    assert [inbound.text for inbound in heard.inbound] == ["STOP…"]
    assert server.commands() == [DELIVER_SM | RESPONSE, UNBIND]


async def test_ids_that_receipts_write_in_decimal_are_found(scripted: Any, smpp: Any, outbound: Any) -> None:
    server = await scripted(lambda _command, sequence: encode_submit_resp(sequence, "00FF"))
    client = await smpp(server.port, receipt_ids="hexadecimal_to_decimal")
    [handed] = await client.hand_over([outbound()], always)
    assert handed.provider_ids == ["255"]


async def test_over_tls_only_to_a_server_that_is_trusted(simulate: Any, smpp: Any, outbound: Any, until: Until) -> None:
    simulator = await simulate(tls_cert=str(CERTIFICATE))
    pem = CERTIFICATE.read_text()[CERTIFICATE.read_text().index("-----BEGIN CERTIFICATE-----") :]
    client = await smpp(simulator.smpp_port, host="localhost", tls=True, tls_ca=pem)
    assert results(await client.hand_over([outbound()], always)) == {"submitted": 1}
    stranger = await smpp(simulator.smpp_port, wait=False, host="localhost", tls=True)
    await until(lambda: "CERTIFICATE_VERIFY_FAILED" in (stranger.condition().last_error or ""))
