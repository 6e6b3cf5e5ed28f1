"""Routes, and how the processes that keep them open fare."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

import asyncpg
import msgspec

from dispatch_svc.domain.routes import CONFIGS, SECRETS, Condition, Protocol, Route
from dispatch_svc.domain.vault import Vault
from volley_chassis.database import Connection, queries

_SQL = queries(__package__, "routes.sql")
_CHANNEL = "routes"


class NameTakenError(Exception):
    """Another route of the account has the name."""


class LoginTakenError(Exception):
    """Another route binds with the same login at the same SMSC."""


class Stored(NamedTuple):
    route: Route
    created_at: datetime
    updated_at: datetime


async def add(connection: Connection, vault: Vault, route: Route) -> Stored:
    """NameTakenError, LoginTakenError. Call `announce` in the same transaction, as after every change."""
    try:
        row = await connection.fetchrow(
            _SQL["add"], route.id, route.account_id, route.name, route.protocol, *_rest(vault, route)
        )
    except asyncpg.UniqueViolationError as error:
        raise _taken(error, route) from error
    return _stored(vault, row)


async def lock(connection: Connection, vault: Vault, account_id: UUID, route_id: UUID) -> Route | None:
    row = await connection.fetchrow(_SQL["lock"], account_id, route_id)
    return None if row is None else _route(vault, row)


async def lock_version(connection: Connection, account_id: UUID, route_id: UUID) -> int | None:
    """As `lock`, also of a route whose secrets nobody can open any more."""
    version: int | None = await connection.fetchval(_SQL["lock_version"], account_id, route_id)
    return version


async def change(connection: Connection, vault: Vault, route: Route) -> Stored:
    """NameTakenError, LoginTakenError."""
    try:
        return _stored(vault, await connection.fetchrow(_SQL["change"], route.id, route.name, *_rest(vault, route)))
    except asyncpg.UniqueViolationError as error:
        raise _taken(error, route) from error


def _taken(error: asyncpg.UniqueViolationError, route: Route) -> Exception:
    return LoginTakenError(route.name) if error.constraint_name == "routes_login" else NameTakenError(route.name)


async def remove(connection: Connection, account_id: UUID, route_id: UUID) -> None:
    await connection.execute(_SQL["remove"], account_id, route_id)


async def announce(connection: Connection) -> None:
    await connection.execute(_SQL["announce"])


async def listen(connection: Connection, changed: Callable[[], None]) -> None:
    """Call `changed` whenever routes were changed, as long as the connection is open."""
    await connection.add_listener(_CHANNEL, lambda *_: changed())


async def find(connection: Connection, vault: Vault, account_id: UUID, route_id: UUID) -> Stored | None:
    row = await connection.fetchrow(_SQL["find"], account_id, route_id)
    return None if row is None else _stored(vault, row)


async def find_anyones(connection: Connection, vault: Vault, route_id: UUID) -> Route | None:
    row = await connection.fetchrow(_SQL["find_anyones"], route_id)
    return None if row is None else _route(vault, row)


async def page(connection: Connection, vault: Vault, account_id: UUID, after: UUID | None, limit: int) -> list[Stored]:
    """In the order in which they were made."""
    return [_stored(vault, row) for row in await connection.fetch(_SQL["page"], account_id, after, limit)]


async def count(connection: Connection, account_id: UUID) -> int:
    return int(await connection.fetchval(_SQL["count"], account_id))


async def of_account(connection: Connection, vault: Vault, account_id: UUID) -> list[Route]:
    return [_route(vault, row) for row in await connection.fetch(_SQL["of_account"], account_id)]


async def to_keep_open(connection: Connection, vault: Vault) -> list[Route]:
    """Of all accounts."""
    return [_route(vault, row) for row in await connection.fetch(_SQL["open"])]


async def connections(connection: Connection, route_ids: Sequence[UUID]) -> dict[UUID, dict[str, Condition]]:
    """How each process (by instance) fares with each of the routes."""
    found: dict[UUID, dict[str, Condition]] = {route_id: {} for route_id in route_ids}
    for row in await connection.fetch(_SQL["connections"], route_ids):
        found[row["route_id"]][row["instance"]] = msgspec.convert(row, Condition, from_attributes=True)
    return found


async def save_connections(connection: Connection, instance: str, conditions: Mapping[UUID, Condition]) -> None:
    """What the process `instance` sees of its open routes; these are all that it has."""
    seen = list(conditions.values())
    columns: list[list[Any]] = [
        [condition.healthy for condition in seen],
        [condition.sessions for condition in seen],
        [condition.connected_since for condition in seen],
        [condition.last_error for condition in seen],
        [condition.last_error_at for condition in seen],
    ]
    async with connection.transaction():
        await connection.execute(_SQL["save_connections"], instance, list(conditions), *columns)
        await connection.execute(_SQL["forget_connections"], instance, list(conditions))


def _rest(vault: Vault, route: Route) -> tuple[Any, ...]:
    countries = None if route.countries is None else list(route.countries)
    config, secrets = _split(vault, route.protocol, msgspec.to_builtins(route.config))
    return config, route.priority, countries, route.status, secrets


def _split(vault: Vault, protocol: Protocol, config: Mapping[str, Any]) -> tuple[dict[str, Any], bytes | None]:
    """The configuration without its secrets, and those sealed; or all of it, where nothing can be sealed."""
    if not vault.seals:
        return dict(config), None
    secrets = {name: config[name] for name in SECRETS[protocol] if config.get(name) is not None}
    return {name: value for name, value in config.items() if name not in secrets}, vault.seal(secrets)


async def reseal(connection: Connection, vault: Vault) -> None:
    """Seal with the newest key what is open, or was sealed with another. Call it in a transaction."""
    for row in await connection.fetch(_SQL["to_reseal"]):
        config, secrets = _split(vault, row["protocol"], row["config"] | vault.open(row["secrets"]))
        await connection.execute(_SQL["reseal"], row["id"], config, secrets)


def _route(vault: Vault, row: Any) -> Route:
    kind = CONFIGS[row["protocol"]]
    config = row["config"] | vault.open(row["secrets"])
    # A newer release that runs beside this one may have stored fields that are not known here.
    known = {name: value for name, value in config.items() if name in kind.__struct_fields__}
    return Route(
        id=row["id"],
        account_id=row["account_id"],
        name=row["name"],
        protocol=row["protocol"],
        config=msgspec.convert(known, kind),
        priority=row["priority"],
        countries=None if row["countries"] is None else tuple(row["countries"]),
        status=row["status"],
        version=row["version"],
    )


def _stored(vault: Vault, row: Any) -> Stored:
    return Stored(_route(vault, row), row["created_at"], row["updated_at"])
