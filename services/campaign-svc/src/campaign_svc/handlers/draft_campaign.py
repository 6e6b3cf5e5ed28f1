"""Creating, editing, duplicating and submitting campaigns."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec

from campaign_svc.clients import link
from campaign_svc.clients.internal import Peers
from campaign_svc.config import SERVICE
from campaign_svc.domain import domain_lists, draft, hours, lifecycle, trial
from campaign_svc.domain.campaign import MAX_NAME, Campaign, NoSuchCampaignError
from campaign_svc.domain.fault import Fault, InvalidDraftError
from campaign_svc.domain.four_eyes import sign
from campaign_svc.domain.pools import Purpose
from campaign_svc.handlers import break_campaign
from campaign_svc.handlers.follow_waves import begin_next
from campaign_svc.handlers.list_domains import list_domains
from campaign_svc.handlers.move_campaign import lock, move
from campaign_svc.store import campaigns, forecasts, groups, keyword_replies, progress, senders
from volley_chassis import etags, outbox
from volley_chassis.database import Connection, Pool
from volley_chassis.http import Caller
from volley_contracts import CampaignEdited, new_id

WHEN = ("max_parts_per_second", "hours", "waves", "winner")
"""What decides when more is fed."""
FORECAST = (*WHEN, "variants", "start_mode", "start_at", "short_pool_id", "optout_pool_id")
"""What a forecast rests on, once the audience is taken."""


async def create_campaign(pool: Pool, caller: Caller, changes: dict[str, Any], *, at: datetime) -> Campaign:
    """A draft. Raises InvalidDraftError."""
    async with pool.acquire() as connection, connection.transaction():
        return await add_draft(connection, caller, new_id(), changes, at=at)


async def add_draft(
    connection: Connection, caller: Caller, campaign_id: UUID, changes: dict[str, Any], *, at: datetime
) -> Campaign:
    """In the caller's transaction. Raises InvalidDraftError."""
    empty = Campaign(
        id=campaign_id,
        account_id=caller.account_id,
        name="",
        created_at=at,
        created_by=caller.actor,
        updated_at=at,
        prepare_after=at,
        authors=(caller.person,),
    )
    changes = domain_lists.chosen(empty, changes)
    created = msgspec.structs.replace(empty, **changes)
    known = await campaigns.known_fields(connection, caller.account_id)
    if found := draft.faults(created, draft.BASICS | changes.keys(), known_fields=known, at=at):
        raise InvalidDraftError(found)
    await require_own(connection, caller.account_id, changes)
    await campaigns.add(connection, created)
    return created


async def edit_campaign(
    pool: Pool,
    peers: Peers,
    caller: Caller,
    campaign_id: UUID,
    changes: dict[str, Any],
    *,
    if_match: str | None,
    at: datetime,
    half_done: bool = False,
) -> Campaign:
    """Change columns of a campaign, as far as its status lets them change. A draft may be saved `half_done`.

    Raises NoSuchCampaignError, StaleError, NotEditableError, InvalidDraftError, UnavailableError.
    """
    await _require_pools(pool, peers, caller, campaign_id, changes)
    async with pool.acquire() as connection, connection.transaction():
        campaign = await lock(connection, caller.account_id, campaign_id)
        etags.check(if_match, str(campaign.revision))
        await require_own(connection, caller.account_id, changes)
        known = await campaigns.known_fields(connection, caller.account_id)
        changes = domain_lists.chosen(campaign, changes)
        edited = draft.edit(campaign, changes, known_fields=known, at=at, half_done=half_done)
        await _require_hours_for_all(connection, campaign, edited, at)
        if {*domain_lists.lists_of(edited)} - {*domain_lists.lists_of(campaign)}:
            edited = await list_domains(peers, edited)  # with the row locked: two edits must reach link-svc in order
        if edited is not campaign:
            edited = sign(edited, caller.person)
        return await _follow(connection, campaign, edited, actor=caller.actor, at=at)


async def _follow(
    connection: Connection, campaign: Campaign, edited: Campaign, *, actor: str, at: datetime
) -> Campaign:
    """Save the edit with what it entails: moderation, a new schedule, a new split of what was not fed yet."""
    if edited is campaign:
        return campaign
    if (edited.name, edited.tags) != (campaign.name, campaign.tags):
        await _tell(connection, edited, actor)
    if campaign.status == "rejected":
        return await move(connection, edited, "edit_back_to_draft", actor=actor, at=at)
    prepared, launched = campaign.status in lifecycle.PREPARED, campaign.status in lifecycle.LAUNCHED
    new_text = edited.hash_of_texts != campaign.hash_of_texts
    if (prepared and (new_text or edited.pools != campaign.pools)) or (launched and new_text):
        held = msgspec.structs.replace(edited, moderation=None, submitted_by=actor, prepare_after=at)
        sentence = "The texts were changed: nothing is sent until they pass moderation."
        return await move(
            connection, held, "edit_text", actor=actor, at=at, code="content_needs_review", sentence=sentence
        )
    ratios = [variant.ratio for variant in edited.variants]
    new_ratios = (prepared or launched) and ratios != [variant.ratio for variant in campaign.variants]
    if new_ratios:
        edited = msgspec.structs.replace(edited, redealt=True)
    if any(getattr(edited, name) != getattr(campaign, name) for name in FORECAST):
        await forecasts.mark(connection, campaign.account_id, at, campaign_id=campaign.id)
    if prepared and (edited.start_mode, edited.start_at) != (campaign.start_mode, campaign.start_at):
        to = lifecycle.after_preparation(edited.start_mode)
        return await move(connection, edited, "reschedule", actor=actor, at=at, to=to)
    if launched and new_ratios and campaign.is_testing:
        sentence = "The ratios were changed: the rest goes by them."
        return await begin_next(connection, edited, actor=actor, at=at, code="chosen_by_hand", sentence=sentence)
    if any(getattr(edited, name) != getattr(campaign, name) for name in WHEN):
        edited = msgspec.structs.replace(edited, feed_after=None)
    return await _save(connection, campaign, edited, actor=actor, at=at)


async def _save(connection: Connection, campaign: Campaign, edited: Campaign, *, actor: str, at: datetime) -> Campaign:
    """Another budget is a move, so that whoever hands messages over hears of it, in order. The campaign is suspended
    where that much is spent already.
    """
    if campaign.status not in lifecycle.LAUNCHED or edited.budget_amount == campaign.budget_amount:
        await campaigns.save(connection, edited)
        await campaigns.wake(connection)
        return edited
    sentence = f"The budget is now {edited.budget}; it was {campaign.budget}."
    moved = await move(connection, edited, "edit_budget", actor=actor, at=at, sentence=sentence)
    total = await progress.of_one(connection, campaign.id)
    return await break_campaign.stop_if_budget_is_spent(connection, moved, total, at=at)


async def _tell(connection: Connection, edited: Campaign, actor: str) -> None:
    event = CampaignEdited(
        account_id=edited.account_id,
        campaign_id=edited.id,
        campaign_name=edited.name,
        tags=edited.tags,
        actor=actor,
        at=edited.updated_at,
    )
    await outbox.put(connection, event, source=SERVICE)


async def submit_campaign(pool: Pool, caller: Caller, campaign_id: UUID, *, at: datetime) -> Campaign:
    """Hand a complete draft to processing. Raises NoSuchCampaignError, IllegalMoveError, InvalidDraftError."""
    async with pool.acquire() as connection, connection.transaction():
        await keyword_replies.name_account(connection, caller)
        return await submit_draft(connection, caller, campaign_id, at=at)


async def submit_draft(connection: Connection, caller: Caller, campaign_id: UUID, *, at: datetime) -> Campaign:
    """In the caller's transaction. Raises as `submit_campaign`."""
    campaign = await lock(connection, caller.account_id, campaign_id)
    if campaign.status == "draft":
        await _require_complete(connection, campaign, at)
    submitted = msgspec.structs.replace(
        sign(campaign, caller.person),
        submitted_by=caller.actor,
        prepare_after=at,
        moderation=None,
        forecast=None,
        content_hash=None,
        recipients=None,
        dropped={},
    )
    return await move(connection, submitted, "submit", actor=caller.actor, at=at)


async def _require_complete(connection: Connection, campaign: Campaign, at: datetime) -> None:
    """What was legal when it was chosen may not be any more: a start time passes, a column of contacts goes.

    The sender stays until the transaction ends: who removes it meanwhile waits, and then sees the campaign as active.
    """
    known = await campaigns.known_fields(connection, campaign.account_id)
    found = draft.missing(campaign) or draft.faults(campaign, draft.EVERYTHING, known_fields=known, at=at)
    if campaign.sender_id and not await senders.hold(connection, campaign.account_id, campaign.sender_id):
        found.append(_no_sender(campaign.sender_id))
    found += await _no_segments(connection, campaign.account_id, campaign.include, campaign.exclude)
    if found:
        raise InvalidDraftError(found)


async def duplicate_campaign(pool: Pool, caller: Caller, campaign_id: UUID, *, at: datetime) -> Campaign:
    """A draft with the same choices; a start time is not among them. Raises NoSuchCampaignError."""
    async with pool.acquire() as connection, connection.transaction():
        campaign = await campaigns.load(connection, caller.account_id, campaign_id)
        if campaign is None:
            raise NoSuchCampaignError
        suffix = " (copy)"
        chosen = {name: getattr(campaign, name) for name in draft.EVERYTHING - draft.SCHEDULE}
        chosen |= {f"{purpose}_pool_id": None for purpose, _ in domain_lists.lists_of(campaign)}
        ratios = trial.anew([variant.ratio for variant in campaign.variants])
        chosen["variants"] = tuple(
            msgspec.structs.replace(variant, ratio=ratio)
            for variant, ratio in zip(campaign.variants, ratios, strict=True)
        )
        chosen["name"] = campaign.name[: MAX_NAME - len(suffix)] + suffix
        clone = Campaign(
            id=new_id(),
            account_id=caller.account_id,
            created_at=at,
            created_by=caller.actor,
            updated_at=at,
            prepare_after=at,
            authors=tuple(dict.fromkeys((campaign.created_by, *campaign.authors, caller.person))),
            **chosen,
        )
        await campaigns.add(connection, clone)
        return clone


async def require_own(connection: Connection, account_id: UUID, changes: dict[str, Any]) -> None:
    """Segments and the sender must be the account's."""
    found = await _no_segments(connection, account_id, changes.get("include", ()), changes.get("exclude", ()))
    sender_id = changes.get("sender_id")
    if sender_id and await campaigns.sender(connection, account_id, sender_id) is None:
        found.append(_no_sender(sender_id))
    if found:
        raise InvalidDraftError(found)


async def _no_segments(
    connection: Connection, account_id: UUID, include: Sequence[UUID], exclude: Sequence[UUID]
) -> list[Fault]:
    return [
        Fault(f"audience.{name}", f"there is no segment {unknown}", "see GET /v1/segments")
        for name, chosen in (("include", include), ("exclude", exclude))
        for unknown in await campaigns.unknown_segments(connection, account_id, chosen)
    ]


def _no_sender(sender_id: UUID) -> Fault:
    return Fault("sender_id", f"there is no sender {sender_id}", "see GET /v1/senders")


async def _require_hours_for_all(connection: Connection, campaign: Campaign, edited: Campaign, at: datetime) -> None:
    """Recipients were grouped by zones that the hours, as they were, had in common."""
    if edited.hours is None or edited.hours == campaign.hours or campaign.status not in lifecycle.ACTIVE:
        return
    if found := hours.stranded(edited.hours, await groups.of_campaign(connection, campaign.id), at):
        people, zones = sum(group.left for group in found), found[0].zones
        message = (
            f"{people} people would never be texted: it is never a good time from {zones[0]} to {zones[-1]} at once"
        )
        raise InvalidDraftError([Fault("schedule.hours", message, "choose longer hours, or more days")])


async def _require_pools(pool: Pool, peers: Peers, caller: Caller, campaign_id: UUID, changes: dict[str, Any]) -> None:
    """New pools of a campaign that sends are checked at once; those of others when they are prepared.

    What waits at link-svc for a domain of the former pool waits for that one: it would never be sent.
    """
    names = [f"{purpose}_{what}" for purpose in domain_lists.PURPOSES for what in ("pool_id", "domains")]
    if not any(changes.get(name) for name in names):
        return
    async with pool.acquire() as connection:
        campaign = await campaigns.load(connection, caller.account_id, campaign_id)
    if campaign is None or campaign.status not in lifecycle.LAUNCHED:
        return
    found = []
    for purpose, former in _left(campaign, changes).items():
        state = await link.pool(peers, caller.account_id, former)
        if state and state.waiting:
            message = f"{state.waiting} messages still wait for a domain of the pool {state.name}"
            found.append(Fault(f"content.{purpose}_pool_id", message, "add a domain to it and resume, then change it"))
    for purpose in domain_lists.PURPOSES:
        name = f"{purpose}_pool_id"
        if not (pool_id := changes.get(name)):
            continue
        state = await link.pool(peers, caller.account_id, pool_id)
        if state is None or state.purpose != purpose or state.campaign_id not in {None, campaign_id}:
            found.append(Fault(f"content.{name}", f"there is no {purpose} pool {pool_id}", "see GET /v1/pools"))
    if found:
        raise InvalidDraftError(found)


def _left(campaign: Campaign, changes: dict[str, Any]) -> dict[Purpose, UUID]:
    """The pools that the campaign would use no more, by purpose. A list that changes stays the same pool."""
    found = {}
    for purpose in domain_lists.PURPOSES:
        former: UUID | None = getattr(campaign, f"{purpose}_pool_id")
        listed = changes.get(f"{purpose}_domains") and not getattr(campaign, f"{purpose}_domains")
        other = changes.get(f"{purpose}_pool_id") or former
        if former and (listed or other != former):
            found[purpose] = former
    return found
