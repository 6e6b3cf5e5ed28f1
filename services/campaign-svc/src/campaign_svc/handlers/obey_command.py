"""Commands of other services: what they ask for is done as if by the API, and answered in the same transaction."""

from datetime import datetime

import asyncpg
import msgspec

from campaign_svc.config import SERVICE
from campaign_svc.domain.campaign import Campaign, NoSuchCampaignError
from campaign_svc.domain.characters import control_in
from campaign_svc.domain.choices import CampaignPatch, columns
from campaign_svc.domain.fault import Fault, InvalidDraftError
from campaign_svc.domain.lifecycle import IllegalMoveError
from campaign_svc.handlers.draft_campaign import add_draft, submit_draft
from campaign_svc.store import campaigns
from volley_chassis import outbox
from volley_chassis.database import Connection, Pool
from volley_chassis.http import Caller
from volley_chassis.kafka import Received
from volley_contracts import CommandAnswered, CommandProblem, CreateCampaign, SubmitCampaign

REFUSALS = (
    msgspec.ValidationError,
    InvalidDraftError,
    IllegalMoveError,
    NoSuchCampaignError,
    asyncpg.UniqueViolationError,
)
LONGEST_ACTOR = 300
"""More than an address has, so that people are known by it."""
OVER = frozenset({"rejected", "aborted", "finished"})


async def obey_command(pool: Pool, received: Received[CreateCampaign | SubmitCampaign], *, at: datetime) -> None:
    """Do it, or nothing of it, and answer.

    Idempotent by the campaign: one that is there is not made again, one that is no draft not submitted again. When
    a command comes again so does its answer, under the same id.
    """
    command = received.data
    problems: list[CommandProblem] = []
    async with pool.acquire() as connection, connection.transaction():
        try:
            async with connection.transaction():
                await _obey(connection, command, at)
        except REFUSALS as error:
            problems = _problems(error)
        campaign = await campaigns.load(connection, command.account_id, command.campaign_id)
        answer = CommandAnswered(
            account_id=command.account_id,
            campaign_id=command.campaign_id,
            command_id=received.id,
            accepted=not problems,
            status=campaign.status if campaign else None,
            problems=problems,
            at=at,
        )
        await outbox.put(connection, answer, source=SERVICE, id=f"answer:{received.id}")


async def _obey(connection: Connection, command: CreateCampaign | SubmitCampaign, at: datetime) -> None:
    if message := control_in(command.actor) or (None if command.actor.strip() else "is empty"):
        raise InvalidDraftError([Fault("actor", message, "name whoever asks for it")])
    actor = f"service:{command.actor}"[:LONGEST_ACTOR]
    caller = Caller(account_id=command.account_id, actor=actor, role="operator", owner=command.actor[:LONGEST_ACTOR])
    campaign: Campaign | None = await campaigns.load(connection, command.account_id, command.campaign_id)
    if campaign is None:
        if not isinstance(command, CreateCampaign):
            raise NoSuchCampaignError
        changes = columns(msgspec.convert(command.campaign, CampaignPatch))
        campaign = await add_draft(connection, caller, command.campaign_id, changes, at=at)
    if isinstance(command, SubmitCampaign) and campaign.status in OVER:
        raise IllegalMoveError(campaign.status, "submit")
    if campaign.status == "draft" and (isinstance(command, SubmitCampaign) or command.submit):
        await submit_draft(connection, caller, campaign.id, at=at)


def _problems(error: Exception) -> list[CommandProblem]:
    match error:
        case InvalidDraftError():
            return [CommandProblem(fault.field, fault.message, fault.fix) for fault in error.faults]
        case IllegalMoveError():
            return [CommandProblem("campaign_id", f"the campaign is {error.status}", "submit drafts only")]
        case NoSuchCampaignError():
            return [CommandProblem("campaign_id", "there is no such campaign", "create it first")]
        case asyncpg.UniqueViolationError():
            return [CommandProblem("campaign_id", "is taken", "choose a new UUIDv7")]
        case _:
            return [CommandProblem("campaign", str(error), "see PATCH /v1/campaigns/{id} in the API reference")]
