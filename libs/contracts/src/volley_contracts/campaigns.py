"""Events of campaign-svc: batches of recipients, every move of a campaign, suppressions, alerts."""

from datetime import datetime
from decimal import Decimal
from typing import Literal
from uuid import UUID

import msgspec

from volley_contracts.content import NamedLink
from volley_contracts.events import Event, event
from volley_contracts.topics import (
    ALERTS,
    CAMPAIGN_BATCHES,
    CAMPAIGN_LIFECYCLE,
    CAMPAIGN_REPLIES,
    CONTACT_ERASURES,
    SENDER_CHANGES,
    SUPPRESSION_CHANGES,
)

Status = Literal[
    "draft",
    "processing",
    "rejected",
    "ready",
    "scheduled",
    "started",
    "sending",
    "paused",
    "suspended",
    "aborted",
    "finished",
    "deleted",
]
SENDABLE: frozenset[Status] = frozenset({"started", "sending"})
"""Only in these statuses may a message be handed to a provider."""

SenderKind = Literal["alphanumeric", "long_number", "short_code"]


class Sender(msgspec.Struct, frozen=True, kw_only=True):
    """The sender ID as it was when the batch was made. The pace is the sum over all campaigns that use the sender.

    `version` counts the edits of the sender. Of several paces that of the highest version holds, for all that is not
    handed over yet: see `SenderChanged`.
    """

    id: UUID
    address: str
    kind: SenderKind
    parts_per_second: int
    version: int = 0


class Content(msgspec.Struct, frozen=True, kw_only=True):
    """The approved texts. `hash` is what moderation passed: see `content_hash`.

    `version` is that of the move that passed them: a higher one takes the place of what was not sent yet.
    `transliterate`: characters that force UCS-2 are replaced when the texts are rendered, where something is like them.
    `links` are those beside the one that leads to `target_url`.
    """

    variants: tuple[str, ...]
    target_url: str | None = None
    hash: str
    version: int = 0
    transliterate: bool = False
    links: tuple[NamedLink, ...] = ()


class Recipients(msgspec.Struct, frozen=True, kw_only=True):
    """Columns, one entry a recipient. `fields` names the columns of `values`: only what the templates use.

    `languages` are those that people want opt-out pages in, as their contacts have it (BCP 47), '' where nothing is
    known; no entries where nothing is known of anybody.
    """

    numbers: list[str]
    countries: list[str]
    variants: list[int]
    fields: tuple[str, ...] = ()
    values: list[tuple[str, ...]] = msgspec.field(default_factory=list)
    languages: list[str] = msgspec.field(default_factory=list)


class Stretch(msgspec.Struct, frozen=True, kw_only=True):
    """From `opens` on, and before `closes`."""

    opens: datetime
    closes: datetime


@event("volley.campaign.batch.v1", CAMPAIGN_BATCHES)
class CampaignBatch(Event, frozen=True, kw_only=True):
    """Recipients `first_seq` .. `first_seq + n - 1` of a campaign (n at most 3,000), the same for ever.

    Its messages leave in one of the stretches of `sendable`, which are good for each recipient; without any, at any
    time.

    It comes again with a higher `content.version` when texts are edited before all of it was sent. A pool that is None
    means that the texts have no such URL. `campaign_id` may name no campaign: see `is_aside`.

    Its short URLs stop working `links_expire_after` days after they were made, or with all others where that is None.
    Target URLs may have placeholders as texts have, whose values are percent-encoded.

    What was not handed over by `expires_at` fails (`expired`), and providers are told to give up by then. The
    `validity_s` seconds, where there are any, count anew whenever it can begin to leave again: when its campaign is
    resumed, when a stretch of `sendable` begins.
    `despite_optout` is for one such message alone: the confirmation that a person who wrote STOP has opted out. Of a
    campaign it means nothing.
    """

    campaign_id: UUID
    batch_no: int
    first_seq: int
    sender: Sender
    content: Content
    recipients: Recipients
    sendable: tuple[Stretch, ...] = ()
    expires_at: datetime | None = None
    validity_s: int | None = None
    short_pool_id: UUID | None = None
    links_expire_after: int | None = None
    optout_pool_id: UUID | None = None
    despite_optout: bool = False


class Budget(msgspec.Struct, frozen=True, kw_only=True):
    """What the messages of a campaign may cost together; an `amount` of None: whatever they cost.

    `counted` is what they were known to cost when it was told. Both are in the currency of the account's rate card.
    """

    amount: Decimal | None = None
    counted: Decimal = Decimal(0)


@event("volley.campaign.moved.v1", CAMPAIGN_LIFECYCLE)
class CampaignMoved(Event, frozen=True, kw_only=True):
    """A campaign went from one status to another.

    `version` counts the moves of the campaign from 1, so that a consumer can ignore an older one. `code` and
    `sentence` are the machine-readable and the human-readable reason, where there is one. From the first time that
    texts passed, `content_hash` and `content_version` name those that may be sent, and no others may. A `budget` of
    None says nothing of it: what was told of it before still holds. `tags` are None in events of older releases.
    """

    campaign_id: UUID
    campaign_name: str
    move: str
    status_from: Status
    status_to: Status
    version: int
    actor: str
    code: str | None = None
    sentence: str | None = None
    at: datetime
    recipients: int | None = None
    content_hash: str | None = None
    content_version: int = 0
    budget: Budget | None = None
    tags: tuple[str, ...] | None = None


@event("volley.campaign.edited.v1", CAMPAIGN_LIFECYCLE)
class CampaignEdited(Event, frozen=True, kw_only=True):
    """A campaign has another name or other tags from now on. One that is older than what is known changes nothing."""

    campaign_id: UUID
    campaign_name: str
    tags: tuple[str, ...]
    actor: str
    at: datetime


SuppressionReason = Literal["optout_page", "stop_keyword", "start_keyword", "import", "manual", "complaint"]


@event("volley.suppression.changed.v1", SUPPRESSION_CHANGES)
class SuppressionChanged(Event, frozen=True, kw_only=True):
    """From now on the account must not (`suppressed`) or may again text the number.

    `campaign_id`, `seq`, `variant`, `country` (alpha-2) say which message the person reacted to, where that is known.
    A number that is suppressed already is told again when its person opts out of another campaign: once per recipient.
    """

    number: str
    suppressed: bool
    reason: SuppressionReason
    campaign_id: UUID | None = None
    seq: int | None = None
    variant: int | None = None
    country: str | None = None
    at: datetime


@event("volley.campaign.replied.v1", CAMPAIGN_REPLIES)
class Replied(Event, frozen=True, kw_only=True):
    """A person wrote back: `message_id` is the inbound message that answers the campaign's message to recipient `seq`.

    `keyword` is set where the whole text is one of the known words. `country` is the recipient's (alpha-2).
    """

    campaign_id: UUID
    message_id: UUID
    seq: int
    variant: int
    country: str
    keyword: Literal["stop", "help", "start"] | None = None
    at: datetime


@event("volley.sender.changed.v1", SENDER_CHANGES)
class SenderChanged(Event, frozen=True, kw_only=True):
    """A sender ID was edited, and is so from now on. `countries` are where it is valid, None: everywhere.

    `version` counts its edits from 1, so that a consumer can ignore an older one.
    """

    sender_id: UUID
    address: str
    kind: SenderKind
    parts_per_second: int
    countries: tuple[str, ...] | None
    version: int
    at: datetime


@event("volley.contact.erased.v1", CONTACT_ERASURES)
class ContactErased(Event, frozen=True, kw_only=True):
    """A person is to be forgotten. It is told twice, with the same `at`.

    Until it is `complete`, campaigns that have the person among their recipients are under way: nothing more may be
    handed over for the number, and it is needed to know whom that concerns. When it is, whoever holds the number of
    messages, texts or receipts up to `at` takes it out. `suppressed` says whether it stays suppressed, and is so kept
    for that alone.
    """

    contact_id: UUID
    number: str
    complete: bool
    suppressed: bool
    at: datetime


@event("volley.alert.raised.v1", ALERTS)
class AlertRaised(Event, frozen=True, kw_only=True):
    alert_id: UUID
    code: str
    sentence: str
    campaign_id: UUID | None = None
    pool_id: UUID | None = None
    domain_id: UUID | None = None
    at: datetime


@event("volley.alert.resolved.v1", ALERTS)
class AlertResolved(Event, frozen=True, kw_only=True):
    alert_id: UUID
    at: datetime
