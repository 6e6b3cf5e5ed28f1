"""What stops the account's campaigns by itself."""

import msgspec
from litestar import get, put
from litestar.di import NamedDependency
from litestar.params import JSONBody
from litestar.types import ControllerRouterHandler

from campaign_svc.domain.breakers import Breakers, Limits, in_force
from campaign_svc.store import breakers
from volley_chassis.database import Pool
from volley_chassis.http import Caller

TAGS = ["campaigns"]


class AccountBreakers(msgspec.Struct, frozen=True, kw_only=True):
    """What the account chose, and what holds for campaigns that choose nothing themselves."""

    chosen: Breakers
    in_force: Limits


@get("/v1/breakers", tags=TAGS, opt={"role": "viewer"})
async def get_breakers(caller: NamedDependency[Caller], pool: NamedDependency[Pool]) -> AccountBreakers:
    """The rates at which campaigns are suspended. A campaign may have limits of its own (`breakers`)."""
    chosen = await breakers.of_account(pool, caller.account_id)
    return AccountBreakers(chosen=chosen, in_force=in_force(chosen))


@put("/v1/breakers", tags=TAGS, opt={"role": "admin"})
async def put_breakers(
    data: JSONBody[Breakers], caller: NamedDependency[Caller], pool: NamedDependency[Pool]
) -> AccountBreakers:
    """Choose them anew, for all campaigns that send from now on. What is left out is as Volley has it."""
    await breakers.set_for_account(pool, caller.account_id, data)
    return AccountBreakers(chosen=data, in_force=in_force(data))


ROUTES: list[ControllerRouterHandler] = [get_breakers, put_breakers]
