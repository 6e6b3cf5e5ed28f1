"""Target URLs with each recipient's own values, and links that expire when their campaign says so."""

from datetime import timedelta

import msgspec
import pytest

from link_svc.config import LinkSettings
from link_svc.handlers.forget_contact import forget_contact
from volley_chassis.database import Pool
from volley_contracts import CampaignBatch, ContactErased, Content, Recipients, new_id, now

from .builders import KEEP, a_batch, a_pool, take
from .site import Site, clicks, links

pytestmark = pytest.mark.usefixtures("kafka_topics")
TARGET = "https://shop.example/{{ city | everywhere }}?c={{ code }}"


async def personal(pool: Pool, site: Site, limits: list[int | None]) -> CampaignBatch:
    batch = a_batch(
        site.account,
        campaign=site.campaign,
        first_seq=100,
        short=await a_pool(pool, site.account, limits),
        content=Content(variants=("a", "b"), target_url=TARGET, hash="h"),
    )
    r = batch.recipients
    values = [(f"Köln {seq}" if seq % 2 else "", f"{seq}", "x") for seq in range(len(r.numbers))]
    recipients = Recipients(
        numbers=r.numbers, countries=r.countries, variants=r.variants, fields=("city", "code", "name"), values=values
    )
    return msgspec.structs.replace(batch, recipients=recipients)


async def target_of(settings: LinkSettings, pool: Pool, site: Site, batch: CampaignBatch, seq: int) -> str:
    for piece in await take(pool, batch):
        offset = batch.first_seq + seq - piece.first_seq
        if 0 <= offset < piece.count and piece.short:
            optout_free = msgspec.structs.replace(piece, optout=piece.short)
            slugs, _, host, _ = links(settings, optout_free)
            answer = await site.visit(slugs[offset], host=host)
            assert answer.status == 302
            return answer.headers["location"]
    raise AssertionError("no piece has the recipient")


async def test_every_recipient_has_a_target_of_their_own(settings: LinkSettings, pool: Pool, site: Site) -> None:
    batch = await personal(pool, site, [4, None])
    assert [await target_of(settings, pool, site, batch, seq) for seq in (0, 3, 5, 8, 3)] == [
        "https://shop.example/everywhere?c=0",
        "https://shop.example/K%C3%B6ln%203?c=3",
        "https://shop.example/K%C3%B6ln%205?c=5",
        "https://shop.example/everywhere?c=8",
        "https://shop.example/K%C3%B6ln%203?c=3",
    ]
    assert sorted(seq for event in await clicks(settings, site) for seq in event.seqs) == [100, 103, 103, 105, 108]


async def test_targets_without_placeholders_keep_nothing_of_anybody(pool: Pool, site: Site) -> None:
    await take(pool, a_batch(site.account, short=await a_pool(pool, site.account, [None])))
    assert await pool.fetchval("SELECT count(*) FROM target_values") == 0


async def test_who_is_erased_is_taken_out_and_their_link_still_works(
    settings: LinkSettings,
    pool: Pool,
    site: Site,
) -> None:
    batch = await personal(pool, site, [None])
    assert await target_of(settings, pool, site, batch, 3) == "https://shop.example/K%C3%B6ln%203?c=3"
    erased = ContactErased(
        account_id=site.account,
        contact_id=new_id(),
        number=batch.recipients.numbers[3],
        complete=False,
        suppressed=False,
        at=now(),
    )
    before = msgspec.structs.replace(erased, complete=True, at=now() - timedelta(days=1))
    stranger = msgspec.structs.replace(erased, complete=True, account_id=new_id())
    for event in (erased, before, stranger):
        await forget_contact(pool, event)
    assert await target_of(settings, pool, site, batch, 3) == "https://shop.example/K%C3%B6ln%203?c=3"
    for _ in range(2):
        await forget_contact(pool, msgspec.structs.replace(erased, complete=True))
    assert await target_of(settings, pool, site, batch, 3) == "https://shop.example/everywhere?c="
    assert await target_of(settings, pool, site, batch, 5) == "https://shop.example/K%C3%B6ln%205?c=5"
    assert batch.recipients.numbers[3] not in await pool.fetchval("SELECT numbers FROM target_values")


@pytest.mark.parametrize(("days", "status"), [(None, 302), (1, 410), (2, 302), (900, 302)])
async def test_short_urls_expire_when_their_campaign_says_so_and_optout_urls_do_not(
    settings: LinkSettings,
    pool: Pool,
    site: Site,
    days: int | None,
    status: int,
) -> None:
    batch = a_batch(
        site.account,
        short=await a_pool(pool, site.account, [None]),
        optout=await a_pool(pool, site.account, [None], "optout"),
    )
    batch = msgspec.structs.replace(batch, links_expire_after=days)
    (piece,) = await take(pool, batch, at=now() - timedelta(days=1, hours=1), keep=3 * KEEP)
    short, optout, short_host, optout_host = links(settings, piece)
    assert (await site.visit(short[0], host=short_host)).status == status
    assert (await site.visit(optout[0], host=optout_host)).status == 200


async def test_no_campaign_s_links_outlive_the_limit(pool: Pool, site: Site) -> None:
    batch = a_batch(site.account, short=await a_pool(pool, site.account, [None]))
    at = now()
    await take(pool, msgspec.structs.replace(batch, links_expire_after=900), at=at)
    expires_at = await pool.fetchval("SELECT expires_at FROM ranges WHERE campaign_id = $1", batch.campaign_id)
    assert expires_at == at + KEEP
