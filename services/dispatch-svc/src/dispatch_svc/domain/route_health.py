"""Whether others should hear where an account can be sent to."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from uuid import UUID

import msgspec

from dispatch_svc.domain.routes import Route, coverage

Reachable = frozenset[str] | None
"""Countries; None: all."""


class Health(msgspec.Struct, frozen=True):
    """What was told of an account, and since when less is true."""

    told: Reachable = None
    worse_since: datetime | None = None


def reachable(routes: Iterable[Route], working: frozenset[UUID]) -> Reachable:
    """The countries that the `working` routes of one account serve."""
    return coverage(route for route in routes if route.id in working)


def follow(known: Health, now: Reachable, *, at: datetime, patience: timedelta) -> tuple[Health, bool]:
    """What is known from now on, and whether to tell it.

    That more can be reached is told at once, that less can be only when it has been so for the whole of `patience`.
    """
    if now == known.told:
        return Health(now), False
    if now is None or (known.told is not None and known.told <= now):
        return Health(now), True
    since = known.worse_since or at
    if at - since < patience:
        return Health(known.told, since), False
    return Health(now), True
