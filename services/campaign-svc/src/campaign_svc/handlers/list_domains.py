"""Has link-svc hold the domains that a campaign lists, as a pool of its own."""

import msgspec

from campaign_svc.clients import link
from campaign_svc.clients.internal import Peers
from campaign_svc.domain.campaign import Campaign
from campaign_svc.domain.domain_lists import lists_of
from campaign_svc.domain.fault import Fault, InvalidDraftError


async def list_domains(peers: Peers, campaign: Campaign) -> Campaign:
    """The campaign with the pools of its lists. Doing it again changes nothing. Raises InvalidDraftError, naming each
    domain that is none of the account's; UnavailableError.
    """
    found: list[Fault] = []
    for purpose, hosts in lists_of(campaign):
        field = f"{purpose}_domains"
        listed = await link.list_domains(
            peers, campaign.account_id, campaign.id, purpose=purpose, name=campaign.name, hosts=hosts
        )
        found += (Fault(f"content.{field}[{each.index}]", each.message, each.fix) for each in listed.problems)
        campaign = msgspec.structs.replace(
            campaign, **{field: tuple(listed.hosts), f"{purpose}_pool_id": listed.pool_id}
        )
    if found:
        raise InvalidDraftError(found)
    return campaign
