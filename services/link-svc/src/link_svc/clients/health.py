"""Asks a domain for this platform's proof, as a visitor would come to it.

Nothing but the domain's own host is asked, on one port, and no address inside: whoever owns the name decides where it
leads. No redirect is followed.
"""

import asyncio
import secrets
import socket
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from datetime import datetime
from urllib.parse import urlsplit

import msgspec
from cryptography import x509

from link_svc.domain.health import NONCE_LENGTH, PATH, Fault, Found, proof_of, sentence
from volley_chassis.outside import EVERYWHERE, Outside, PrivateAddressError

HTTPS = 443
CHECK_SECONDS = 10.0
_MOST_ADDRESSES = 4
_MOST_BYTES = 16 * 1024
_EXPIRED, _OTHER_NAME = 10, 62  # what OpenSSL calls X509_V_ERR_CERT_HAS_EXPIRED and ..._HOSTNAME_MISMATCH


class Reach(msgspec.Struct, frozen=True):
    """How domains are reached. `token` is the platform's secret.

    `url` is where the public server is, for development: there, instead of where the names lead. `private` lets names
    lead to private addresses. `authorities` is a file of certificates to trust instead of the system's.
    """

    token: str
    url: str = ""
    private: bool = False
    authorities: str | None = None


class _FaultError(Exception):
    def __init__(self, fault: Fault, detail: str = "") -> None:
        self.fault = fault
        self.detail = detail


async def check_host(reach: Reach, host: str) -> Found:
    """Never raises for what the host does; takes CHECK_SECONDS at most."""
    try:
        async with asyncio.timeout(CHECK_SECONDS):
            return Found(None, await _check(reach, host))
    except TimeoutError:
        return Found(sentence("silent", host), None)
    except _FaultError as error:
        return Found(sentence(error.fault, host, error.detail), await _expiry_at(reach, host, error.fault))


async def _check(reach: Reach, host: str) -> datetime | None:
    """When the certificate expires; None without TLS."""
    nonce = secrets.token_hex(NONCE_LENGTH // 2)
    async with _connected(reach, host, verify=True) as (reader, writer):
        request = f"GET {PATH}{nonce} HTTP/1.1\r\nHost: {host}\r\nUser-Agent: Volley-Check\r\nConnection: close\r\n\r\n"
        writer.write(request.encode())
        try:
            answer = await _read(reader)
        except OSError as error:
            raise _FaultError("unreachable", _said(error)) from error
        status = answer[9:12].decode("latin-1") if answer.startswith(b"HTTP/1.") else "no HTTP"
        if status.startswith("3"):
            raise _FaultError("redirects", status)
        if status != "200" or proof_of(reach.token, host, nonce) not in answer:
            raise _FaultError("not_this_platform", status)
        return _expiry(writer)


async def _read(reader: asyncio.StreamReader) -> bytes:
    answer = b""
    while len(answer) < _MOST_BYTES and (more := await reader.read(_MOST_BYTES)):
        answer += more
    return answer


async def _expiry_at(reach: Reach, host: str, fault: Fault) -> datetime | None:
    """Of a certificate that is not good, or in front of something else."""
    if fault in {"no_address", "private_address", "unreachable", "no_tls"}:
        return None
    with suppress(TimeoutError, _FaultError):
        async with asyncio.timeout(CHECK_SECONDS), _connected(reach, host, verify=False) as (_, writer):
            return _expiry(writer)
    return None


def _expiry(writer: asyncio.StreamWriter) -> datetime | None:
    tls: ssl.SSLObject | None = writer.get_extra_info("ssl_object")
    certificate = tls.getpeercert(binary_form=True) if tls else None
    return x509.load_der_x509_certificate(certificate).not_valid_after_utc if certificate else None


@asynccontextmanager
async def _connected(
    reach: Reach, host: str, *, verify: bool
) -> AsyncIterator[tuple[asyncio.StreamReader, asyncio.StreamWriter]]:
    target = urlsplit(reach.url or f"https://{host}")
    addresses = await _addresses(reach, target.hostname or host, target.port or HTTPS)
    context = _context(reach, verify=verify) if target.scheme == "https" else None
    reader, writer = await _first_that_answers(addresses, target.port or HTTPS, context, host)
    try:
        yield reader, writer
    finally:
        writer.transport.abort()


async def _addresses(reach: Reach, name: str, port: int) -> list[str]:
    outside = Outside(EVERYWHERE if reach.url or reach.private else ())
    try:
        return (await outside.resolve(name, port))[:_MOST_ADDRESSES]
    except PrivateAddressError as error:
        raise _FaultError("private_address") from error
    except (socket.gaierror, UnicodeError) as error:
        raise _FaultError("no_address") from error


async def _first_that_answers(
    addresses: list[str], port: int, context: ssl.SSLContext | None, host: str
) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    for address in addresses[:-1]:
        with suppress(_FaultError):
            return await _connect(address, port, context, host)
    return await _connect(addresses[-1], port, context, host)


async def _connect(
    address: str, port: int, context: ssl.SSLContext | None, host: str
) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    try:
        return await asyncio.open_connection(address, port, ssl=context, server_hostname=host if context else None)
    except ssl.SSLCertVerificationError as error:
        fault: dict[int, Fault] = {_EXPIRED: "certificate_expired", _OTHER_NAME: "certificate_of_others"}
        raise _FaultError(fault.get(error.verify_code, "certificate_untrusted"), error.verify_message) from error
    except ssl.SSLError as error:
        raise _FaultError("no_tls", _said(error)) from error
    except OSError as error:
        raise _FaultError("unreachable", _said(error)) from error


def _context(reach: Reach, *, verify: bool) -> ssl.SSLContext:
    context = ssl.create_default_context(cafile=reach.authorities)
    if not verify:  # only to see when a certificate expired
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    return context


def _said(error: OSError) -> str:
    return error.strerror or type(error).__name__
