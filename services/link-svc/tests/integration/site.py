"""A running public server with the links of a batch, and what it put into Kafka."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from uuid import UUID

import msgspec
from aiohttp import ClientResponse, ClientSession
from aiokafka import AIOKafkaConsumer

from link_svc.config import LinkSettings, keys_of
from link_svc.domain.linking import LinkedPiece
from link_svc.public.http import serving as serving_http
from link_svc.public.links import Resolver
from link_svc.public.server import PublicApp
from volley_chassis.database import Pool
from volley_chassis.kafka import Stream
from volley_contracts import Clicks, DomainClicks, Event, OptedOut, Topic, by_campaign, decode, new_id, topics

from .builders import a_batch, a_pool, take

PERSON = {
    "User-Agent": "Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) "
    "Version/17.5 Mobile/15E148 Safari/604.1"
}


class Site(msgspec.Struct):
    """A running public server with the links of one batch of ten."""

    session: ClientSession
    port: int
    account: UUID
    campaign: UUID
    short: list[str]
    optout: list[str]
    short_host: str
    optout_host: str

    async def visit(
        self,
        slug: str,
        *,
        host: str | None = None,
        method: str = "GET",
        headers: dict[str, str] = PERSON,
        form: dict[str, str] | None = None,
    ) -> ClientResponse:
        url = f"http://127.0.0.1:{self.port}/{slug}"
        named = {"Host": host or self.short_host, **headers}
        answer = await self.session.request(method, url, headers=named, data=form, allow_redirects=False)
        await answer.read()  # ends the request; the body can be read again
        return answer

    async def press(self, slug: str, *, host: str, headers: dict[str, str] = PERSON) -> ClientResponse:
        """Send the form of the page, as its button does."""
        return await self.visit(slug, host=host, method="POST", headers=headers, form={"stop": "yes"})


@asynccontextmanager
async def serving(settings: LinkSettings, pool: Pool, stream: Stream) -> AsyncIterator[int]:
    app = PublicApp(Resolver(pool, keys_of(settings)), stream, settings.internal_token)
    async with serving_http(app.visit, "127.0.0.1", 0) as port:
        yield port


@asynccontextmanager
async def running_site(settings: LinkSettings, pool: Pool) -> AsyncIterator[Site]:
    account = new_id()
    batch = a_batch(
        account, short=await a_pool(pool, account, [None]), optout=await a_pool(pool, account, [None], "optout")
    )
    (piece,) = await take(pool, batch)
    stream = Stream(settings, "link-svc")
    async with stream.running(), serving(settings, pool, stream) as port, ClientSession() as session:
        yield Site(session, port, account, batch.campaign_id, *links(settings, piece))


def links(settings: LinkSettings, piece: LinkedPiece) -> tuple[list[str], list[str], str, str]:
    assert piece.short is not None
    assert piece.optout is not None
    slugs = [
        keys_of(settings).of(each.domain_id, each.key_id).make(each.start, piece.count)
        for each in (piece.short, piece.optout)
    ]
    return slugs[0], slugs[1], piece.short.host, piece.optout.host


async def recorded(settings: LinkSettings, topic: Topic) -> list[tuple[str, Event]]:
    """Everything that the topic holds now, with the ids."""
    consumer = AIOKafkaConsumer(
        settings.topic_prefix + topic.name, bootstrap_servers=settings.kafka, auto_offset_reset="earliest"
    )
    found = []
    async with consumer:
        partitions = consumer.assignment()
        ends = await consumer.end_offsets(partitions)
        for partition in partitions:
            while await consumer.position(partition) < ends[partition]:
                record = await consumer.getone(partition)
                headers = {name: value.decode() for name, value in record.headers}
                found.append((headers["ce_id"], decode(headers["ce_type"], record.value)))
    return found


async def clicks(settings: LinkSettings, site: Site) -> list[Clicks]:
    return [
        clicks
        for _, event in await recorded(settings, topics.LINK_CLICKS)
        if isinstance(event, DomainClicks)
        for clicks in by_campaign(event)
        if clicks.campaign_id == site.campaign
    ]


async def opted_out(settings: LinkSettings, site: Site) -> list[tuple[str, OptedOut]]:
    return [
        (name, event)
        for name, event in await recorded(settings, topics.LINK_OPTOUTS)
        if isinstance(event, OptedOut) and event.campaign_id == site.campaign
    ]
