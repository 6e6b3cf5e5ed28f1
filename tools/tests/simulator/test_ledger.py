"""The ledger: messages of one and of several parts, duplicates, and coming back from a file."""

import json
from typing import Any

from volley_smpp import Part, State
from volley_tools.simulator.ledger import HTTP, INCOMPLETE, Event, Ledger, Submitted


def submitted(number: str = "+447700900001", sender: str = "VOLLEY", **changes: Any) -> Submitted:
    values = {"now": 1.0, "payload": b"Hi", "data_coding": 0, "parts": 1, "ref": 7, "session": 1, "part": None}
    return Submitted(sender=sender, number=number, **{**values, **changes})


def test_whole_messages() -> None:
    ledger = Ledger()
    assert ledger.add(submitted()) == 0
    assert ledger.add(submitted("+447700900002", payload=b"\x04\x36", data_coding=8, session=HTTP, ref="r")) == 1
    told = list(ledger.messages(0, 10))
    assert [(m["to"], m["text"], m["encoding"], m["ref"], m["protocol"], m["state"]) for m in told] == [
        ("+447700900001", "Hi", "gsm7", 7, "smpp", "enroute"),
        ("+447700900002", "ж", "ucs2", "r", "http", "enroute"),
    ]
    assert [m["index"] for m in ledger.messages(1, 10)] == [1]
    assert ledger.completes(0)


def test_parts_in_any_order_become_one_message_at_the_time_of_the_first() -> None:
    ledger = Ledger()
    texts = {1: b"one ", 2: b"two ", 3: b"three"}
    rows = [
        ledger.add(submitted(now=float(position), payload=texts[position], part=Part(9, 3, position)))
        for position in (3, 1)
    ]
    assert len(ledger) == 0
    assert ledger.summary()["incomplete"] == 1
    assert ledger.row_messages[rows[0]] == INCOMPLETE
    assert ledger.submitted_of(rows[1]) == (1.0, "VOLLEY", "+447700900001")
    ledger.add(submitted(now=3.5, payload=texts[1], part=Part(9, 3, 1)))
    last = ledger.add(submitted(now=4.0, payload=texts[2], part=Part(9, 3, 2)))
    [message] = ledger.messages(0, 10)
    assert (message["text"], message["parts"], message["monotonic"]) == ("one two three", 3, 3.0)
    assert [ledger.completes(row) for row in (*rows, last)] == [False, False, True]
    summary = ledger.summary()
    assert (summary["parts"], summary["incomplete"], summary["repeated_parts"]) == (4, 0, 1)


def test_parts_of_different_messages_do_not_mix() -> None:
    ledger = Ledger()
    for number in ("+447700900001", "+447700900002"):
        ledger.add(submitted(number, payload=number[-1:].encode(), part=Part(9, 2, 1)))
    for number in ("+447700900001", "+447700900002"):
        ledger.add(submitted(number, payload=b"!", part=Part(9, 2, 2)))
    assert [m["text"] for m in ledger.messages(0, 10)] == ["1!", "2!"]


def test_duplicates_are_of_one_sender_and_one_number() -> None:
    ledger = Ledger()
    for number, sender in [("+1", "A"), ("+1", "B"), ("+2", "A"), ("+1", "A"), ("+1", "A")]:
        ledger.add(submitted(number, sender))
    summary = ledger.summary()
    assert (summary["messages"], summary["numbers"], summary["duplicates"]) == (5, 2, 2)
    assert summary["duplicate_examples"] == [["A", "+1"]]
    assert summary["senders"]["A"] == {
        "messages": 4, "parts": 4, "duplicates": 2, "max_parts_per_second": 4, "certain_parts_per_second": 4,
    }  # fmt: skip


def test_what_was_told_can_be_loaded() -> None:
    ledger, again = Ledger(), Ledger()
    ledger.row_states[ledger.add(submitted(payload=b"\x00\x1be", ref="r", session=HTTP))] = State.DELIVERED
    ledger.add(submitted("+2", payload=b"\x04\x36" * 71, data_coding=8, parts=2))
    ledger.events.append(Event("click", 5.0, "+2", "VOLLEY", {"status": 302}))
    lines = [*ledger.messages(0, 10), *map(ledger.event, ledger.events)]
    for line in json.loads(json.dumps(lines)):
        again.load(line)
    untimed = {"at", "monotonic"}
    reloaded = [*again.messages(0, 10), *map(again.event, again.events)]
    assert [{k: v for k, v in line.items() if k not in untimed} for line in reloaded] == [
        {k: v for k, v in line.items() if k not in untimed} for line in lines
    ]
    assert again.summary()["parts"] == 3


def test_who_waited_to_be_accepted_may_have_come_with_the_first_of_the_queue() -> None:
    ledger = Ledger()
    for turn in range(5):
        ledger.looks.append(float(turn))
    waited = []
    for turn in range(5, 9):  # one connection between two looks
        waited.append(ledger.accepted(turn - 0.5))
        ledger.looks.append(float(turn))
    assert waited == [3.0] * 4
    ledger.looks.append(9.0)  # nobody came after the last look but one
    assert ledger.accepted(9.5) == 8.0
    ledger.add(submitted(now=9.5, session=HTTP, since=3.0))
    ledger.add(submitted(now=9.5, session=HTTP))
    assert list(ledger.not_before) == [3.0, 5.0]
