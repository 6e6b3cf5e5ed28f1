"""What expired goes; links that live, opt-out URLs and what tells a batch that comes again stay."""

from datetime import timedelta

import msgspec
import pytest

from link_svc.config import LinkSettings
from link_svc.handlers.end_campaign import end_campaign
from link_svc.store.retention import rules
from volley_chassis.database import Pool
from volley_chassis.retention import remove_old
from volley_contracts import Content, new_id, now

from .builders import KEEP, a_batch, a_pool, moved, take, used
from .site import Site, links

pytestmark = pytest.mark.usefixtures("kafka_topics")
DAY = timedelta(days=1)


async def test_links_that_live_and_optout_urls_outlive_what_expired(
    settings: LinkSettings, pool: Pool, site: Site
) -> None:
    made = now()
    short = await a_pool(pool, site.account, [None])
    batch = a_batch(site.account, short=short, optout=await a_pool(pool, site.account, [None], "optout"))
    recipients = msgspec.structs.replace(batch.recipients, fields=("city",), values=[("Oslo",)] * 10)
    content = Content(variants=("a", "b"), target_url="https://shop.example/{{ city }}", hash="h")
    old = msgspec.structs.replace(batch, recipients=recipients, content=content)
    (piece,) = await take(pool, old, at=made)
    young = a_batch(site.account, short=short)
    (living,) = await take(pool, young, at=made, keep=1000 * DAY)
    expired = msgspec.structs.replace(settings, expired_link_days=30, target_value_days=2)

    async def look(days: float) -> tuple[int, int]:
        for rule in rules(expired):
            await remove_old(pool, rule, at=made + KEEP + days * DAY, rows=1)
        counts = "SELECT (SELECT count(*) FROM target_values), (SELECT count(*) FROM ranges WHERE campaign_id = $1)"
        return tuple(await pool.fetchrow(counts, old.campaign_id))

    assert await look(1.9) == (1, 2)
    assert await look(2.1) == (0, 2)
    assert await look(29.9) == (0, 2)
    assert await look(30.1) == (0, 1)
    gone, optout, short_host, optout_host = links(settings, piece)
    assert (await site.visit(gone[0], host=short_host)).status == 404
    assert (await site.visit(optout[0], host=optout_host)).status == 200
    assert living.short is not None
    lives, _, host, _ = links(settings, msgspec.structs.replace(living, optout=living.short))
    assert (await site.visit(lives[0], host=host)).status == 302


async def test_a_batch_is_known_as_long_as_its_campaign_may_send(settings: LinkSettings, pool: Pool) -> None:
    account = new_id()
    short = await a_pool(pool, account, [None])
    paused, ended = a_batch(account, short=short), a_batch(account, short=short)
    pieces = [await take(pool, batch, keep=1000 * DAY) for batch in (paused, ended)]
    for status in ("finished", "deleted"):
        await end_campaign(pool, moved(ended, status))
    for days in (settings.ended_campaign_days - 1, settings.ended_campaign_days + 1):
        for rule in rules(settings):
            await remove_old(pool, rule, at=now() + days * DAY)
        known = {row["campaign_id"] for row in await pool.fetch("SELECT campaign_id FROM taken")}
        over = days > settings.ended_campaign_days
        assert known == ({paused.campaign_id} if over else {paused.campaign_id, ended.campaign_id})
        assert await pool.fetchval("SELECT count(*) FROM ended_campaigns") == int(not over)
        assert await take(pool, paused) == pieces[0]
    assert await used(pool, short) == [20]
