"""The topic table: creation, documentation and the AsyncAPI document all come from it."""

import msgspec

DAY = 24 * 3600
OTHERS = "other services"


class Topic(msgspec.Struct, frozen=True, kw_only=True):
    """One Kafka topic.

    `key` names the fields of the event that make the record's key; records of one key keep their order.
    `retention_s` is in seconds; a compacted topic also keeps the last record of every key for ever.
    `public` topics are meant for other services; the rest carry Volley's own traffic and may change faster.
    """

    name: str
    about: str
    key: tuple[str, ...]
    producer: str
    consumers: tuple[str, ...]
    partitions: int = 6
    retention_s: int = 7 * DAY
    compacted: bool = False
    public: bool = False

    @property
    def dead_letters(self) -> str:
        """Where records go that a consumer cannot decode or handle, each with its reason."""
        return f"{self.name}.dead"


CAMPAIGN_BATCHES = Topic(
    name="campaign.batches",
    about="Consecutive recipients of a campaign with their variant and fields, waiting for links.",
    key=("campaign_id",),
    producer="campaign-svc",
    consumers=("link-svc",),
)
LINK_BATCHES = Topic(
    name="link.batches",
    about="The same recipients with their short and opt-out URLs; domain capacity is already counted.",
    key=("campaign_id",),
    producer="link-svc",
    consumers=("dispatch-svc",),
)
MESSAGE_OUTCOMES = Topic(
    name="message.outcomes",
    about="What became of messages when they were handed to a provider: parts, cost, errors; budgets that are reached.",
    key=("campaign_id",),
    producer="dispatch-svc",
    consumers=("campaign-svc", "link-svc", "stats-svc"),
    public=True,
)
MESSAGE_RECEIPTS = Topic(
    name="message.receipts",
    about="Delivery receipts from providers.",
    key=("campaign_id",),
    producer="dispatch-svc",
    consumers=("campaign-svc", "stats-svc"),
    public=True,
)
MESSAGE_INBOUND = Topic(
    name="message.inbound",
    about="Messages that people sent to a sender ID: replies and keywords.",
    key=("from_number",),
    producer="dispatch-svc",
    consumers=("campaign-svc", "gateway-api"),
    public=True,
)
LINK_CLICKS = Topic(
    name="link.clicks",
    about="Answered requests for short URLs, by people and by machines, the latter with the reason.",
    key=("domain_id",),
    producer="link-svc",
    consumers=("campaign-svc", "stats-svc"),
    public=True,
)
LINK_OPTOUTS = Topic(
    name="link.optouts",
    about="Presses of the button on an opt-out page.",
    key=("campaign_id",),
    producer="link-svc",
    consumers=("campaign-svc", "stats-svc"),
    public=True,
)
LINK_POOLS = Topic(
    name="link.pools",
    about="Domain pools that ran out of capacity, or have some again.",
    key=("pool_id",),
    producer="link-svc",
    consumers=("campaign-svc",),
    public=True,
)
LINK_DOMAINS = Topic(
    name="link.domains",
    about="Domains that do not lead to the platform any more, and those that do again.",
    key=("domain_id",),
    producer="link-svc",
    consumers=("campaign-svc",),
    public=True,
)
CAMPAIGN_LIFECYCLE = Topic(
    name="campaign.lifecycle",
    about="Every move of every campaign. Binds pause, suspend and abort in dispatch-svc.",
    key=("campaign_id",),
    producer="campaign-svc",
    consumers=("dispatch-svc", "link-svc", "stats-svc", "gateway-api"),
    retention_s=30 * DAY,
    public=True,
)
SUPPRESSION_CHANGES = Topic(
    name="suppression.changes",
    about="Numbers that must not be texted any more by an account, and those that may be again.",
    key=("account_id", "number"),
    producer="campaign-svc",
    consumers=("dispatch-svc", "stats-svc", "gateway-api"),
    compacted=True,
    public=True,
)
CAMPAIGN_REPLIES = Topic(
    name="campaign.replies",
    about="Messages from people that answer a campaign, without their texts and numbers.",
    key=("campaign_id",),
    producer="campaign-svc",
    consumers=("stats-svc",),
    public=True,
)
SENDER_CHANGES = Topic(
    name="sender.changes",
    about="Sender IDs that were edited: their pace binds at once, also for what is on its way.",
    key=("sender_id",),
    producer="campaign-svc",
    consumers=("dispatch-svc",),
    compacted=True,
    public=True,
)
CONTACT_ERASURES = Topic(
    name="contact.erasures",
    about="People who are to be forgotten: whoever holds their number takes it out; counts stay.",
    key=("account_id", "contact_id"),
    producer="campaign-svc",
    consumers=("dispatch-svc", "link-svc", "gateway-api"),
    public=True,
)
ROUTE_HEALTH = Topic(
    name="route.health",
    about="Where an account can be sent to at present: told when its routes fail for long, and when they are back.",
    key=("account_id",),
    producer="dispatch-svc",
    consumers=("campaign-svc",),
    compacted=True,
    public=True,
)
CAMPAIGN_COMMANDS = Topic(
    name="campaign.commands",
    about="Other services ask for campaigns to be made and submitted. Whoever may write here acts for any account.",
    key=("campaign_id",),
    producer=OTHERS,
    consumers=("campaign-svc",),
    public=True,
)
CAMPAIGN_ANSWERS = Topic(
    name="campaign.answers",
    about="What became of the commands.",
    key=("campaign_id",),
    producer="campaign-svc",
    consumers=(OTHERS,),
    public=True,
)
STATS_LIVE = Topic(
    name="stats.live",
    about="The current figures of campaigns that changed, about once a second; the last of each are kept.",
    key=("campaign_id",),
    producer="stats-svc",
    consumers=("campaign-svc", "gateway-api"),
    retention_s=3600,
    compacted=True,
    public=True,
)
STATS_COMPARISONS = Topic(
    name="stats.comparisons",
    about="How variants of a campaign compare by their clicks, told when figures changed; the last of each are kept.",
    key=("campaign_id",),
    producer="stats-svc",
    consumers=("campaign-svc",),
    retention_s=3600,
    compacted=True,
    public=True,
)
STATS_CLICKERS = Topic(
    name="stats.clickers",
    about="Who counts as having clicked, where kept clicks were judged again by newer rules.",
    key=("campaign_id",),
    producer="stats-svc",
    consumers=("campaign-svc",),
    public=True,
)
ALERTS = Topic(
    name="alerts",
    about="Something that a person should look at, and the news that it is over.",
    key=("alert_id",),
    producer="campaign-svc",
    consumers=("gateway-api",),
    retention_s=30 * DAY,
    public=True,
)

TOPICS: tuple[Topic, ...] = (
    CAMPAIGN_BATCHES,
    LINK_BATCHES,
    MESSAGE_OUTCOMES,
    MESSAGE_RECEIPTS,
    MESSAGE_INBOUND,
    LINK_CLICKS,
    LINK_OPTOUTS,
    LINK_POOLS,
    LINK_DOMAINS,
    CAMPAIGN_LIFECYCLE,
    CAMPAIGN_REPLIES,
    SUPPRESSION_CHANGES,
    SENDER_CHANGES,
    CONTACT_ERASURES,
    ROUTE_HEALTH,
    CAMPAIGN_COMMANDS,
    CAMPAIGN_ANSWERS,
    STATS_LIVE,
    STATS_COMPARISONS,
    STATS_CLICKERS,
    ALERTS,
)
