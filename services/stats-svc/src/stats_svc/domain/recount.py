"""What judging kept clicks again changes: differences of sums, and who counts as having clicked."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from uuid import UUID

import msgspec

from stats_svc.domain.tally import NO_COUNTRY, NO_CURRENCY, FirstClick, Tally, minute_of
from volley_contracts import BotReason
from volley_visitors import reason_again


class KeptClick(msgspec.Struct, frozen=True):
    """One answered request as it was recorded. `reason` is why it was taken for a machine's, None for a person's."""

    seq: int
    variant: int
    domain_id: UUID
    at: datetime
    reason: BotReason | None
    user_agent: str
    link: str | None = None
    country: str = NO_COUNTRY


class Counted(msgspec.Struct, frozen=True):
    """Where a clicker was counted. `at`: None where that was not kept, and no minute or domain counts them."""

    at: datetime | None
    country: str


def judged(clicks: Iterable[KeptClick]) -> list[BotReason | None]:
    return [reason_again(click.reason, click.user_agent) for click in clicks]


def of_recount(
    clicks: Sequence[KeptClick],
    reasons: Sequence[BotReason | None],
    gained: Mapping[int, FirstClick],
    lost: Mapping[int, Counted],
) -> Tally:
    """What to add (or take). `gained` and `lost` are recipients who became clickers, and who ceased to be."""
    tally = Tally()
    for click, reason in zip(clicks, reasons, strict=True):
        change = int(reason is None) - int(click.reason is None)
        if change:
            tally.figures[click.variant, click.country, NO_CURRENCY].clicks_human += change
            tally.minutes[minute_of(click.at)].clicks_human += change
            tally.domains["short", click.domain_id].clicks_human += change
            if click.link is not None:
                tally.links[click.link].clicks_human += change
    one_of = {click.seq: click for click in clicks}
    whole: list[tuple[int, FirstClick | Counted, int]] = [
        *((seq, first, 1) for seq, first in gained.items()),
        *((seq, counted, -1) for seq, counted in lost.items()),
    ]
    for seq, where, change in whole:
        tally.figures[one_of[seq].variant, where.country, NO_CURRENCY].clickers += change
        if where.at is not None:
            tally.domains["short", one_of[seq].domain_id].clickers += change
            tally.minutes[minute_of(where.at)].clickers += change
    return tally
