"""Sender IDs: what messages come from, and how fast each may send."""

from typing import Annotated
from uuid import UUID

import msgspec
from litestar import delete, get, patch, post
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody, QueryParameter
from litestar.types import ControllerRouterHandler

from campaign_svc.api.pages import AFTER, LIMIT, Limit, Page, page
from campaign_svc.handlers import change_sender
from campaign_svc.store import senders
from campaign_svc.store.senders import Sender
from volley_chassis.database import Pool
from volley_chassis.etags import IfMatch, Tagged, tag_of
from volley_chassis.http import Caller
from volley_chassis.problems import not_found
from volley_contracts import SenderKind, now

TAGS = ["senders"]


class NewSender(msgspec.Struct, forbid_unknown_fields=True, frozen=True, kw_only=True):
    """`kind` follows from the address where it is omitted: 3 to 8 digits are a short code, more a long number.

    `validity_s`: seconds within which a message must be handed over once its turn nears, or it fails (`expired`);
    providers are told how much is left. They count anew when its campaign is resumed, or its hours begin.
    """

    address: str
    kind: SenderKind | None = None
    parts_per_second: int
    countries: list[str] | None = None
    validity_s: int | None = None


class SenderPatch(msgspec.Struct, forbid_unknown_fields=True, frozen=True, kw_only=True):
    """What is omitted stays; null countries mean everywhere. The address never changes: add another sender."""

    parts_per_second: int | msgspec.UnsetType = msgspec.UNSET
    countries: list[str] | msgspec.UnsetType | None = msgspec.UNSET
    validity_s: int | msgspec.UnsetType | None = msgspec.UNSET


@get("/v1/senders", tags=TAGS, opt={"role": "viewer"})
async def list_senders(
    caller: NamedDependency[Caller],
    pool: NamedDependency[Pool],
    after: Annotated[UUID | None, QueryParameter(description=AFTER)] = None,
    limit: Limit = LIMIT,
) -> Page[Sender]:
    """List sender IDs, the newest first."""
    found = await senders.page(pool, caller.account_id, after=after, limit=limit)
    total = None if after else await senders.count(pool, caller.account_id)
    return page(found, limit, lambda sender: sender.id, total)


@post("/v1/senders", tags=TAGS, opt={"role": "operator"})
async def create_sender(
    data: JSONBody[NewSender], caller: NamedDependency[Caller], pool: NamedDependency[Pool]
) -> Tagged[Sender]:
    """Add a sender ID. Alphanumeric (up to 11 characters), long number or short code."""
    added = await change_sender.add_sender(
        pool,
        caller,
        address=data.address,
        kind=data.kind,
        parts_per_second=data.parts_per_second,
        countries=data.countries,
        validity_s=data.validity_s,
        at=now(),
    )
    return Tagged(added, tag_of(added), 201)


@get("/v1/senders/{sender_id:uuid}", tags=TAGS, opt={"role": "viewer"})
async def get_sender(
    sender_id: FromPath[UUID], caller: NamedDependency[Caller], pool: NamedDependency[Pool]
) -> Tagged[Sender]:
    """Show a sender ID."""
    found = await senders.find(pool, caller.account_id, sender_id)
    if found is None:
        raise not_found("sender")
    return Tagged(found, tag_of(found))


@patch("/v1/senders/{sender_id:uuid}", tags=TAGS, opt={"role": "operator"})
async def patch_sender(
    sender_id: FromPath[UUID],
    data: JSONBody[SenderPatch],
    caller: NamedDependency[Caller],
    pool: NamedDependency[Pool],
    if_match: IfMatch = None,
) -> Tagged[Sender]:
    """Edit a sender ID. Its pace, countries or validity

    A new pace binds within a second, also for messages that wait for their turn. Countries are those of campaigns that
    are prepared from now on.
    """
    changed = await change_sender.change_sender(
        pool,
        caller.account_id,
        sender_id,
        parts_per_second=data.parts_per_second,
        countries=data.countries,
        validity_s=data.validity_s,
        if_match=if_match,
        at=now(),
    )
    if changed is None:
        raise not_found("sender")
    return Tagged(changed, tag_of(changed))


@delete("/v1/senders/{sender_id:uuid}", tags=TAGS, opt={"role": "operator"})
async def delete_sender(
    sender_id: FromPath[UUID],
    caller: NamedDependency[Caller],
    pool: NamedDependency[Pool],
    if_match: IfMatch = None,
) -> None:
    """Remove a sender ID. 409 while a campaign that is not over uses it."""
    if not await change_sender.remove_sender(pool, caller.account_id, sender_id, if_match):
        raise not_found("sender")


ROUTES: list[ControllerRouterHandler] = [list_senders, create_sender, get_sender, patch_sender, delete_sender]
