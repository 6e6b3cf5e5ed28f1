"""The key of slugs is replaced: what was sent before leads where it led, and no slug ever leads to two places."""

import msgspec

from link_svc.config import LinkSettings, keys_of
from link_svc.domain.linking import linked
from link_svc.domain.slugs import SPACE, Keys
from link_svc.public.links import Link, Resolver
from volley_chassis.database import Pool
from volley_contracts import CampaignBatch, new_id

from .builders import a_batch, a_pool, take

LATER = "another secret of the tests, a third secret of the tests"


def generations(settings: LinkSettings) -> list[Keys]:
    """As they follow one another: one key, others beside it, and each of those for new links."""
    later = msgspec.structs.replace(settings, later_link_secrets=LATER)
    changed = [settings, later, *(msgspec.structs.replace(later, link_key=key) for key in (2, 3))]
    return [keys_of(each) for each in changed]


async def slugs_of(pool: Pool, batch: CampaignBatch, keys: Keys) -> dict[str, list[str]]:
    """Of the batch's short and opt-out URLs, by host; the same when it comes again, whatever the key is by then."""
    found: dict[str, list[str]] = {}
    for piece in await take(pool, batch, keys=keys):
        event = linked(batch, piece, keys.of)
        for links in (event.short, event.optout):
            assert links is not None
            for url in links.urls:
                found.setdefault(url.split("/")[2], []).append(url.split("/")[3])
    return found


async def found_at(resolver: Resolver, host: str, slugs: list[str]) -> list[int]:
    """Whose they are, asked for one by one and then all at once."""

    async def links(asked: list[str]) -> list[Link | None]:
        found = resolver.resolve(host.encode(), [slug.encode() for slug in asked])
        return [link if isinstance(link, Link) or link is None else await link for link in found]

    one_by_one = [link for slug in slugs for link in await links([slug])]
    assert one_by_one == await links(slugs)
    return [link.seq for link in one_by_one if link]


async def test_links_of_every_key_work_in_every_process_that_has_it(settings: LinkSettings, pool: Pool) -> None:
    account = new_id()
    pools = {"short": await a_pool(pool, account, [None]), "optout": await a_pool(pool, account, [None], "optout")}
    sent: dict[str, list[str]] = {}
    running = Resolver(pool, generations(settings)[1])  # before the key for new links was another
    for number, keys in enumerate(generations(settings)):
        batch = a_batch(account, first_seq=10 * number, **pools)
        made = await slugs_of(pool, batch, keys)
        assert await slugs_of(pool, batch, generations(settings)[-1]) == made
        for host, slugs in made.items():
            sent.setdefault(host, []).extend(slugs)
        for resolver in (running, *(Resolver(pool, each) for each in generations(settings)[1:])):
            for host, slugs in sent.items():
                assert await found_at(resolver, host, slugs) == list(range(len(slugs)))
    for slugs in sent.values():
        assert len(set(slugs)) == len(slugs) == 40
    for host, slugs in sent.items():  # a process that does not know the later ones
        assert await found_at(Resolver(pool, generations(settings)[0]), host, slugs) == list(range(20))


async def test_a_slug_that_a_former_key_issued_is_not_issued_again(settings: LinkSettings, pool: Pool) -> None:
    """On a domain that has given out a twentieth of all slugs: by chance each new one would be taken as often."""
    account = new_id()
    pools = {"short": await a_pool(pool, account, [None]), "optout": await a_pool(pool, account, [None], "optout")}
    await pool.execute("UPDATE domains SET next_index = $1 WHERE account_id = $2", SPACE // 20, account)
    keys = generations(settings)[2]
    taken = 0
    for number in range(20):
        batch = a_batch(account, first_seq=10 * number, **pools)
        for piece in await take(pool, batch, keys=keys):
            for each in (piece.short, piece.optout):
                assert each is not None
                slugs = keys.of(each.domain_id, each.key_id).make(each.start, piece.count)
                for former in (1, 3):
                    indexes = keys.of(each.domain_id, former).indexes([slug.encode() for slug in slugs])
                    assert all(index is not None and index >= each.start for index in indexes)
                taken += piece.count
    used = await pool.fetch("SELECT used, next_index FROM domains WHERE account_id = $1", account)
    assert [row["used"] for row in used] == [taken / 2] * 2, "what is passed over is no message"
    assert all(row["next_index"] > SPACE // 20 + taken / 2 for row in used), "some were passed over"
