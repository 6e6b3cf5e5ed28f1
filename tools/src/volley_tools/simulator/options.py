"""Everything that can be set of the simulator: one struct, its command line flags and its JSON form.

Chances are per mille. With a seed (not 0) what happens to a number depends on the seed and the number alone.
"""

import argparse
from collections.abc import Mapping, Sequence
from typing import Annotated, Any, get_args, get_origin

import msgspec
from msgspec import Meta

from volley_smpp import Status


def _milliseconds(description: str) -> Meta:
    return Meta(ge=0, description=description + ", ms")


def _per_mille(description: str) -> Meta:
    return Meta(ge=0, le=1000, description=description + ", per mille")


def _about(description: str) -> Meta:
    return Meta(description=description)


class Options(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """The simulator's options; those named in FIXED only count at the start."""

    host: Annotated[str, _about("address to listen on")] = "127.0.0.1"
    smpp_port: Annotated[int, Meta(ge=0, le=65535, description="SMPP port, 0 for any")] = 2775
    http_port: Annotated[int, Meta(ge=0, le=65535, description="HTTP port, 0 for any")] = 2780
    tls_cert: Annotated[str, _about("certificate file: SMPP over TLS")] = ""
    tls_key: Annotated[str, _about("key file of the certificate")] = ""
    ledger: Annotated[str, _about("file that the ledger is read from and appended to, JSON lines")] = ""

    system_id: Annotated[str, _about("who may bind")] = "volley"
    password: Annotated[str, _about("its password, at most 8 characters")] = "secret"  # noqa: S105  # a simulator's
    api_key: Annotated[str, _about("bearer token of the HTTP provider")] = "secret"
    account_sid: Annotated[str, _about("account of the door that speaks Twilio's API")] = f"AC{1:032x}"
    auth_token: Annotated[str, _about("its token, which also signs callbacks")] = "simulator-auth-token-0001"  # noqa: S105  # public
    webhook_url: Annotated[str, _about("where receipts and replies of HTTP messages are posted")] = ""
    webhook_secret: Annotated[str, _about("whsec_... that signs them")] = "whsec_c2ltdWxhdG9yLXNlY3JldC0wMQ=="  # noqa: S105  # public

    seed: Annotated[int, _about("0: by chance; else the same numbers have the same fate")] = 1
    latency_ms: Annotated[float, _milliseconds("a submit is answered after")] = 0
    jitter_ms: Annotated[float, _milliseconds("and up to this much later")] = 0
    limit_per_second: Annotated[int, Meta(ge=0, description="parts accepted in any second, 0 for all")] = 0
    window: Annotated[int, Meta(ge=0, description="unanswered submits a session, 0 for any number")] = 0
    failures: Annotated[dict[str, int], _about("statuses that submits are refused with, per mille")] = {}
    failures_clear_after: Annotated[int, Meta(ge=0, description="a number is refused this often, 0: always")] = 0

    delivery_ms: Annotated[float, _milliseconds("a message reaches the phone after")] = 50
    delivery_jitter_ms: Annotated[float, _milliseconds("and up to this much later")] = 0
    undelivered: Annotated[int, _per_mille("messages that cannot be delivered")] = 0
    expired: Annotated[int, _per_mille("messages that expire")] = 0
    receipts: Annotated[bool, _about("receipts are sent at all")] = True
    receipt_lost: Annotated[int, _per_mille("messages whose receipt is never sent")] = 0
    receipt_twice: Annotated[int, _per_mille("messages whose receipt is sent twice")] = 0
    receipt_first: Annotated[bool, _about("the receipt comes before the answer to the submit")] = False

    drop_after: Annotated[int, Meta(ge=0, description="a connection is cut at its submit number N")] = 0
    drop_unanswered: Annotated[int, Meta(ge=1, description="so many submits before the cut get no answer")] = 1
    refuse_binds: Annotated[bool, _about("binds are refused")] = False
    read_pause_ms: Annotated[float, _milliseconds("after each read nothing is read for")] = 0
    enquire_link_ms: Annotated[float, _milliseconds("the server sends enquire_link every, 0 for never")] = 30_000

    web: Annotated[str, _about("host:port where links are opened, whatever host they name")] = ""
    optout_hosts: Annotated[list[str], _about("hosts of opt-out links; none: the last of several links")] = []
    phone_ms: Annotated[float, _milliseconds("a person reacts after")] = 100
    phone_jitter_ms: Annotated[float, _milliseconds("and up to this much later")] = 500
    click: Annotated[int, _per_mille("people who open the link")] = 0
    click_text: Annotated[str, _about("they do so only if the text has this in it")] = ""
    preview: Annotated[int, _per_mille("messaging apps that fetch a preview of the link")] = 0
    scanner: Annotated[int, _per_mille("security scanners that open the link")] = 0
    optout: Annotated[int, _per_mille("people who opt out on the page")] = 0
    optout_scanner: Annotated[int, _per_mille("scanners that open the opt-out page and press nothing")] = 0
    stop: Annotated[int, _per_mille("people who answer with stop_text")] = 0
    stop_text: Annotated[str, _about("how they say it")] = "STOP"
    reply: Annotated[int, _per_mille("people who answer with reply_text")] = 0
    reply_text: Annotated[str, _about("what they write")] = "Who is this?"

    def phones_act(self) -> bool:
        """Whether any phone may do anything."""
        return bool(
            self.click or self.optout or self.stop or self.reply
            or self.preview or self.scanner or self.optout_scanner
        )  # fmt: skip


FIXED = frozenset({"host", "smpp_port", "http_port", "tls_cert", "tls_key", "ledger"})

_STATUSES = frozenset(status.name for status in Status)


def changed(options: Options, changes: Mapping[str, Any]) -> Options:
    """A copy with `changes`; msgspec.ValidationError names the field that is wrong, or fixed after the start."""
    fixed = sorted(FIXED.intersection(changes))
    if fixed:
        raise msgspec.ValidationError(f"{fixed[0]} can only be set at the start")
    return _checked({**msgspec.to_builtins(options), **changes})


def from_command_line(arguments: Sequence[str]) -> Options:
    """Exits with a message on bad flags."""
    parser = argparse.ArgumentParser(prog="python -m volley_tools.simulator", description="SMS provider simulator")
    for field in msgspec.structs.fields(Options):
        kind, meta = get_args(field.type)
        flag, about = "--" + field.encode_name.replace("_", "-"), meta.description
        if kind is bool:
            parser.add_argument(flag, action=argparse.BooleanOptionalAction, default=None, help=about)
        else:
            form = "NAME=N,..." if get_origin(kind) is dict else "A,..." if get_origin(kind) is list else None
            parser.add_argument(flag, type=_reader(kind), metavar=form, help=f"{about} (default {field.default!r})")
    given = {name: value for name, value in vars(parser.parse_args(arguments)).items() if value is not None}
    try:
        return _checked(given)
    except msgspec.ValidationError as error:
        parser.error(str(error))


def _reader(kind: Any) -> Any:
    if get_origin(kind) is dict:
        return lambda text: {name: int(share) for name, share in (item.split("=") for item in text.split(","))}
    if get_origin(kind) is list:
        return lambda text: text.split(",")
    return kind


def _checked(values: Mapping[str, Any]) -> Options:
    options = msgspec.convert(values, Options)
    unknown = sorted(set(options.failures) - _STATUSES)
    if unknown:
        raise msgspec.ValidationError(f"no status is called {unknown[0]} - at `$.failures`")
    if sum(options.failures.values()) > 1000 or min(options.failures.values(), default=0) < 0:
        raise msgspec.ValidationError("the shares must be between 0 and 1000 in all - at `$.failures`")
    return options
