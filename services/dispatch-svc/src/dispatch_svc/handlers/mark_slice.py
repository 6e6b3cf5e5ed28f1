"""The write before the first hand-over of a slice. Of a campaign with a budget only what that pays for may leave."""

from collections.abc import Sequence
from decimal import Decimal
from itertools import compress

import msgspec

from dispatch_svc.domain.budget import Account, paid_for
from dispatch_svc.domain.cost import ZERO
from dispatch_svc.domain.rendering import Piece
from dispatch_svc.domain.slices import Slice
from dispatch_svc.handlers.hand_over import Item
from dispatch_svc.handlers.settle_slice import SOURCE
from dispatch_svc.store import campaigns, slices
from volley_chassis import outbox
from volley_chassis.database import Connection
from volley_contracts import BudgetReached, now

# What the budget does not pay for waits for what is on its way, or for the campaign to be suspended.
_BUDGET_WAIT = 0.5


class Marked(msgspec.Struct, frozen=True):
    """The items that may leave but for the `suppressed` numbers; the others go back, for `wait` seconds."""

    items: list[Item]
    suppressed: set[str]
    wait: float = 0.0


async def mark_slice(connection: Connection, piece: Piece, leased: Slice, items: list[Item]) -> Marked:
    """One statement; where the campaign has a budget, a transaction that takes the costs of the slice from it."""
    suppressed = await _mark(connection, piece, leased, items)
    if suppressed is not None:
        return Marked(items, suppressed)
    async with connection.transaction():
        account = await campaigns.lock_budget(connection, leased.campaign_id)
        if account is None:
            return Marked([], set(), _BUDGET_WAIT)
        paid = list(compress(items, paid_for([item.cost for item in items], account.left)))
        if not paid:
            await _tell(connection, piece, account, min(item.cost for item in items))
            return Marked([], set(), _BUDGET_WAIT)
        cost = sum((item.cost for item in paid), ZERO)
        suppressed = await _mark(connection, piece, leased, paid, reserved=cost)
        if suppressed is None:
            return Marked([], set())
        await campaigns.reserve(connection, leased.campaign_id, cost)
    return Marked(paid, suppressed, _BUDGET_WAIT)


async def _mark(
    connection: Connection, piece: Piece, leased: Slice, items: Sequence[Item], *, reserved: Decimal | None = None
) -> set[str] | None:
    numbers = [item.message.number for item in items] if piece.heeds_optouts else []
    routes = {item.message.country: item.client.route_id for item in items}
    account_id, texts = piece.batch.account_id, piece.batch.content.hash
    return await slices.mark_sending(connection, leased, account_id, numbers, routes, texts, reserved=reserved)


async def _tell(connection: Connection, piece: Piece, account: Account, cheapest: Decimal) -> None:
    """Once, when nothing is on its way any more: what fails gives back what was reserved for it."""
    if account.reserved or account.told:
        return
    event = BudgetReached(
        account_id=piece.batch.account_id,
        campaign_id=piece.campaign_id,
        spent=account.spent,
        needed=account.spent + cheapest,
        at=now(),
    )
    await outbox.put(connection, event, source=SOURCE)
    await campaigns.budget_told(connection, piece.campaign_id)
