"""A door that speaks Twilio's Programmable Messaging API: a form a message, signed callbacks to where it says."""

import asyncio
import random
import re
import time
from base64 import b64encode
from email.utils import formatdate
from http import HTTPStatus
from itertools import count
from typing import Any, Final
from uuid import uuid4

import msgspec
from aiohttp import web

from volley_smpp import State, Status
from volley_tools.simulator.ledger import TWILIO, Event, Submitted, payload_of
from volley_tools.simulator.provider import Provider
from volley_tools.simulator.twilio_callbacks import TwilioCallbacks

_NUMBER: Final = re.compile(r"\+[1-9]\d{6,14}", re.ASCII)
_STATUSES: Final = {
    State.DELIVERED: ("delivered", None),
    State.UNDELIVERABLE: ("undelivered", 30003),
    State.EXPIRED: ("undelivered", 30036),
    State.REJECTED: ("failed", 30008),
}
_REFUSALS: Final = {
    Status.ESME_RINVDSTADR: (400, 21211, "Invalid 'To' phone number"),
    Status.ESME_RINVSRCADR: (400, 21212, "Invalid 'From'"),
    Status.ESME_RTHROTTLED: (429, 20429, "Too many requests"),
    Status.ESME_RMSGQFUL: (429, 21611, "The queue of this 'From' is full"),
    Status.ESME_RSYSERR: (500, 20500, "Internal server error"),
}


class TwilioDoor:
    """POST /2010-04-01/Accounts/{AccountSid}/Messages.json; a POST is always a new message. The account can be seen."""

    def __init__(self, provider: Provider) -> None:
        self.provider = provider
        self.callbacks = TwilioCallbacks(provider)
        self._told: dict[int, tuple[str, str]] = {}
        self._run = uuid4().hex[:20]
        self._numbers = count(1)
        self._accepted = 0
        provider.on_receipt["twilio"] = self.send_receipt

    def routes(self) -> list[web.RouteDef]:
        return [
            web.post("/2010-04-01/Accounts/{account}/Messages.json", self._post),
            web.get("/2010-04-01/Accounts/{account}.json", self._show),
        ]

    def reset(self) -> None:
        self._told.clear()
        self.callbacks.reset()

    # -- requests

    def _knows(self, request: web.Request) -> bool:
        options = self.provider.options
        login = "Basic " + b64encode(f"{options.account_sid}:{options.auth_token}".encode()).decode()
        return request.headers.get("Authorization") == login and request.match_info["account"] == options.account_sid

    async def _show(self, request: web.Request) -> web.Response:
        if not self._knows(request):
            return _refusal(401, 20003, "Authenticate")
        return web.json_response({"sid": request.match_info["account"], "status": "active", "type": "Full"})

    async def _post(self, request: web.Request) -> web.Response:
        options = self.provider.options
        if not self._knows(request):
            return _refusal(401, 20003, "Authenticate")
        form = {name: str(value) for name, value in (await request.post()).items()}
        answer = self._accept(form, time.monotonic())
        self.provider.flush_journal()
        if options.drop_after and self._accepted >= options.drop_after and request.transport:
            self._accepted = 0
            request.transport.abort()
        await asyncio.sleep((options.latency_ms + random.uniform(0, options.jitter_ms)) / 1000)  # noqa: S311  # a die
        return answer

    def _accept(self, form: dict[str, str], now: float) -> web.Response:
        to, sender, text = form.get("To", ""), form.get("From", ""), form.get("Body", "")
        if not text:
            return _refusal(400, 21602, "A text message body or media urls must be specified.")
        if not sender:
            return _refusal(400, 21603, "A 'From' phone number is required.")
        if not form.get("ValidityPeriod", "1").isdecimal():
            return _refusal(400, 21614, "'ValidityPeriod' is no number of seconds")
        payload, coding, parts = payload_of(text)
        if not self.provider.within_limit(parts, now):
            return _refusal(*_REFUSALS[Status.ESME_RTHROTTLED])
        status = None if _NUMBER.fullmatch(to) else Status.ESME_RINVDSTADR
        if status := status or self.provider.failure(to):
            return _refusal(*_REFUSALS.get(status, (400, 30008, f"refused with {status.name}")))
        sid = self._new_sid()
        callback = form.get("StatusCallback", "")
        row = len(self.provider.ledger.row_messages)
        self._told[row] = (sid, callback)
        submitted = Submitted(now, sender, to, payload, coding, parts, sid, TWILIO, None)
        self.provider.accept(submitted, "twilio" if callback else "")
        self._accepted += 1
        return web.json_response(self._message(sid, form, parts), status=HTTPStatus.CREATED)

    def _new_sid(self) -> str:
        return f"SM{self._run}{next(self._numbers):012x}"

    def _message(self, sid: str, form: dict[str, str], parts: int) -> dict[str, Any]:
        account, at = self.provider.options.account_sid, formatdate(usegmt=False)
        uri = f"/2010-04-01/Accounts/{account}/Messages/{sid}"
        return {
            "sid": sid,
            "account_sid": account,
            "api_version": "2010-04-01",
            "body": form["Body"],
            "from": form["From"],
            "to": form["To"],
            "status": "queued",
            "direction": "outbound-api",
            "num_segments": str(parts),
            "num_media": "0",
            "date_created": at,
            "date_updated": at,
            "date_sent": None,
            "error_code": None,
            "error_message": None,
            "messaging_service_sid": None,
            "price": None,
            "price_unit": "USD",
            "subresource_uris": {"media": f"{uri}/Media.json"},
            "uri": f"{uri}.json",
        }

    # -- callbacks

    def send_receipt(self, row: int, state: State) -> None:
        _, sender, number = self.provider.ledger.submitted_of(row)
        sid, callback = self._told[row]
        status, code = _STATUSES[state]
        said = {"MessageSid": sid, "SmsSid": sid, "From": sender, "To": number}
        sent = {**said, "MessageStatus": "sent", "SmsStatus": "sent"}
        last = {**said, "MessageStatus": status, "SmsStatus": status} | ({"ErrorCode": str(code)} if code else {})
        event = Event("receipt", time.monotonic(), number, sender, {"id": sid, "state": state.name.lower()})
        self.callbacks.put(callback, [sent, last], event)

    def send_reply(self, number: str, sender: str, text: str, kind: str) -> None:
        """`number` writes `text` to `sender`, whose messages are posted to `webhook_url`."""
        sid = self._new_sid()
        said = {"MessageSid": sid, "SmsMessageSid": sid, "SmsSid": sid, "SmsStatus": "received", "NumMedia": "0"}
        said |= {"From": number, "To": sender, "Body": text, "NumSegments": str(payload_of(text)[2])}
        event = Event(kind, time.monotonic(), number, sender, {"text": text})
        self.callbacks.put(self.provider.options.webhook_url, [said], event)


def _refusal(status: int, code: int, message: str) -> web.Response:
    more = f"https://www.twilio.com/docs/errors/{code}"
    body = {"code": code, "message": message, "more_info": more, "status": status}
    return web.Response(status=status, body=msgspec.json.encode(body), content_type="application/json")
