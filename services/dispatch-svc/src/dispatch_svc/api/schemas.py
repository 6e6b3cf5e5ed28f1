"""Bodies of the routes and rate card API. Secrets are taken, and answered as `***`."""

from datetime import datetime
from decimal import Decimal
from typing import Annotated, Any
from uuid import UUID

import msgspec
from litestar.params import QueryParameter
from msgspec import UNSET, Meta, UnsetType

from dispatch_svc.domain.routes import Condition as Condition  # noqa: PLC0414 - part of the answers
from dispatch_svc.domain.routes import HttpConfig, Protocol, RouteStatus, SmppConfig, TwilioConfig, without_secrets
from dispatch_svc.store.routes import Stored

Limit = Annotated[int, QueryParameter(ge=1, le=200, description="Items a page.")]
After = Annotated[UUID | None, QueryParameter(description="`next` of the page before.")]
Name = Annotated[str, Meta(min_length=1, max_length=255)]
Priority = Annotated[int, Meta(ge=0, le=1_000_000, description="The lowest number comes first.")]
Countries = Annotated[
    list[str], Meta(min_length=1, max_length=300, description="ISO 3166 alpha-2 codes; null: all countries.")
]


class _NewRoute(msgspec.Struct, kw_only=True, forbid_unknown_fields=True, tag_field="protocol"):
    name: Name
    priority: Priority = 100
    countries: Countries | None = None
    status: RouteStatus = "active"


class NewSmppRoute(_NewRoute, tag="smpp"):
    """A provider reached by SMPP 3.4."""

    config: SmppConfig


class NewHttpRoute(_NewRoute, tag="http"):
    """A provider that speaks our JSON."""

    config: HttpConfig


class NewTwilioRoute(_NewRoute, tag="twilio"):
    """A provider that speaks Twilio's Programmable Messaging API."""

    config: TwilioConfig


NewRoute = NewSmppRoute | NewHttpRoute | NewTwilioRoute
PROTOCOLS: dict[type[NewRoute], Protocol] = {NewSmppRoute: "smpp", NewHttpRoute: "http", NewTwilioRoute: "twilio"}


class RouteEdit(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """What is left out stays. Of `config` only the given fields change; null gives a field its default."""

    name: Name | UnsetType = UNSET
    priority: Priority | UnsetType = UNSET
    countries: Countries | UnsetType | None = UNSET
    status: RouteStatus | UnsetType = UNSET
    config: dict[str, Any] | UnsetType = UNSET


class Connection(msgspec.Struct, frozen=True, kw_only=True):
    """How one process of dispatch-svc fares with the route."""

    instance: str
    healthy: bool
    sessions: int
    connected_since: datetime | None
    last_error: str | None
    last_error_at: datetime | None


class Route(msgspec.Struct, frozen=True, kw_only=True):
    """`connected`: some process can hand messages over to it now."""

    id: UUID
    name: str
    protocol: Protocol
    config: dict[str, Any]
    priority: int
    countries: list[str] | None
    status: RouteStatus
    connected: bool
    connections: list[Connection]
    created_at: datetime
    updated_at: datetime


class RouteCheck(msgspec.Struct, frozen=True, kw_only=True):
    """Whether the provider can be reached and lets us in; if not, the problem and what to do about it."""

    ok: bool
    problem: str | None = None
    fix: str | None = None
    at: datetime


class Routes(msgspec.Struct, frozen=True):
    """A page; `next` is the cursor of the following one, null on the last."""

    items: list[Route]
    next: UUID | None
    total: int


class NewRateCard(msgspec.Struct, forbid_unknown_fields=True):
    """Prices of one part by country (ISO 3166 alpha-2), as decimal strings in `currency` (ISO 4217)."""

    currency: str
    prices: Annotated[dict[str, str], Meta(min_length=1, max_length=300)]


class RateCard(msgspec.Struct, frozen=True, kw_only=True):
    currency: str
    prices: dict[str, str]
    updated_at: datetime


class Coverage(msgspec.Struct, frozen=True, kw_only=True):
    """Where the account can send to and what a part costs there. `routable` null: every country."""

    currency: str
    prices: dict[str, str]
    routable: list[str] | None


def shown(stored: Stored, connections: dict[str, Condition]) -> Route:
    """A route as the API shows it."""
    route = stored.route
    return Route(
        id=route.id,
        name=route.name,
        protocol=route.protocol,
        config=without_secrets(route.protocol, route.config),
        priority=route.priority,
        countries=None if route.countries is None else list(route.countries),
        status=route.status,
        connected=any(condition.healthy for condition in connections.values()),
        connections=[
            Connection(instance=instance, **msgspec.structs.asdict(condition))
            for instance, condition in connections.items()
        ],
        created_at=stored.created_at,
        updated_at=stored.updated_at,
    )


def amounts(prices: dict[str, Decimal]) -> dict[str, str]:
    """Decimals as they were given, never in scientific notation."""
    return {country: f"{price:f}" for country, price in prices.items()}
