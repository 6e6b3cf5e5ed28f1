"""The public server over a real socket: clicks are in Kafka when they are answered, pages opt nobody out."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import msgspec
import pytest
from aiohttp import ClientResponse, ClientSession
from aiokafka import AIOKafkaConsumer

from link_svc.config import LinkSettings, slugs_of
from link_svc.domain.linking import LinkedPiece, LinkRange
from link_svc.public.http import MAX_REQUEST
from link_svc.public.http import serving as serving_http
from link_svc.public.links import Resolver
from link_svc.public.server import PublicApp
from volley_chassis.database import Pool
from volley_chassis.kafka import Stream
from volley_contracts import Clicks, Event, OptedOut, Topic, decode, new_id, now, topics

from .builders import KEEP, a_batch, a_pool, take

pytestmark = pytest.mark.usefixtures("kafka_topics")
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
        self, slug: str, *, host: str | None = None, method: str = "GET", headers: dict[str, str] = PERSON
    ) -> ClientResponse:
        url = f"http://127.0.0.1:{self.port}/{slug}"
        named = {"Host": host or self.short_host, **headers}
        answer = await self.session.request(method, url, headers=named, allow_redirects=False)
        await answer.read()  # ends the request; the body can be read again
        return answer


@asynccontextmanager
async def serving(settings: LinkSettings, pool: Pool, stream: Stream) -> AsyncIterator[int]:
    app = PublicApp(Resolver(pool, slugs_of(settings)), stream)
    async with serving_http(app.visit, "127.0.0.1", 0) as port:
        yield port


@pytest.fixture
async def site(settings: LinkSettings, pool: Pool) -> AsyncIterator[Site]:
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
        slugs_of(settings)(each.domain_id, each.key_id).make(each.start, piece.count)
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
        event
        for _, event in await recorded(settings, topics.LINK_CLICKS)
        if isinstance(event, Clicks) and event.campaign_id == site.campaign
    ]


async def opted_out(settings: LinkSettings, site: Site) -> list[tuple[str, OptedOut]]:
    return [
        (name, event)
        for name, event in await recorded(settings, topics.LINK_OPTOUTS)
        if isinstance(event, OptedOut) and event.campaign_id == site.campaign
    ]


async def test_a_click_leads_to_the_target_and_is_recorded(settings: LinkSettings, site: Site) -> None:
    answer = await site.visit(site.short[4])
    assert answer.status == 302
    assert answer.headers["location"] == "https://shop.example/?q=%C3%A4%20b"
    assert answer.headers["cache-control"] == "no-store"
    assert "set-cookie" not in answer.headers
    (event,) = await clicks(settings, site)
    assert (event.account_id, event.seqs, event.variants) == (site.account, [4], [4 % 3 % 2])
    assert (event.reasons, event.user_agents) == ([None], [PERSON["User-Agent"]])
    assert timedelta() <= now() - event.at[0] < timedelta(minutes=1)


async def test_every_answered_click_is_recorded_with_its_reason(settings: LinkSettings, site: Site) -> None:
    visits: list[dict[str, Any]] = [
        {"headers": PERSON},
        {"method": "HEAD"},
        {"headers": {"User-Agent": "WhatsApp/2.24"}},
        {"headers": {"User-Agent": "curl/8"}},
        {"headers": {"User-Agent": ""}},
        {"headers": {**PERSON, "Sec-Purpose": "prefetch"}},
        {"headers": PERSON, "host": f"{site.short_host.upper()}.:8085"},
    ]
    answers = await asyncio.gather(
        *(site.visit(slug, **visit) for slug, visit in zip(site.short, visits, strict=False))
    )
    assert [answer.status for answer in answers] == [302] * len(visits)
    events = await clicks(settings, site)
    found = {seq: reason for event in events for seq, reason in zip(event.seqs, event.reasons, strict=True)}
    assert found == dict(
        enumerate([None, "head_request", "link_preview", "scanner", "no_user_agent", "prefetch", None])
    )


async def test_clicks_of_a_moment_share_a_record(settings: LinkSettings, site: Site) -> None:
    await site.visit(site.short[0])
    await asyncio.gather(*(site.visit(slug) for slug in site.short * 20))
    events = await clicks(settings, site)
    assert sum(len(event.seqs) for event in events) == 201
    assert len(events) < 100


async def test_opening_the_optout_page_opts_nobody_out_and_the_button_does(
    settings: LinkSettings, site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock = datetime(2026, 1, 31, 12, 0, tzinfo=UTC)
    monkeypatch.setattr("link_svc.public.server.now", lambda: clock)
    for method in ("GET", "HEAD"):
        opened = await site.visit(site.optout[3], host=site.optout_host, method=method)
        assert opened.status == 200
        assert opened.headers["content-type"] == "text/html; charset=utf-8"
    assert await opted_out(settings, site) == []
    for later in (timedelta(), timedelta(seconds=30), timedelta(hours=1)):
        clock += later
        pressed = await site.visit(site.optout[3], host=site.optout_host, method="POST")
        assert (pressed.status, "recorded" in await pressed.text()) == (200, True)
        assert "set-cookie" not in pressed.headers
    first, again, after_coming_back = await opted_out(settings, site)
    assert first[0] == again[0] != after_coming_back[0]
    assert (first[1].account_id, first[1].seq, first[1].variant) == (site.account, 3, 0)
    assert await clicks(settings, site) == []


async def test_unknown_things_get_a_plain_page(settings: LinkSettings, site: Site) -> None:
    unknown = [
        ("00000000", site.short_host),
        (site.short[0], site.optout_host),
        (site.short[0], "stranger.example"),
        (site.short[0], "127.0.0.1"),
        (site.short[0][:-1], site.short_host),
        (site.short[0] + "/", site.short_host),
        ("%00%00%00%00%00%00%00%00", site.short_host),
        ("%FF%FE", site.short_host),
        ("", site.short_host),
        ("favicon.ico", site.short_host),
        ("x" * 5000, site.short_host),
    ]
    for slug, host in unknown:
        answer = await site.visit(slug, host=host)
        assert (answer.status, "not found" in await answer.text()) == (404, True), slug
    assert await clicks(settings, site) == []


async def test_every_other_method_is_refused(settings: LinkSettings, site: Site) -> None:
    for method in ("PUT", "DELETE", "PATCH", "OPTIONS", "TRACE"):
        assert (await site.visit(site.short[0], method=method)).status == 405
    posted = await site.visit(site.short[0], method="POST")
    assert (posted.status, posted.headers["allow"]) == (405, "GET, HEAD")
    assert await clicks(settings, site) == []


async def test_expired_links_are_gone_but_who_kept_a_message_can_opt_out(
    settings: LinkSettings, pool: Pool, site: Site
) -> None:
    batch = a_batch(
        site.account,
        short=await a_pool(pool, site.account, [None]),
        optout=await a_pool(pool, site.account, [None], "optout"),
    )
    (piece,) = await take(pool, batch, at=now() - KEEP)
    short, optout, short_host, optout_host = links(settings, piece)
    assert (await site.visit(short[0], host=short_host)).status == 410
    assert (await site.visit(optout[0], host=optout_host)).status == 200


async def test_links_made_while_it_runs_and_of_archived_domains_work(
    settings: LinkSettings, pool: Pool, site: Site
) -> None:
    short = await a_pool(pool, site.account, [None])
    for first in (0, 10):
        batch = a_batch(site.account, first_seq=first, campaign=site.campaign, short=short)
        (piece,) = await take(pool, batch)
        await pool.execute("UPDATE domains SET state = 'archived'")
        each = piece.short
        assert isinstance(each, LinkRange)
        (slug,) = slugs_of(settings)(each.domain_id, each.key_id).make(each.start + 9, 1)
        assert (await site.visit(slug, host=each.host)).status == 302
        await pool.execute("UPDATE domains SET state = 'active'")
    assert sorted(seq for event in await clicks(settings, site) for seq in event.seqs) == [9, 19]


async def test_huge_requests_are_ended_and_others_served(site: Site) -> None:
    for request in (
        b"GET / HTTP/1.1\r\nHost: x\r\nX: " + b"a" * (4 * MAX_REQUEST),
        b"GET /" + b"a" * (4 * MAX_REQUEST),
        b"GET / HTTP/1.1\r\n" + b"X: y\r\n" * MAX_REQUEST,
        b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 9999999\r\n\r\n" + b"a" * (4 * MAX_REQUEST),
        b"\0\1\2\3\r\n\r\n",
    ):
        reader, writer = await asyncio.open_connection("127.0.0.1", site.port)
        try:
            writer.write(request)
            async with asyncio.timeout(10):
                await writer.drain()
                while await reader.read(65536):
                    pass
        except ConnectionError:
            pass  # ended while the request was still being written
        finally:
            writer.close()
    assert (await site.visit(site.short[0])).status == 302


async def test_without_kafka_the_visitor_is_asked_to_try_again(
    settings: LinkSettings, pool: Pool, site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def fail(*_events: Event, **_named: object) -> None:
        raise ConnectionError("no broker")

    monkeypatch.setattr(Stream, "publish", fail)
    async with serving(settings, pool, Stream(settings, "link-svc")) as port:
        away = msgspec.structs.replace(site, port=port)
        clicked = await away.visit(site.short[0])
        pressed = await away.visit(site.optout[0], host=site.optout_host, method="POST")
        assert (clicked.status, pressed.status) == (503, 503)
        assert clicked.headers["retry-after"] == "30"
        assert (await away.visit("healthz")).status == 200


async def test_health_and_robots(site: Site) -> None:
    assert (await site.visit("healthz")).status == 200
    robots = await site.visit("robots.txt")
    assert (robots.status, await robots.text()) == (200, "User-agent: *\nDisallow: /\n")
