"""A reviewer decides about texts that the rules held."""

from datetime import datetime
from typing import Literal
from uuid import UUID

import msgspec

from campaign_svc.domain.campaign import Campaign
from campaign_svc.domain.four_eyes import had_a_hand_in
from campaign_svc.handlers.move_campaign import lock
from campaign_svc.handlers.prepare_campaign import pass_texts, reject_texts
from volley_chassis.database import Pool
from volley_chassis.http import Caller


class NotWaitingError(Exception):
    """The campaign does not wait for a reviewer."""


class OtherContentError(Exception):
    """What waits now is not what the reviewer has seen."""


class OwnCampaignError(Exception):
    """Nobody may decide about a campaign that they created, edited or submitted, by session, key or command."""


async def review_campaign(
    pool: Pool,
    caller: Caller,
    campaign_id: UUID,
    verdict: Literal["pass", "reject"],
    comment: str,
    *,
    seen: str | None = None,
    at: datetime,
) -> Campaign:
    """`seen` is the hash of the content that the decision is about, if the reviewer says so.

    Raises NoSuchCampaignError, NotWaitingError, OtherContentError, OwnCampaignError.
    """
    async with pool.acquire() as connection, connection.transaction():
        campaign = await lock(connection, caller.account_id, campaign_id)
        waits = campaign.status == "processing" or campaign.code == "content_needs_review"
        if not waits or campaign.moderation is None or campaign.moderation.verdict != "review":
            raise NotWaitingError
        if seen not in {None, campaign.moderation.content_hash}:
            raise OtherContentError
        if had_a_hand_in(campaign, caller.actor, caller.person):
            raise OwnCampaignError
        decision = msgspec.structs.replace(
            campaign.moderation, verdict=verdict, decided_by=caller.actor, comment=comment, at=at
        )
        decided = msgspec.structs.replace(campaign, moderation=decision)
        act = pass_texts if verdict == "pass" else reject_texts
        return await act(connection, decided, actor=caller.actor, at=at, sentence=comment)
