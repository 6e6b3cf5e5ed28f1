"""The JSON of HTTP providers, and what answers mean."""

from datetime import UTC, datetime

import msgspec
import pytest

from dispatch_svc.clients import http_api
from dispatch_svc.domain.handover import Handed, Outbound

NOW = datetime(2026, 5, 1, 12, 0, tzinfo=UTC)


def outbound(number: int, text: str = "Hi", data_coding: int = 0, valid_for: int | None = None) -> Outbound:
    return Outbound(
        ref=f"c:{number}",
        to="+447700900123",
        sender="VOLLEY",
        sender_kind="alphanumeric",
        parts=[b"Hi"],
        data_coding=data_coding,
        text=text,
        due=0.0,
        valid_for=valid_for,
    )


def test_a_post_says_what_is_to_be_sent() -> None:
    body = msgspec.json.decode(http_api.body([outbound(0), outbound(1, "Привет", 8, valid_for=90)]))
    common = {"to": "+447700900123", "from": "VOLLEY"}
    assert body == {
        "messages": [
            {"ref": "c:0", "text": "Hi", "encoding": "gsm7", **common},
            {"ref": "c:1", "text": "Привет", "encoding": "ucs2", "valid_for": 90, **common},
        ]
    }


def test_each_message_comes_to_what_its_answer_says() -> None:
    answers = [
        {"ref": "c:3", "status": "rejected", "error": {"code": "queue_full", "message": "", "retryable": True}},
        {"ref": "c:0", "id": "h0", "status": "accepted", "parts": 1},
        {"ref": "c:1", "status": "rejected", "error": {"code": "invalid_number", "retryable": False}},
        {"ref": "c:4", "status": "rejected"},
        {"ref": "other", "id": "h9", "status": "accepted"},
    ]
    found = http_api.read_answers(msgspec.json.encode({"messages": answers}), [outbound(number) for number in range(5)])
    assert found == [
        Handed("c:0", "submitted", ["h0"]),
        Handed("c:1", "refused", error="invalid_number"),
        Handed("c:2", "unknown", error="not_in_the_answer"),
        Handed("c:3", "retry", error="queue_full", retry_after=http_api.RETRY_AFTER),
        Handed("c:4", "refused", error="rejected"),
    ]


@pytest.mark.parametrize(
    "content", [b"", b"[]", b'{"messages": 1}', b'{"messages": [{"status": "accepted"}]}', b"\xff"]
)
def test_what_cannot_be_read_is_an_error(content: bytes) -> None:
    with pytest.raises((msgspec.DecodeError, UnicodeDecodeError)):
        http_api.read_answers(content, [outbound(0)])


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        (None, 1.0),
        ("7", 7.0),
        ("0", 0.0),
        ("-5", 0.0),
        ("1e9", 300.0),
        ("nan", 1.0),
        ("soon", 1.0),
        ("Fri, 01 May 2026 12:00:30 GMT", 30.0),
        ("Fri, 01 May 2026 11:00:00 GMT", 0.0),
    ],
)
def test_retry_after_is_a_number_or_a_date(value: str | None, seconds: float) -> None:
    assert http_api.retry_after(value, NOW) == seconds
