"""Bodies of the API. In answers, `remaining` is null where there is no limit."""

from datetime import datetime
from typing import Annotated, Generic, Literal, TypeVar
from uuid import UUID

import msgspec
from litestar.params import QueryParameter
from msgspec import UNSET, Meta, UnsetType

from link_svc.domain.allotment import Kind
from link_svc.domain.domains import Status
from link_svc.domain.health import Health as Known
from link_svc.store import domains
from volley_contracts import now

Limit = Annotated[int, QueryParameter(ge=1, le=200, description="Items a page.")]
After = Annotated[UUID | None, QueryParameter(description="The cursor that the previous page gave as `next`.")]
MessageLimit = Annotated[int, Meta(ge=1, le=10**12, description="Messages that may use the domain.")]
Name = Annotated[str, Meta(min_length=1, max_length=255)]
WantedStatus = Literal["pending", "active", "blocked"]
T = TypeVar("T")


class NewDomain(msgspec.Struct, forbid_unknown_fields=True):
    """`host` alone: no scheme, port or path. No `message_limit`: no limit."""

    host: str
    message_limit: MessageLimit | None = None
    status: WantedStatus = "active"


class DomainEdit(msgspec.Struct, forbid_unknown_fields=True):
    """What is left out stays. `message_limit: null` takes the limit away."""

    status: WantedStatus | UnsetType = UNSET
    message_limit: MessageLimit | UnsetType | None = UNSET


class Health(msgspec.Struct):
    """What the last check found: `problem` says what fails, and what to do about it."""

    status: Literal["ok", "failing"]
    problem: str | None
    checked_at: datetime
    certificate_expires_at: datetime | None
    certificate_days_left: int | None


class Domain(msgspec.Struct):
    """`used` counts the messages that took capacity and were not given back. `health` is null until the first check."""

    id: UUID
    host: str
    status: Status
    message_limit: int | None
    used: int
    remaining: int | None
    created_at: datetime
    health: Health | None = None


class NewPool(msgspec.Struct, forbid_unknown_fields=True):
    """Its domains take turns in the order given."""

    name: Name
    purpose: Kind
    domain_ids: list[UUID] = []


class PoolEdit(msgspec.Struct, forbid_unknown_fields=True):
    """What is left out stays. `domain_ids` replaces all of the pool's domains."""

    name: Name | UnsetType = UNSET
    domain_ids: list[UUID] | UnsetType = UNSET


class PoolDomain(msgspec.Struct, forbid_unknown_fields=True):
    """Either a domain that is known (`domain_id`), or a new one (`host`, and a limit if it has one)."""

    domain_id: UUID | None = None
    host: str | None = None
    message_limit: MessageLimit | None = None


class Pool(msgspec.Struct):
    """`exhausted`: a batch needed more than its domains had. `waiting` messages get their links when it is refilled.

    One with a `campaign_id` is the list of domains of that campaign, and is edited there.
    """

    id: UUID
    name: str
    purpose: Kind
    exhausted: bool
    waiting: int
    remaining: int | None
    domains: list[Domain]
    created_at: datetime
    campaign_id: UUID | None = None


class DomainList(msgspec.Struct, forbid_unknown_fields=True):
    """Hosts that a campaign lists, as people write them. `name` is the campaign's."""

    name: str
    hosts: list[str]


class HostProblem(msgspec.Struct):
    """What is wrong with `hosts[index]`, and the fix."""

    index: int
    message: str
    fix: str


class ListedDomains(msgspec.Struct):
    """The pool that holds the list, and the hosts in their canonical form; null where there are problems."""

    pool_id: UUID | None
    hosts: list[str]
    problems: list[HostProblem]


class PoolForOthers(msgspec.Struct):
    """What other services need of a pool when they prepare or resume a campaign. A URL is as long as `sample_url` at
    most; `waiting` messages are served before new ones. `domains`: what each of them has left.
    """

    id: UUID
    name: str
    purpose: Kind
    exhausted: bool
    remaining: int
    domains: dict[UUID, int]
    waiting: int
    active_domains: int
    sample_url: str
    campaign_id: UUID | None = None


class Page(msgspec.Struct, Generic[T]):
    """`next` is the cursor of the following page, null on the last one."""

    items: list[T]
    next: UUID | None
    total: int


def shown(domain: domains.Domain, health: Known | None = None) -> Domain:
    """A domain as the API shows it."""
    return Domain(
        id=domain.id,
        host=domain.host,
        status=domain.status,
        message_limit=domain.message_limit,
        used=domain.used,
        remaining=domain.remaining,
        created_at=domain.created_at,
        health=_health(health) if health else None,
    )


def _health(known: Known) -> Health:
    expires_at = known.certificate_expires_at
    return Health(
        status="ok" if known.problem is None else "failing",
        problem=known.problem,
        checked_at=known.checked_at,
        certificate_expires_at=expires_at,
        certificate_days_left=(expires_at - now()).days if expires_at else None,
    )
