"""Asks for everything that the API describes, in an order that makes sense, for tests: each must succeed.

What takes an Idempotency-Key is asked for twice with one; what takes If-Match also with a stale one, which is refused.
"""

import asyncio
import re
import time
import uuid
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from functools import partial
from typing import Any

import msgspec
from standardwebhooks import Webhook

from volley_tools.demo.provider import http_config
from volley_tools.refusals import Answer, Json, Things, Visitor, filled
from volley_tools.simulator import Options

PASSWORD = "a long enough password"  # noqa: S105 - of nobody
NAMED = "Hi {{ first_name | there }}, see {{ short_url }} stop: {{ optout_url }}"
PLAIN, HELD = "See {{ short_url }} or {{ optout_url }}", "URGENT!!! {{ short_url }} {{ optout_url }}"
CSV = b"number,first_name\n+12025550101,Zoe\n+12025550102,Max\n+12025550103,Ida\nnobody,Nil\n"
CONTENT = {
    "variants": [{"text": NAMED}],
    "target_url": "https://shop.example.com/",
    "short_pool_id": "@pool",
    "optout_pool_id": "@basin",
}
ANYBODY = {"all": [{"countries": ["US"]}]}
COMPLETE = {
    "audience": {"include": ["@people"]},
    "sender_id": "@sender",
    "content": CONTENT,
    "schedule": {"start": "manual"},
}
Row = tuple[str, str, Any]
"""What the answer's id is called (or nothing), method and path, body. `@word` stands for the id called so."""


def settings() -> list[Row]:
    name = f"t{uuid.uuid4().hex[:10]}"
    return [
        ("domain", "POST /v1/domains", {"host": f"{name}.example.com", "message_limit": 1000}),
        ("", "PATCH /v1/domains/@domain", {"message_limit": 2000}),
        ("", "POST /v1/domains/@domain/check", None),
        ("pool", "POST /v1/pools", {"name": "short", "purpose": "short", "domain_ids": ["@domain"]}),
        ("basin", "POST /v1/pools", {"name": "out", "purpose": "optout", "domain_ids": ["@domain"]}),
        ("", "PATCH /v1/pools/@pool", {"name": "short ones"}),
        ("spare", "POST /v1/domains", {"host": f"spare-{name}.example.com"}),
        ("", "POST /v1/pools/@pool/domains", {"domain_id": "@spare"}),
        ("", "DELETE /v1/pools/@pool/domains/@spare", None),
        ("", "DELETE /v1/domains/@spare", None),
        ("sender", "POST /v1/senders", {"address": name[:11], "parts_per_second": 500}),
        ("", "PATCH /v1/senders/@sender", {"parts_per_second": 400}),
        ("slow", "POST /v1/senders", {"address": f"{name[:9]}S", "parts_per_second": 1}),
        ("", "PUT /v1/rate-card", {"currency": "EUR", "prices": {"US": "0.0079"}}),
        ("", "PUT /v1/test-numbers", {"numbers": ["+12025550120"]}),
        ("", "PUT /v1/breakers", {"failure_percent": 90}),
        ("", "PUT /v1/keywords", {"own": [{"word": "enough", "keyword": "stop"}]}),
        ("", "PUT /v1/keyword-replies/help", {"text": "Ask us on +1 202 555 0100"}),
        ("", "PUT /v1/keyword-replies/start", {"text": None}),
        ("", "DELETE /v1/keyword-replies/help", None),
        (
            "webhook",
            "POST /v1/webhooks",
            {"url": "https://hooks.example.com/", "events": ["volley.message.inbound.v1"]},
        ),
        ("", "PATCH /v1/webhooks/@webhook", {"active": True}),
        ("", "POST /v1/webhooks/@webhook/rotate-secret", None),
        ("", "POST /v1/webhooks/@webhook/ping", None),
        ("rule", "POST /v1/moderation/rules", {"kind": "term", "value": "borogove"}),
        ("suppression", "POST /v1/suppressions", {"number": "+12025550130"}),
        ("", "DELETE /v1/suppressions/+12025550130", None),
        ("key", "POST /v1/api-keys", {"name": "scoped", "role": "viewer", "scopes": ["campaigns:read"]}),
        ("user", "POST /v1/users", {"email": f"{name}@example.com", "name": "Olga", "role": "operator"}),
        ("", "PATCH /v1/users/@user", {"name": "Olga O."}),
        ("", "POST /v1/users/@user/invitation", None),
    ]


PEOPLE: list[Row] = [
    ("contact", "POST /v1/contacts", {"number": "+12025550110", "attributes": {"first_name": "Eve"}}),
    ("", "PUT /v1/contacts/@contact", {"number": "+12025550110", "tags": ["vip"]}),
    ("segment", "POST /v1/segments", {"name": "some", "filter": None}),
    ("dynamic", "POST /v1/segments", {"name": "american", "filter": ANYBODY}),
    ("", "POST /v1/segments/count", {"filter": ANYBODY}),
    ("", "POST /v1/segments/@dynamic/refresh", None),
    ("", "PATCH /v1/segments/@dynamic", {"name": "Americans"}),
    ("", "POST /v1/segments/@segment/members", {"contact_ids": ["@contact"]}),
    ("", "POST /v1/segments/@segment/members/remove", {"contact_ids": ["@contact"]}),
]
STEPS: list[Row] = [
    ("campaign", "POST /v1/campaigns", {"name": "tour"}),
    ("", "PUT /v1/campaigns/@campaign/steps/basics", {"name": "tour", "type": "two_way"}),
    ("", "PUT /v1/campaigns/@campaign/steps/audience", {"include": ["@people"]}),
    ("", "PUT /v1/campaigns/@campaign/steps/sender", {"sender_id": "@sender"}),
    ("", "PUT /v1/campaigns/@campaign/steps/content", CONTENT),
    ("", "POST /v1/campaigns/@campaign/preview", {"content": CONTENT, "contact_id": "@contact"}),
    ("", "PUT /v1/campaigns/@campaign/steps/schedule", {"schedule": {"start": "now"}}),
    ("", "POST /v1/campaigns/@campaign/tests", {"contact_id": "@contact"}),
    ("draft", "POST /v1/campaigns/@campaign/duplicate", None),
    ("", "PATCH /v1/campaigns/@draft", COMPLETE),
    ("", "POST /v1/campaigns/@campaign/submit", None),
]
AFTERWARDS: list[Row] = [
    ("clickers", "POST /v1/campaigns/@campaign/segment-clickers", {"name": "who clicked"}),
    ("", "PATCH /v1/conversations/@conversation", {"read": True}),
    ("", "POST /v1/conversations/@conversation/messages", {"text": "Until Friday"}),
    ("", "POST /v1/webhooks/@webhook/deliveries/@delivery/repeat", None),
    ("", "GET /v1/alerts/@alert", None),
    ("", "POST /v1/alerts/@alert/acknowledge", None),
]
LAST: list[Row] = [
    ("", "DELETE /v1/campaigns/@draft", None),
    ("", "DELETE /v1/webhooks/@webhook", None),
    ("", "DELETE /v1/moderation/rules/@rule", None),
    ("", "DELETE /v1/contacts/@contact", None),
    ("", "DELETE /v1/segments/@segment", None),
    ("", "DELETE /v1/senders/@slow", None),
    ("", "DELETE /v1/routes/@route", None),
    ("", "DELETE /v1/api-keys/@key", None),
]


class Tour:
    """A visitor who goes everywhere. `answers` has what came back, `things` the ids of what there is."""

    def __init__(self, admin: Visitor, document: Json) -> None:
        self.admin = admin
        self.things: Things = {}
        self.answers: list[tuple[str, Answer]] = []
        self._document = document
        self._paths = list(_patterns(document))

    async def ask(self, row: str, body: Any = None, *, by: Visitor | None = None, **options: Any) -> Any:
        """The body of the answer, which must be a success."""
        method, path = filled(row, self.things).split(" ")
        operation = f"{method} {self.template(path)}"
        described = self._document["paths"][self.template(path)][method.lower()]
        takes = {parameter["name"] for parameter in described.get("parameters", ()) if parameter["in"] == "header"}
        headers = options.pop("headers", {})

        async def send(more: dict[str, str]) -> Answer:
            sent = filled(body, self.things)
            answer = await (by or self.admin).ask(method, path, sent, headers=headers | more, **options)
            self.answers.append((operation, answer))
            return answer

        if "If-Match" in takes:
            stale = await send({"if-match": '"stale"'})
            assert stale.status == 412, (row, stale.status, stale.body)
        once = {"idempotency-key": str(uuid.uuid4())} if "Idempotency-Key" in takes else {}
        answer = await send(once)
        assert answer.status < 300, (row, answer.status, answer.body)
        if once:
            again = await send(once)
            assert again.headers.get("idempotent-replay") == "true", (row, again.status, again.body)
            expected = (409, "done_before") if described.get("x-volley-secret") else (answer.status, answer.body)
            found = (again.status, again.body["code"]) if again.status == 409 else (again.status, again.body)
            assert found == expected, row
        return answer.body

    async def go(self, rows: list[Row], **options: Any) -> None:
        for word, row, body in rows:
            made = await self.ask(row, body, **options)
            if word:
                self.things[word] = made.get("id", made.get("number"))

    async def until(self, row: str, holds: Callable[[Any], Any]) -> Any:
        """Ask until the answer is as it shall be; what `holds` makes of it then."""
        async with asyncio.timeout(60):
            while not (found := holds(await self.ask(row))):  # noqa: ASYNC110 - the API is polled
                await asyncio.sleep(0.1)
            return found

    async def until_status(self, campaign: str, *statuses: str) -> None:
        await self.until(f"GET /v1/campaigns/@{campaign}", lambda found: found["status"] in statuses)

    async def campaign(self, name: str, *statuses: str, by: Visitor | None = None, **changes: Any) -> None:
        """Make one that is called `name`, and wait until it is in one of the statuses."""
        await self.go([(name, "POST /v1/campaigns", {"name": name})], by=by)
        await self.ask(f"PATCH /v1/campaigns/@{name}", COMPLETE | changes, by=by)
        await self.ask(f"POST /v1/campaigns/@{name}/submit", by=by)
        await self.until_status(name, *statuses)

    def template(self, path: str) -> str:
        return next(template for template, pattern in self._paths if pattern.fullmatch(path.partition("?")[0]))


async def everywhere(admin: Visitor, provider: str, document: Json) -> Tour:
    """The whole tour, in an account that is new and empty, with a route to the simulator at `provider`."""
    tour = Tour(admin, document)
    await tour.go(settings())
    await _meet_users(tour)
    config = http_config(provider)
    await tour.go(
        [
            ("route", "POST /v1/routes", {"name": "r", "protocol": "http", "config": config}),
            ("", "PATCH /v1/routes/@route", {"priority": 7}),
            ("", "POST /v1/routes/@route/check", None),
            *PEOPLE,
        ]
    )
    await _bring_people(tour)
    await tour.until("GET /v1/routes/@route", lambda route: any(c["healthy"] for c in route["connections"]))
    await tour.go(STEPS)
    await tour.until_status("campaign", "finished")
    await _move_around(tour)
    await _hear_from_people(tour)
    await tour.go(AFTERWARDS)
    await _read_everything(tour, document)
    return tour


async def _meet_users(tour: Tour) -> None:
    nobody = tour.admin.with_key(None)
    invitation = await tour.ask("POST /v1/users/@user/invitation")
    accepted = {"token": invitation["token"], "password": PASSWORD}
    await tour.ask("POST /v1/invitations", accepted, by=nobody)
    user = await tour.ask("GET /v1/users/@user")
    session = await tour.ask("POST /v1/sessions", {"email": user["email"], "password": PASSWORD}, by=nobody)
    signed_in = tour.admin.with_key(session["token"])
    change = {"current": PASSWORD, "new": f"{PASSWORD} indeed"}
    await tour.ask("PUT /v1/me/password", change, by=signed_in)
    again = await tour.ask("POST /v1/sessions", {"email": user["email"], "password": change["new"]}, by=nobody)
    [account] = (await tour.ask("GET /v1/me", by=tour.admin.with_key(again["token"])))["accounts"]
    switch = {"account_id": account["id"]}
    switched = await tour.ask("POST /v1/sessions/switch", switch, by=tour.admin.with_key(again["token"]))
    await tour.ask("DELETE /v1/sessions", by=tour.admin.with_key(switched["token"]))
    leaving = await tour.ask("POST /v1/sessions", {"email": user["email"], "password": change["new"]}, by=nobody)
    await tour.ask(f"DELETE /v1/me/accounts/{account['id']}", by=tour.admin.with_key(leaving["token"]))


async def _bring_people(tour: Tour) -> None:
    csv = {"content-type": "text/csv"}
    job = await tour.ask("POST /v1/contact-imports?segment_name=people", raw=CSV, headers=csv)
    tour.things["import"] = job["id"]
    done = await tour.until("GET /v1/contact-imports/@import", lambda job: job["status"] == "finished" and job)
    tour.things["people"] = done["segment_id"]
    await tour.ask("POST /v1/suppressions/import", raw=b"number\n+12025550131\n", headers=csv)


async def _move_around(tour: Tour) -> None:
    """Every move that a person can make; a reviewer's on what somebody else wrote."""
    made = await tour.ask("POST /v1/api-keys", {"name": "writer", "role": "operator"})
    writer = tour.admin.with_key(made["key"])
    waves = [{"share": 50, "wait_minutes": 60}]
    await tour.campaign("ready", "ready", sender_id="@slow", schedule={"start": "manual", "waves": waves})
    await tour.ask("POST /v1/campaigns/@ready/start", {"reason": "it is time"})
    await tour.until_status("ready", "started", "sending")
    await tour.ask("POST /v1/campaigns/@ready/pause", {"reason": "a moment"})
    await tour.ask("POST /v1/campaigns/@ready/resume")
    await tour.ask("POST /v1/campaigns/@ready/next-wave")
    await tour.ask("POST /v1/campaigns/@ready/abort", {"reason": "enough"})
    for decision in ("approve", "reject"):
        await tour.campaign(decision, "processing", by=writer, content=CONTENT | {"variants": [{"text": HELD}]})
        held = partial(_holds, tour.things[decision])
        await tour.until("GET /v1/moderation/queue", held)
        await tour.ask(f"POST /v1/moderation/@{decision}/{decision}", {"comment": "I have seen it"})


async def _hear_from_people(tour: Tour) -> None:
    """One answers, which is posted to the webhook; a pool is exhausted, which raises an alert."""
    sender = (await tour.ask("GET /v1/senders/@sender"))["address"]
    said = {"inbound": [{"from": "+12025550101", "to": sender, "text": "When?", "id": uuid.uuid4().hex}]}
    body = msgspec.json.encode(said)
    at, id_ = datetime.now(UTC), uuid.uuid4().hex
    headers = {
        "content-type": "application/json",
        "webhook-id": id_,
        "webhook-timestamp": str(int(at.timestamp())),
        "webhook-signature": Webhook(Options().webhook_secret).sign(id_, at, body.decode()),
    }
    await tour.ask("POST /callbacks/routes/@route", raw=body, headers=headers, by=tour.admin.with_key(None))
    tour.things["conversation"] = await tour.until("GET /v1/conversations", _first)
    tour.things["delivery"] = await tour.until("GET /v1/webhooks/@webhook/deliveries", _first)
    await tour.go([("puddle", "POST /v1/pools", {"name": "empty", "purpose": "short"})])
    await tour.ask("POST /v1/pools/@puddle/domains", {"host": f"p{time.time_ns()}.example.com", "message_limit": 1})
    await tour.campaign("stuck", "suspended", content=CONTENT | {"short_pool_id": "@puddle"}, schedule={"start": "now"})
    tour.things["alert"] = await tour.until("GET /v1/alerts", _first)


async def _read_everything(tour: Tour, document: Json) -> None:
    """Every GET but the live stream, which never ends, and the list of accounts, which is the platform's."""
    names = {f"{word}_id": word for word in tour.things}
    for template, item in document["paths"].items():
        if "get" in item and template.startswith("/v1/") and template not in {"/v1/live", "/v1/accounts"}:
            path = re.sub(r"\{(\w+)\}", lambda found: f"@{names[found[1]]}", template)
            await tour.ask(f"GET {path}")


def _holds(campaign_id: str, queue: Json) -> bool:
    return any(item["campaign_id"] == campaign_id for item in queue["items"])


def _first(found: Json) -> str | None:
    return found["items"][0]["id"] if found["items"] else None


def _patterns(document: Json) -> Iterator[tuple[str, re.Pattern[str]]]:
    """Templates and what fits them, those with fewer parameters first."""
    for template in sorted(document["paths"], key=lambda template: template.count("{")):
        yield template, re.compile(re.sub(r"\{\w+\}", "[^/]+", template))
