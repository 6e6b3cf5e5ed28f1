"""A text is tried out on the account's own numbers: on the same way as a campaign's messages, and counted apart.

A test is a batch of its own under an id that takes a campaign's place (`is_aside`): it gets real URLs, whose domains
count them, waits for the sender's pace, is priced and paid for. It has no lifecycle and no figures, and the campaign
knows nothing of it.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

import msgspec

from campaign_svc.clients.internal import Peers
from campaign_svc.config import SERVICE
from campaign_svc.domain import draft_content, preparation
from campaign_svc.domain.campaign import Campaign, NoSuchCampaignError
from campaign_svc.domain.fault import Fault, InvalidDraftError
from campaign_svc.domain.findings import Finding
from campaign_svc.domain.moderation import verdict_of
from campaign_svc.domain.steps import step_of
from campaign_svc.handlers.examine_draft import foresee_moderation, problems
from campaign_svc.handlers.list_domains import list_domains
from campaign_svc.store import campaigns, recipients, senders, test_sends
from campaign_svc.store.test_sends import TestNumber, TestSend
from volley_chassis import outbox
from volley_chassis.database import Connection, Pool
from volley_chassis.http import Caller
from volley_contracts import (
    CampaignBatch,
    Content,
    Recipients,
    content_hash,
    new_aside_id,
)
from volley_sms import compile_template, is_short_url, of_contacts

MOST_AN_HOUR = 30
"""Messages that an account may test in an hour."""
HOUR = timedelta(hours=1)
CONTENT_VERSION = 1


class RefusedTextError(Exception):
    """The rules reject the text: it may not even be tried out."""

    def __init__(self, findings: list[Finding]) -> None:
        self.findings = findings
        super().__init__("The text would be rejected.")


class TooManyTestsError(Exception):
    """`wait` is when there may be another."""

    def __init__(self, wait: timedelta) -> None:
        self.wait = wait
        super().__init__(f"An account may test {MOST_AN_HOUR} messages an hour.")


class TestWish(msgspec.Struct, frozen=True, kw_only=True):
    """Which variant to whom. No numbers: all of the account's. `contact_id` lends the fields."""

    variant: int = 0
    numbers: tuple[str, ...] = ()
    contact_id: UUID | None = None


async def send_test(
    pool: Pool, peers: Peers, caller: Caller, campaign_id: UUID, wish: TestWish, *, at: datetime
) -> TestSend:
    """Raises NoSuchCampaignError, InvalidDraftError, RefusedTextError, TooManyTestsError."""
    async with pool.acquire() as connection:
        campaign = await campaigns.load(connection, caller.account_id, campaign_id)
        if campaign is None:
            raise NoSuchCampaignError
        await _require_text(connection, campaign, wish, at)
    campaign = await list_domains(peers, campaign)
    findings = await foresee_moderation(pool, peers, campaign)
    mine = [finding for finding in findings if finding.variant in {wish.variant, None}]
    if verdict_of(mine) == "reject":
        raise RefusedTextError(mine)
    async with pool.acquire() as connection, connection.transaction():
        await test_sends.lock_account(connection, caller.account_id)
        people = await _people(connection, caller.account_id, wish)
        await _require_allowance(connection, caller.account_id, len(people), at)
        lender, fields = await _fields(connection, campaign, wish)
        test = TestSend(
            id=new_aside_id(),
            campaign_id=campaign_id,
            variant=wish.variant,
            created_at=at,
            created_by=caller.actor,
            messages=[],
        )
        text = _shown(campaign, wish, fields, people[0].number)
        await test_sends.add(connection, caller.account_id, test, text=text, people=people, lender=lender)
        batch = await _batch(connection, campaign, test, fields, people)
        await outbox.put(connection, batch, source=SERVICE, id=f"{test.id}:0")
    return (await test_sends.page(pool, caller.account_id, campaign_id, after=None, limit=1))[0]


async def _require_text(connection: Connection, campaign: Campaign, wish: TestWish, at: datetime) -> None:
    """The steps that a test needs are complete. A campaign that was submitted is."""
    found = [fault for fault in await problems(connection, campaign, at) if step_of(fault) in {"content", "sender"}]
    if not found and wish.variant >= len(campaign.variants):
        found = [Fault("variant", f"there is no variant {wish.variant}", f"use 0 to {len(campaign.variants) - 1}")]
    if found:
        raise InvalidDraftError(found)


async def _people(connection: Connection, account_id: UUID, wish: TestWish) -> list[TestNumber]:
    own = await test_sends.numbers(connection, account_id)
    if not own:
        fault = Fault("numbers", "the account has no test numbers", "an admin sets them with PUT /v1/test-numbers")
        raise InvalidDraftError([fault])
    if strangers := set(wish.numbers) - {one.number for one in own}:
        fix = "use numbers of GET /v1/test-numbers"
        raise InvalidDraftError([Fault("numbers", f"{min(strangers)} is no test number of the account", fix)])
    return [one for one in own if not wish.numbers or one.number in wish.numbers]


async def _require_allowance(connection: Connection, account_id: UUID, messages: int, at: datetime) -> None:
    sent, first_at = await test_sends.recent(connection, account_id, at - HOUR)
    if sent + messages > MOST_AN_HOUR:
        raise TooManyTestsError((first_at or at) + HOUR - at)


async def _fields(connection: Connection, campaign: Campaign, wish: TestWish) -> tuple[UUID | None, dict[str, str]]:
    """A contact, and what it has in the fields that the text uses: the one wished for, or the first of the audience."""
    if wish.contact_id:
        people = await recipients.contact_for_preview(connection, campaign.account_id, wish.contact_id)
        if not people:
            raise InvalidDraftError([Fault("contact_id", "there is no such contact", "see GET /v1/contacts")])
    else:
        people = await recipients.contacts_for_preview(connection, campaign.account_id, campaign.include, 1)
    used = of_contacts(draft_content.fields_of([campaign.texts[wish.variant]], campaign.target_url, campaign.links))
    if not people:
        return None, {}
    return people[0][0], {name: value for name, value in people[0][3].items() if name in used}


def _shown(campaign: Campaign, wish: TestWish, fields: dict[str, str], number: str) -> str:
    template = compile_template(campaign.texts[wish.variant])
    urls = preparation.sample_urls([], campaign.links)
    return preparation.render(template, fields, number, urls, transliterate=campaign.transliterate)


async def _batch(
    connection: Connection, campaign: Campaign, test: TestSend, fields: dict[str, str], people: Sequence[TestNumber]
) -> CampaignBatch:
    sender = await senders.as_sent(connection, campaign.account_id, campaign.sender_id) if campaign.sender_id else None
    assert sender is not None, "the step was complete"
    text, c = campaign.texts[test.variant], campaign
    used = compile_template(text).fields
    names = tuple(sorted(fields))
    return CampaignBatch(
        account_id=c.account_id,
        campaign_id=test.id,
        batch_no=0,
        first_seq=0,
        sender=sender,
        content=Content(
            variants=(text,),
            target_url=c.target,
            hash=content_hash((text,), c.target, transliterate=c.transliterate, links=c.further),
            version=CONTENT_VERSION,
            transliterate=c.transliterate,
            links=c.further,
        ),
        recipients=Recipients(
            numbers=[one.number for one in people],
            countries=[one.country for one in people],
            variants=[0] * len(people),
            fields=names,
            values=[tuple(fields[name] for name in names)] * len(people) if names else [],
        ),
        links_expire_after=c.links_expire_after,
        short_pool_id=c.short_pool_id if any(map(is_short_url, used)) else None,
        optout_pool_id=c.optout_pool_id if "optout_url" in used else None,
    )
