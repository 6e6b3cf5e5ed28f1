"""The click rate, and the sentence that must stand wherever it is shown."""

from decimal import ROUND_HALF_UP, Decimal
from typing import Literal

import msgspec

from stats_svc.domain.tally import Counts

DEFINITION = (
    "Unique people who clicked (previews, scanners and prefetchers left out) over delivered messages; "
    "messages of routes that report no delivery count as delivered once they are submitted."
)


class ClickRate(msgspec.Struct, frozen=True):
    """Click rate (CTR). `value` is a share from 0 to 1 with four decimals, null while there is nothing to divide by.

    `over` is "submitted" where no route of the campaign reports delivery. A person may click before the receipt of
    the message comes; the share never exceeds 1 for that.
    """

    value: float | None
    clickers: int
    over: Literal["delivered", "submitted"]
    definition: str = DEFINITION


def click_rate(*, clickers: int, delivered: int, submitted: int, submitted_with_receipts: int) -> ClickRate:
    without_receipts = submitted - submitted_with_receipts
    reached = delivered + without_receipts
    over: Literal["delivered", "submitted"] = "submitted" if submitted and not submitted_with_receipts else "delivered"
    return ClickRate(_share(clickers, reached), clickers, over)


def rate_of(counts: Counts) -> ClickRate:
    return click_rate(
        clickers=counts.clickers,
        delivered=counts.delivered,
        submitted=counts.submitted,
        submitted_with_receipts=counts.submitted_with_receipts,
    )


def _share(part: int, whole: int) -> float | None:
    if whole <= 0:
        return None
    share = min(Decimal(part) / Decimal(whole), Decimal(1))
    return float(share.quantize(Decimal("0.0001"), ROUND_HALF_UP))
