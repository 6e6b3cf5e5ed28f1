"""Events of link-svc: batches with URLs, clicks, opt-outs, the state of pools."""

from datetime import datetime
from typing import Literal
from uuid import UUID

import msgspec

from volley_contracts.campaigns import Content, Recipients, Sender, Stretch
from volley_contracts.events import Event, event
from volley_contracts.topics import LINK_BATCHES, LINK_CLICKS, LINK_DOMAINS, LINK_OPTOUTS, LINK_POOLS


class Links(msgspec.Struct, frozen=True, kw_only=True):
    """One URL a recipient, all of one domain, whose capacity is already counted: once a message.

    `named` are the URLs of the content's further links, by name.
    """

    domain_id: UUID
    urls: list[str]
    named: dict[str, list[str]] = msgspec.field(default_factory=dict)


@event("volley.link.batch.v1", LINK_BATCHES)
class LinkedBatch(Event, frozen=True, kw_only=True):
    """A campaign's batch, or a consecutive piece of it, with its URLs. `(campaign_id, first_seq)` names it for ever.

    A batch is cut where a domain's limit is reached, so one piece uses one short and one opt-out domain. A piece comes
    again, with the same URLs and a higher `content.version`, when texts are edited before all of it was sent.
    `expires_at`, `validity_s` and `despite_optout` are as in `CampaignBatch`.
    """

    campaign_id: UUID
    batch_no: int
    first_seq: int
    sender: Sender
    content: Content
    recipients: Recipients
    sendable: tuple[Stretch, ...] = ()
    short: Links | None = None
    optout: Links | None = None
    despite_optout: bool = False
    expires_at: datetime | None = None
    validity_s: int | None = None


BotReason = Literal["link_preview", "scanner", "prefetch", "head_request", "no_user_agent"]


@event("volley.link.clicked.v1", LINK_CLICKS)
class Clicks(Event, frozen=True, kw_only=True):
    """Columns, one entry an answered request for a short URL of the campaign. Published no more: see `DomainClicks`.

    `reasons` holds why a request counts as a machine's, None for a person's. The raw user agent is kept, so that
    the count can be made again when the rules change. `rules` is the version of the rules that judged, 0 for one from
    before they had versions. `links` holds the name of the further link that was clicked, None for `{{ short_url }}`
    itself; it may be empty where all are that. `countries` (alpha-2) are the recipients', "" where it is not known; it
    is empty in records of older releases.
    """

    campaign_id: UUID
    domain_id: UUID
    seqs: list[int]
    variants: list[int]
    at: list[datetime]
    reasons: list[BotReason | None]
    user_agents: list[str]
    rules: int = 0
    links: list[str | None] = msgspec.field(default_factory=list)
    countries: list[str] = msgspec.field(default_factory=list)


@event("volley.link.clicked.v2", LINK_CLICKS)
class DomainClicks(Event, frozen=True, kw_only=True):
    """Columns, one entry an answered request for a short URL of the domain: one record holds the clicks of some
    milliseconds, whatever their campaigns, since a record costs as much as many clicks.

    `places` says whose link it was, by the place of the campaign in `campaigns`; the other columns and `rules` are as
    in `Clicks`. `by_campaign` takes it apart.
    """

    domain_id: UUID
    campaigns: list[UUID]
    places: list[int]
    seqs: list[int]
    variants: list[int]
    at: list[datetime]
    reasons: list[BotReason | None]
    user_agents: list[str]
    links: list[str | None]
    countries: list[str] = msgspec.field(default_factory=list)
    rules: int


def by_campaign(event: DomainClicks) -> list[Clicks]:
    """The clicks of each campaign, in the order of their ids: who locks one after the other comes to no deadlock."""
    entries: dict[int, list[int]] = {}
    for entry, place in enumerate(event.places):
        entries.setdefault(place, []).append(entry)
    whole = [
        Clicks(
            account_id=event.account_id,
            campaign_id=event.campaigns[place],
            domain_id=event.domain_id,
            seqs=[event.seqs[n] for n in mine],
            variants=[event.variants[n] for n in mine],
            at=[event.at[n] for n in mine],
            reasons=[event.reasons[n] for n in mine],
            user_agents=[event.user_agents[n] for n in mine],
            rules=event.rules,
            links=[event.links[n] for n in mine],
            countries=[event.countries[n] for n in mine] if event.countries else [],
        )
        for place, mine in entries.items()
    ]
    return sorted(whole, key=lambda clicks: clicks.campaign_id)


@event("volley.link.opted_out.v1", LINK_OPTOUTS)
class OptedOut(Event, frozen=True, kw_only=True):
    """Somebody pressed the button on the opt-out page of recipient `seq`."""

    campaign_id: UUID
    seq: int
    variant: int
    domain_id: UUID
    at: datetime


@event("volley.link.pool_exhausted.v1", LINK_POOLS)
class PoolExhausted(Event, frozen=True, kw_only=True):
    """No active domain of the pool has capacity left, and a batch needs some. What does not fit waits in link-svc.

    `campaign_id` is set where the pool is the list of domains that this campaign names.
    """

    pool_id: UUID
    pool_name: str
    purpose: Literal["short", "optout"]
    waiting_campaigns: tuple[UUID, ...]
    campaign_id: UUID | None = None
    at: datetime


@event("volley.link.pool_refilled.v1", LINK_POOLS)
class PoolRefilled(Event, frozen=True, kw_only=True):
    """An exhausted pool has capacity again (`remaining` messages)."""

    pool_id: UUID
    pool_name: str
    remaining: int
    at: datetime


@event("volley.link.domain_health.v1", LINK_DOMAINS)
class DomainHealth(Event, frozen=True, kw_only=True):
    """A domain in use began to fail: `problem` says what, and what to do. None: it works again, or is not in use."""

    domain_id: UUID
    host: str
    problem: str | None
    at: datetime
