"""Routes: what is set of a connection to a provider, and which of several serves a message."""

import re
from base64 import b64decode
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Annotated, Any, Literal
from urllib.parse import urlsplit
from uuid import UUID

import msgspec
from msgspec import Meta

Protocol = Literal["smpp", "http", "twilio"]
RouteStatus = Literal["active", "paused", "disabled"]
"""active: used. paused: stays connected for receipts and replies, but is handed nothing. disabled: closed."""

HIDDEN = "***"
"""What the API shows in the place of a secret; sent back, it leaves the secret as it is."""

_HOST = re.compile(r"^(?=.{1,253}$)[A-Za-z0-9_]([A-Za-z0-9_.-]*[A-Za-z0-9])?\.?$|^[0-9A-Fa-f:.]+$")


class IllegalConfigError(Exception):
    """A field of a route's configuration is illegal: `field` (`config.port`), what is wrong, and the fix.

    The fix is None where the message is msgspec's, which is not for people.
    """

    def __init__(self, field: str, message: str, fix: str | None) -> None:
        super().__init__(f"{field}: {message}")
        self.field, self.message, self.fix = field, message, fix


class SmppConfig(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A provider reached by SMPP 3.4 as a transceiver. Times are in seconds.

    sessions: binds held at once. window: submits a session may have unanswered.
    tls_ca: certificates (PEM) to trust instead of the system's, for an SMSC with its own authority.
    receipts: whether delivery receipts are asked for.
    receipt_ids: how a receipt names a message: as the answer to the submit did, or that hexadecimal id in decimal.
    """

    host: Annotated[str, Meta(min_length=1, max_length=253)]
    port: Annotated[int, Meta(ge=1, le=65535)] = 2775
    system_id: Annotated[str, Meta(min_length=1, max_length=15)]
    password: Annotated[str, Meta(max_length=8)]
    system_type: Annotated[str, Meta(max_length=12)] = ""
    sessions: Annotated[int, Meta(ge=1, le=16)] = 1
    window: Annotated[int, Meta(ge=1, le=10_000)] = 500
    timeout: Annotated[float, Meta(ge=1, le=300)] = 15.0
    enquire_link: Annotated[float, Meta(ge=1, le=600)] = 30.0
    tls: bool = False
    tls_ca: Annotated[str, Meta(max_length=65_536)] | None = None
    receipts: bool = True
    receipt_ids: Literal["same", "hexadecimal_to_decimal"] = "same"


class HttpConfig(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A provider that speaks the JSON of docs/guides/http-provider.md. Times are in seconds.

    batch_size: messages a POST. concurrency: POSTs at once.
    idempotent: the provider never sends a second message of the same `ref`, so a doubtful POST may be repeated.
    can_be_asked: the provider answers GET /messages/{ref}.
    webhook_secret: verifies the provider's callbacks; without it they are refused.
    """

    url: Annotated[str, Meta(min_length=1, max_length=2000)]
    token: Annotated[str, Meta(min_length=1, max_length=4000, pattern=r"^[\x21-\x7e]+$")]
    webhook_secret: Annotated[str, Meta(min_length=24, max_length=200)] | None = None
    batch_size: Annotated[int, Meta(ge=1, le=1000)] = 100
    concurrency: Annotated[int, Meta(ge=1, le=1000)] = 64
    timeout: Annotated[float, Meta(ge=1, le=300)] = 15.0
    idempotent: bool = True
    can_be_asked: bool = True
    receipts: bool = True


class TwilioConfig(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A provider that speaks Twilio's Programmable Messaging API (docs/guides/twilio.md). Times are in seconds.

    auth_token: the account's primary one, which also verifies callbacks. public_url: where the gateway is reached from
    the internet; Twilio calls {public_url}/callbacks/routes/{id} and signs that address. concurrency: POSTs at once.
    receipts: whether status callbacks are asked for.
    """

    account_sid: Annotated[str, Meta(pattern=r"^AC[0-9a-fA-F]{32}$")]
    auth_token: Annotated[str, Meta(min_length=24, max_length=200, pattern=r"^[\x21-\x7e]+$")]
    public_url: Annotated[str, Meta(min_length=1, max_length=1000)]
    url: Annotated[str, Meta(min_length=1, max_length=2000)] = "https://api.twilio.com"
    concurrency: Annotated[int, Meta(ge=1, le=1000)] = 64
    timeout: Annotated[float, Meta(ge=1, le=300)] = 15.0
    receipts: bool = True


Config = SmppConfig | HttpConfig | TwilioConfig
CONFIGS: Mapping[Protocol, type[Config]] = {"smpp": SmppConfig, "http": HttpConfig, "twilio": TwilioConfig}
SECRETS: Mapping[Protocol, tuple[str, ...]] = {
    "smpp": ("password",),
    "http": ("token", "webhook_secret"),
    "twilio": ("auth_token",),
}


class Route(msgspec.Struct, frozen=True, kw_only=True):
    """A route of an account. Of several that can serve a message, the lowest `priority` number comes first.

    countries: ISO 3166 alpha-2 codes that it serves, None: all. version: counts its changes from 1.
    """

    id: UUID
    account_id: UUID
    name: str
    protocol: Protocol
    config: Config
    priority: int = 100
    countries: tuple[str, ...] | None = None
    status: RouteStatus = "active"
    version: int = 1

    def serves(self, account_id: UUID, country: str) -> bool:
        return (
            self.status == "active"
            and self.account_id == account_id
            and (self.countries is None or country in self.countries)
        )


class Condition(msgspec.Struct, frozen=True, kw_only=True):
    """How a process fares with a route that it keeps open. sessions: binds that are up (1 for HTTP)."""

    healthy: bool
    sessions: int = 0
    connected_since: datetime | None = None
    last_error: str | None = None
    last_error_at: datetime | None = None


def read_config(protocol: Protocol, values: Mapping[str, Any]) -> Config:
    """A checked configuration; IllegalConfigError names the field that is wrong."""
    try:
        config: Config = msgspec.convert(values, CONFIGS[protocol])
    except msgspec.ValidationError as error:
        raise _illegal(str(error)) from error
    return checked(config)


def checked(config: Config) -> Config:
    """The configuration, if its fields make sense; IllegalConfigError names the one that does not."""
    if isinstance(config, SmppConfig):
        _check_smpp(config)
    elif isinstance(config, TwilioConfig):
        _check_url("config.url", config.url)
        _check_url("config.public_url", config.public_url)
    else:
        _check_url("config.url", config.url)
        _check_webhook_secret(config.webhook_secret)
    return config


def server_of(config: Config) -> tuple[str, str, int]:
    """The field that names the provider's server, its host, and its port."""
    if isinstance(config, SmppConfig):
        return "config.host", config.host, config.port
    return "config.url", *address_in(config.url)


def address_in(url: str) -> tuple[str, int]:
    """Host and port of an http or https URL."""
    parts = urlsplit(url)
    return parts.hostname or "", parts.port or (443 if parts.scheme == "https" else 80)


def change_config(protocol: Protocol, stored: Mapping[str, Any], changes: Mapping[str, Any]) -> Config:
    """The configuration with some fields changed; null gives a field its default, HIDDEN leaves a secret as it is."""
    kept = {
        name: value
        for name, value in changes.items()
        if not (value == HIDDEN and name in SECRETS[protocol] and name in stored)
    }
    merged = {**stored, **kept}
    return read_config(protocol, {name: value for name, value in merged.items() if value is not None})


def without_secrets(protocol: Protocol, config: Config) -> dict[str, Any]:
    shown: dict[str, Any] = msgspec.to_builtins(config)
    for name in SECRETS[protocol]:
        if shown[name]:
            shown[name] = HIDDEN
    return shown


def coverage(routes: Iterable[Route]) -> frozenset[str] | None:
    """The countries that the active routes serve together; None: all."""
    countries: set[str] = set()
    for route in routes:
        if route.status == "active":
            if route.countries is None:
                return None
            countries.update(route.countries)
    return frozenset(countries)


_AT = re.compile(r"^(?P<message>.*?)(?: - at `\$\.?(?P<path>.*)`)?$", re.DOTALL)
_NAMED = re.compile(r"^Object (?:contains unknown|missing required) field `(?P<field>[^`]*)`$")


def _illegal(sentence: str) -> IllegalConfigError:
    """What msgspec says, with the field's path: `Expected `int` <= 65535 - at `$.port``."""
    found = _AT.match(sentence)
    message, path = (found["message"], found["path"] or "") if found else (sentence, "")
    if named := _NAMED.match(message):
        path = ".".join(filter(None, [path, named["field"]]))
    return IllegalConfigError(f"config.{path}".rstrip("."), message, None)


def _check_smpp(config: SmppConfig) -> None:
    if not _HOST.match(config.host):
        raise IllegalConfigError("config.host", "is no host name or IP address", "Give it without scheme and port.")
    for name in ("system_id", "password", "system_type"):
        value: str = getattr(config, name)
        if not (value.isascii() and value.isprintable()):
            raise IllegalConfigError(f"config.{name}", "has characters that SMPP cannot carry", "Use printable ASCII.")
    ca = config.tls_ca
    if ca is not None and not (ca.isascii() and "-----BEGIN CERTIFICATE-----" in ca):
        raise IllegalConfigError("config.tls_ca", "holds no certificate", "Give certificates in PEM.")


def _check_url(field: str, url: str) -> None:
    fix = "Give an address like https://sms.example.com/v1, without user, query and fragment."
    try:
        parts = urlsplit(url)
        legal = parts.scheme in {"http", "https"} and _HOST.match(parts.hostname or "") and parts.port != 0
    except ValueError:
        legal = False
    if not legal:
        raise IllegalConfigError(field, "is no http(s) address", fix)
    if parts.query or parts.fragment or parts.username is not None or any(char.isspace() for char in url):
        raise IllegalConfigError(field, "has more than scheme, host, port and path", fix)


def _check_webhook_secret(secret: str | None) -> None:
    try:
        b64decode((secret or "").removeprefix("whsec_"), validate=True)
    except ValueError as error:
        fix = "Give whsec_ and at least 24 random bytes in base64."
        raise IllegalConfigError("config.webhook_secret", "is no secret of Standard Webhooks", fix) from error
