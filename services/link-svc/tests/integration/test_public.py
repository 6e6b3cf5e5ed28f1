"""The public server over a real socket: clicks are in Kafka when they are answered, pages opt nobody out."""

import asyncio
import re
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
import pytest

from link_svc.config import LinkSettings, keys_of
from link_svc.domain.linking import LinkRange, linked
from link_svc.public.http import MAX_REQUEST
from volley_chassis.database import Pool
from volley_chassis.kafka import Stream
from volley_contracts import Event, now

from .builders import KEEP, a_batch, a_pool, take
from .site import PERSON, Site, clicks, links, opted_out, serving

pytestmark = pytest.mark.usefixtures("kafka_topics")


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
    blind: tuple[tuple[str, dict[str, str] | None], ...] = (
        ("GET", None),
        ("HEAD", None),
        ("POST", None),
        ("POST", {"stop": ""}),
        ("POST", {"List-Unsubscribe": "One-Click", "email": "stop=yes@example.com"}),
    )
    for method, form in blind:
        opened = await site.visit(site.optout[3], host=site.optout_host, method=method, form=form)
        assert opened.status == 200
        assert opened.headers["content-type"] == "text/html; charset=utf-8"
    assert await opted_out(settings, site) == []
    for later in (timedelta(), timedelta(seconds=30), timedelta(hours=1)):
        clock += later
        pressed = await site.press(site.optout[3], host=site.optout_host)
        assert (pressed.status, "recorded" in await pressed.text()) == (200, True)
        assert "set-cookie" not in pressed.headers
    first, again, after_coming_back = await opted_out(settings, site)
    assert first[0] == again[0] != after_coming_back[0]
    assert (first[1].account_id, first[1].seq, first[1].variant) == (site.account, 3, 0)
    assert await clicks(settings, site) == []


async def test_the_optout_page_speaks_the_visitor_s_language(site: Site) -> None:
    for wanted, visit, said in (("de-CH,fr;q=0.5", site.visit, "abbestellen"), ("fr", site.press, "enregistrée")):
        answer = await visit(site.optout[0], host=site.optout_host, headers={**PERSON, "Accept-Language": wanted})
        assert (answer.status, answer.headers["vary"]) == (200, "accept-language")
        assert said in await answer.text()


async def test_without_a_wish_of_the_browser_s_it_speaks_the_country_s_main_language(
    settings: LinkSettings, pool: Pool, site: Site
) -> None:
    """Across pieces of a batch, where countries are mixed and where they are one."""
    batch = a_batch(site.account, first_seq=20, optout=await a_pool(pool, site.account, [4, None], "optout"))
    countries = ["DE", "BR", "SA", "ZZ", "PL", "PL", "PL", "PL", "PL", "PL"]
    recipients = msgspec.structs.replace(batch.recipients, countries=countries)
    pieces = await take(pool, msgspec.structs.replace(batch, recipients=recipients))
    said = []
    for piece in pieces:
        assert piece.optout is not None
        host = piece.optout.host
        for slug in (
            keys_of(settings).of(piece.optout.domain_id, piece.optout.key_id).make(piece.optout.start, piece.count)
        ):
            for headers in ({}, {"Accept-Language": "cy, *;q=0.1"}):
                answer = await site.visit(slug, host=host, headers=PERSON | headers)
                said.append(re.findall('lang="([a-z-]+)"', await answer.text())[0])
            asked = await site.visit(slug, host=host, headers=PERSON | {"Accept-Language": "en"})
            assert '<html lang="en">' in await asked.text()
    assert said[::2] == said[1::2] == ["de", "pt", "ar", "en", "pl", "pl", "pl", "pl", "pl", "pl"]
    assert len(pieces) == 2
    pressed = await site.press(slug, host=host)
    assert "zapisana" in await pressed.text()


async def test_what_the_contact_says_comes_before_the_browser_and_the_country(
    settings: LinkSettings, pool: Pool, site: Site
) -> None:
    batch = a_batch(site.account, first_seq=20, optout=await a_pool(pool, site.account, [4, None], "optout"))
    languages = ["de", "", "pt-br", "xx", "fr", "fr", "fr", "fr", "fr", "fr"]
    recipients = msgspec.structs.replace(batch.recipients, countries=["PL"] * 10, languages=languages)
    batch = msgspec.structs.replace(batch, recipients=recipients)
    pieces = await take(pool, batch)
    assert not any(linked(batch, piece, keys_of(settings).of).recipients.languages for piece in pieces)
    asked: list[tuple[str, str]] = []
    for piece in pieces:
        assert piece.optout is not None
        host = piece.optout.host
        for slug in (
            keys_of(settings).of(piece.optout.domain_id, piece.optout.key_id).make(piece.optout.start, piece.count)
        ):
            pages = [
                await site.visit(slug, host=host, headers=PERSON | wish) for wish in ({}, {"Accept-Language": "it"})
            ]
            without, with_wish = [re.findall('lang="([a-z-]+)"', await page.text())[0] for page in pages]
            asked.append((without, with_wish))
    assert len(pieces) == 2
    assert asked == [("de", "de"), ("pl", "it"), ("pt", "pt"), ("pl", "it"), *[("fr", "fr")] * 6]
    pressed = await site.press(slug, host=host, headers=PERSON | {"Accept-Language": "it"})
    assert "enregistrée" in await pressed.text()


async def test_a_click_has_the_recipient_s_country(settings: LinkSettings, pool: Pool, site: Site) -> None:
    """Across pieces of a batch, where countries are mixed and where they are one."""
    batch = a_batch(
        site.account, campaign=site.campaign, first_seq=20, short=await a_pool(pool, site.account, [4, None])
    )
    countries = ["DE", "BR", "SA", "ZZ", "PL", "PL", "PL", "PL", "PL", "PL"]
    recipients = msgspec.structs.replace(batch.recipients, countries=countries)
    for piece in await take(pool, msgspec.structs.replace(batch, recipients=recipients)):
        assert piece.short is not None
        for slug in (
            keys_of(settings).of(piece.short.domain_id, piece.short.key_id).make(piece.short.start, piece.count)
        ):
            await site.visit(slug, host=piece.short.host)
    await pool.execute("UPDATE ranges SET countries = NULL")  # as ranges of earlier releases are
    await site.visit(site.short[0])
    found = {
        seq: country
        for event in await clicks(settings, site)
        for seq, country in zip(event.seqs, event.countries, strict=True)
    }
    assert found == {0: "", **dict(enumerate(countries, start=20))}


async def test_who_opts_out_does_so_whatever_is_known_of_the_country(
    settings: LinkSettings, pool: Pool, site: Site
) -> None:
    await pool.execute("UPDATE ranges SET countries = NULL")  # as ranges of earlier releases are
    for visit, word in ((site.visit, "Stop"), (site.press, "recorded")):
        answer = await visit(site.optout[1], host=site.optout_host)
        assert (answer.status, word in await answer.text()) == (200, True)
    assert [event.seq for _, event in await opted_out(settings, site)] == [1]


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
        (slug,) = keys_of(settings).of(each.domain_id, each.key_id).make(each.start + 9, 1)
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
        pressed = await away.press(site.optout[0], host=site.optout_host)
        assert (clicked.status, pressed.status) == (503, 503)
        assert clicked.headers["retry-after"] == "30"
        assert (await away.visit("healthz")).status == 200


async def test_health_and_robots(site: Site) -> None:
    assert (await site.visit("healthz")).status == 200
    robots = await site.visit("robots.txt")
    assert (robots.status, await robots.text()) == (200, "User-agent: *\nDisallow: /\n")
