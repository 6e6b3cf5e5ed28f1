"""Trying a route out before it is used: whether its provider can be reached and lets us in. Nothing is sent."""

import asyncio
from typing import Final

import msgspec

from dispatch_svc.clients.http import dialect_of, endpoint_of
from dispatch_svc.clients.outside import connect
from dispatch_svc.clients.smpp import tls_of
from dispatch_svc.clients.smpp_session import BindError, Session
from dispatch_svc.domain.routes import Config, HttpConfig, Route, SmppConfig, TwilioConfig
from volley_chassis.outside import Outside
from volley_contracts import new_id

SECONDS: Final = 10.0
"""A provider that has not answered by then is not fit for use."""
_REACHED = "Check host, port and TLS, and whether the provider lets in only addresses that it knows."


class Trouble(msgspec.Struct, frozen=True):
    """Why messages could not be handed over, and what a person can do about it."""

    problem: str
    fix: str


async def trouble_with(route: Route, outside: Outside) -> Trouble | None:
    """None: the provider lets us in."""
    config = route.config
    try:
        async with asyncio.timeout(SECONDS):
            return await (_bind(config, outside) if isinstance(config, SmppConfig) else _ask(route, config, outside))
    except TimeoutError:
        return Trouble(f"the provider did not answer within {SECONDS:.0f} seconds", _REACHED)
    except (OSError, UnicodeError) as error:
        return Trouble(f"the provider cannot be reached: {error}", _REACHED)


async def _bind(config: SmppConfig, outside: Outside) -> Trouble | None:
    """What the provider delivers meanwhile is not answered, so that it comes again."""
    tls = tls_of(config) if config.tls else None
    session = await connect(outside, config.host, config.port, lambda: Session(config, lambda: None, _leave), tls)
    try:
        await session.bind()
    except BindError as error:
        return Trouble(f"the provider refuses the bind: {error}", "Check system_id, password and system_type.")
    finally:
        await session.unbind(1.0)
    return None


def _leave(_session: Session, _pdus: list[bytes]) -> None:
    """Unanswered."""


async def _ask(route: Route, config: HttpConfig | TwilioConfig, outside: Outside) -> Trouble | None:
    """For a message that there is not, or for the account itself."""
    endpoint = endpoint_of(dialect_of(route), outside)
    try:
        answer = await endpoint.request(endpoint.head("GET", _path(config)), None, SECONDS)
    finally:
        endpoint.close()
    return _judged(config, answer.status)


def _path(config: HttpConfig | TwilioConfig) -> str:
    if isinstance(config, TwilioConfig):
        return f"/2010-04-01/Accounts/{config.account_sid}.json"
    return f"/messages/{new_id()}"


def _judged(config: Config, status: int) -> Trouble | None:
    twilio = isinstance(config, TwilioConfig)
    if status in {401, 403}:
        secrets = "account_sid and auth_token" if twilio else "token"
        return Trouble(f"the provider refuses the credentials (status {status})", f"Check {secrets}.")
    asked = isinstance(config, HttpConfig) and not config.can_be_asked
    if status == 200 or (status == 404 and not twilio) or (asked and status < 500):
        return None
    return Trouble(f"the provider answers with status {status}", "Check url, and ask the provider.")
