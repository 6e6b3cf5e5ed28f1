"""Illegal fields in every body that the API takes: each is named, with the fix, and nothing is done."""

from typing import Any

import pytest

from volley_tools.refusals import SMPP, Things, Visitor, fields, filled, snapshot

NOBODY = "00000000-0000-4000-8000-000000000000"
HTTP = {"url": "https://sms.example.com/v1", "token": "secret"}
SENDER = {"address": "Visitor", "parts_per_second": 5}
CONTACT = {"number": "+12025550150"}
PRICES = {"currency": "EUR", "prices": {"US": "0.0079"}}
HOURS = {"opens": "09:00", "closes": "20:00"}
CAMPAIGN = "PATCH", "/v1/campaigns/@campaign"


def _smpp(**changes: Any) -> dict[str, Any]:
    return {"name": "x", "protocol": "smpp", "config": SMPP | changes}


def _http(**changes: Any) -> dict[str, Any]:
    return {"name": "x", "protocol": "http", "config": HTTP | changes}


def _text(text: Any) -> dict[str, Any]:
    """A campaign's content whose second variant has the text."""
    return {"content": {"variants": [{"text": "Hello", "ratio": 50}, {"text": text, "ratio": 50}]}}


NAMES = ["", "   ", "x" * 256, "a\0b", "a\x07b", "a\nb", 5, None, ["x"], {}]
HOSTS = [
    *("https://x.example", "x.example/path", "x.example?q=1", "x.example#f", "user@x.example", "x.example:80"),
    *("1.2.3.4", "1.2.3.4:80", "127.1", "0x7f.1", "::1", "[::1]:80", "a b.example", "😀.example", "", " ", "x"),
    *("-a.example", "a..example", ".example", "a\0.example", "*.example", "a_b.example", "a" * 64 + ".example"),
    *(f"{'a' * 50}.{'b' * 50}.example", "a" * 3000, 5, None),
]
URLS = [
    *("no address", "shop.example", "javascript:alert(1)", "ftp://shop.example/", "https://", "https:///path"),
    *("https://shop.example:99999/", "https://a b.example/", "https://[::1/", "https://x.example/a\0b", 5),
    f"https://shop.example/{'a' * 2048}",
]
NUMBERS = ["", "hello", "+1", "2025550143", "+120255501431234", "\0", "1.2E+10", "+12025550143 x", 12025550143, None]
TIMES = ["tomorrow", "2031-05-01", "2031-05-01T09:00:00", "2020-01-01T00:00:00Z", "9999-12-31T23:59:59-14:00"]
TIMES += ["0001-01-01T00:00:00+14:00", "2031-13-01T00:00:00Z"]
AMOUNTS = ["-5", "0", "1e30", "1e-30", "much", True]
PACES = [0, -5, 10**6, 10**30, 1.5, "fast"]

CASES: dict[str, list[tuple[str, str, Any, str]]] = {
    "accounts": [
        *(("POST", "/v1/api-keys", {"name": name, "role": "viewer"}, "name") for name in NAMES),
        ("POST", "/v1/api-keys", {"name": "x", "role": "viewer", "nope": 1}, "nope"),
        ("POST", "/v1/api-keys", {"name": "x", "role": "god"}, "role"),
        ("POST", "/v1/api-keys", {"name": "x"}, "role"),
        ("POST", "/v1/accounts", {"name": "x", "nope": 1}, "nope"),
    ],
    "campaigns": [
        *(("POST", "/v1/campaigns", {"name": name}, "name") for name in NAMES),
        *((*CAMPAIGN, {"name": name}, "name") for name in NAMES),
        ("POST", "/v1/campaigns", {"name": "x", "nope": 1}, "nope"),
        ("POST", "/v1/campaigns", {}, "name"),
        ("POST", "/v1/campaigns", [], "body"),
        ("POST", "/v1/campaigns", {"name": "x", "tags": "a"}, "tags"),
        ("POST", "/v1/campaigns", {"name": "x", "tags": ["ok", 5]}, "tags[1]"),
        ("POST", "/v1/campaigns", {"name": "x", "tags": ["ok", "a\0"]}, "tags[1]"),
        ("POST", "/v1/campaigns", {"name": "x", "tags": ["ok", "x" * 65]}, "tags[1]"),
        ("POST", "/v1/campaigns", {"name": "x", "tags": ["x"] * 51}, "tags"),
        ("POST", "/v1/campaigns", {"name": "x", "type": "both"}, "type"),
        (*CAMPAIGN, {"nope": 1}, "nope"),
        (*CAMPAIGN, {"audience": {"nope": 1}}, "audience.nope"),
        (*CAMPAIGN, {"audience": {"include": ["x"]}}, "audience.include[0]"),
        (*CAMPAIGN, {"audience": {"include": [NOBODY]}}, "audience.include"),
        (*CAMPAIGN, {"audience": {"include": ["@segment"], "exclude": ["@segment"]}}, "audience.exclude"),
        (*CAMPAIGN, {"sender_id": "x"}, "sender_id"),
        (*CAMPAIGN, {"sender_id": NOBODY}, "sender_id"),
        ("POST", "/v1/campaigns/@campaign/start", {"nope": 1}, "nope"),
        ("POST", "/v1/campaigns/@campaign/pause", {"reason": ""}, "reason"),
        ("POST", "/v1/campaigns/@campaign/abort", {"reason": "x" * 501}, "reason"),
        ("POST", "/v1/campaigns/@campaign/submit", None, "schedule"),
        ("POST", "/v1/moderation/@campaign/approve", {"comment": "fine", "nope": 1}, "nope"),
        ("POST", "/v1/moderation/@campaign/reject", {}, "comment"),
    ],
    "content": [
        *((*CAMPAIGN, {"content": {"target_url": url}}, "content.target_url") for url in URLS),
        *((*CAMPAIGN, _text(text), "content.variants[1].text") for text in ("", "  ", "x" * 2001, "a\0b", 5, None)),
        (*CAMPAIGN, {"content": {"nope": 1}}, "content.nope"),
        (*CAMPAIGN, {"content": {"variants": [{"text": "a", "nope": 1}]}}, "content.variants[0].nope"),
        (*CAMPAIGN, {"content": {"variants": [{"ratio": 100}]}}, "content.variants[0].text"),
        (*CAMPAIGN, {"content": {"variants": [{"text": "a", "ratio": 90}]}}, "content.variants"),
        (*CAMPAIGN, {"content": {"variants": [{"text": "a", "ratio": -1}]}}, "content.variants[0].ratio"),
        (*CAMPAIGN, {"content": {"variants": [{"text": "a", "ratio": 10**30}]}}, "content.variants[0].ratio"),
        (*CAMPAIGN, {"content": {"variants": [{"text": "a", "name": "\0"}]}}, "content.variants[0].name"),
        (*CAMPAIGN, {"content": {"variants": [{"text": "a", "ratio": 10}] * 11}}, "content.variants"),
        (*CAMPAIGN, {"content": {"short_pool_id": "x"}}, "content.short_pool_id"),
    ],
    "schedule and budget": [
        *((*CAMPAIGN, {"schedule": {"start": "at", "at": at}}, "schedule.at") for at in TIMES),
        *((*CAMPAIGN, {"budget": {"amount": amount, "currency": "EUR"}}, "budget.amount") for amount in AMOUNTS),
        *(
            (*CAMPAIGN, {"budget": {"amount": amount, "currency": "EUR"}}, "budget.amount")
            for amount in ("NaN", "Infinity")
        ),
        *((*CAMPAIGN, {"max_parts_per_second": pace}, "max_parts_per_second") for pace in PACES),
        (*CAMPAIGN, {"schedule": {"start": "at"}}, "schedule.at"),
        (*CAMPAIGN, {"schedule": {"start": "now", "at": "2031-05-01T09:00:00Z"}}, "schedule.at"),
        (*CAMPAIGN, {"schedule": {"start": "whenever"}}, "schedule.start"),
        *(
            (
                *CAMPAIGN,
                {"schedule": {"start": "now", "hours": {"opens": opens, "closes": "20:00"}}},
                "schedule.hours.opens",
            )
            for opens in ("9", "9:00", "9am", "24:00", "09:60", "09:00Z", 9, None)
        ),
        *(
            (*CAMPAIGN, {"schedule": {"start": "now", "hours": HOURS | hours}}, f"schedule.hours.{field}")
            for hours, field in (
                ({"days": ["Monday"]}, "days[0]"),
                ({"days": "mon"}, "days"),
                ({"skip_dates": ["24.12.2031"]}, "skip_dates[0]"),
                ({"skip_dates": [20311224]}, "skip_dates[0]"),
                ({"closes": "08:00"}, "closes"),
                ({"from": "09:00"}, "from"),
            )
        ),
        (*CAMPAIGN, {"schedule": "now"}, "schedule"),
        (*CAMPAIGN, {"schedule": {"start": "now", "hours": "09:00-20:00"}}, "schedule.hours"),
        (*CAMPAIGN, {"budget": 250}, "budget"),
        (*CAMPAIGN, {"budget": {"amount": [250], "currency": "EUR"}}, "budget.amount"),
        (*CAMPAIGN, {"schedule": {"start": "now", "lateness_limit_s": -1}}, "schedule.lateness_limit_s"),
        (*CAMPAIGN, {"schedule": {"start": "now", "lateness_limit_s": 10**30}}, "schedule.lateness_limit_s"),
        (*CAMPAIGN, {"budget": {"amount": "5", "currency": "Euro"}}, "budget.currency"),
        (*CAMPAIGN, {"budget": {"amount": "5"}}, "budget.currency"),
    ],
    "contacts": [
        *(("POST", "/v1/contacts", {"number": number}, "number") for number in NUMBERS),
        *(("POST", "/v1/suppressions", {"number": number}, "number") for number in NUMBERS),
        ("POST", "/v1/contacts", CONTACT | {"nope": 1}, "nope"),
        ("POST", "/v1/contacts", CONTACT | {"country": "ZZ"}, "country"),
        ("POST", "/v1/contacts", CONTACT | {"attributes": {"First Name": "x"}}, "attributes.First Name"),
        ("POST", "/v1/contacts", CONTACT | {"attributes": {"short_url": "x"}}, "attributes.short_url"),
        ("POST", "/v1/contacts", CONTACT | {"attributes": {"a": 5}}, "attributes[...]"),
        ("POST", "/v1/contacts", CONTACT | {"attributes": {"a": "x" * 1001}}, "attributes.a"),
        ("POST", "/v1/contacts", CONTACT | {"attributes": {"a": "\0"}}, "attributes.a"),
        ("POST", "/v1/contacts", CONTACT | {"attributes": {f"a{n}": "x" for n in range(201)}}, "attributes"),
        ("POST", "/v1/contacts", CONTACT | {"tags": ["x" * 65]}, "tags"),
        ("POST", "/v1/contacts", CONTACT | {"tags": ["a\x07"]}, "tags"),
        ("POST", "/v1/contacts", CONTACT | {"timezone": "../etc/passwd"}, "timezone"),
        ("PUT", "/v1/contacts/@contact", CONTACT | {"nope": 1}, "nope"),
        ("PUT", "/v1/contacts/@contact", {}, "number"),
        ("POST", "/v1/suppressions", CONTACT | {"nope": 1}, "nope"),
        ("POST", "/v1/suppressions", CONTACT | {"reason": "because"}, "reason"),
        ("POST", "/v1/suppressions", CONTACT | {"country": "zz"}, "country"),
    ],
    "segments and senders": [
        *(("POST", "/v1/segments", {"name": name}, "name") for name in NAMES),
        ("POST", "/v1/segments", {"name": "x", "nope": 1}, "nope"),
        ("POST", "/v1/segments/@segment/members", {"contact_ids": ["@contact"], "nope": 1}, "nope"),
        ("POST", "/v1/segments/@segment/members", {"contact_ids": []}, "contact_ids"),
        ("POST", "/v1/segments/@segment/members", {"contact_ids": ["@contact", NOBODY]}, "contact_ids"),
        ("POST", "/v1/segments/@segment/members", {"contact_ids": ["x"]}, "contact_ids[0]"),
        ("POST", "/v1/segments/@segment/members", {"contact_ids": [NOBODY] * 10_001}, "contact_ids"),
        ("POST", "/v1/segments/@segment/members/remove", {"contact_ids": ["@contact"], "nope": 1}, "nope"),
        *(("POST", "/v1/senders", SENDER | {"parts_per_second": pace}, "parts_per_second") for pace in PACES),
        *(
            ("POST", "/v1/senders", SENDER | {"address": a}, "address")
            for a in ("", "TooLongAName", "Xé", "a\0", "+1", 5)
        ),
        ("POST", "/v1/senders", SENDER | {"nope": 1}, "nope"),
        ("POST", "/v1/senders", SENDER | {"kind": "pigeon"}, "kind"),
        ("POST", "/v1/senders", SENDER | {"kind": "short_code"}, "address"),
        ("POST", "/v1/senders", SENDER | {"countries": []}, "countries"),
        ("POST", "/v1/senders", SENDER | {"countries": ["US", "ZZ"]}, "countries"),
        ("PATCH", "/v1/senders/@sender", {"address": "New"}, "address"),
        ("PATCH", "/v1/senders/@sender", {"parts_per_second": None}, "parts_per_second"),
    ],
    "links": [
        *(("POST", "/v1/domains", {"host": host}, "host") for host in HOSTS),
        ("POST", "/v1/domains", {"host": "x.example", "nope": 1}, "nope"),
        ("POST", "/v1/domains", {"host": "x.example", "message_limit": 0}, "message_limit"),
        ("POST", "/v1/domains", {"host": "x.example", "message_limit": -1}, "message_limit"),
        ("POST", "/v1/domains", {"host": "x.example", "message_limit": 10**30}, "message_limit"),
        ("POST", "/v1/domains", {"host": "x.example", "status": "archived"}, "status"),
        ("PATCH", "/v1/domains/@domain", {"host": "new.example"}, "host"),
        ("PATCH", "/v1/domains/@domain", {"status": None}, "status"),
        *(("POST", "/v1/pools", {"name": name, "purpose": "short"}, "name") for name in NAMES),
        *(("PATCH", "/v1/pools/@pool", {"name": name}, "name") for name in NAMES),
        ("POST", "/v1/pools", {"name": "x", "purpose": "short", "nope": 1}, "nope"),
        ("POST", "/v1/pools", {"name": "x", "purpose": "long"}, "purpose"),
        ("POST", "/v1/pools", {"name": "x", "purpose": "short", "domain_ids": [NOBODY]}, "domain_ids"),
        ("PATCH", "/v1/pools/@pool", {"purpose": "optout"}, "purpose"),
        ("PATCH", "/v1/pools/@pool", {"domain_ids": ["@domain", NOBODY]}, "domain_ids"),
        ("POST", "/v1/pools/@pool/domains", {}, "domain_id"),
        ("POST", "/v1/pools/@pool/domains", {"host": "x.example", "nope": 1}, "nope"),
        ("POST", "/v1/pools/@pool/domains", {"host": "https://x.example"}, "host"),
        ("POST", "/v1/pools/@pool/domains", {"host": "x.example", "domain_id": "@domain"}, "domain_id"),
        ("POST", "/v1/pools/@pool/domains", {"domain_id": "@domain", "message_limit": 5}, "message_limit"),
    ],
    "routes": [
        *(("POST", "/v1/routes", _smpp() | {"name": name}, "name") for name in NAMES),
        *(("PATCH", "/v1/routes/@route", {"name": name}, "name") for name in NAMES),
        ("POST", "/v1/routes", {}, "protocol"),
        ("POST", "/v1/routes", _smpp() | {"protocol": "pigeon"}, "protocol"),
        ("POST", "/v1/routes", _smpp() | {"nope": 1}, "nope"),
        ("POST", "/v1/routes", _smpp() | {"countries": ["ZZ"]}, "countries.ZZ"),
        ("POST", "/v1/routes", _smpp() | {"priority": -1}, "priority"),
        ("POST", "/v1/routes", _smpp() | {"priority": 10**30}, "priority"),
        ("POST", "/v1/routes", _smpp(nope=1), "config.nope"),
        ("POST", "/v1/routes", _smpp(host="tcp://x"), "config.host"),
        ("POST", "/v1/routes", _smpp(host="169.254.169.254"), "config.host"),
        ("PATCH", "/v1/routes/@route", {"config": {"host": "10.0.0.1"}}, "config.host"),
        ("POST", "/v1/routes", _smpp(port=70_000), "config.port"),
        ("POST", "/v1/routes", _smpp(password="much too long"), "config.password"),
        ("POST", "/v1/routes", _smpp(system_id="é"), "config.system_id"),
        ("POST", "/v1/routes", _smpp(tls_ca="none"), "config.tls_ca"),
        ("POST", "/v1/routes", _http(url="ftp://x.example"), "config.url"),
        ("POST", "/v1/routes", _http(url="http://[fd00::1]:9092/"), "config.url"),
        ("POST", "/v1/routes", _http(url="https://x.example/?a=1"), "config.url"),
        ("POST", "/v1/routes", _http(webhook_secret="é" * 30), "config.webhook_secret"),
        ("PATCH", "/v1/routes/@route", {"protocol": "http"}, "protocol"),
        ("PATCH", "/v1/routes/@route", {"config": {"url": "https://x.example"}}, "config.url"),
        ("PATCH", "/v1/routes/@route", {"config": {"port": "x"}}, "config.port"),
        ("PATCH", "/v1/routes/@route", {"config": {"host": None}}, "config.host"),
        ("PUT", "/v1/rate-card", PRICES | {"nope": 1}, "nope"),
        ("PUT", "/v1/rate-card", PRICES | {"currency": "EURO"}, "currency"),
        ("PUT", "/v1/rate-card", PRICES | {"prices": {}}, "prices"),
        ("PUT", "/v1/rate-card", PRICES | {"prices": {"ZZ": "0.1"}}, "prices.ZZ"),
        *(("PUT", "/v1/rate-card", PRICES | {"prices": {"US": p}}, "prices.US") for p in ("x", "-1", "1e5", "9" * 50)),
        ("PUT", "/v1/rate-card", PRICES | {"prices": {"US": 0.1}}, "prices[...]"),
    ],
    "what newcomers try": [
        (*CAMPAIGN, {"content": {"variants": ["Hello"]}}, "content.variants[0]"),
        (*CAMPAIGN, {"content": {"text": "Hello"}}, "content.text"),
        (*CAMPAIGN, {"content": {"variants": [{"text": "Hello", "ratio": "50%"}]}}, "content.variants[0].ratio"),
        (
            *CAMPAIGN,
            {"content": {"links": [{"name": "My Shop", "target_url": "https://x.example"}]}},
            "content.links[0].name",
        ),
        (*CAMPAIGN, {"content": {"utm": {"source": ""}}}, "content.utm.source"),
        (*CAMPAIGN, {"content": {"links_expire_after": 0}}, "content.links_expire_after"),
        (
            *CAMPAIGN,
            {"content": {"winner": {"test_share": 0, "min_wait_minutes": 1, "max_wait_minutes": 2}}},
            "content.winner.test_share",
        ),
        (*CAMPAIGN, {"audience": ["@segment"]}, "audience"),
        (
            *CAMPAIGN,
            {"schedule": {"start": "now", "waves": [{"share": 0, "wait_minutes": 5}]}},
            "schedule.waves[0].share",
        ),
        (
            *CAMPAIGN,
            {"schedule": {"start": "now", "waves": [{"share": "10%", "wait_minutes": 5}]}},
            "schedule.waves[0].share",
        ),
        (*CAMPAIGN, {"breakers": {"failure_percent": 0}}, "breakers.failure_percent"),
        (*CAMPAIGN, {"breakers": {"optout_percent": 101}}, "breakers.optout_percent"),
        (*CAMPAIGN, {"breakers": {"min_sample": 0}}, "breakers.min_sample"),
        ("PUT", "/v1/breakers", {"failure_percent": "30%"}, "failure_percent"),
        ("POST", "/v1/campaigns/@campaign/tests", {"numbers": "+12025550143"}, "numbers"),
        ("POST", "/v1/campaigns/@campaign/resume", {"accept": "yes"}, "accept"),
        ("PUT", "/v1/test-numbers", {"numbers": ["555"]}, "numbers[0]"),
        ("POST", "/v1/senders", SENDER | {"countries": "US"}, "countries"),
        ("POST", "/v1/senders", SENDER | {"countries": ["usa"]}, "countries"),
        ("POST", "/v1/senders", SENDER | {"validity_s": "1h"}, "validity_s"),
        ("POST", "/v1/segments", {"name": "x", "filter": {"tag": 5}}, "filter.tag"),
        ("POST", "/v1/segments/count", {"filter": {"country": "US"}}, "filter.country"),
        ("POST", "/v1/segments/count", {}, "filter"),
        ("POST", "/v1/moderation/rules", {"kind": "word", "value": "x", "verdict": "review"}, "kind"),
        ("POST", "/v1/webhooks", {"url": "shop.example", "events": ["volley.alert.raised.v1"]}, "url"),
        ("POST", "/v1/webhooks", {"url": "https://shop.example/", "events": ["everything"]}, "events[0]"),
        ("POST", "/v1/users", {"email": "nobody", "name": "N", "role": "viewer"}, "email"),
        ("POST", "/v1/users", {"email": "n@x.example", "name": "N", "role": "boss"}, "role"),
        ("PUT", "/v1/keywords", {"own": [{"word": "no more", "keyword": "leave"}]}, "own[0].keyword"),
        ("PUT", "/v1/keyword-replies/stop", {"text": ""}, "text"),
        *(
            ("GET", f"/v1/campaigns?{query}", None, query.partition("=")[0])
            for query in (
                "limit=0",
                "limit=many",
                "after=x",
                "sort=best",
                "status=running",
                "sender_id=x",
                "created_from=yesterday",
                "type=all",
            )
        ),
        *(
            ("GET", f"/v1/stats/series?{query}", None, query.partition("=")[0])
            for query in ("from=yesterday", "step=month")
        ),
        ("GET", "/v1/moderation/queue?limit=1000", None, "limit"),
        ("GET", "/v1/contacts?segment_id=all", None, "segment_id"),
        ("GET", "/v1/alerts?open=maybe", None, "open"),
    ],
}


def _is_fix(fix: str) -> bool:
    """It says what to write, in words."""
    return bool(fix) and not fix.startswith(("See its schema", "Give what matches"))


@pytest.mark.parametrize("resource", CASES)
async def test_an_illegal_field_is_named_and_nothing_is_done(visitor: Visitor, things: Things, resource: str) -> None:
    before = await snapshot(visitor)
    for method, path, body, field in CASES[resource]:
        found = await visitor.refused(422, method, filled(path, things), filled(body, things))
        assert field in fields(found), (method, path, str(body)[:200], found)
        assert all(_is_fix(error["fix"]) for error in found["errors"]), (method, path, str(body)[:200], found)
    assert await snapshot(visitor) == before


@pytest.mark.parametrize(
    ("text", "said", "fix"),
    [
        ("Hi {{ nobody }}!", "unknown placeholder nobody at character 4", "first_name"),
        ("Hi {{ first_name", "not closed at character 4", "}}"),
        ("Hi {{ first_name {{ x }}", "not closed at character 4", "}}"),
        ("Hi }} there", "closes nothing at character 4", "{{"),
        ("Hi {{ }}!", "empty at character 4", "{{ first_name }}"),
        ("Hi {{ a.b }}!", "'a.b' is no field name at character 7", "a-z"),
    ],
)
async def test_a_wrong_template_is_refused_where_it_is_wrong(
    visitor: Visitor, things: Things, text: str, said: str, fix: str
) -> None:
    path = filled("/v1/campaigns/@campaign", things)
    (error,) = (await visitor.refused(422, "PATCH", path, _text(text)))["errors"]
    assert error["field"] == "content.variants[1].text"
    assert said in error["message"]
    assert fix in error["fix"]
    assert (await visitor.made("GET", path))["content"]["variants"] == []


async def test_urls_in_a_text_need_their_pools(visitor: Visitor, things: Things) -> None:
    path = filled("/v1/campaigns/@campaign", things)
    text = "See {{ short_url }} or leave {{ optout_url }}"
    await visitor.made("PATCH", path, {"content": {"variants": [{"text": text}]}})
    named = fields(await visitor.refused(422, "POST", f"{path}/submit"))
    assert {"content.target_url", "content.short_pool_id", "content.optout_pool_id"} <= set(named)
    assert (await visitor.made("GET", path))["status"] == "draft"
