"""What judging kept clicks again changes: differences of sums, and who counts as having clicked."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from uuid import UUID

import msgspec

from stats_svc.domain.tally import NO_COUNTRY, NO_CURRENCY, Tally, minute_of
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


def judged(clicks: Iterable[KeptClick]) -> list[BotReason | None]:
    return [reason_again(click.reason, click.user_agent) for click in clicks]


def of_recount(
    clicks: Sequence[KeptClick], reasons: Sequence[BotReason | None], gained: Iterable[int], lost: Iterable[int]
) -> Tally:
    """What to add (or take). `gained` and `lost` are recipients who became clickers, and who ceased to be."""
    tally = Tally()
    for click, reason in zip(clicks, reasons, strict=True):
        change = int(reason is None) - int(click.reason is None)
        if change:
            tally.figures[click.variant, NO_COUNTRY, NO_CURRENCY].clicks_human += change
            tally.minutes[minute_of(click.at)].clicks_human += change
            tally.domains["short", click.domain_id].clicks_human += change
            if click.link is not None:
                tally.links[click.link].clicks_human += change
    variant_of = {click.seq: click.variant for click in clicks}
    for seqs, change in ((gained, 1), (lost, -1)):
        for seq in seqs:
            tally.figures[variant_of[seq], NO_COUNTRY, NO_CURRENCY].clickers += change
    return tally
