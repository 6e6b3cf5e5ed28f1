"""Processing of a submitted campaign: audience, moderation, forecast; and moderation of texts changed while active.

The campaign's row stays locked meanwhile, and everything commits at once: a crash leaves the campaign as it was, free
for the next worker.
"""

import time
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from decimal import Decimal

import msgspec
import structlog

from campaign_svc.clients import dispatch, link
from campaign_svc.clients.dispatch import Coverage
from campaign_svc.clients.internal import Peers, UnavailableError
from campaign_svc.domain import draft_content, lifecycle, preparation, waves, zones
from campaign_svc.domain.audience import thresholds, variant_of
from campaign_svc.domain.campaign import Campaign
from campaign_svc.domain.capacity import PoolState
from campaign_svc.domain.fault import InvalidDraftError
from campaign_svc.domain.forecast import Forecast, Other, forecast
from campaign_svc.domain.moderation import Moderation, moderate, verdict_of
from campaign_svc.domain.preparation import UnpreparableError
from campaign_svc.handlers.change_segment import refresh
from campaign_svc.handlers.foresee_others import others_of
from campaign_svc.handlers.list_domains import list_domains
from campaign_svc.handlers.move_campaign import move
from campaign_svc.metrics import PREPARED
from campaign_svc.store import batches, breakers, campaigns, forecasts, groups, moderation_rules, recipients
from campaign_svc.store.campaigns import SenderRow
from campaign_svc.store.recipients import Taken
from volley_chassis.database import Connection, Pool
from volley_sms import compile_template

log = structlog.get_logger()
ACTOR = "system"
Clock = Callable[[], datetime]
AGAIN_AFTER_OUTAGE, AGAIN_AFTER_BUG = timedelta(seconds=2), timedelta(seconds=60)


async def prepare_next(pool: Pool, peers: Peers, *, at: datetime) -> bool:
    """Prepare one campaign that waits for it; whether there was one. What fails is tried again later.

    `at` is when it begins; the move that comes of it is made when it is done, which may be minutes later.
    """
    async with pool.acquire() as connection, connection.transaction():
        campaign = await campaigns.next_to_prepare(connection, at)
        if campaign is None:
            return False
        try:
            async with connection.transaction():
                await _prepare_or_return(connection, peers, campaign, _clock(at))
        except UnavailableError as error:
            log.warning("preparation waits for another service", campaign_id=str(campaign.id), error=str(error))
            await campaigns.postpone(connection, campaign.id, at + AGAIN_AFTER_OUTAGE)
        except Exception:
            log.exception("preparation failed", campaign_id=str(campaign.id))
            await campaigns.postpone(connection, campaign.id, at + AGAIN_AFTER_BUG)
        return True


def _clock(at: datetime) -> Clock:
    """Goes on from `at`."""
    begun = time.monotonic()
    return lambda: at + timedelta(seconds=time.monotonic() - begun)


async def _prepare_or_return(connection: Connection, peers: Peers, campaign: Campaign, clock: Clock) -> None:
    if campaign.status != "processing":
        await _judge(connection, peers, campaign, clock)
        return
    try:
        async with connection.transaction():
            prepared = await prepare(connection, peers, campaign, clock())
    except UnpreparableError as error:
        code, sentence = error.code, error.sentence
        await move(connection, campaign, "return_to_draft", actor=ACTOR, at=clock(), code=code, sentence=sentence)
        PREPARED.labels("return_to_draft").inc()
    else:
        await _judge(connection, peers, prepared, clock)


async def prepare(connection: Connection, peers: Peers, campaign: Campaign, at: datetime) -> Campaign:
    """The campaign with its audience taken and its forecast made. Raises UnpreparableError, UnavailableError."""
    campaign = await _with_lists(peers, campaign)
    sender = await campaigns.sender(connection, campaign.account_id, campaign.sender_id)
    if sender is None:
        raise UnpreparableError("unknown_sender", "The sender ID is gone. Choose another one, then submit.")
    if await campaigns.unknown_segments(connection, campaign.account_id, [*campaign.include, *campaign.exclude]):
        raise UnpreparableError("unknown_segment", "A segment of the audience is gone. Choose others, then submit.")
    coverage = await dispatch.coverage(peers, campaign.account_id)
    if coverage is None:
        raise UnpreparableError("no_coverage", "The account has no rate card or no route yet: nothing can be sent.")
    preparation.require_currency(campaign, coverage.currency)
    wanted = {"short": campaign.short_pool_id, "optout": campaign.optout_pool_id}
    states = {
        purpose: await link.pool(peers, campaign.account_id, pool_id) for purpose, pool_id in wanted.items() if pool_id
    }
    pools = preparation.require_pools(states, campaign.id)
    await refresh(connection, campaign.account_id, [*campaign.include, *campaign.exclude], at=at)
    taken = await _take_audience(connection, campaign, sender, coverage, at)
    preparation.require_recipients(taken.recipients, taken.dropped)
    await groups.replace(connection, campaign.id, taken.zones)
    whole = [(0, taken.recipients)]
    others = await others_of(connection, peers, campaign, pools, at)
    made = await forecast_of(connection, campaign, sender, coverage, pools, others, taken.countries, whole, at)
    return msgspec.structs.replace(
        campaign,
        recipients=taken.recipients,
        dropped=taken.dropped,
        redealt=False,
        forecast=made,
        typical_parts=made.typical_parts,
    )


async def _with_lists(peers: Peers, campaign: Campaign) -> Campaign:
    """A list of domains may be held nowhere yet: a duplicate's, or a command's."""
    try:
        return await list_domains(peers, campaign)
    except InvalidDraftError as error:
        fault = error.faults[0]
        raise UnpreparableError("unknown_domain", f"{fault.field}: {fault.message}; {fault.fix}.") from error


async def _take_audience(
    connection: Connection, campaign: Campaign, sender: SenderRow, coverage: Coverage, at: datetime
) -> Taken:
    return await recipients.snapshot(
        connection,
        campaign_id=campaign.id,
        account_id=campaign.account_id,
        include=campaign.include,
        exclude=campaign.exclude,
        countries=coverage.countries,
        sender_countries=sender.countries,
        thresholds=thresholds([variant.ratio for variant in campaign.variants]),
        fields=draft_content.fields_kept(campaign),
        zones=zones.labels(campaign.hours, at) if campaign.hours else None,
        by_country=bool(campaign.hours and campaign.hours.skip_holidays),
        shuffled=bool(campaign.planned_waves),
    )


async def forecast_of(
    connection: Connection,
    campaign: Campaign,
    sender: SenderRow,
    coverage: Coverage,
    pools: list[PoolState],
    others: list[Other],
    countries: Mapping[str, int],
    unfed: Sequence[tuple[int, int]],
    at: datetime,
) -> Forecast:
    """What recipients (by country) cost, by the messages of those who are not fed yet, and when those are done."""
    templates = [compile_template(text) for text in campaign.texts]
    ratios = [variant.ratio for variant in campaign.variants]
    urls = preparation.sample_urls(pools, campaign.links)
    seqs = preparation.sample_of(unfed)
    rendered = [
        (
            r,
            preparation.render(
                templates[variant_of(r.seq, ratios)], r.fields, r.number, urls, transliterate=campaign.transliterate
            ),
        )
        for r in await recipients.some(connection, campaign.id, seqs)
    ]
    prices: dict[str, Decimal] = coverage.prices
    return forecast(
        counts=countries,
        prices=prices,
        currency=coverage.currency,
        sample=[preparation.sampled(r.country, text, r.seq) for r, text in rendered],
        pools=pools,
        parts_per_second=sender.parts_per_second,
        start_at=at if campaign.launched_at else preparation.starts_at(campaign, at),
        cap=campaign.max_parts_per_second,
        hours=campaign.hours,
        groups=await groups.of_campaign(connection, campaign.id),
        others=others,
        at=at,
        halts=waves.halts(
            campaign.planned_waves,
            campaign.wave,
            recipients=sum(countries.values()),
            sent_at=campaign.wave_sent_at,
            at=at,
        ),
        fed=campaign.next_seq,
    )


async def _judge(connection: Connection, peers: Peers, campaign: Campaign, clock: Clock) -> None:
    """Moderate the texts, and what contacts bring into them, and go where the verdict leads."""
    findings = moderate(
        campaign.texts,
        campaign.target,
        needs_optout=campaign.type == "outbound",
        rules=await moderation_rules.of_account(connection, campaign.account_id),
        own_hosts=await link.hosts(peers, campaign.account_id),
        values=await recipients.values(
            connection,
            campaign.id,
            preparation.sample_seqs(campaign.recipients or 0, preparation.VALUES_SEEN),
            draft_content.fields_used(campaign),
        ),
        links=campaign.further,
    )
    at, verdict = clock(), verdict_of(findings)
    result = Moderation(verdict=verdict, findings=findings, content_hash=campaign.hash_of_texts, at=at)
    judged = msgspec.structs.replace(campaign, moderation=result)
    PREPARED.labels(verdict).inc()
    if verdict == "pass":
        await pass_texts(connection, judged, actor=ACTOR, at=at)
    elif verdict == "reject":
        await reject_texts(connection, judged, actor=ACTOR, at=at, sentence=_sentence(result))
    elif campaign.status == "processing":
        await move(
            connection,
            judged,
            "hold",
            actor=ACTOR,
            at=at,
            code="content_needs_review",
            sentence=_sentence(result),
        )
    else:
        await campaigns.save(connection, msgspec.structs.replace(judged, revision=judged.revision + 1))


def _sentence(moderation: Moderation) -> str:
    """For the history, which is kept: it quotes texts, never what people's contacts have in a field."""
    grave = [finding for finding in moderation.findings if finding.verdict == moderation.verdict]
    what = "needs a reviewer" if moderation.verdict == "review" else "was rejected"
    if grave[0].field:
        return f"The content {what}: some contacts bring {grave[0].category} into it in {grave[0].field}."
    return (
        f"The content {what}: “{grave[0].matched[:60]}” {grave[0].reason}."
        if grave[0].matched
        else (f"The content {what}: it {grave[0].reason}.")
    )


async def pass_texts(
    connection: Connection, campaign: Campaign, *, actor: str, at: datetime, sentence: str | None = None
) -> Campaign:
    """The texts may be sent: from processing onwards, or back to where the campaign was when they were changed."""
    passed = msgspec.structs.replace(
        campaign, content_hash=campaign.hash_of_texts, content_version=campaign.version + 1
    )
    await campaigns.add_content(connection, passed)
    if campaign.status == "processing":
        to = lifecycle.after_preparation(campaign.start_mode)
        return await move(connection, passed, "pass", actor=actor, at=at, to=to, sentence=sentence)
    # What is on its way and was not sent yet is fed once more, with these texts in place of the ones before.
    anew = await batches.unsettled(connection, campaign.id)
    await batches.revise(connection, campaign.id, passed.hash_of_texts)
    fields = draft_content.fields_kept(campaign)
    if not {*fields} <= {*await _fields_passed(connection, campaign)}:
        anew += await groups.unfed(connection, campaign)
    ratios = [variant.ratio for variant in campaign.variants]
    await recipients.refresh(connection, campaign.id, anew, thresholds=thresholds(ratios), fields=fields)
    passed = msgspec.structs.replace(passed, redealt=True)
    await forecasts.mark(connection, campaign.account_id, at, campaign_id=campaign.id)
    await breakers.set_budget_needed(connection, campaign.id, None)  # another text, another price
    return await move(connection, passed, "pass_text", actor=actor, at=at, sentence=sentence)


async def _fields_passed(connection: Connection, campaign: Campaign) -> list[str]:
    """What people have with them for the texts that passed before."""
    content = await campaigns.passed_content(connection, campaign.id, campaign.content_hash)
    return draft_content.kept(content.texts, content.target_url, content.links) if content else []


async def reject_texts(
    connection: Connection, campaign: Campaign, *, actor: str, at: datetime, sentence: str
) -> Campaign:
    """The texts may not be sent. A campaign that was active stays suspended: it may be edited again, or aborted."""
    name = "reject" if campaign.status == "processing" else "reject_text"
    return await move(connection, campaign, name, actor=actor, at=at, code="content_rejected", sentence=sentence)
