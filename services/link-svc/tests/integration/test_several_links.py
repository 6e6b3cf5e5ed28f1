"""Several links in one text: each recipient's own URL for each, all of one domain that counts the message once."""

import msgspec

from link_svc.config import LinkSettings, keys_of
from link_svc.domain.linking import linked
from volley_chassis.database import Pool
from volley_contracts import CampaignBatch, Content, NamedLink, Recipients, new_id, now

from .builders import KEEP, a_batch, a_pool, refill, take, used
from .site import Site, clicks

FURTHER = (NamedLink("terms", "https://shop.example/terms"), NamedLink("map", "https://map.example/{{ city | all }}"))
CONTENT = Content(variants=("a", "b"), target_url="https://shop.example/", links=FURTHER, hash="h")


def with_cities(batch: CampaignBatch) -> CampaignBatch:
    r = batch.recipients
    recipients = Recipients(
        numbers=r.numbers,
        countries=r.countries,
        variants=r.variants,
        fields=("city", "name"),
        values=[(f"city {seq}", "x") for seq in range(len(r.numbers))],
    )
    return msgspec.structs.replace(batch, recipients=recipients)


async def test_a_click_tells_which_link_and_leads_where_it_leads(
    settings: LinkSettings, pool: Pool, site: Site, kafka_topics: None
) -> None:
    short = await a_pool(pool, site.account, [4, None])
    batch = with_cities(a_batch(site.account, campaign=site.campaign, first_seq=100, short=short, content=CONTENT))
    pieces = await take(pool, batch)
    assert await take(pool, batch) == pieces  # a redelivery
    assert await used(pool, short) == [4, 6]  # messages, not URLs

    urls: list[str] = []
    for piece in pieces:
        links = linked(batch, piece, keys_of(settings).of).short
        assert links is not None
        named = (links.urls, links.named["terms"], links.named["map"])
        urls += [url for each in named for url in each]
        for offset, visited in enumerate(zip(*named, strict=True)):
            seq = piece.first_seq - 100 + offset
            places = ("https://shop.example/", "https://shop.example/terms", f"https://map.example/city%20{seq}")
            for url, place in zip(visited, places, strict=True):
                host, slug = url.removeprefix("https://").split("/")
                answer = await site.visit(slug, host=host)
                assert (answer.status, answer.headers["location"]) == (302, place)
    assert len(set(urls)) == 30
    told = [pair for event in await clicks(settings, site) for pair in zip(event.seqs, event.links, strict=True)]
    assert sorted(told, key=str) == sorted(
        ((seq, name) for seq in range(100, 110) for name in (None, "terms", "map")), key=str
    )


async def test_what_waited_has_all_its_links_and_overlaps_with_nothing(settings: LinkSettings, pool: Pool) -> None:
    account = new_id()
    short = await a_pool(pool, account, [15])
    batch = a_batch(account, short=short, content=CONTENT)
    later = a_batch(account, campaign=batch.campaign_id, first_seq=10, short=short, content=CONTENT)
    await take(pool, batch)
    (begun,) = await take(pool, later)
    assert (begun.count, await used(pool, short)) == (5, [15])
    await pool.execute("UPDATE domains SET message_limit = 100")
    await refill(pool, settings)
    await take(pool, a_batch(account, short=short))
    assert await used(pool, short) == [30]
    rows = await pool.fetch(
        "SELECT start, count, coalesce(jsonb_array_length(links), 0) AS further FROM ranges ORDER BY 1"
    )
    ends = [row["start"] + row["count"] * (1 + row["further"]) for row in rows]
    assert ends == [row["start"] for row in rows[1:]] + [await pool.fetchval("SELECT next_index FROM domains")]
    assert [row["count"] for row in rows] == [10, 5, 5, 10]


async def test_further_links_expire_with_the_first(settings: LinkSettings, pool: Pool, site: Site) -> None:
    batch = a_batch(site.account, short=await a_pool(pool, site.account, [None]), content=CONTENT)
    (piece,) = await take(pool, batch, at=now() - KEEP)
    links = linked(batch, piece, keys_of(settings).of).short
    assert links is not None
    host, slug = links.named["terms"][3].removeprefix("https://").split("/")
    assert (await site.visit(slug, host=host)).status == 410
