"""The metrics of routes."""

from collections import Counter as Tally
from collections.abc import Sequence
from uuid import UUID

from prometheus_client import Counter, Gauge

from dispatch_svc.domain.handover import Handed

HEALTHY = Gauge("volley_route_healthy", "Whether messages can be handed over to the route (1) or not (0).", ["route"])
SESSIONS = Gauge("volley_route_sessions", "Sessions of the route that are bound.", ["route"])
HANDED = Counter("volley_route_messages_total", "Messages handed over to the route, by result.", ["route", "result"])
LOST = Counter("volley_route_sessions_lost_total", "Sessions of the route that ended or could not be bound.", ["route"])
DELIVERED = Counter("volley_route_deliveries_total", "Receipts and messages from phones.", ["route", "kind"])


def count(route_id: UUID, handed: Sequence[Handed]) -> None:
    for result, number in Tally(one.result for one in handed).items():
        HANDED.labels(str(route_id), result).inc(number)
