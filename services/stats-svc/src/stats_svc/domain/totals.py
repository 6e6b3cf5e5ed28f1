"""Sums over rows of figures, and their cost, of which there may in theory be several currencies."""

from collections.abc import Iterable, Mapping
from dataclasses import fields
from decimal import Decimal
from typing import Any

from stats_svc.domain.tally import NO_CURRENCY, Counts

_NAMES = tuple(field.name for field in fields(Counts) if field.name != "cost")
Row = Mapping[str, Any]


def total(rows: Iterable[Row]) -> Counts:
    """All counts summed. The cost stays zero: amounts of different currencies have no sum (see `cost_of`)."""
    counts = Counts()
    for row in rows:
        for name in _NAMES:
            counts.count(name, row[name])
    return counts


def of_campaign(campaign: Row, rows: Iterable[Row]) -> Counts:
    """All counts of a campaign. Once it is aborted whoever has no other outcome is cancelled, also those who were never
    on their way to a provider, and so stand in no row.
    """
    counts = total(rows)
    if campaign["aborted"]:
        others = counts.submitted + counts.failed + counts.unknown + counts.suppressed
        counts.cancelled = max(counts.cancelled, (campaign["recipients"] or 0) - others)
    return counts


def cost_of(rows: Iterable[Row]) -> tuple[Decimal, str, dict[str, Decimal]]:
    """The amount and currency of most parts, and amounts in other currencies (a rate card that changed its currency).

    The currency is empty while nothing has had an outcome.
    """
    parts: dict[str, int] = {}
    amounts: dict[str, Decimal] = {}
    for row in rows:
        if (currency := row["currency"]) != NO_CURRENCY:
            parts[currency] = parts.get(currency, 0) + row["parts"]
            amounts[currency] = amounts.get(currency, Decimal(0)) + row["cost"]
    if not amounts:
        return Decimal(0), NO_CURRENCY, {}
    main = max(sorted(parts), key=parts.__getitem__)
    return amounts.pop(main), main, {currency: amount for currency, amount in amounts.items() if amount}
