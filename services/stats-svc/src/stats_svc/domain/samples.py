"""What a campaign's figures say of its variants: who was reached with each and clicked, and how they compare."""

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from stats_svc.domain.comparison import Sample, decide
from stats_svc.domain.tally import Counts
from stats_svc.domain.totals import Row, total
from volley_contracts import Tried, VariantsCompared


def samples_of(rows: Iterable[Row]) -> list[Sample]:
    """One for each variant that was sent or clicked."""
    variants: dict[int, list[Row]] = {}
    for row in rows:
        variants.setdefault(row["variant"], []).append(row)
    return [sample_of(variant, total(mine)) for variant, mine in sorted(variants.items())]


def sample_of(variant: int, counts: Counts) -> Sample:
    """Delivered messages, and those that were submitted by routes without receipts."""
    return Sample(variant, counts.delivered + counts.submitted - counts.submitted_with_receipts, counts.clickers)


def compared(account_id: UUID, campaign_id: UUID, rows: Iterable[Row], at: datetime) -> VariantsCompared | None:
    """None where there are no two variants to compare."""
    samples = samples_of(rows)
    verdict, winner, _, p_value = decide(samples, finished=False)
    match verdict:
        case "one_variant" | "no_winner":
            return None
    return VariantsCompared(
        account_id=account_id,
        campaign_id=campaign_id,
        verdict=verdict,
        winner=winner,
        p_value=p_value,
        variants=[Tried(one.variant, one.reached, one.clickers) for one in samples],
        at=at,
    )
