"""Kafka subscribers: which event goes to which handler."""

from collections.abc import Sequence

from campaign_svc.handlers import (
    break_campaign,
    follow_domain,
    follow_pool,
    follow_waves,
    keep_figures,
    obey_command,
    receive_inbound,
    record_clicks,
    record_deliveries,
    record_optout,
    settle_outcomes,
)
from volley_chassis.database import Pool
from volley_chassis.kafka import Received, Stream
from volley_contracts import (
    BudgetReached,
    ClickersRecounted,
    Clicks,
    CreateCampaign,
    DomainClicks,
    DomainHealth,
    InboundMessage,
    LiveFigures,
    MessageOutcomes,
    MessageOutcomesRevised,
    MessageReceipts,
    OptedOut,
    PoolExhausted,
    PoolRefilled,
    RouteHealth,
    SubmitCampaign,
    VariantsCompared,
    now,
    topics,
)


def subscribe(stream: Stream, pool: Pool) -> None:
    """Register every subscriber of the service."""

    async def on_outcomes(received: Received[MessageOutcomes]) -> None:
        await settle_outcomes.settle_outcomes(pool, received, at=now())

    async def on_revised(received: Received[MessageOutcomesRevised]) -> None:
        await settle_outcomes.revise_outcomes(pool, received, at=now())

    async def on_budget(received: Received[BudgetReached]) -> None:
        await break_campaign.follow_budget(pool, received, at=now())

    async def on_exhausted(received: Received[PoolExhausted]) -> None:
        await follow_pool.pool_exhausted(pool, received, at=now())

    async def on_refilled(received: Received[PoolRefilled]) -> None:
        await follow_pool.pool_refilled(pool, received, at=now())

    async def on_domain(received: Received[DomainHealth]) -> None:
        await follow_domain.follow_domain(pool, received, at=now())

    async def on_routes(received: Received[RouteHealth]) -> None:
        await break_campaign.follow_routes(pool, received, at=now())

    async def on_command(received: Received[CreateCampaign | SubmitCampaign]) -> None:
        await obey_command.obey_command(pool, received, at=now())

    stream.subscribe(topics.CAMPAIGN_COMMANDS, {CreateCampaign: on_command, SubmitCampaign: on_command})
    stream.subscribe(
        topics.MESSAGE_OUTCOMES,
        {MessageOutcomes: on_outcomes, MessageOutcomesRevised: on_revised, BudgetReached: on_budget},
    )
    stream.subscribe(topics.LINK_POOLS, {PoolExhausted: on_exhausted, PoolRefilled: on_refilled})
    stream.subscribe(topics.LINK_DOMAINS, {DomainHealth: on_domain})
    stream.subscribe(topics.ROUTE_HEALTH, {RouteHealth: on_routes})
    _subscribe_to_people(stream, pool)


def _subscribe_to_people(stream: Stream, pool: Pool) -> None:
    """What those do who got a message."""

    async def on_optouts(received: Sequence[Received[OptedOut]]) -> None:
        await record_optout.record_optouts(pool, received)

    async def on_receipts(received: Sequence[Received[MessageReceipts]]) -> None:
        await record_deliveries.record_deliveries(pool, received)

    async def on_inbound(received: Received[InboundMessage]) -> None:
        await receive_inbound.receive_inbound(pool, received)

    async def on_figures(received: Received[LiveFigures]) -> None:
        await keep_figures.keep_figures(pool, received, at=now())

    async def on_comparison(received: Received[VariantsCompared]) -> None:
        await follow_waves.follow_comparison(pool, received)

    async def on_clicks(received: Received[DomainClicks | Clicks]) -> None:
        await record_clicks.record_clicks(pool, received)

    async def on_recount(received: Received[ClickersRecounted]) -> None:
        await record_clicks.correct_clickers(pool, received)

    stream.subscribe(topics.STATS_CLICKERS, {ClickersRecounted: on_recount})
    stream.subscribe(topics.LINK_CLICKS, {DomainClicks: on_clicks, Clicks: on_clicks})
    stream.subscribe_many(topics.LINK_OPTOUTS, OptedOut, on_optouts)
    stream.subscribe_many(topics.MESSAGE_RECEIPTS, MessageReceipts, on_receipts)
    stream.subscribe(topics.MESSAGE_INBOUND, {InboundMessage: on_inbound})
    stream.subscribe(topics.STATS_LIVE, {LiveFigures: on_figures})
    stream.subscribe(topics.STATS_COMPARISONS, {VariantsCompared: on_comparison})
