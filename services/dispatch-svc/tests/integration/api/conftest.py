"""The HTTP API on a database of its own."""

from collections.abc import AsyncIterator, Callable
from pathlib import Path
from uuid import UUID

import pytest
from cryptography.fernet import Fernet
from httpx import ASGITransport, AsyncClient

from dispatch_svc.api import HANDLERS, ROUTES, Listeners
from dispatch_svc.config import Settings
from dispatch_svc.domain.handover import Inbound, Receipt
from dispatch_svc.domain.vault import Vault
from volley_chassis import database, http
from volley_chassis.database import Pool
from volley_chassis.outside import Outside, networks_in
from volley_contracts import new_id

MIGRATIONS = Path(__file__).parents[3] / "migrations"


class Heard:
    """What callbacks brought, with the account and the route."""

    def __init__(self) -> None:
        self.receipts: list[tuple[UUID, UUID, list[Receipt]]] = []
        self.inbound: list[tuple[UUID, UUID, list[Inbound]]] = []

    async def on_receipts(self, account_id: UUID, route_id: UUID, receipts: list[Receipt]) -> None:
        self.receipts.append((account_id, route_id, receipts))

    async def on_inbound(self, account_id: UUID, route_id: UUID, inbound: list[Inbound]) -> None:
        self.inbound.append((account_id, route_id, inbound))


@pytest.fixture
def heard() -> Heard:
    return Heard()


@pytest.fixture(scope="module")
def settings(make_database: Callable[[Path], str]) -> Settings:
    return Settings(database_url=make_database(MIGRATIONS), kafka="", internal_token="token", redis_url="")


@pytest.fixture(scope="module")
async def pool(settings: Settings) -> AsyncIterator[Pool]:
    async with database.pool(settings) as opened:
        yield opened


@pytest.fixture(scope="module")
def vault() -> Vault:
    return Vault(Fernet.generate_key().decode())


@pytest.fixture
async def api(settings: Settings, pool: Pool, vault: Vault, heard: Heard) -> AsyncIterator[AsyncClient]:
    app = http.create_app(
        settings,
        title="Dispatch",
        routes=ROUTES,
        dependencies={
            "pool": pool,
            "vault": vault,
            "outside": Outside(networks_in("VOLLEY_ROUTE_NETWORKS", "127.0.0.1/32")),
            "listeners": Listeners(heard.on_receipts, heard.on_inbound),
        },
        exception_handlers=dict(HANDLERS),
    )
    transport = ASGITransport(app=app, raise_app_exceptions=False)
    async with AsyncClient(transport=transport, base_url="http://dispatch") as client:
        yield client


@pytest.fixture
def caller() -> Callable[[], dict[str, str]]:
    """The headers of a caller of a new account."""
    return lambda: {
        "x-volley-internal": "token",
        "x-volley-account": str(new_id()),
        "x-volley-actor": "somebody",
        "x-volley-role": "admin",
    }
