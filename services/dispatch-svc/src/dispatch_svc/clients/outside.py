"""Connecting to what accounts say is their provider: never to what is inside, whatever a name leads to."""

import asyncio
import ssl
from collections.abc import Callable
from typing import Final, TypeVar

from dispatch_svc.domain.routes import Config, IllegalConfigError, server_of
from volley_chassis.outside import Outside, PrivateAddressError

P = TypeVar("P", bound=asyncio.Protocol)
_LOOK_UP_SECONDS: Final = 2.0


async def connect(
    outside: Outside, host: str, port: int, protocol: Callable[[], P], tls: ssl.SSLContext | None = None
) -> P:
    """A connection to the first of the host's addresses that takes one. OSError, UnicodeError, TimeoutError."""
    loop = asyncio.get_running_loop()
    name = host if tls else None
    *others, last = await outside.resolve(host, port)
    for address in others:
        try:
            return (await loop.create_connection(protocol, address, port, ssl=tls, server_hostname=name))[1]
        except OSError:
            continue
    return (await loop.create_connection(protocol, last, port, ssl=tls, server_hostname=name))[1]


async def check_server(outside: Outside, config: Config) -> None:
    """Refuse (IllegalConfigError) a server inside. A name that leads nowhere yet passes: it is judged when it does."""
    field, host, port = server_of(config)
    try:
        async with asyncio.timeout(_LOOK_UP_SECONDS):
            await outside.resolve(host, port)
    except PrivateAddressError as error:
        fix = "Give a host on the internet; who runs the platform can open networks by VOLLEY_ROUTE_NETWORKS."
        raise IllegalConfigError(field, "leads to a private address", fix) from error
    except (OSError, TimeoutError, UnicodeError):
        return
