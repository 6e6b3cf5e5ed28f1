"""What Twilio posts to us: whether it is signed by the account's token, and what it says."""

import hmac
import re
from base64 import b64encode
from datetime import datetime
from typing import Final, Literal
from urllib.parse import parse_qs, urlsplit

from dispatch_svc.domain.handover import Inbound, Receipt

Parameters = dict[str, list[str]]
_MOST_PARAMETERS: Final = 500
_PHONE: Final = re.compile(r"\+[1-9][0-9]{5,14}")
_VALIDITY_IS_OVER: Final = "30036"
_PORTS: Final = {"http": 80, "https": 443}
_FINAL: Final[dict[str, Literal["delivered", "undelivered", "rejected"]]] = {
    "delivered": "delivered",
    "read": "delivered",
    "undelivered": "undelivered",
    "failed": "rejected",
    "canceled": "rejected",
}


class UnreadableError(ValueError):
    """A signed callback does not say what is needed; the text names it."""


def parameters_of(body: bytes) -> Parameters:
    """Of a form. ValueError if it is none."""
    return parse_qs(body.decode(), keep_blank_values=True, errors="strict", max_num_fields=_MOST_PARAMETERS)


def signature(token: str, url: str, parameters: Parameters) -> str:
    """What X-Twilio-Signature has to be: the address and all parameters by name, keyed with the account's token."""
    said = "".join(name + value for name in sorted(parameters) for value in sorted(set(parameters[name])))
    return b64encode(hmac.digest(token.encode(), (url + said).encode(), "sha1")).decode()


def is_signed(given: str, token: str, url: str, parameters: Parameters) -> bool:
    """Whether `given` is the signature, with the port in the address or without: Twilio does either."""
    made = [signature(token, spelling, parameters) for spelling in _spellings(url)]
    return any(hmac.compare_digest(one.encode(), given.encode()) for one in made)


def _spellings(url: str) -> set[str]:
    parts = urlsplit(url)
    host = parts.netloc.removesuffix(f":{parts.port}")
    port = parts.port or _PORTS[parts.scheme]
    return {parts._replace(netloc=netloc).geturl() for netloc in (host, f"{host}:{port}")}


def read_callback(parameters: Parameters, ref: str | None, at: datetime) -> Receipt | Inbound | None:
    """A receipt, a message from a phone, or None: no last word on a message. UnreadableError."""
    if "MessageStatus" in parameters:
        return _receipt(parameters, ref, at)
    sender = _one(parameters, "From")
    if not _PHONE.fullmatch(sender):
        raise UnreadableError("From is no phone number")
    return Inbound(
        from_=sender,
        to=_one(parameters, "To"),
        text=_one(parameters, "Body"),
        at=at,
        provider_key=_one(parameters, "MessageSid"),
    )


def _receipt(parameters: Parameters, ref: str | None, at: datetime) -> Receipt | None:
    status = _FINAL.get(_one(parameters, "MessageStatus"))
    if status is None:
        return None
    code = parameters.get("ErrorCode", [""])[0]
    return Receipt(
        provider_id=_one(parameters, "MessageSid"),
        ref=ref,
        to="",  # the reference names the message; who it was for would be a weaker guess
        from_="",
        status="expired" if code == _VALIDITY_IS_OVER else status,
        error=f"twilio_{code}" if code and status != "delivered" else None,
        at=at,
    )


def _one(parameters: Parameters, name: str) -> str:
    if name not in parameters:
        raise UnreadableError(f"{name} is missing")
    return parameters[name][0]
