"""The parts of a hand-over: when they may go, and what a message comes to."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dispatch_svc.clients.batch import COMPLETE_WITHIN, INCOMPLETE, RETRY_PARTS_WITHIN, Batch
from dispatch_svc.domain.handover import Handed, Outbound

RESULTS = ("submitted", "refused", "retry", "unknown")


def message(number: int, parts: int = 1, due: float = 0.0, step: float = 0.0) -> Outbound:
    return Outbound(
        ref=f"c:{number}",
        to="+447700900123",
        sender="VOLLEY",
        sender_kind="alphanumeric",
        parts=[b"x"] * parts,
        data_coding=0,
        text="x" * parts,
        due=due,
        part_due=[due + step * part for part in range(1, parts)],
    )


def settle(batch: Batch, part: tuple[int, int], result: Any, now: float = 0.0) -> None:
    if result == "submitted":
        batch.answered(*part, f"id-{part[0]}-{part[1]}", now)
    else:
        batch.failed(*part, result, now, "why", written=True)


def only(batch: Batch) -> Handed:
    assert batch.left == 0
    [handed] = batch.results()
    return handed


def test_parts_go_when_they_are_due_and_never_before() -> None:
    batch = Batch([message(0, due=1.0), message(1, due=0.5), message(2, parts=2, due=0.75, step=0.5)])
    assert batch.take(0.49, 10) == []
    assert batch.wait(0.25) == 0.25
    assert batch.take(0.75, 10) == [(1, 0), (2, 0)]
    assert batch.take(1.0, 10) == [(0, 0)]
    assert batch.take(1.25, 10) == [(2, 1)]
    assert batch.wait(1.25) is None


def test_no_more_are_taken_than_there_is_room_for() -> None:
    batch = Batch([message(number) for number in range(5)])
    assert [len(batch.take(1.0, 2)) for _ in range(4)] == [2, 2, 1, 0]


@pytest.mark.parametrize("result", RESULTS)
def test_a_message_of_one_part_comes_to_what_its_part_does(result: str) -> None:
    batch = Batch([message(0)])
    settle(batch, batch.take(0.0, 1)[0], result)
    handed = only(batch)
    assert handed.result == result
    assert handed.provider_ids == (["id-0-0"] if result == "submitted" else [])


def test_a_long_message_is_submitted_when_all_its_parts_are() -> None:
    batch = Batch([message(0, parts=3)])
    parts = batch.take(0.0, 10)
    for part in reversed(parts):
        assert batch.left == 1
        settle(batch, part, "submitted")
    assert only(batch) == Handed("c:0", "submitted", ["id-0-0", "id-0-1", "id-0-2"])


@pytest.mark.parametrize("parts", [1, 2])
def test_a_provider_that_names_nothing_still_took_it(parts: int) -> None:
    batch = Batch([message(0, parts=parts)])
    for part in batch.take(0.0, 10):
        batch.answered(*part, "", 0.0)
    assert only(batch) == Handed("c:0", "submitted", [])


@pytest.mark.parametrize("result", ["refused", "retry", "unknown"])
def test_the_rest_of_a_long_message_is_not_written_once_a_part_failed(result: str) -> None:
    batch = Batch([message(0, parts=3, step=1.0)])
    settle(batch, batch.take(0.0, 10)[0], result)
    assert only(batch).result == result
    assert batch.take(9.0, 10) == []


def test_a_part_that_was_put_off_is_written_again_when_another_was_taken() -> None:
    batch = Batch([message(0, parts=2)])
    first, second = batch.take(0.0, 10)
    settle(batch, first, "submitted")
    settle(batch, second, "retry", 0.1)
    assert batch.left == 1
    assert batch.take(0.2, 10) == []
    [again] = batch.take(5.0, 10)
    assert again == second
    settle(batch, again, "submitted", 5.0)
    assert only(batch).provider_ids == ["id-0-0", "id-0-1"]


def test_a_torn_message_is_refused_in_the_end_and_never_sent_again_as_a_whole() -> None:
    batch, now = Batch([message(0, parts=3, step=0.01)]), 0.02
    first, *others = batch.take(now, 10)
    settle(batch, first, "submitted", now)
    while batch.left:
        for part in others:
            settle(batch, part, "retry", now)
        assert now < 2 * RETRY_PARTS_WITHIN
        now += 1.0
        others = batch.take(now, 10)
        assert first not in others
    assert (only(batch).result, only(batch).error) == ("refused", INCOMPLETE)


def test_a_stop_leaves_what_was_not_begun_and_completes_what_was() -> None:
    batch = Batch([message(0, parts=2, step=0.5), message(1, due=0.1), message(2, parts=2, step=COMPLETE_WITHIN + 1)])
    begun = batch.take(0.0, 10)
    assert begun == [(0, 0), (2, 0)]
    batch.stop(0.05)
    for part in begun:
        settle(batch, part, "submitted")
    assert batch.take(0.2, 10) == []
    [rest] = batch.take(0.5, 10)
    settle(batch, rest, "submitted", 0.5)
    assert [(handed.result, handed.error) for handed in batch.results()] == [
        ("submitted", None),
        ("not_sent", None),
        ("refused", INCOMPLETE),
    ]


def test_without_a_session_what_was_begun_waits_for_one_for_a_while() -> None:
    batch = Batch([message(0, parts=2, step=1.0), message(1, due=1.0)])
    settle(batch, batch.take(0.0, 10)[0], "submitted")
    batch.give_back(1.0)
    assert batch.left == 1
    batch.give_back(1.0 + RETRY_PARTS_WITHIN)
    batch.give_back(2.0 + RETRY_PARTS_WITHIN)
    assert [handed.result for handed in batch.results()] == ["refused", "not_sent"]


@given(
    sizes=st.lists(st.integers(1, 4), min_size=1, max_size=6),
    script=st.lists(st.tuples(st.sampled_from(RESULTS), st.integers(0, 30), st.booleans()), max_size=60),
    stop_at=st.integers(0, 60),
    room=st.integers(1, 5),
)
def test_every_message_comes_to_something_and_no_taken_part_is_written_again(
    sizes: list[int], script: list[tuple[str, int, bool]], stop_at: int, room: int
) -> None:
    batch = Batch([message(number, parts) for number, parts in enumerate(sizes)])
    taken: set[tuple[int, int]] = set()
    submitted: dict[int, int] = dict.fromkeys(range(len(sizes)), 0)
    flying: list[tuple[int, int]] = []
    answers, now = iter(script), 0.0
    for step in range(1000):
        if not batch.left:
            break
        if step == stop_at:
            batch.stop(now)
        now += 0.5
        written = batch.take(now, room)
        assert not taken & set(written)
        flying += written
        result, pick, gone = next(answers, ("submitted", 0, False))
        if gone:
            batch.give_back(now)
        if flying:
            part = flying.pop(pick % len(flying))
            settle(batch, part, result, now)
            if result == "submitted":
                taken.add(part)
                submitted[part[0]] += 1
    assert batch.left == 0
    for number, (handed, size) in enumerate(zip(batch.results(), sizes, strict=True)):
        if handed.result == "submitted":
            assert submitted[number] == size
        if handed.result in {"retry", "not_sent"}:
            assert submitted[number] == 0
