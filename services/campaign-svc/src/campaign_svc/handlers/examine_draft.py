"""What stands between a draft and its submission: what is missing or illegal, and what moderation will say."""

from datetime import datetime
from uuid import UUID

from campaign_svc.clients import link
from campaign_svc.clients.internal import Peers, UnavailableError
from campaign_svc.domain import draft
from campaign_svc.domain.campaign import Campaign, NoSuchCampaignError
from campaign_svc.domain.fault import Fault, InvalidDraftError
from campaign_svc.domain.findings import Finding
from campaign_svc.domain.moderation import moderate
from campaign_svc.handlers.draft_campaign import require_own
from campaign_svc.store import campaigns, moderation_rules
from volley_chassis.database import Connection, Pool
from volley_chassis.http import Caller


async def examine_draft(pool: Pool, caller: Caller, campaign_id: UUID, *, at: datetime) -> tuple[Campaign, list[Fault]]:
    """The campaign, and all that is wrong with it or missing, in the order of the steps. Raises NoSuchCampaignError."""
    async with pool.acquire() as connection:
        campaign = await campaigns.load(connection, caller.account_id, campaign_id)
        if campaign is None:
            raise NoSuchCampaignError
        return campaign, await problems(connection, campaign, at)


async def problems(connection: Connection, campaign: Campaign, at: datetime) -> list[Fault]:
    """A campaign that was submitted has none, even where what it was made of is gone since."""
    if campaign.status not in {"draft", "rejected"}:
        return []
    known = await campaigns.known_fields(connection, campaign.account_id)
    found = draft.missing(campaign) + draft.faults(campaign, draft.EVERYTHING, known_fields=known, at=at)
    chosen = {name: getattr(campaign, name) for name in draft.AUDIENCE}
    try:
        await require_own(connection, campaign.account_id, chosen)
    except InvalidDraftError as error:
        found += error.faults
    return list(dict.fromkeys(found))


async def foresee_moderation(pool: Pool, peers: Peers, campaign: Campaign) -> list[Finding]:
    """What the rules find in the texts as they stand. Without link-svc its domains are left out."""
    try:
        hosts = await link.hosts(peers, campaign.account_id)
    except UnavailableError:
        hosts = []
    rules = await moderation_rules.of_account(pool, campaign.account_id)
    needs_optout = campaign.type == "outbound"
    return moderate(
        campaign.texts,
        campaign.target,
        needs_optout=needs_optout,
        rules=rules,
        own_hosts=hosts,
        links=campaign.further,
    )
