"""Health of domains: real servers with good and bad certificates, in front of the real public server or of others."""

import asyncio
import inspect
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import msgspec
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from httpx import ASGITransport, AsyncClient

from link_svc.app import internal_server
from link_svc.clients import health as client
from link_svc.clients.health import Reach, check_host
from link_svc.config import LinkSettings
from link_svc.domain.domains import Terms
from link_svc.handlers.check_domain import check_due
from link_svc.handlers.edit_domains import add_domain, edit_domain
from link_svc.store.domains import Domain
from volley_chassis.database import Pool
from volley_chassis.kafka import Stream
from volley_contracts import DomainHealth, new_id

from .builders import left_in_outbox
from .site import Site
from .test_api import signed

pytestmark = pytest.mark.usefixtures("kafka_topics")
HOST = "go.example"
TODAY = datetime.now(UTC).replace(microsecond=0)
DAY = timedelta(days=1)
Serve = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


class Authority:
    """Makes certificates; `file` is what trusts them."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.key = ec.generate_private_key(ec.SECP256R1())
        self.name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Tests")])
        self.file = folder / "authority.pem"
        uses = dict.fromkeys(inspect.signature(x509.KeyUsage).parameters, False) | {"key_cert_sign": True}
        is_one = x509.BasicConstraints(ca=True, path_length=None), x509.KeyUsage(**uses)
        made = self._made(self.name, self.key, TODAY + 365 * DAY, *is_one)
        self.file.write_bytes(made.public_bytes(serialization.Encoding.PEM))

    def _made(self, name: Any, key: Any, until: datetime, *extensions: Any) -> x509.Certificate:
        builder = x509.CertificateBuilder().subject_name(name).issuer_name(self.name).public_key(key.public_key())
        builder = builder.serial_number(x509.random_serial_number())
        builder = builder.not_valid_before(TODAY - 365 * DAY).not_valid_after(until)
        # Python 3.13 wants to be told whose keys these are, and what for.
        issuer = x509.AuthorityKeyIdentifier.from_issuer_public_key(self.key.public_key())
        subject = x509.SubjectKeyIdentifier.from_public_key(key.public_key())
        for extension in (*extensions, issuer, subject):
            builder = builder.add_extension(extension, critical=isinstance(extension, x509.BasicConstraints))
        return builder.sign(self.key, hashes.SHA256())

    def context(self, host: str, until: datetime) -> ssl.SSLContext:
        key = ec.generate_private_key(ec.SECP256R1())
        name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, host)])
        made = self._made(name, key, until, x509.SubjectAlternativeName([x509.DNSName(host)]))
        both = self.folder / f"{new_id()}.pem"
        private = serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        both.write_bytes(
            made.public_bytes(serialization.Encoding.PEM) + key.private_bytes(serialization.Encoding.PEM, *private)
        )
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(both)
        return context


@pytest.fixture
def authority(tmp_path: Path) -> Authority:
    return Authority(tmp_path)


@asynccontextmanager
async def server(serve: Serve, context: ssl.SSLContext | None = None) -> AsyncIterator[int]:
    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(OSError, asyncio.IncompleteReadError):
            await serve(reader, writer)
        writer.close()

    listening = await asyncio.start_server(handle, "127.0.0.1", 0, ssl=context)
    async with listening:
        yield listening.sockets[0].getsockname()[1]


def saying(answer: bytes) -> Serve:
    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(answer)
        await writer.drain()

    return serve


def passing_on(port: int) -> Serve:
    """As a load balancer in front of the public server."""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        request = await reader.readuntil(b"\r\n\r\n")
        inner_reader, inner_writer = await asyncio.open_connection("127.0.0.1", port)
        inner_writer.write(request)
        while more := await inner_reader.read(1000):
            writer.write(more)
        await writer.drain()
        inner_writer.close()

    return serve


def reach(port: int, authority: Authority | None = None, scheme: str = "https") -> Reach:
    return Reach("token", f"{scheme}://127.0.0.1:{port}", authorities=str(authority.file) if authority else None)


async def test_a_domain_that_leads_here_is_well(site: Site, authority: Authority) -> None:
    until = TODAY + 20 * DAY
    async with server(passing_on(site.port), authority.context(HOST, until)) as port:
        found = await check_host(reach(port, authority), HOST)
    assert (found.problem, found.certificate_expires_at) == (None, until)
    assert (await check_host(reach(site.port, scheme="http"), HOST)).problem is None
    strangers = msgspec.structs.replace(reach(site.port, scheme="http"), token="another platform's")
    assert "not this platform" in str((await check_host(strangers, HOST)).problem)


async def test_a_bad_certificate_says_what_is_wrong_and_when_it_expired(site: Site, authority: Authority) -> None:
    expired, good = TODAY - DAY, TODAY + DAY
    for context, trusted, said, until in (
        (authority.context(HOST, expired), authority, "has expired. Renew it.", expired),
        (authority.context("other.example", good), authority, "not for that name", good),
        (authority.context(HOST, good), None, "is not trusted", good),
    ):
        async with server(passing_on(site.port), context) as port:
            found = await check_host(reach(port, trusted), HOST)
        assert said in str(found.problem)
        assert HOST in str(found.problem)
        assert found.certificate_expires_at == until


async def test_what_answers_otherwise_is_named(monkeypatch: pytest.MonkeyPatch, authority: Authority) -> None:
    moved = b"HTTP/1.1 301 Moved\r\nlocation: http://169.254.169.254/\r\ncontent-length: 0\r\n\r\n"
    for answer, said in (
        (moved, "redirects (301)"),
        (b"HTTP/1.1 404 Not Found\r\ncontent-length: 0\r\n\r\n", "(404)"),
        (b"HTTP/1.1 200 OK\r\n\r\n" + b"x" * 10**6, "(200)"),
        (b"SSH-2.0\r\n", "(no HTTP)"),
    ):
        async with server(saying(answer)) as port:
            assert said in str((await check_host(reach(port, scheme="http"), HOST)).problem)
    assert "takes no connection" in str((await check_host(reach(port, scheme="http"), HOST)).problem)

    monkeypatch.setattr(client, "CHECK_SECONDS", 0.2)
    quiet = asyncio.Event()

    async def silent(_reader: asyncio.StreamReader, _writer: asyncio.StreamWriter) -> None:
        await quiet.wait()

    async def greet(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"220 welcome\r\n")
        await writer.drain()

    async with server(greet) as port:
        assert "does not speak TLS" in str((await check_host(reach(port, authority), HOST)).problem)
    async with server(silent) as port:
        assert "does not answer in time" in str((await check_host(reach(port, scheme="http"), HOST)).problem)
        quiet.set()


async def test_nobody_inside_is_asked(monkeypatch: pytest.MonkeyPatch, authority: Authority) -> None:
    """Whatever the name's owner says where it leads."""
    asked = []

    async def serve(_reader: asyncio.StreamReader, _writer: asyncio.StreamWriter) -> None:
        asked.append(True)

    async with server(serve, authority.context("localhost", TODAY + DAY)) as port:
        monkeypatch.setattr(client, "HTTPS", port)
        assert "no public address" in str((await check_host(Reach("token"), "localhost")).problem)
        assert asked == []
        private = Reach("token", private=True, authorities=str(authority.file))
        assert "not this platform" in str((await check_host(private, "localhost")).problem)
        assert asked
    assert "has no address" in str((await check_host(Reach("token"), "nowhere.invalid")).problem)


async def added(pool: Pool, account: UUID, state: Any = "active") -> Domain:
    async with pool.acquire() as connection:
        return await add_domain(connection, account, f"{new_id().hex}.example", Terms(state, 5))


async def told(pool: Pool) -> list[tuple[UUID, bool]]:
    events = [event for _, event in await left_in_outbox(pool)]
    return [(event.domain_id, event.problem is None) for event in events if isinstance(event, DomainHealth)]


async def test_domains_are_checked_in_turn_and_failures_in_use_are_told(
    settings: LinkSettings, pool: Pool, site: Site
) -> None:
    await pool.execute("UPDATE domains SET state = 'archived'")
    account, every = new_id(), timedelta(hours=1)
    active, pending, blocked = [await added(pool, account, state) for state in ("active", "pending", "blocked")]
    async with server(saying(b"HTTP/1.1 404 Not Found\r\n\r\n")) as port:
        for _ in range(3):
            assert sorted([await check_due(pool, reach(port, scheme="http"), every) for _ in range(2)]) == [0, 2]
            await pool.execute("UPDATE domain_health SET next_check_at = now()")
    assert await told(pool) == [(active.id, False)]
    good = reach(site.port, scheme="http")
    counts = await asyncio.gather(*(check_due(pool, good, every) for _ in range(3)))
    assert sum(counts) == 2  # each by one replica
    assert await told(pool) == [(active.id, False), (active.id, True)]
    states = {row["id"]: row["state"] for row in await pool.fetch("SELECT id, state FROM domains")}
    assert [states[domain.id] for domain in (active, pending, blocked)] == ["active", "active", "blocked"]


async def test_a_domain_that_is_used_no_more_needs_nobody_s_look(pool: Pool) -> None:
    await pool.execute("UPDATE domains SET state = 'archived'")
    account = new_id()
    domain = await added(pool, account)
    async with server(saying(b"HTTP/1.1 404 Not Found\r\n\r\n")) as port:
        for state in ("active", "active", "archived", "archived"):
            await edit_domain(pool, account, domain.id, state=state)
            await pool.execute("UPDATE domain_health SET next_check_at = now()")
            await check_due(pool, reach(port, scheme="http"), DAY)
    assert await told(pool) == [(domain.id, False), (domain.id, True)]


async def test_a_check_on_demand_is_on_the_resource(settings: LinkSettings, pool: Pool, site: Site) -> None:
    account = new_id()
    domain = await added(pool, account, "pending")
    here = msgspec.structs.replace(settings, domain_check_url=f"http://127.0.0.1:{site.port}")
    app: Any = internal_server(here, pool, Stream(here, "link-svc"), "api").config.app
    path, us = f"/v1/domains/{domain.id}", signed(account)
    async with AsyncClient(transport=ASGITransport(app), base_url="http://link-svc") as api:
        assert (await api.get(path, headers=us)).json()["health"] is None
        checked = (await api.post(f"{path}/check", headers=us)).json()
        assert (checked["status"], checked["health"]["status"], checked["health"]["problem"]) == ("active", "ok", None)
        again = (await api.post(f"{path}/check", headers=us)).json()
        assert again == checked == (await api.get(path, headers=us)).json()
        assert (await api.get("/v1/domains", headers=us)).json()["items"] == [checked]
        assert (await api.post(f"{path}/check", headers=signed(new_id()))).status_code == 404
