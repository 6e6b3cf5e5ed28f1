"""Twilio's dialect and callbacks, held against Twilio's own client library."""

import logging
import time
from base64 import b64encode
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qs, parse_qsl
from uuid import UUID

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from twilio.http import HttpClient
from twilio.http.response import Response
from twilio.request_validator import RequestValidator
from twilio.rest import Client

from dispatch_svc.clients.http1 import Answer
from dispatch_svc.clients.twilio_api import dialect
from dispatch_svc.clients.twilio_callbacks import (
    UnreadableError,
    is_signed,
    parameters_of,
    read_callback,
    signature,
)
from dispatch_svc.domain.handover import Handed, Inbound, Outbound, Receipt
from dispatch_svc.domain.routes import IllegalConfigError, TwilioConfig, read_config

SID, TOKEN = "AC" + "0a" * 16, "0123456789abcdef0123456789abcdef"
ROUTE = UUID(int=7)
CALLBACK = f"https://volley.example.com/callbacks/routes/{ROUTE}"
AT = datetime(2026, 5, 1, tzinfo=UTC)
# The parameters of POST /2010-04-01/Accounts/{AccountSid}/Messages.json in Twilio's published OpenAPI description.
PUBLISHED = {
    "To", "StatusCallback", "ApplicationSid", "MaxPrice", "ProvideFeedback", "Attempt", "ValidityPeriod",
    "ForceDelivery", "ContentRetention", "AddressRetention", "SmartEncoded", "PersistentAction", "TrafficType",
    "ShortenUrls", "ScheduleType", "SendAt", "SendAsMms", "ContentVariables", "RiskCheck", "From",
    "FallbackFrom", "MessagingServiceSid", "Body", "MediaUrl", "ContentSid",
}  # fmt: skip


def config(**changes: Any) -> TwilioConfig:
    fields = {"account_sid": SID, "auth_token": TOKEN, "public_url": "https://volley.example.com/", **changes}
    found = read_config("twilio", fields)
    assert isinstance(found, TwilioConfig)
    return found


def outbound(text: str = "Привет & 100% [€]", valid_for: int | None = 3600) -> Outbound:
    return Outbound(
        ref=f"{UUID(int=1)}:17", to="+447700900123", sender="ACME & Co", sender_kind="alphanumeric", parts=[b""],
        data_coding=0, text=text, due=time.monotonic(), valid_for=valid_for,
    )  # fmt: skip


class Recorder(HttpClient):  # type: ignore[misc] # it publishes no types
    """Keeps what the library would send."""

    def __init__(self) -> None:
        super().__init__(logging.getLogger(), is_async=False)
        self.sent: tuple[Any, ...] = ()

    def request(self, method: str, url: str, *_: Any, **kwargs: Any) -> Response:
        self.sent = (method, url, kwargs["data"], kwargs["auth"])
        return Response(201, '{"sid": "SM1"}')


def test_a_request_is_what_the_library_sends() -> None:
    message, spoken, recorder = outbound(), dialect(config(), ROUTE), Recorder()
    form = dict(parse_qsl(spoken.body([message]).decode(), strict_parsing=True))
    Client(SID, TOKEN, http_client=recorder).messages.create(
        to=message.to,
        from_=message.sender,
        body=message.text,
        status_callback=f"{CALLBACK}?ref={message.ref}",
        validity_period=3600,
    )
    method, url, data, auth = recorder.sent
    assert (method, url) == ("POST", spoken.url + spoken.path)
    assert form == {name: str(value) for name, value in data.items()}
    assert set(form) <= PUBLISHED
    assert auth == (SID, TOKEN)
    assert spoken.headers["Authorization"] == "Basic " + b64encode(f"{SID}:{TOKEN}".encode()).decode()


def test_what_is_not_wanted_is_not_said() -> None:
    form = parse_qs(dialect(config(receipts=False), ROUTE).body([outbound(valid_for=None)]).decode())
    assert set(form) == {"To", "From", "Body"}
    form = parse_qs(dialect(config(), ROUTE).body([outbound(valid_for=7 * 86_400)]).decode())
    assert form["ValidityPeriod"] == ["36000"]


def answer(status: int, body: Any) -> Answer:
    return Answer(status, {}, msgspec.json.encode(body))


@pytest.mark.parametrize(
    ("status", "code", "result"),
    [
        (400, 21211, "refused"),
        (400, 63018, "refused"),
        (403, 21610, "refused"),
        (429, 21611, "retry"),
        (401, 20003, None),
        (403, 20003, None),
        (404, 20404, None),
        (429, 20429, None),
        (500, 20500, None),
        (503, 21211, None),
    ],
)
def test_errors_are_of_the_message_or_of_the_account(status: int, code: int, result: str | None) -> None:
    message = outbound()
    read = dialect(config(), ROUTE).read(answer(status, {"code": code, "message": "m", "status": status}), [message])
    assert (read and read[0].result) == result
    assert read is None or read[0].error == f"twilio_{code}"


def test_a_taken_message_has_the_sid() -> None:
    message, read = outbound(), dialect(config(), ROUTE).read
    assert read(answer(201, {"sid": "SM1", "status": "queued"}), [message]) == [
        Handed(message.ref, "submitted", ["SM1"])
    ]
    bodies: list[Any] = [{}, {"sid": ""}, {"sid": None}, []]
    for body in bodies:
        with pytest.raises(msgspec.DecodeError):
            read(answer(201, body), [message])
    assert read(Answer(400, {}, b"<html>"), [message]) is None


@given(st.dictionaries(st.text(min_size=1), st.text(), max_size=5), st.sampled_from(["", "?ref=a:1", "?ref=a%3A1&b="]))
def test_signatures_are_those_of_the_library(form: dict[str, str], query: str) -> None:
    made = RequestValidator(TOKEN).compute_signature(CALLBACK + query, form)
    parameters = {name: [value] for name, value in form.items()}
    assert signature(TOKEN, CALLBACK + query, parameters) == made
    assert is_signed(made, TOKEN, CALLBACK + query, parameters)
    assert not is_signed(made, TOKEN, CALLBACK + query + "x", parameters)
    assert not is_signed(made, TOKEN[1:], CALLBACK + query, parameters)
    assert not is_signed(made, TOKEN, CALLBACK + query, {**parameters, "more": ["x"]})


def test_a_port_may_be_in_the_signed_address_or_not() -> None:
    for given_url, signed_url in (
        ("https://a.example.com/x", "https://a.example.com:443/x"),
        ("https://a.example.com:8443/x", "https://a.example.com/x"),
        ("https://a.example.com:8443/x", "https://a.example.com:8443/x"),
    ):
        made = RequestValidator(TOKEN).compute_signature(signed_url, {"A": "b"})
        assert is_signed(made, TOKEN, given_url, {"A": ["b"]})
        assert RequestValidator(TOKEN).validate(given_url, {"A": "b"}, made)
    assert not is_signed("", TOKEN, CALLBACK, {})
    assert not is_signed("\u00e9", TOKEN, CALLBACK, {})


@pytest.mark.parametrize(
    ("status", "code", "read"),
    [
        ("delivered", "", ("delivered", None)),
        ("undelivered", "30003", ("undelivered", "twilio_30003")),
        ("undelivered", "30036", ("expired", "twilio_30036")),
        ("failed", "30008", ("rejected", "twilio_30008")),
        ("canceled", "", ("rejected", None)),
        ("sent", "", None),
        ("queued", "", None),
        ("something new", "", None),
    ],
)
def test_statuses(status: str, code: str, read: tuple[str, str | None] | None) -> None:
    body = f"MessageSid=SM1&MessageStatus={status.replace(' ', '+')}&ErrorCode={code}"
    found = read_callback(parameters_of(body.encode()), "c:1", AT)
    assert (found and (found.status, found.error)) == read if not isinstance(found, Inbound) else False
    if isinstance(found, Receipt):
        assert (found.provider_id, found.ref, found.to, found.at) == ("SM1", "c:1", "", AT)


def test_messages_from_phones() -> None:
    found = read_callback(
        parameters_of(b"MessageSid=SM1&From=%2B447700900123&To=60777&Body=&SmsStatus=received"), None, AT
    )
    assert found == Inbound(from_="+447700900123", to="60777", text="", at=AT, provider_key="SM1")
    for body in (b"", b"MessageSid=SM1&From=ACME&To=1&Body=x", b"From=%2B447700900123&To=1&Body=x"):
        with pytest.raises(UnreadableError):
            read_callback(parameters_of(body), None, AT)


@pytest.mark.parametrize(
    "changes",
    [
        {"account_sid": "AC1"},
        {"auth_token": "short"},
        {"auth_token": "with a blank and a newline\n"},
        {"public_url": "volley.example.com"},
        {"public_url": "https://volley.example.com/?a=1"},
        {"url": "ftp://x"},
    ],
)
def test_bad_configs_are_refused(changes: dict[str, str]) -> None:
    with pytest.raises(IllegalConfigError) as caught:
        config(**changes)
    assert caught.value.field == f"config.{next(iter(changes))}"
