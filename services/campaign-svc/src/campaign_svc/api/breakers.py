"""What stops the account's campaigns by itself."""

import msgspec
from litestar import get, put
from litestar.di import NamedDependency
from litestar.params import JSONBody
from litestar.types import ControllerRouterHandler

from campaign_svc.domain.breakers import Breakers, Limits, in_force
from campaign_svc.store import breakers
from volley_chassis import etags
from volley_chassis.database import Pool
from volley_chassis.etags import IfMatch, Tagged, tag_of
from volley_chassis.http import Caller

TAGS = ["campaigns"]


class AccountBreakers(msgspec.Struct, frozen=True, kw_only=True):
    """What the account chose, and what holds for campaigns that choose nothing themselves."""

    chosen: Breakers
    in_force: Limits


@get("/v1/breakers", tags=TAGS, opt={"role": "viewer"})
async def get_breakers(caller: NamedDependency[Caller], pool: NamedDependency[Pool]) -> Tagged[AccountBreakers]:
    """Show the rates at which campaigns are suspended. A campaign may have limits of its own (`breakers`)."""
    return _shown(await breakers.of_account(pool, caller.account_id))


@put("/v1/breakers", tags=TAGS, opt={"role": "admin"})
async def put_breakers(
    data: JSONBody[Breakers],
    caller: NamedDependency[Caller],
    pool: NamedDependency[Pool],
    if_match: IfMatch = None,
) -> Tagged[AccountBreakers]:
    """Set the rates at which campaigns are suspended. They hold for all that send from now on. What is left out is as
    Volley has it.
    """
    async with pool.acquire() as connection, connection.transaction():
        await etags.one_at_a_time(connection, "breakers", caller.account_id)
        etags.check(if_match, tag_of(await breakers.of_account(connection, caller.account_id)))
        await breakers.set_for_account(connection, caller.account_id, data)
    return _shown(data)


def _shown(chosen: Breakers) -> Tagged[AccountBreakers]:
    return Tagged(AccountBreakers(chosen=chosen, in_force=in_force(chosen)), tag_of(chosen))


ROUTES: list[ControllerRouterHandler] = [get_breakers, put_breakers]
