"""Routes of routes: /v1/routes."""

from uuid import UUID

import msgspec
from litestar import delete, get, patch, post
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody
from msgspec import UNSET

from dispatch_svc.api.codes import wrong_countries
from dispatch_svc.api.schemas import PROTOCOLS, After, Limit, NewRoute, Route, RouteCheck, RouteEdit, Routes, shown
from dispatch_svc.clients.outside import check_server
from dispatch_svc.clients.trial import trouble_with
from dispatch_svc.domain.routes import Route as StoredRoute
from dispatch_svc.domain.routes import change_config, checked
from dispatch_svc.domain.vault import Vault
from dispatch_svc.handlers.edit_routes import add_route, edit_route, remove_route
from dispatch_svc.store import routes
from dispatch_svc.store.routes import Stored
from volley_chassis.database import Connection, Pool
from volley_chassis.etags import IfMatch, Tagged
from volley_chassis.http import Caller
from volley_chassis.outside import Outside
from volley_chassis.problems import check_name, invalid, not_found
from volley_contracts import new_id, now


@post("/v1/routes", summary="Add a route", tags=["Routes"], opt={"role": "admin"})
async def add(
    data: JSONBody[NewRoute],
    caller: NamedDependency[Caller],
    pool: NamedDependency[Pool],
    vault: NamedDependency[Vault],
    outside: NamedDependency[Outside],
) -> Tagged[Route]:
    """Connect the account to an SMS provider

    It is opened at once; `connected` and `connections` tell how that goes. Its host must lead to public addresses, or
    into networks that who runs the platform has opened to routes.
    """
    check_name("name", data.name)
    await check_server(outside, checked(data.config))
    stored = await add_route(
        pool,
        vault,
        StoredRoute(
            id=new_id(),
            account_id=caller.account_id,
            name=data.name,
            protocol=PROTOCOLS[type(data)],
            config=data.config,
            priority=data.priority,
            countries=_countries(data.countries),
            status=data.status,
        ),
    )
    return Tagged(shown(stored, {}), str(stored.route.version), 201)


@get("/v1/routes", summary="List routes", tags=["Routes"], opt={"role": "viewer"})
async def list_all(
    caller: NamedDependency[Caller],
    pool: NamedDependency[Pool],
    vault: NamedDependency[Vault],
    limit: Limit = 50,
    after: After = None,
) -> Routes:
    """In the order in which they were added."""
    async with pool.acquire() as connection:
        found = await routes.page(connection, vault, caller.account_id, after, limit + 1)
        connections = await routes.connections(connection, [stored.route.id for stored in found])
        total = await routes.count(connection, caller.account_id)
    following = found[limit - 1].route.id if len(found) > limit else None
    return Routes([shown(stored, connections[stored.route.id]) for stored in found[:limit]], following, total)


@get("/v1/routes/{route_id:uuid}", summary="Show a route", tags=["Routes"], opt={"role": "viewer"})
async def show(
    route_id: FromPath[UUID],
    caller: NamedDependency[Caller],
    pool: NamedDependency[Pool],
    vault: NamedDependency[Vault],
) -> Tagged[Route]:
    """With how each process that keeps it open fares."""
    async with pool.acquire() as connection:
        return await _shown(connection, await routes.find(connection, vault, caller.account_id, route_id))


@patch("/v1/routes/{route_id:uuid}", summary="Edit a route", tags=["Routes"], opt={"role": "admin"})
async def edit(
    route_id: FromPath[UUID],
    data: JSONBody[RouteEdit],
    caller: NamedDependency[Caller],
    pool: NamedDependency[Pool],
    vault: NamedDependency[Vault],
    outside: NamedDependency[Outside],
    if_match: IfMatch = None,
) -> Tagged[Route]:
    """Change what is given

    A route whose configuration changes is closed gracefully and opened anew. `paused` hands nothing over but stays
    connected for receipts and replies; `disabled` closes it.
    """
    if data.config is not UNSET:
        async with pool.acquire() as connection:
            found = await routes.find(connection, vault, caller.account_id, route_id)
        if found:
            await check_server(outside, _edited(found.route, data).config)
    stored = await edit_route(pool, vault, caller.account_id, route_id, lambda route: _edited(route, data), if_match)
    async with pool.acquire() as connection:
        return await _shown(connection, stored)


@post("/v1/routes/{route_id:uuid}/check", tags=["Routes"], opt={"role": "operator"}, status_code=200)
async def check(
    route_id: FromPath[UUID],
    caller: NamedDependency[Caller],
    pool: NamedDependency[Pool],
    vault: NamedDependency[Vault],
    outside: NamedDependency[Outside],
) -> RouteCheck:
    """Try a route out. The provider is asked whether it lets us in, and nothing is sent.

    An SMPP route binds one session more for a moment, an HTTP one asks for a message that there is not. It may be tried
    out in any status: one that was added as `disabled` before it is used.
    """
    async with pool.acquire() as connection:
        stored = await routes.find(connection, vault, caller.account_id, route_id)
    if stored is None:
        raise not_found("route")
    trouble = await trouble_with(stored.route, outside)
    return RouteCheck(
        ok=trouble is None,
        problem=trouble.problem if trouble else None,
        fix=trouble.fix if trouble else None,
        at=now(),
    )


@delete("/v1/routes/{route_id:uuid}", summary="Delete a route", tags=["Routes"], opt={"role": "admin"})
async def remove(
    route_id: FromPath[UUID],
    caller: NamedDependency[Caller],
    pool: NamedDependency[Pool],
    if_match: IfMatch = None,
) -> None:
    """Close it for good. Receipts of what it sent are lost: pause it first, and delete it when they are in."""
    if not await remove_route(pool, caller.account_id, route_id, if_match):
        raise not_found("route")


def _edited(route: StoredRoute, edit: RouteEdit) -> StoredRoute:
    if edit.name is not UNSET:
        check_name("name", edit.name)
    changes = {name: value for name in ("name", "priority", "status") if (value := getattr(edit, name)) is not UNSET}
    if edit.countries is not UNSET:
        changes["countries"] = _countries(edit.countries)
    if edit.config is not UNSET:
        stored = msgspec.to_builtins(route.config)
        changes["config"] = change_config(route.protocol, stored, edit.config)
    return msgspec.structs.replace(route, **changes)


def _countries(given: list[str] | None) -> tuple[str, ...] | None:
    if given is None:
        return None
    if errors := wrong_countries("countries", given):
        raise invalid(*errors)
    return tuple(sorted(set(given)))


async def _shown(connection: Connection, stored: Stored | None) -> Tagged[Route]:
    if stored is None:
        raise not_found("route")
    connections = await routes.connections(connection, [stored.route.id])
    return Tagged(shown(stored, connections[stored.route.id]), str(stored.route.version))


ROUTES = [add, check, list_all, show, edit, remove]
