"""One walk: what people do to a few campaigns at random moments, until all have come to rest."""

import random
import time
from collections.abc import Awaitable, Callable
from contextlib import suppress
from decimal import Decimal

from volley_tools.demo.api import ApiError, until
from volley_tools.demo.evidence import Json
from volley_tools.walks import law
from volley_tools.walks.walked import LINKS, Attempt, Author, Budget, Text, Walked
from volley_tools.walks.witness import SECONDS, Witness
from volley_tools.walks.world import World

CAMPAIGNS, MOST = 4, 7
STEPS = 50
KINDS = {"text": 5, "ratio": 3, "cap": 3, "budget": 4, "schedule": 3, "name": 1}


class Walk:
    """`suppressed` are numbers that somebody suppressed, and when."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.api = world.api
        self.chance = random.Random(world.seed * 7919)  # noqa: S311 - a walk that repeats, not a secret
        self.author = Author(self.chance)
        self.witness = Witness(world.api)
        self.campaigns: list[Walked] = []
        self.suppressed: dict[str, float] = {}

    async def run(self, steps: int = STEPS) -> None:
        for _ in range(CAMPAIGNS):
            await self._write()
        for _ in range(steps):
            await self._step()
            await self._moment()

    async def _step(self) -> None:
        likely = [0 if c.deleted_at else 1 if c.status in law.AT_REST else 4 for c in self.campaigns]
        (one,) = self.chance.choices(self.campaigns, likely if any(likely) else None)
        actions: dict[Callable[[Walked], Awaitable[None]], int] = {
            self._move: 40,
            self._two_at_once: 10,
            self._edit: 22,
            self._review: 14,
            self._end: 3,
            self._duplicate: 3,
            self._domains: 12,
            self._pace: 3,
            self._suppress: 3,
        }
        (action,) = self.chance.choices([*actions], [*actions.values()])
        await action(one)
        if one.deleted_at is None:
            await self.witness.look(one)

    async def _move(self, one: Walked) -> None:
        await self.witness.attempt(one, self._some_move(one))

    async def _two_at_once(self, one: Walked) -> None:
        """Two people, or one who presses twice."""
        another = self.chance.choice((self._some_move, self._some_edit))
        await self.witness.attempt(one, self._some_move(one), another(one))

    def _some_move(self, one: Walked) -> Attempt:
        """Mostly one that is possible, sometimes any."""
        likely = [name for name in law.ALLOWED.get(one.status, ()) if name in {"submit", "start", "pause", "resume"}]
        names = likely if likely and self.chance.random() < 0.75 else ["submit", "start", "pause", "resume"]
        return self._named(one, self.chance.choice(names))

    def _named(self, one: Walked, name: str) -> Attempt:
        accept = {"accept": one.history[-1]["code"]} if name == "resume" and one.history else None
        rate = accept is not None and str(accept["accept"]).endswith("_rate")
        return Attempt(name, lambda: self.api.post(f"{one.path}/{name}", accept if rate else None))

    async def _edit(self, one: Walked) -> None:
        await self.witness.attempt(one, self._some_edit(one))

    def _some_edit(self, one: Walked) -> Attempt:
        (kind,) = self.chance.choices([*KINDS], [*KINDS.values()])
        return self._edited(one, kind)

    def _edited(self, one: Walked, kind: str, mood: str | None = None) -> Attempt:
        body = self.author.edit(one, kind, mood)
        return Attempt(kind, lambda: self.api.patch(one.path, body))

    async def _review(self, one: Walked) -> None:
        """Of what waits for it if there is anything, and sometimes of what does not."""
        waiting = {item["campaign_id"] async for item in self.world.reviewer.pages("/v1/moderation/queue")}
        chosen = [c for c in self.campaigns if c.id in waiting]
        if chosen and self.chance.random() < 0.9:
            one = self.chance.choice(chosen)
        verb = "approve" if self.chance.random() < 0.75 else "reject"
        await self.witness.attempt(one, self._reviewed(one, verb))
        await self.witness.look(one)

    def _reviewed(self, one: Walked, verb: str) -> Attempt:
        return Attempt(verb, lambda: self.world.reviewer.post(f"/v1/moderation/{one.id}/{verb}", {"comment": "seen"}))

    async def _end(self, one: Walked) -> None:
        if self.chance.random() < 0.5:
            await self.witness.attempt(one, self._named(one, "abort"))
            return
        await self.api.delete(one.path)
        one.deleted_at = time.time()
        self.witness.tell(one, "delete")
        await self.witness.catch_up(one)
        if one.status != "deleted":
            self.witness.broken.append(f"campaign {one.no} was deleted, and its history ends with {one.status}")
        for call in (self.api.get(one.path), self.api.post(f"{one.path}/abort")):
            try:
                await call
            except ApiError as error:
                if error.status == 404:
                    continue
            self.witness.broken.append(f"campaign {one.no} was deleted and is still there")

    async def _duplicate(self, one: Walked) -> None:
        if len(self.campaigns) >= MOST or one.deleted_at is not None:
            return
        made = await self.api.post(f"{one.path}/duplicate")
        copy = Walked(len(self.campaigns), made["id"], one.include, one.links, one.hours)
        self.campaigns.append(copy)
        if (made["status"], made["schedule"], made["counts"]["fed"]) != ("draft", None, 0):
            self.witness.broken.append(f"a duplicate is {made['status']} with {made['schedule']} and {made['counts']}")
        if made["budget"]:
            copy.budgets.append(Budget(Decimal(made["budget"]["amount"]), time.time(), time.time()))
        self.witness.tell(copy, f"duplicate of {one.no}")
        await self.witness.attempt(copy, self._edited(copy, "text"))
        await self.witness.attempt(copy, self._edited(copy, "schedule"))

    async def _domains(self, _one: Walked) -> None:
        """One more, one less, one of a higher limit."""
        pool = await self.api.get(
            f"/v1/pools/{self.chance.choice((self.world.short_pool, self.world.optout_pool))['id']}"
        )
        domain, what = self.chance.choice(pool["domains"]), self.chance.choice(("add", "add", "turn", "raise"))
        limit = self.chance.randint(60, 250)
        if what == "add":
            host = f"more{len(self.witness.told)}.{self.world.zone}"
            await self.api.post(f"/v1/pools/{pool['id']}/domains", {"host": host, "message_limit": limit})
        elif what == "turn":
            status = "active" if domain["status"] == "blocked" else "blocked"
            with suppress(ApiError):  # what has reached its limit may not be turned
                await self.api.patch(f"/v1/domains/{domain['id']}", {"status": status})
        else:
            more = {"message_limit": domain["message_limit"] + limit}
            await self.api.patch(f"/v1/domains/{domain['id']}", more)
        self.witness.tell(None, f"{what} a domain of {pool['purpose']}")

    async def _pace(self, _one: Walked) -> None:
        sender, pace = self.chance.choice(self.world.senders), self.chance.randint(15, 60)
        await self.api.patch(f"/v1/senders/{sender['id']}", {"parts_per_second": pace})
        self.witness.tell(None, f"{sender['address']} at {pace}")

    async def _suppress(self, one: Walked) -> None:
        number = self.chance.choice(sorted(self.world.members[one.include[0]]))
        await self.api.post("/v1/suppressions", {"number": number})
        self.suppressed.setdefault(number, time.time())

    async def _write(self) -> None:
        no, chance = len(self.campaigns), self.chance
        include = sorted(chance.sample(range(len(self.world.segments)), chance.randint(1, 2)))
        draft = await self.api.post("/v1/campaigns", {"name": f"walk {no}"})
        sender = chance.choice(self.world.senders)
        hours = {"opens": "00:00:00", "closes": "00:00:00"} if chance.random() < 0.4 else None
        one = Walked(no, draft["id"], include, chance.choice(LINKS), hours)
        one.texts.append(Text(chance.choice(("pass", "pass", "review")), at=0.0))
        self.campaigns.append(one)
        content: Json = {"variants": self.author.variants(one, 0), "optout_pool_id": self.world.optout_pool["id"]}
        if "short_url" in one.links:
            content |= {"target_url": "https://shop.example.com/", "short_pool_id": self.world.short_pool["id"]}
        body = {
            "audience": {"include": [self.world.segments[index]["id"] for index in include], "exclude": []},
            "sender_id": sender["id"],
            "content": content,
            "schedule": {"start": chance.choice(("now", "now", "manual")), "hours": hours},
        }
        await self.api.patch(one.path, body)
        await self.witness.attempt(one, self._named(one, "submit"))

    async def _moment(self) -> None:
        """Until some more messages have left; if none do, not for long."""
        provider, more = self.world.provider, self.chance.choice((0, 0, 1, 5, 15, 40))
        wanted = await provider.count() + more

        async def enough() -> bool:
            return await provider.count() >= wanted

        with suppress(TimeoutError):
            await until(enough, seconds=0.5, what="some messages")

    async def come_to_an_end(self) -> None:
        """Mend what holds campaigns up, and see them through; drafts and rejected ones stay as they are."""
        for sender in self.world.senders:
            await self.api.patch(f"/v1/senders/{sender['id']}", {"parts_per_second": 300})
        for pool in (self.world.short_pool, self.world.optout_pool):
            body = {"host": f"last-{pool['purpose']}.{self.world.zone}", "message_limit": 100_000}
            await self.api.post(f"/v1/pools/{pool['id']}/domains", body)

        async def at_rest() -> bool:
            going = [one for one in self.campaigns if one.deleted_at is None and one.status not in law.AT_REST]
            for one in going:
                await self.witness.catch_up(one)
                await self._further(one)
            return not going

        await until(at_rest, seconds=SECONDS, what="all campaigns to come to rest")

    async def _further(self, one: Walked) -> None:
        """What a person would do to have it finished."""
        view = await self.api.get(one.path)
        if view["max_parts_per_second"]:
            with suppress(ApiError):
                await self.api.patch(one.path, {"max_parts_per_second": None})
        if view["budget"]:
            await self.witness.attempt(one, Attempt("budget", lambda: self.api.patch(one.path, {"budget": None})))
        code = (view["suspension"] or {}).get("code")
        if code == "content_rejected" or (code == "content_needs_review" and one.texts[-1].mood == "reject"):
            await self.witness.attempt(one, self._edited(one, "text", "pass"))
        elif (view["moderation"] or {}).get("verdict") == "review" and view["status"] in {"processing", "suspended"}:
            await self.witness.attempt(one, self._reviewed(one, "approve"))
        elif view["status"] in law.PREPARED:
            await self.witness.attempt(one, self._named(one, "start"))
        elif view["status"] in {"paused", "suspended"} and code != "content_needs_review":
            await self.witness.attempt(one, self._named(one, "resume"))
