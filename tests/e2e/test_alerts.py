"""An alert from the cause to its end: listed, acknowledged, and told to the account's own server, signed."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from aiohttp import web
from standardwebhooks import Webhook

from volley_tools.demo import people, story
from volley_tools.demo.api import Api, until

RECIPIENTS, PACE, LIMIT, SECONDS = 120, 200, 50, 60.0
RAISED, RESOLVED, PING = "volley.alert.raised.v1", "volley.alert.resolved.v1", "volley.webhook.ping.v1"


class Receiver:
    """The account's own server: it takes everything but the first post."""

    def __init__(self) -> None:
        self.posts: list[tuple[dict[str, str], str]] = []
        self.url = ""

    async def take(self, request: web.Request) -> web.Response:
        self.posts.append(({name.lower(): value for name, value in request.headers.items()}, await request.text()))
        return web.Response(status=204 if len(self.posts) > 1 else 503)

    def verified(self, secret: str, type_: str) -> list[tuple[str, story.Json]]:
        """Ids and data of the posts of that type; raises where a signature is not by the secret."""
        found = []
        for headers, body in self.posts:
            event = Webhook(secret).verify(body, headers)
            if event["type"] == type_:
                found.append((headers["webhook-id"], event["data"]))
        return found


@asynccontextmanager
async def receiving() -> AsyncIterator[Receiver]:
    receiver, app = Receiver(), web.Application()
    app.router.add_post("/", receiver.take)
    runner = web.AppRunner(app)
    await runner.setup()
    try:
        site = web.TCPSite(runner, "127.0.0.1", 0)
        await site.start()
        receiver.url = f"http://127.0.0.1:{runner.addresses[0][1]}/"
        yield receiver
    finally:
        await runner.cleanup()


async def test_an_alert_is_told_acknowledged_and_resolved(mine: Api, http_route: story.Json) -> None:
    things = await story.prepare_plain(mine, "alarm", people.csv_file(RECIPIENTS), http_route, PACE)
    (domain,) = [one async for one in mine.pages("/v1/domains") if one["host"] == "s.alarm.example"]
    await mine.patch(f"/v1/domains/{domain['id']}", {"message_limit": LIMIT})
    async with receiving() as receiver:
        hook = await mine.post("/v1/webhooks", {"url": receiver.url, "events": [RAISED, RESOLVED]})
        path = f"/v1/webhooks/{hook['id']}"
        campaign = await story.write_plain(mine, things, "alarm")
        await story.move(mine, campaign, "submit")
        await story.wait_for_status(mine, campaign, "suspended", seconds=SECONDS)

        (alert,) = (await mine.get("/v1/alerts", open="true", campaign_id=campaign["id"]))["items"]
        assert (alert["code"], alert["acknowledged_by"]) == ("link_domains_exhausted", None)
        assert "alarm short" in alert["sentence"]
        me = (await mine.get("/v1/me"))["actor"]
        looked_at = await mine.post(f"/v1/alerts/{alert['id']}/acknowledge")
        assert (looked_at["acknowledged_by"], looked_at["resolved_at"]) == (me, None)
        assert (await mine.get("/v1/alerts", open="true", acknowledged="false"))["items"] == []

        async def delivered(count: int) -> list[story.Json]:
            log: list[story.Json] = (await mine.get(f"{path}/deliveries", status="delivered"))["items"]
            return log if len(log) >= count else []

        (raised,) = await until(lambda: delivered(1), seconds=SECONDS, what="the alert to be posted")
        assert [attempt["status"] for attempt in raised["attempts"]] == [503, 204]
        assert [data["alert_id"] for _, data in receiver.verified(hook["secret"], RAISED)] == [alert["id"]] * 2

        rotated = await mine.post(f"{path}/rotate-secret")
        assert rotated["secret"] != hook["secret"]
        receiver.posts.clear()
        receiver.posts.append(({}, ""))  # from now on everything is taken
        await mine.patch(f"/v1/domains/{domain['id']}", {"message_limit": 10 * RECIPIENTS})
        await story.move(mine, campaign, "resume")
        await story.wait_for_status(mine, campaign, "finished", seconds=SECONDS)
        await until(lambda: delivered(2), seconds=SECONDS, what="the end of the alert to be posted")
        await mine.post(f"{path}/ping")
        await mine.post(f"{path}/deliveries/{raised['id']}/repeat")
        await until(lambda: delivered(3), seconds=SECONDS, what="the ping and the repetition to be posted")

        async def repeated() -> bool:
            return len(receiver.posts) == 4

        await until(repeated, seconds=SECONDS, what="the event to be posted again")
        del receiver.posts[0]
        for secret in (hook["secret"], rotated["secret"]):  # each post is signed by both for a day
            assert [data["alert_id"] for _, data in receiver.verified(secret, RESOLVED)] == [alert["id"]]
            assert [id_ for id_, _ in receiver.verified(secret, RAISED)] == [raised["event_id"]]
            assert [data["webhook_id"] for _, data in receiver.verified(secret, PING)] == [hook["id"]]
    ended = await mine.get(f"/v1/alerts/{alert['id']}")
    assert ended["resolved_at"] > ended["acknowledged_at"] > ended["raised_at"]
    assert (await mine.get("/v1/alerts", open="true"))["items"] == []
